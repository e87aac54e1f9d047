/**
 * The analysis of an occupancy table as a whole.
 *
 * @module
 */
import { z } from "zod";
import type { BitMatrix } from "../cooccupancy/bit_matrix.ts";
import { InputError, UsageError } from "../errors.ts";
import type { OccupancyTable } from "../occupancy/table.ts";
import { shortNumber } from "../short_number.ts";
import { told } from "../told.ts";
import type { Analysis, JunkVolume } from "./analysis.ts";
import { regionComponents, voxelComponents } from "./components.ts";
import { cutTree, findClusterCount, MOST_FOUND_CLUSTERS } from "./cut_tree.ts";
import { findDependencies } from "./dependencies.ts";
import { euclideanDistances, MOST_ITEMS, standardColumns } from "./distances.ts";
import { hierarchy, linkages } from "./hierarchy.ts";
import { findJunk } from "./junk.ts";
import { MOST_ORDERED_BEST, orderLeaves } from "./leaf_order.ts";
import { pairStatistics } from "./pair_statistics.ts";
import { findCutoffs, fullOccupancy, presenceOf, unclearShare } from "./presence.ts";
import { volumeOverlaps } from "./volume_overlaps.ts";

/** Options of {@linkcode analyse}. */
export const analysisOptions = z.strictObject({
  /** How trees join clusters; see {@linkcode hierarchy}. */
  linkage: z.enum(linkages).default("ward"),
  /** Number of clusters of volumes; by default that of {@linkcode findClusterCount}. */
  clusters: z.int().min(1).optional(),
  /** A region is present in a volume from this occupancy on; by default of {@linkcode findCutoffs}. */
  present: z.number().optional(),
  /**
   * Share of presences and absences that are called wrong; by default 0.0005 and the share of those that are
   * not clear ({@linkcode unclearShare}), at most 0.02.
   */
  miscalls: z.number().min(0).lt(0.5).optional(),
  /** False discovery rate of dependencies and exclusions. */
  fdr: z.number().gt(0).max(1).default(0.05),
});

/** Options of {@linkcode analyse}, complete. */
export type AnalysisOptions = z.output<typeof analysisOptions>;

/** Options of {@linkcode analyse} as they are given: all have defaults. */
export type AnalysisOptionsInput = z.input<typeof analysisOptions>;

/** Of all calls, so many are taken to be wrong at least and at most. */
const LEAST_MISCALLS = 0.0005, MOST_MISCALLS = 0.02;

/** Greatest magnitude of an occupancy: squares of greater ones could be infinite. */
const GREATEST = 1e100;

/** What {@linkcode analyse} may be given besides the table. */
export interface AnalyseExtras {
  /** Occupancy of voxels in the same volumes, in the table's order: for components and junk. */
  readonly voxels?: BitMatrix;
  /** Receives sentences that say what was done in another way than usual. */
  readonly note?: (text: string) => void;
}

/**
 * Analyses an occupancy table: trees of volumes and of regions, clusters, presence, pairs, dependencies,
 * components and junk.
 *
 * Junk says nothing of what goes together: pairs and dependencies are of the other volumes.
 *
 * Volumes are compared by the Euclidean distance of their occupancies, regions by sqrt(2 (1 - r)), r being
 * Pearson's correlation of their occupancies.
 *
 * @throws {InputError} The table has no volume or no region, more than 10,000 of either, or what is no number, or is
 *   above 1e100.
 * @throws {UsageError} An option is out of range.
 * @example
 * ```ts
 * import { analyse } from "./analyse.ts";
 * import assert from "node:assert";
 *
 * // b3 is there in half of the volumes, b7 in half of those.
 * const volumes = Array.from({ length: 80 }, (_, k) => `vol_${k}.mrc`);
 * const { dependencies } = analyse({
 *   volumes,
 *   regions: [{ name: "b3", voxels: 90 }, { name: "b7", voxels: 60 }],
 *   values: Float64Array.from(volumes.flatMap((_, k) => [k % 4 < 2 ? 0.9 : 0, k % 4 < 1 ? 0.8 : 0.1])),
 * });
 * assert.deepStrictEqual(dependencies.map(({ region, needs }) => [region, needs]), [[1, 0]]);
 * ```
 */
