/**
 * Volumes unlike the others: empty, over-full, or of a shape of their own.
 *
 * @module
 */
import type { OccupancyTable } from "../occupancy/table.ts";
import { shortNumber } from "../short_number.ts";
import type { JunkVolume } from "./analysis.ts";
import { distanceOf, type Distances } from "./distances.ts";
import type { VolumeOverlaps } from "./volume_overlaps.ts";

/** Fewer volumes say too little of what is usual. */
const LEAST_VOLUMES = 8;

/** A volume is empty with less than this share of what the median volume holds. */
const EMPTY = 0.1;

/** It is over-full with this many times what 19 of 20 volumes hold at most. */
const OVER_FULL = 1.25;

/** How far a volume must be from its nearest, in robust standard deviations above the median. */
const DEVIATIONS = 5;

/** And which share of their voxels the two may have in common at most. */
const MOST_SHARED = 0.6;

/** Makes a median absolute deviation that of a normal distribution's standard deviation. */
const MAD_TO_SIGMA = 1.4826;

/**
 * Finds volumes unlike the others.
 *
 * - `empty`: it holds less than a tenth of the voxels of the median volume.
 * - `over-full`: it holds more than 1.25 times the voxels that 19 of 20 volumes hold at most.
 * - `unlike`: the volume most like it shares (as Jaccard index of the occupied voxels, or, without voxels,
 *   by the distance of the rows of the table) so little with it that this is more than 5 robust standard
 *   deviations (median absolute deviation) beyond the median of all volumes, and less than 60 % of voxels.
 *   A state that two volumes share is no junk, however rare it is.
 *
 * @param distances Of the rows of the table.
 * @param overlaps Of the voxels, where they are known.
 * @returns By place; nothing of fewer than 8 volumes.
 */
export function findJunk(
  table: OccupancyTable,
  distances: Distances,
  overlaps?: VolumeOverlaps,
): JunkVolume[] {
  const n = table.volumes.length;
  if (n < LEAST_VOLUMES) return [];
  const occupied = overlaps?.occupied ?? occupiedOf(table);
  const sorted = Float64Array.from(occupied).sort();
  const middle = quantile(sorted, 0.5), high = quantile(sorted, 0.95);
  const nearest = nearestOf(n, distances, overlaps);
  const usual = robust(nearest.map(({ distance }) => distance));
  const junk: JunkVolume[] = [];
  for (let volume = 0; volume < n; volume++) {
    const held = occupied[volume]!;
    if (held < EMPTY * middle) {
      const reason = `It holds ${counted(held)} of the regions' voxels; the median volume holds ${
        counted(middle)
      }.`;
      junk.push({ volume, kind: "empty", reason });
      continue;
    }
    if (held > OVER_FULL * high) {
      const reason = `It holds ${counted(held)} voxels; 19 of 20 volumes hold ${
        counted(high)
      } at most, and the median volume ${counted(middle)}.`;
      junk.push({ volume, kind: "over-full", reason });
      continue;
    }
    const { other, distance } = nearest[volume]!;
    const deviations = (distance - usual.middle) / usual.sigma;
    if (!(deviations > DEVIATIONS)) continue;
    if (overlaps !== undefined && 1 - distance > MOST_SHARED) continue;
    const name = table.volumes[other]!;
    const reason = overlaps === undefined
      ? `The volume most like it, ${name}, is ${
        shortNumber(distance)
      } away; the median volume has one ` +
        `at ${shortNumber(usual.middle)} (${shortNumber(deviations)} standard deviations).`
      : `The volume most like it, ${name}, has ${
        percent(1 - distance)
      } of the voxels in common with it; ` +
        `the median volume has one with ${percent(1 - usual.middle)} ` +
        `(${shortNumber(deviations)} standard deviations).`;
    junk.push({ volume, kind: "unlike", reason });
  }
  return junk;
}

/** Voxels of the regions that each volume holds; regions of unknown size count as one voxel each. */
function occupiedOf({ volumes, regions, values }: OccupancyTable): number[] {
  const isKnown = regions.every(({ voxels }) => !Number.isNaN(voxels));
  return volumes.map((_, v) =>
    regions.reduce(
      (sum, { voxels }, k) => sum + (isKnown ? voxels : 1) * values[v * regions.length + k]!,
      0,
    )
  );
}

/** The volume nearest to each: of equally near ones the first. */
function nearestOf(
  n: number,
  distances: Distances,
  overlaps: VolumeOverlaps | undefined,
): { other: number; distance: number }[] {
  const apart = overlaps === undefined
    ? (i: number, j: number) => distanceOf(distances, i, j)
    : (i: number, j: number) => jaccardDistance(overlaps, i, j);
  return Array.from({ length: n }, (_, i) => {
    let other = -1, distance = Infinity;
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const d = apart(i, j);
      if (d < distance) [other, distance] = [j, d];
    }
    return { other, distance };
  });
}

/** 1 - shared / all voxels of two volumes; 0 where both are empty. */
function jaccardDistance({ volumes, shared }: VolumeOverlaps, i: number, j: number): number {
  const both = shared[i * volumes + j]!;
  const either = shared[i * volumes + i]! + shared[j * volumes + j]! - both;
  return either === 0 ? 0 : 1 - both / either;
}

/** Median, and standard deviation from the median absolute deviation. */
function robust(values: readonly number[]): { middle: number; sigma: number } {
  const middle = quantile(Float64Array.from(values).sort(), 0.5);
  const deviations = Float64Array.from(values, (value) => Math.abs(value - middle)).sort();
  return { middle, sigma: MAD_TO_SIGMA * quantile(deviations, 0.5) };
}

/** The q-th quantile of sorted values, interpolated linearly between neighbours. */
function quantile(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1), low = Math.floor(place);
  const below = sorted[low]!, above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - low);
}

const counted = (count: number) => Math.round(count).toLocaleString("en-US");
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
