/**
 * Volumes unlike the others: empty, over-full, or of a shape of their own.
 *
 * @module
 */
import type { OccupancyTable } from "../occupancy/table.ts";
import { quantileOf } from "../quantile.ts";
import { shortNumber } from "../short_number.ts";
import type { JunkVolume } from "./analysis.ts";
import { distanceOf, type Distances } from "./distances.ts";
import { fullOccupancy } from "./presence.ts";
import type { VolumeOverlaps } from "./volume_overlaps.ts";

/** Fewer volumes say too little of what is usual. */
const LEAST_VOLUMES = 8;

/** A volume is empty with less than this share of what the median volume holds. */
const EMPTY = 0.1;

/** Fewer voxels of the core say nothing. */
const LEAST_CORE = 20;

/** Voxels that fewer volumes hold all but whole are no core. */
const MOST_VOLUMES = 0.8;

/** A volume holds the core with the greater, and lacks it with less than the smaller share of its voxels. */
const HOLDS_CORE = 0.9, LACKS_CORE = 0.3;

/** What is far from what is usual, and what is somewhat far, in robust standard deviations above the median. */
const FAR = 5, SOMEWHAT = 3;

/** A volume that is unlike all others shares less than this of its voxels with the one most like it. */
const MOST_SHARED = 0.6;

/** Regions are mostly there or not there where occupancies are this near to all or nothing on average. */
const NEAR = 0.1;

/** Over-full is this many times what 19 of 20 volumes hold at most, with as many stray voxels as the median. */
const OVER_FULL = 1.15, STRAY = 1.5;

/** A region that all volumes but few hold is in this share of them. */
const NEARLY_ALL = 0.97;

/** Makes a median absolute deviation that of a normal distribution's standard deviation. */
const MAD_TO_SIGMA = 1.4826;

/**
 * Finds volumes unlike the others, by rules that leave real states alone, however rare they are.
 *
 * With voxels:
 *
 * - `empty`: it holds less than a tenth of the voxels of the median volume, and less than half of the core,
 *   which are the voxels that nearly all volumes hold.
 * - `unlike`: the volume most like it (by the Jaccard index of the occupied voxels) shares less than 60 %, and
 *   that is more than 5 robust standard deviations (median absolute deviation) below what is usual; but not
 *   where it holds the core, if there is one, and each region is clearly there or not, as in a state that
 *   occurs once. Or it
 *   holds less than 0.3 of the core and shares unusually little (3 deviations) with all but one other volume.
 * - `over-full`: it holds 1.15 times as many voxels as 19 of 20 volumes do at most, and unusually many of
 *   them (5 deviations, and 1.5 times the median) are in no region, so that no region accounts for them.
 *
 * Of a table alone, a volume in which nothing is there is `empty` only where some region is there in 97 % of
 * the volumes; otherwise it may be a core that is no region. What is `unlike` has a row that is 5 deviations
 * further from the nearest than usual, and occupancies that are as much further from all or nothing; it is
 * `over-full` where it also holds 1.15 times what 19 of 20 volumes do at most.
 *
 * @param distances Of the rows of the table.
 * @param presence Of the table's regions, N x K.
 * @param overlaps Of the voxels, where they are known.
 * @returns By place; nothing of fewer than 8 volumes.
 */
export function findJunk(
  table: OccupancyTable,
  presence: Uint8Array,
  distances: Distances,
  overlaps?: VolumeOverlaps,
): JunkVolume[] {
  if (table.volumes.length < LEAST_VOLUMES) return [];
  const judge = overlaps === undefined
    ? judgeRows(table, presence, distances)
    : judgeVoxels(table, overlaps);
  return table.volumes.flatMap((_, volume) => {
    const found = judge(volume);
    return found === undefined ? [] : [{ volume, ...found }];
  });
}

/** What is wrong with a volume, if anything. */
type Judge = (volume: number) => Omit<JunkVolume, "volume"> | undefined;

function judgeVoxels(table: OccupancyTable, overlaps: VolumeOverlaps): Judge {
  const { coreVoxels, coreOccupied } = overlaps;
  const n = table.volumes.length;
  const held = usual(overlaps.occupied);
  const near = nearest(n, (i, j) => jaccardDistance(overlaps, i, j));
  const apart = usual(near.map(({ distance }) => distance));
  const stray = usual(strayVoxels(table, overlaps.occupied));
  const unclear = usual(unclearness(table));
  const holders = coreOccupied.filter((count) => count >= HOLDS_CORE * coreVoxels).length;
  const hasCore = coreVoxels >= LEAST_CORE && holders >= MOST_VOLUMES * n;
  return (volume) => {
    const occupied = held.of(volume), core = coreOccupied[volume]! / coreVoxels;
    const coreText = `${
      coreOccupied[volume]
    } of the ${coreVoxels} voxels that nearly all volumes hold`;
    if (
      occupied < EMPTY * held.median &&
      (hasCore ? core < 0.5 : occupied < 0.2 * EMPTY * held.median)
    ) {
      const reason =
        `It holds ${counted(occupied)} voxels, the median volume ${counted(held.median)}` +
        (hasCore ? `; ${coreText}.` : ".");
      return { kind: "empty", reason };
    }
    const { other, distance, second } = near[volume]!;
    const most = `The volume most like it, ${table.volumes[other]}, shares ${
      percent(1 - distance)
    } of their voxels; the median volume has one that shares ${percent(1 - apart.median)}`;
    if (hasCore && core < LACKS_CORE && apart.deviations(second) > SOMEWHAT) {
      return { kind: "unlike", reason: `It holds ${coreText}. ${most}.` };
    }
    const isState = (!hasCore || core >= HOLDS_CORE) && unclear.of(volume) <= NEAR;
    if (!isState && 1 - distance < MOST_SHARED && apart.deviations(distance) > FAR) {
      const far = shortNumber(apart.deviations(distance));
      return { kind: "unlike", reason: `${most} (${far} standard deviations).` };
    }
    const strays = stray.of(volume);
    if (
      occupied > OVER_FULL * held.high && strays > STRAY * stray.median &&
      stray.deviations(strays) > FAR
    ) {
      const reason = `It holds ${counted(occupied)} voxels, 19 of 20 volumes at most ${
        counted(held.high)
      }; ${counted(strays)} of them are in no region, of the median volume's ${
        counted(stray.median)
      }.`;
      return { kind: "over-full", reason };
    }
    return undefined;
  };
}

