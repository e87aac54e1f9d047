/**
 * Maps as the network takes them: read, brought into its box, and normalised.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { decodeVoxels, toFloats } from "../mrc/decode.ts";
import { gridOf, type MapGrid } from "../mrc/grid.ts";
import { makeHeader, type MrcHeader } from "../mrc/header.ts";
import { readMap } from "../mrc/read.ts";
import { streamMap, type VoxelSink } from "../mrc/stream.ts";
import { statistics as statisticsOf } from "../mrc/statistics.ts";
import { croppedGrid, fourierCrop, fourierCropper } from "./fourier_crop.ts";
import {
  type MapRange,
  mapRange,
  type MapStatistics,
  normalise,
  rangeFinder,
  UPPER,
} from "./normalise.ts";

/** How far the least and the greatest density of a normalised map may be from -1 and 1. */
const TOLERANCE = 1e-3;

/** A map in a box that it was brought into. */
export interface CroppedMap {
  readonly grid: MapGrid;
  /** Densities by (z, y, x), x running fastest. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly range: MapRange;
}

/** A map in several boxes. */
export interface CroppedMaps {
  /** The map's own grid. */
  readonly grid: MapGrid;
  /** The map's own range. */
  readonly own: MapRange;
  /** In the order that the boxes were asked for; equal boxes share one. */
  readonly maps: readonly CroppedMap[];
}

/**
 * Reads a map once and brings it into other boxes, without holding all of it in memory.
 *
 * @param path The file.
 * @param boxes Edges of the boxes in voxels.
 * @param onBytes Sees every byte of the file as it lies on the disk, in order.
 * @throws {InputError} The file is no cubic map, or it cannot be normalised.
 */
export async function cropMap(
  path: string,
  boxes: readonly number[],
  onBytes: (bytes: Uint8Array) => void = () => {},
): Promise<CroppedMaps> {
  const { result } = await streamMap(path, (header) => cropSink(header, path, boxes), { onBytes });
  return result;
}

/** Collects voxels to sections, and hands these to all who want them. */
function cropSink(
  header: MrcHeader,
  path: string,
  boxes: readonly number[],
): VoxelSink<CroppedMaps> {
  const grid = gridOf(header, path);
  const { box } = grid;
  const range = rangeFinder(box ** 3, path);
  const croppers = new Map(boxes.map((to) => [to, fourierCropper(box, to)]));
  const section = new Float32Array(box * box);
  let filled = 0;
  return {
    add(raw) {
      const densities = toFloats(header, raw);
      range.add(densities);
      for (let done = 0; done < densities.length;) {
        const part = densities.subarray(done, done + section.length - filled);
        section.set(part, filled);
        done += part.length;
        filled += part.length;
        if (filled < section.length) return;
        for (const cropper of croppers.values()) cropper.add(section);
        filled = 0;
      }
    },
    end() {
      const own = range.end();
      const cropped = new Map(Array.from(croppers, ([to, cropper]) => {
        const data = inOrder(header, to, cropper.end());
        const map: CroppedMap = {
          grid: croppedGrid(grid, to),
          data,
          range: to === box ? own : mapRange(data, `${path}, cropped to a box of ${to}`),
        };
        return [to, map];
      }));
      return { grid, own, maps: boxes.map((to) => cropped.get(to)!) }; // there is one of each
    },
  };
}

/** From the file's order of axes to (z, y, x): cropping does the same along each. */
function inOrder(
  { mapc, mapr, maps }: MrcHeader,
  box: number,
  data: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const header = makeHeader({ nx: box, ny: box, nz: box, mapc, mapr, maps });
  return new Float32Array(decodeVoxels(header, new Uint8Array(data.buffer)));
}

/**
 * Brings a map that is in memory into another box, and normalises it.
 *
 * @param voxels Densities: sourceBox^3 values, x running fastest.
 * @param name What to call the map in messages.
 * @returns The normalised map, box^3 values, and what it was normalised by.
 * @throws {InputError} The map cannot be normalised: see {@linkcode mapRange}.
 */
export function preprocessVolume(
  voxels: Float32Array,
  sourceBox: number,
  box: number,
  name = "the map",
): { volume: Float32Array<ArrayBuffer>; statistics: MapStatistics } {
  const data = fourierCrop(voxels, sourceBox, box);
  const range = mapRange(data, name);
  return { volume: normalise(data, range), statistics: { min: range.min, max: range.max } };
}

/** A map that was normalised in memory. */
export interface NormalisedMap {
  /** box^3 values, x running fastest. */
  readonly data: Float32Array<ArrayBuffer>;
  /** What it was normalised by: those of the cropped map. */
  readonly statistics: MapStatistics;
  /** Those of the map in its own box. */
  readonly own: MapStatistics;
}

/**
 * Reads a map of any box, brings it into the network's, and normalises it.
 *
 * @param path The file: a map as it comes, not normalised.
 * @param box Edge of the network's box in voxels.
 * @throws {InputError} The file is no cubic map, it cannot be normalised, or it is already.
 */
export async function normaliseMap(path: string, box: number): Promise<NormalisedMap> {
  const { own, maps } = await cropMap(path, [box]);
  const { data, range } = maps[0]!; // one was asked for
  if (isNormalised(data, statisticsOf(data))) {
    throw new InputError(
      `Cannot normalise ${path}: it is normalised already`,
      "Give the maps as they came; or leave --raw out, and give their statistics.",
    );
  }
  return {
    data: normalise(data, range),
    statistics: { min: range.min, max: range.max },
    own: { min: own.min, max: own.max },
  };
}

/**
 * Reads a map that `siren preprocess`, or SIREn, has normalised.
 *
 * @param box Edge of the network's box in voxels.
 * @returns box^3 values, x running fastest.
 * @throws {InputError} The file is no cubic map, of another box, or not normalised.
 */
export async function readNormalisedMap(
  path: string,
  box: number,
): Promise<Float32Array<ArrayBuffer>> {
  const { grid, data } = await readMap(path);
  if (grid.box !== box) {
    throw new InputError(
      `Cannot use ${path}: it is of box ${grid.box}, and the network takes normalised maps of ${box}`,
      REMEDY,
    );
  }
  const { min, max, nans, infinities } = statisticsOf(data);
  if (nans + infinities > 0) {
    throw new InputError(
      `Cannot use ${path}: some of its densities are no numbers, or infinite (${
        nans + infinities
      })`,
      "Make that map anew.",
    );
  }
  if (!isNormalised(data, { min, max })) {
    throw new InputError(
      `Cannot use ${path}: it is not normalised (its densities go from ${min} to ${max})`,
      REMEDY,
    );
  }
  return new Float32Array(data);
}

const REMEDY =
  "Give the maps that siren preprocess writes to OUTDIR/normalized, or, where the command has it, --raw.";

/**
 * Whether densities are as {@linkcode normalise} leaves them: from about -1 to 1, and with several voxels at
 * 1, as all beyond the percentile are brought to it. A map scaled by another program has one there.
 */
function isNormalised(data: Float32Array, { min, max }: MapStatistics): boolean {
  if (!(Math.abs(max - 1) <= TOLERANCE) || !isFloored(data, min)) return false;
  const last = data.length - 1;
  const clipped = last - Math.floor(last * UPPER / 100);
  let atMost = 0;
  for (let i = 0; i < data.length; i++) if (data[i] === max) atMost++;
  return atMost >= clipped;
}

/** Whether the least positive density is at -1: below it lie the zeros alone, which have one value. */
function isFloored(data: Float32Array, least: number): boolean {
  if (least > -1 + TOLERANCE) return false;
  let next = Infinity;
  for (let i = 0; i < data.length; i++) {
    const level = data[i]!;
    if (level < next && level > least + TOLERANCE) next = level;
  }
  return Math.abs(least + 1) <= TOLERANCE || Math.abs(next + 1) <= TOLERANCE;
}
