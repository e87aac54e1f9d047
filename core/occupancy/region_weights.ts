/**
 * What regions weigh each voxel of a map with, kept as their voxels alone, and how their occupancy in a map
 * follows from its densities.
 *
 * @module
 */
import { toFloats } from "../mrc/decode.ts";
import { axisOrder, sizeOf } from "../mrc/grid.ts";
import type { MrcHeader } from "../mrc/header.ts";
import type { VoxelSink } from "../mrc/stream.ts";
import { InputError } from "../errors.ts";

/** A region's voxels, and what each counts. */
export interface WeightedVoxels {
  /** Flat indices (z * box + y) * box + x, ascending, at least one. */
  readonly voxels: Uint32Array;
  /** Of each of them; absent where each counts 1. */
  readonly weights?: Float32Array;
}

/** The weights of K regions, region after region. */
export interface RegionWeights {
  /** Side of the box in voxels. */
  readonly box: number;
  /** Flat indices of the voxels of any region, ascending: length U. */
  readonly voxels: Uint32Array;
  /** Region `r` has the entries `starts[r]` to `starts[r + 1] - 1`: length K + 1. */
  readonly starts: Uint32Array;
  /** Place of each entry's voxel in `voxels`, 0 to U - 1, ascending within a region. */
  readonly places: Uint32Array;
  /** Weight of each entry; absent where all are 1. */
  readonly weights?: Float32Array;
}

/**
 * Puts the weights of regions together.
 *
 * @param box Side of the box in voxels.
 * @param regions Their voxels are of the box. Either all have weights, or none.
 * @param shared Whether the arrays lie over shared memory, for workers.
 * @throws {RangeError} There is no memory for them.
 */
export function regionWeights(
  box: number,
  regions: readonly WeightedVoxels[],
  shared = false,
): RegionWeights {
  const buffer = (bytes: number) => shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  /** First whether a voxel is of any region, then its place among those that are. */
  const placeOf = new Uint32Array(box ** 3);
  let union = 0, entries = 0;
  for (const { voxels } of regions) {
    entries += voxels.length;
    for (const voxel of voxels) {
      union += 1 - placeOf[voxel]!;
      placeOf[voxel] = 1;
    }
  }
  const voxels = new Uint32Array(buffer(union * 4));
  for (let voxel = 0, place = 0; voxel < placeOf.length; voxel++) {
    if (placeOf[voxel] === 0) continue;
    voxels[place] = voxel;
    placeOf[voxel] = place++;
  }
  const starts = new Uint32Array(buffer((regions.length + 1) * 4));
  const places = new Uint32Array(buffer(entries * 4));
  const isWeighted = regions.some(({ weights }) => weights !== undefined);
  const weights = isWeighted ? new Float32Array(buffer(entries * 4)) : undefined;
  let entry = 0;
  regions.forEach((region, r) => {
    weights?.set(region.weights!, entry); // all have weights, or none
    for (const voxel of region.voxels) places[entry++] = placeOf[voxel]!;
    starts[r + 1] = entry;
  });
  return { box, voxels, starts, places, ...(weights === undefined ? {} : { weights }) };
}

/**
 * Takes the densities at some voxels from a map that `streamMap` reads, with the memory of a piece.
 *
 * @param header A header without errors (see `validateHeader`), of a cubic map.
 * @param name What to call the file in messages.
 * @param voxels Flat indices of (z, y, x), ascending, of the map's box.
 * @returns Densities in the order of `voxels`, whatever the order of axes in the file.
 * @throws {InputError} At the end, where any voxel of the map is not finite.
 * @example
 * ```ts
 * import { makeHeader } from "../mrc/header.ts";
 * import { densitiesAt } from "./region_weights.ts";
 * import assert from "node:assert";
 *
 * // Signed bytes whose columns run along z: the second in the file is voxel 4.
 * const header = makeHeader({ nx: 2, ny: 2, nz: 2, mode: 0, mapc: 3, mapr: 2, maps: 1 });
 * const sink = densitiesAt(header, "a.mrc", Uint32Array.of(0, 4));
 * sink.add(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
 * assert.deepStrictEqual(sink.end(), Float32Array.of(1, 2));
 * ```
 */
