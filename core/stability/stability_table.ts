/**
 * How far blocks can be relied on, as tables.
 *
 * @module
 */
import { Table, tableToIPC, Utf8, Vector, vectorFromArray } from "apache-arrow";
import { quantileOf } from "../quantile.ts";
import type { BlockStability, Stability } from "./stability.ts";

/** One line of the table of stability. */
export interface StabilityRow {
  /** What was drawn anew in the replicates. */
  readonly over: string;
  /** Number of the block. */
  readonly block: number;
  readonly voxels: number;
  /** Shares of the replicates, see `Fates`. */
  readonly back: number;
  readonly merged: number;
  readonly split: number;
  readonly lost: number;
  /** Of the block and its match: mean and quantiles over the replicates. */
  readonly jaccard_mean: number;
  readonly jaccard_p05: number;
  readonly jaccard_p25: number;
  readonly jaccard_p50: number;
  readonly jaccard_p75: number;
  readonly jaccard_p95: number;
  /** Mean over the block's voxels. */
  readonly confidence: number;
  /** Voxels of a confidence of at least 0.9. */
  readonly core_voxels: number;
}

/** What a block is called, and its size. */
export interface NamedBlock {
  readonly id: number;
  readonly voxels: number;
}

/** The line of a block. */
export function stabilityRow(
  over: string,
  { id, voxels }: NamedBlock,
  { fates, jaccards, confidence, core }: BlockStability,
): StabilityRow {
  const mean = jaccards.reduce((sum, jaccard) => sum + jaccard, 0) / jaccards.length;
  const { back, merged, split, lost } = fates;
  return {
    over,
    block: id,
    voxels,
    back,
    merged,
    split,
    lost,
    jaccard_mean: mean,
    jaccard_p05: quantileOf(jaccards, 0.05),
    jaccard_p25: quantileOf(jaccards, 0.25),
    jaccard_p50: quantileOf(jaccards, 0.5),
    jaccard_p75: quantileOf(jaccards, 0.75),
    jaccard_p95: quantileOf(jaccards, 0.95),
    confidence,
    core_voxels: core,
  };
}

/** The columns in their order: digits after the point in the CSV, or undefined where they are words. */
const COLUMNS: readonly (readonly [keyof StabilityRow, number | undefined])[] = [
  ["over", undefined],
  ["block", 0],
  ["voxels", 0],
  ["back", 4],
  ["merged", 4],
  ["split", 4],
  ["lost", 4],
  ["jaccard_mean", 4],
  ["jaccard_p05", 4],
  ["jaccard_p25", 4],
  ["jaccard_p50", 4],
  ["jaccard_p75", 4],
  ["jaccard_p95", 4],
  ["confidence", 4],
  ["core_voxels", 0],
];

/** The table as CSV, with a header line. */
export function formatStabilityCsv(rows: readonly StabilityRow[]): string {
  const lines = rows.map((row) =>
    COLUMNS.map(([name, digits]) => {
      const value = row[name];
      return typeof value === "number" ? value.toFixed(digits) : value;
    })
  );
  return [COLUMNS.map(([name]) => name), ...lines].map((cells) => `${cells.join(",")}\n`).join("");
}

/**
 * The table as an Arrow IPC file: `over` is text, `block`, `voxels` and `core_voxels` are 32-bit integers, the
 * others doubles; names as in the CSV.
 */
export function stabilityArrow(rows: readonly StabilityRow[]): Uint8Array<ArrayBuffer> {
  const columns = COLUMNS.map(([name, digits]): [string, Vector] => {
    const values = rows.map((row) => row[name]);
    if (digits === undefined) return [name, vectorFromArray(values, new Utf8())];
    const numbers = values.map(Number);
    return [
      name,
      digits === 0
        ? vectorFromArray(Int32Array.from(numbers))
        : vectorFromArray(Float64Array.from(numbers)),
    ];
  });
  // A copy of its own: the library may hand out a view of a larger buffer.
  return Uint8Array.from(tableToIPC(new Table(Object.fromEntries(columns)), "file"));
}

/** The replicates as CSV: what each drew anew, its number, blocks, voxels in blocks, and blocks that came back. */
export function formatReplicatesCsv(
  sources: readonly { readonly over: string; readonly stability: Stability }[],
): string {
  const lines = sources.flatMap(({ over, stability }) =>
    stability.replicates.map(({ blocks, covered, back }, i) => [over, i, blocks, covered, back])
  );
  return [["over", "replicate", "blocks", "voxels_in_blocks", "back"], ...lines]
    .map((cells) => `${cells.join(",")}\n`).join("");
}
