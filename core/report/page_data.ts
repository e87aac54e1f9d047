/**
 * What the report's page is told: everything it shows but the 3-D scene, as JSON.
 *
 * @module
 */
import type { Analysis, JunkVolume, PairStatistics, Tree } from "../analysis/analysis.ts";
import type { BlockRow } from "./block_table.ts";
import type { PackedNumbers } from "./packed_numbers.ts";
import { packNumbers } from "./packed_numbers.ts";

/** A block, as the page shows it. */
export interface PageBlock extends BlockRow {
  /** Name in tables: `b7`. */
  readonly name: string;
  /** "#rrggbb". */
  readonly colour: string;
}

/** A volume, as the page shows it. */
export interface PageVolume {
  readonly file: string;
  /** Bytes of the file. */
  readonly bytes: number;
  readonly sha256?: string;
  readonly threshold: number;
  /** Voxels of the union that it occupies; absent where the volume was left out. */
  readonly occupied?: number;
}

/** Something that the reader should know of first. */
export interface PageWarning {
  readonly text: string;
  /** What to do about it, or how to read the report in its light. */
  readonly remedy?: string;
}

/** A tree, its merges column by column. */
export interface PageTree {
  readonly order: readonly number[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly height: PackedNumbers;
}

/** The report's data, before they are packed. */
export interface ReportData {
  /** Name of the run folder, without the folders that it is in. */
  readonly name: string;
  readonly siren: string;
  readonly deno: string;
  readonly warnings: readonly PageWarning[];
  readonly grid: { readonly box: number; readonly apix: number };
  /** Voxels of the union, and of those the ones that are in no block. */
  readonly union: number;
  readonly unassigned: number;
  readonly blocks: readonly PageBlock[];
  /** The kept volumes, in the table's order: length N. */
  readonly volumes: readonly PageVolume[];
  /** Volumes that a filter left out, or that are empty. */
  readonly leftOut: readonly PageVolume[];
  /** Its regions are the blocks, in the same order. */
  readonly analysis: Analysis;
  /** Everything that was decided about the run, in groups. */
  readonly options: readonly {
    readonly title: string;
    readonly rows: readonly (readonly [name: string, value: string])[];
  }[];
  /** SHA-256 of files that went in or came out, by path in the run folder. */
  readonly hashes: readonly (readonly [path: string, sha256: string])[];
}

/** The same as JSON in the page. */
export interface PageData extends Omit<ReportData, "analysis"> {
  readonly format: 1;
  /** Shares, N x K, row by row. */
  readonly values: PackedNumbers;
  readonly cutoffs: readonly number[];
  readonly presence: PackedNumbers;
  readonly linkage: Analysis["linkage"];
  readonly volumeTree: PageTree;
  readonly blockTree: PageTree;
  readonly clusters: readonly number[];
  /** Column by column; which regions they are of follows from their order. */
  readonly pairs: Readonly<Record<PairColumn, PackedNumbers>>;
  readonly dependencies: Analysis["dependencies"];
  readonly components: readonly {
    readonly of: "regions" | "voxels";
    readonly shares: readonly number[];
    readonly scores: PackedNumbers;
  }[];
  readonly junk: readonly JunkVolume[];
}

/** Columns of pairs that the page is given. */
export type PairColumn = Exclude<keyof PairStatistics, "a" | "b">;

/** Packs the report's data for the page. */
export function pageData({ analysis, ...rest }: ReportData): PageData {
  const { table, cutoffs, presence, linkage, clusters, pairs, dependencies, junk } = analysis;
  const integers = (of: PairColumn) =>
    packNumbers(Uint32Array.from(pairs, (pair) => Number(pair[of])));
  const numbers = (of: PairColumn) =>
    packNumbers(Float64Array.from(pairs, (pair) => Number(pair[of])));
  return {
    format: 1,
    ...rest,
    values: packNumbers(table.values),
    cutoffs,
    presence: packNumbers(presence),
    linkage,
    volumeTree: pageTree(analysis.volumeTree),
    blockTree: pageTree(analysis.regionTree),
    clusters,
    pairs: {
      both: integers("both"),
      onlyA: integers("onlyA"),
      onlyB: integers("onlyB"),
      neither: integers("neither"),
      phi: numbers("phi"),
      expected: numbers("expected"),
      pTogether: numbers("pTogether"),
      pApart: numbers("pApart"),
      qTogether: numbers("qTogether"),
      qApart: numbers("qApart"),
      exclusive: packNumbers(Uint8Array.from(pairs, ({ exclusive }) => Number(exclusive))),
    },
    dependencies,
    components: analysis.components.map(({ of, shares, scores }) => ({
      of,
      shares,
      scores: packNumbers(scores),
    })),
    junk,
  };
}

function pageTree({ order, merges }: Tree): PageTree {
  return {
    order,
    a: merges.map(({ a }) => a),
    b: merges.map(({ b }) => b),
    height: packNumbers(Float64Array.from(merges, ({ height }) => height)),
  };
}
