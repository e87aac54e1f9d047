/**
 * The analysis as comma-separated tables.
 *
 * @module
 */
import { csvCell } from "../volumes/csv_text.ts";
import { MAP_FILE } from "../volumes/map_table.ts";
import { columnOf } from "../occupancy/table.ts";
import type { Analysis, Tree } from "./analysis.ts";
import { volumesWith } from "./assembly_order.ts";

type Cell = string | number | boolean | undefined;

function csv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const text = (cell: Cell) =>
    cell === undefined || Number.isNaN(cell) ? "" : csvCell(String(cell));
  return [columns, ...rows].map((cells) => cells.map(text).join(",") + "\n").join("");
}

/** Ten significant digits. */
const rounded = (value: number) => Number(value.toPrecision(10));

/**
 * Volumes: `map_file`, `cluster`, `place` (in the tree's order, from 0), `occupied_voxels` (of the union;
 * empty where they are not known), the components' scores (`pc1`, ... over regions, `voxel_pc1`, ... over
 * voxels), `junk` (empty, over-full or unlike; empty for others) and `reason`.
 *
 * @param occupied Occupied voxels of each volume, where they are known.
 */
export function formatVolumesCsv(analysis: Analysis, occupied?: ArrayLike<number>): string {
  const { table, clusters, volumeTree, components, junk } = analysis;
  const placeOf = new Uint32Array(clusters.length);
  volumeTree.order.forEach((volume, place) => placeOf[volume] = place);
  const junkOf = new Map(junk.map((one) => [one.volume, one]));
  const titles = components.flatMap(({ of, shares }) =>
    shares.map((_, c) => `${of === "voxels" ? "voxel_" : ""}pc${c + 1}`)
  );
  return csv(
    [MAP_FILE, "cluster", "place", "occupied_voxels", ...titles, "junk", "reason"],
    table.volumes.map((file, volume) => [
      file,
      clusters[volume],
      placeOf[volume],
      occupied?.[volume],
      ...components.flatMap(({ shares, scores }) =>
        shares.map((_, c) => rounded(scores[volume * shares.length + c]!))
      ),
      junkOf.get(volume)?.kind,
      junkOf.get(volume)?.reason,
    ]),
  );
}

/**
 * Regions: `region`, `voxels`, `mean_occupancy`, `cutoff` from which on it is present, `volumes` with it,
 * `place` in the tree's order, from 0.
 */
export function formatRegionsCsv(analysis: Analysis): string {
  const { table, cutoffs, regionTree } = analysis;
  return csv(
    ["region", "voxels", "mean_occupancy", "cutoff", "volumes", "place"],
    table.regions.map(({ name, voxels }, region) => {
      const sum = columnOf(table, region).reduce((sum, value) => sum + value, 0);
      return [
        name,
        voxels,
        rounded(sum / table.volumes.length),
        rounded(cutoffs[region]!),
        volumesWith(analysis, region),
        regionTree.order.indexOf(region),
      ];
    }),
  );
}

/** Pairs of regions; the columns are those of `PairStatistics`. */
export function formatPairsCsv({ table, pairs }: Analysis): string {
  const name = (region: number) => table.regions[region]!.name;
  return csv(
    [
      "region_a",
      "region_b",
      "both",
      "only_a",
      "only_b",
      "neither",
      "phi",
      "expected",
      "p_together",
      "q_together",
      "p_apart",
      "q_apart",
      "exclusive",
    ],
    pairs.map((pair) => [
      name(pair.a),
      name(pair.b),
      pair.both,
      pair.onlyA,
      pair.onlyB,
      pair.neither,
      ...[pair.phi, pair.expected, pair.pTogether, pair.qTogether, pair.pApart, pair.qApart]
        .map(rounded),
      pair.exclusive,
    ]),
  );
}

/** Dependencies; the columns are those of `Dependency`. */
export function formatDependenciesCsv({ table, dependencies }: Analysis): string {
  const name = (region: number) => table.regions[region]!.name;
  return csv(
    ["region", "needs", "volumes", "exceptions", "p", "q", "direct"],
    dependencies.map(({ region, needs, volumes, exceptions, p, q, direct }) => [
      name(region),
      name(needs),
      volumes,
      exceptions,
      rounded(p),
      rounded(q),
      direct,
    ]),
  );
}

/**
 * A tree as SciPy's linkage matrix, a row for each merge: clusters `a` and `b` (leaves are 0 to n - 1, merge m
 * makes n + m), `height` and `size`. `a` is left of `b`, so that SciPy's `dendrogram` draws the leaves in
 * the order of `place`.
 */
export function formatTreeCsv({ merges }: Tree): string {
  return csv(
    ["a", "b", "height", "size"],
    merges.map(({ a, b, height, size }) => [a, b, height, size]),
  );
}