export function densitiesAt(
  header: MrcHeader,
  name: string,
  voxels: Uint32Array,
): VoxelSink<Float32Array<ArrayBuffer>> {
  const { file, places } = inFileOrder(header, voxels);
  const densities = new Float32Array(voxels.length);
  let done = 0, next = 0;
  let broken: { place: number; density: number } | undefined;
  return {
    add(raw) {
      const values = toFloats(header, raw);
      // The sum of all densities stays finite, in double precision, unless one of them is not.
      let sum = 0;
      for (let i = 0; i < values.length; i++) sum += values[i]!;
      if (!Number.isFinite(sum) && broken === undefined) {
        const i = values.findIndex((density) => !Number.isFinite(density));
        broken = { place: done + i, density: values[i]! };
      }
      const end = done + values.length;
      for (; next < file.length && file[next]! < end; next++) {
        densities[places === undefined ? next : places[next]!] = values[file[next]! - done]!;
      }
      done = end;
    },
    end() {
      if (broken === undefined) return densities;
      const { x, y, z } = positionAt(header, broken.place);
      throw new InputError(
        `Cannot measure ${name}: its density is ${broken.density} at voxel (z, y, x) = (${z}, ${y}, ${x})`,
        "Make the map anew, or take it out of the folder.",
      );
    },
  };
}

/** Voxels in the order in which a file holds them. */
interface FileOrder {
  /** Where in the file each lies, ascending. */
  readonly file: Uint32Array;
  /** Its place among the voxels; absent where the order is the same. */
  readonly places?: Uint32Array;
}

/** Maps of an ensemble share their voxels and, nearly always, their order of axes. */
const orders = new WeakMap<Uint32Array, Map<string, FileOrder>>();

function inFileOrder(header: MrcHeader, voxels: Uint32Array): FileOrder {
  const order = axisOrder(header);
  if (order.every((axis, i) => axis === i)) return { file: voxels };
  const known = orders.get(voxels) ?? new Map<string, FileOrder>();
  orders.set(voxels, known);
  const key = order.join();
  const found = known.get(key) ?? reordered(header, voxels);
  known.set(key, found);
  return found;
}

function reordered(header: MrcHeader, voxels: Uint32Array): FileOrder {
  const { nx, ny, nz } = header;
  const { x, y } = sizeOf(header);
  const [column, row, section] = axisOrder(header);
  /** One more than the place of the voxel that lies there in the file. */
  const after = new Uint32Array(nx * ny * nz);
  const at = [0, 0, 0];
  voxels.forEach((voxel, place) => {
    at[0] = voxel % x;
    at[1] = Math.floor(voxel / x) % y;
    at[2] = Math.floor(voxel / x / y);
    after[(at[section]! * ny + at[row]!) * nx + at[column]!] = place + 1;
  });
  const file = new Uint32Array(voxels.length), places = new Uint32Array(voxels.length);
  for (let i = 0, next = 0; i < after.length; i++) {
    if (after[i] === 0) continue;
    file[next] = i;
    places[next++] = after[i]! - 1;
  }
  return { file, places };
}

/** Where the voxel at a place in the file lies. */
function positionAt(header: MrcHeader, place: number): { x: number; y: number; z: number } {
  const { nx, ny } = header;
  const [column, row, section] = axisOrder(header);
  const at = [0, 0, 0];
  at[column] = place % nx;
  at[row] = Math.floor(place / nx) % ny;
  at[section] = Math.floor(place / nx / ny);
  return { x: at[0]!, y: at[1]!, z: at[2]! };
}

/**
 * Sum of weight x density over each region's voxels, in double precision and in the order of the voxels, so
 * that every machine gets the same bits.
 *
 * @param regions Weights of K regions over U voxels.
 * @param densities At each of `regions.voxels`: length U.
 * @returns Length K.
 */
export function weightedSums(
  { starts, places, weights }: RegionWeights,
  densities: Float32Array,
): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(starts.length - 1);
  for (let r = 0; r < sums.length; r++) {
    let sum = 0;
    for (let i = starts[r]!, end = starts[r + 1]!; i < end; i++) {
      const density = densities[places[i]!]!;
      sum += weights === undefined ? density : weights[i]! * density;
    }
    sums[r] = sum;
  }
  return sums;
}

/**
 * Share of each region's voxels whose density is above a threshold, strictly. Weights are not looked at.
 *
 * @param regions K regions over U voxels.
 * @param densities At each of `regions.voxels`: length U.
 * @param threshold In the precision of the densities: see `thresholdFor`.
 * @returns 0 to 1: length K.
 */
export function occupiedShares(
  { starts, places }: RegionWeights,
  densities: Float32Array,
  threshold: number,
): Float64Array<ArrayBuffer> {
  const shares = new Float64Array(starts.length - 1);
  for (let r = 0; r < shares.length; r++) {
    const start = starts[r]!, end = starts[r + 1]!;
    let occupied = 0;
    for (let i = start; i < end; i++) occupied += densities[places[i]!]! > threshold ? 1 : 0;
    shares[r] = occupied / (end - start);
  }
  return shares;
}