export function analyse(
  table: OccupancyTable,
  options: AnalysisOptionsInput = {},
  { voxels, note = () => {} }: AnalyseExtras = {},
): Analysis {
  const { linkage, clusters: wanted, present, miscalls, fdr } = analysisOptions.parse(options);
  checkTable(table);
  const n = table.volumes.length, k = table.regions.length;
  if (wanted !== undefined && wanted > n) {
    throw new UsageError(`Cannot make ${wanted} clusters: there are fewer volumes (${n})`);
  }
  for (const [count, what] of [[n, "volumes"], [k, "regions"]] as const) {
    if (count > MOST_ORDERED_BEST) {
      note(
        `There are more than ${MOST_ORDERED_BEST} ${what}: their order in the tree is good, but need not ` +
          "be the best that the tree allows.",
      );
    }
  }
  const distances = euclideanDistances(table.values, k);
  const volumeTree = orderLeaves(hierarchy(distances, linkage), distances);
  const between = euclideanDistances(standardColumns(table.values, k), n);
  const regionTree = orderLeaves(hierarchy(between, linkage), between);
  const count = wanted ?? findClusterCount(volumeTree, distances);
  if (wanted === undefined && count === 1 && n > 2) {
    note(
      "Volumes fall into no clear clusters, so all are in one; a number of clusters can be given.",
    );
  }
  if (wanted === undefined && count === MOST_FOUND_CLUSTERS) {
    note(
      `Volumes fall into ${count} clusters, the most that are looked for, or more: a number of clusters can ` +
        "be given.",
    );
  }
  const clusters = cutTree(volumeTree, count);

  const full = fullOccupancy(table);
  if (full !== 1 && present === undefined) {
    note(
      `Occupancies are not on a scale of 0 to 1: that of a full region is taken to be ${
        Number(full.toPrecision(3))
      }, their 99th percentile.`,
    );
  }
  const cutoffs = present === undefined
    ? findCutoffs(table, full)
    : table.regions.map(() => present);
  const presence = presenceOf(table, cutoffs);
  const overlaps = voxels === undefined ? undefined : volumeOverlaps(voxels);
  const components = [regionComponents(table)];
  if (overlaps !== undefined) {
    if (overlaps.voxels < voxels!.voxels) {
      note(
        `Volumes are compared over ${overlaps.voxels} of ${
          voxels!.voxels
        } voxels, evenly spread, as there are so many.`,
      );
    }
    components.push(voxelComponents(overlaps));
  }
  const junk = findJunk(table, presence, distances, overlaps);
  const rules = {
    miscalls: miscalls ??
      Math.min(MOST_MISCALLS, LEAST_MISCALLS + unclearShare(table, cutoffs, presence)),
    fdr,
  };
  const kept = withoutVolumes(presence, k, junk);
  const pairs = pairStatistics(kept, k, rules);
  const dependencies = findDependencies(pairs, k, rules);
  if (miscalls === undefined && rules.miscalls < MOST_MISCALLS) {
    const atMost = { ...rules, miscalls: MOST_MISCALLS };
    const more = findDependencies(pairs, k, atMost).length;
    if (more >= dependencies.length + Math.max(3, dependencies.length / 2)) {
      note(
        `Occupancies are so clear that ${
          shortNumber(rules.miscalls)
        } of the presences are taken to be called wrong: ${dependencies.length} dependencies. If ` +
          `${MOST_MISCALLS} were (miscalls), there would be ${more}.`,
      );
    }
  }
  return {
    table,
    cutoffs,
    presence,
    linkage,
    volumeTree,
    regionTree,
    clusters,
    pairs,
    dependencies,
    components,
    junk,
  };
}

/** Presences without the rows of some volumes. */
function withoutVolumes(
  presence: Uint8Array,
  regions: number,
  junk: readonly JunkVolume[],
): Uint8Array {
  const out = new Set(junk.map(({ volume }) => volume));
  return presence.filter((_, i) => !out.has(Math.floor(i / regions)));
}

function checkTable({ volumes, regions, values }: OccupancyTable): void {
  const fail = (reason: string) => new InputError(`Cannot analyse the occupancies: ${reason}`);
  if (volumes.length === 0) throw fail("the table has no volume");
  if (regions.length === 0) throw fail("the table has no region");
  for (const [count, what] of [[volumes.length, "volumes"], [regions.length, "regions"]] as const) {
    if (count > MOST_ITEMS) throw fail(`there are more than ${MOST_ITEMS} ${what} (${count})`);
  }
  const odd = values.findIndex((value) => !(Math.abs(value) <= GREATEST));
  if (odd >= 0) {
    const volume = volumes[Math.floor(odd / regions.length)]!,
      region = regions[odd % regions.length]!;
    const reason = Number.isFinite(values[odd]) ? "is too great a number" : "is no number";
    throw fail(`that of ${told(region.name)} in ${told(volume)} ${reason} (${values[odd]})`);
  }
}