function judgeRows(table: OccupancyTable, presence: Uint8Array, distances: Distances): Judge {
  const { volumes, regions, values } = table;
  const n = volumes.length, k = regions.length, full = fullOccupancy(table);
  const near = nearest(n, (i, j) => distanceOf(distances, i, j));
  const apart = usual(near.map(({ distance }) => distance));
  const unclear = usual(unclearness(table));
  const held = usual(
    volumes.map((_, v) => values.subarray(v * k, (v + 1) * k).reduce((sum, x) => sum + x, 0) / k),
  );
  const everywhere = regions.findIndex((_, region) => {
    const count = volumes.filter((_, v) => presence[v * k + region] === 1).length;
    return count >= NEARLY_ALL * n && count < n;
  });
  return (volume) => {
    const mean = held.of(volume);
    const isBare = values.subarray(volume * k, (volume + 1) * k).every((x) => x < EMPTY * full);
    if (isBare && everywhere >= 0) {
      const reason =
        `All its occupancies are below ${shortNumber(EMPTY * full)}; nearly all volumes hold ` +
        `${regions[everywhere]!.name}.`;
      return { kind: "empty", reason };
    }
    const { other, distance } = near[volume]!, unclarity = unclear.of(volume);
    if (
      !(apart.deviations(distance) > FAR && unclear.deviations(unclarity) > FAR && unclarity > NEAR)
    ) return undefined;
    const from = `${shortNumber(unclarity)} from all or nothing on average (the median volume's ${
      shortNumber(unclear.median)
    })`;
    if (mean > OVER_FULL * held.high) {
      const reason = `Its mean occupancy is ${shortNumber(mean)}, of 19 of 20 volumes at most ${
        shortNumber(held.high)
      }; its occupancies are ${from}.`;
      return { kind: "over-full", reason };
    }
    const reason =
      `Its occupancies are ${from}, and the row most like its own, of ${volumes[other]}, is ` +
      `${shortNumber(distance)} away (the median volume's ${shortNumber(apart.median)}).`;
    return { kind: "unlike", reason };
  };
}

/** Voxels of each volume that are in no region, but for those that several regions hold. */
function strayVoxels({ regions, values }: OccupancyTable, occupied: Uint32Array): number[] {
  const k = regions.length;
  return Array.from(
    occupied,
    (count, v) =>
      regions.reduce((rest, { voxels }, region) => rest - voxels * values[v * k + region]!, count),
  );
}

/** How far the occupancies of each volume are from all or nothing: the mean over regions, 0 to 0.5 or more. */
function unclearness(table: OccupancyTable): number[] {
  const { volumes, regions, values } = table;
  const k = regions.length, full = fullOccupancy(table);
  return volumes.map((_, v) => {
    const row = values.subarray(v * k, (v + 1) * k);
    const sum = row.reduce((sum, x) => sum + Math.min(Math.abs(x), Math.abs(full - x)), 0);
    return sum / k / full;
  });
}

/** What is usual of a value that all volumes have. */
interface Usual {
  readonly median: number;
  /** What 19 of 20 have at most. */
  readonly high: number;
  of(volume: number): number;
  /** How far a value is above the median, in robust standard deviations; infinite where all are the same. */
  deviations(value: number): number;
}

function usual(values: ArrayLike<number>): Usual {
  const median = quantileOf(values, 0.5);
  const spread = quantileOf(Float64Array.from(values, (value) => Math.abs(value - median)), 0.5);
  const sigma = MAD_TO_SIGMA * spread;
  return {
    median,
    high: quantileOf(values, 0.95),
    of: (volume) => values[volume]!,
    deviations: (value) => value === median ? 0 : (value - median) / sigma,
  };
}

/** The volume nearest to each, of equally near ones the first, and how far that and the second nearest are. */
function nearest(
  n: number,
  apart: (i: number, j: number) => number,
): { other: number; distance: number; second: number }[] {
  return Array.from({ length: n }, (_, i) => {
    let other = -1, distance = Infinity, second = Infinity;
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const d = apart(i, j);
      if (d < distance) [other, distance, second] = [j, d, distance];
      else if (d < second) second = d;
    }
    return { other, distance, second };
  });
}

/** 1 - shared / all voxels of two volumes; 0 where both are empty. */
function jaccardDistance({ volumes, shared }: VolumeOverlaps, i: number, j: number): number {
  const both = shared[i * volumes + j]!;
  const either = shared[i * volumes + i]! + shared[j * volumes + j]! - both;
  return either === 0 ? 0 : 1 - both / either;
}

const counted = (count: number) => Math.round(count).toLocaleString("en-US");
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
