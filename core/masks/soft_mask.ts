/**
 * Soft masks.
 *
 * @module
 */
import type { Grid } from "../mrc/grid.ts";
import { type Size, squaredDistances } from "./distances.ts";

/** How a set of voxels becomes a mask. */
export interface MaskShape {
  /** How far the mask goes beyond the set's voxels, in Å, 0 or more. */
  readonly extend: number;
  /** How wide the edge is that follows, in Å, 0 or more. */
  readonly soft: number;
}

/** A mask. */
export interface SoftMask {
  /** Weights 0 to 1 by (z, y, x): box^3 values. */
  readonly data: Float32Array<ArrayBuffer>;
  /** Voxels whose weight is above one half. */
  readonly voxels: number;
  /** Whether a voxel on a face of the box has a weight above 0. */
  readonly touchesEdge: boolean;
}

/** Distances that differ by less than this share of a voxel are the same. */
const ROUNDING = 1e-6;

/**
 * The voxels above a threshold, as 1 and 0.
 *
 * @param data Densities by (z, y, x): box^3 values.
 * @param threshold A density; a voxel that equals it is not above it.
 */
export function voxelsAbove(data: Float32Array, threshold: number): Uint8Array<ArrayBuffer> {
  const inside = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) inside[i] = data[i]! > threshold ? 1 : 0;
  return inside;
}

/**
 * Makes a mask of a set of voxels: 1 at all voxels whose centre is at most `extend` from that of the nearest
 * voxel of the set; beyond that it falls to 0 over `soft`, as half a period of a cosine (the shape of
 * RELION's masks), so 0.5 + 0.5 cos(pi (d - extend) / soft) at the distance d. Distances are between centres,
 * as RELION's are; of a ball a part of a voxel is missing, so voxels should be small beside what is extended.
 *
 * @param inside Not 0 for the voxels of the set: box^3 values.
 * @param grid.box Edge in voxels, at most 2048.
 * @param grid.apix Voxel size in Å.
 * @example
 * ```ts
 * import { softMask } from "./soft_mask.ts";
 * import assert from "node:assert";
 *
 * const inside = new Uint8Array(7 ** 3);
 * inside[(3 * 7 + 3) * 7 + 3] = 1;
 * const { data } = softMask(inside, { box: 7, apix: 2 }, { extend: 2, soft: 4 });
 * const row = data.subarray((3 * 7 + 3) * 7, (3 * 7 + 4) * 7);
 * assert.deepStrictEqual([...row], [0, 0.5, 1, 1, 1, 0.5, 0]);
 * ```
 */
export function softMask(
  inside: Uint8Array,
  { box, apix }: Pick<Grid, "box" | "apix">,
  { extend, soft }: MaskShape,
): SoftMask {
  const data = new Float32Array(box ** 3);
  const reach = (extend + soft) / apix;
  const part = partAround(inside, box, Math.floor(reach) + 1);
  if (part === undefined) return { data, voxels: 0, touchesEdge: false };
  const { start, size } = part;
  const [nx, ny, nz] = size;
  const own = new Uint8Array(nx * ny * nz);
  const rows = function* () {
    for (let z = 0, at = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++, at += nx) {
        yield [at, ((start[2] + z) * box + start[1] + y) * box + start[0]] as const;
      }
    }
  };
  for (const [at, voxel] of rows()) own.set(inside.subarray(voxel, voxel + nx), at);
  const squares = squaredDistances(own, size, Math.floor(reach) + 1);
  const weights = weightsOf(apix, extend, soft, 3 * (box - 1) ** 2);
  let voxels = 0;
  for (const [at, voxel] of rows()) {
    for (let x = 0; x < nx; x++) {
      const weight = weights[squares[at + x]!] ?? 0;
      data[voxel + x] = weight;
      if (weight > 0.5) voxels++;
    }
  }
  return { data, voxels, touchesEdge: touchesFaces(data, box, part) };
}

/** The weights at squared distances, in voxels, of 0, 1, 2 and so on, up to the last in the box that is not 0. */
function weightsOf(apix: number, extend: number, soft: number, farthest: number): Float32Array {
  const rounding = ROUNDING * apix;
  const reach = (extend + soft + rounding) / apix;
  const length = Math.min(Math.floor(reach * reach), farthest) + 1;
  return Float32Array.from({ length }, (_, square) => {
    const beyond = Math.sqrt(square) * apix - extend;
    if (beyond <= rounding) return 1;
    return beyond < soft - rounding ? 0.5 + 0.5 * Math.cos(Math.PI * beyond / soft) : 0;
  });
}

interface Part {
  readonly start: Size;
  readonly size: Size;
}

/** The part of the box that holds a set and so many voxels around it; undefined if the set is empty. */
function partAround(inside: Uint8Array, box: number, margin: number): Part | undefined {
  const low = [box, box, box], high = [-1, -1, -1];
  for (let z = 0, at = 0; z < box; z++) {
    for (let y = 0; y < box; y++, at += box) {
      let first = 0;
      while (first < box && inside[at + first] === 0) first++;
      if (first === box) continue;
      let last = box - 1;
      while (inside[at + last] === 0) last--;
      low[0] = Math.min(low[0]!, first);
      high[0] = Math.max(high[0]!, last);
      low[1] = Math.min(low[1]!, y);
      high[1] = Math.max(high[1]!, y);
      low[2] = Math.min(low[2]!, z);
      high[2] = z;
    }
  }
  if (high[2]! < 0) return undefined;
  const start = low.map((first) => Math.max(0, first - margin));
  const end = high.map((last) => Math.min(box, last + margin + 1));
  return {
    start: [start[0]!, start[1]!, start[2]!],
    size: [end[0]! - start[0]!, end[1]! - start[1]!, end[2]! - start[2]!],
  };
}

/** Whether a voxel on a face of the box is not 0; all that are not lie in a part of it. */
function touchesFaces(data: Float32Array, box: number, { start, size }: Part): boolean {
  const isFace = (place: number) => place === 0 || place === box - 1;
  for (let z = start[2]; z < start[2] + size[2]; z++) {
    for (let y = start[1]; y < start[1] + size[1]; y++) {
      const row = (z * box + y) * box;
      const whole = isFace(z) || isFace(y);
      if (data[row]! > 0 || data[row + box - 1]! > 0) return true;
      if (whole && data.subarray(row, row + box).some((weight) => weight > 0)) return true;
    }
  }
  return false;
}
