/**
 * The report's data, unpacked.
 *
 * @module
 */
import { unpackNumbers } from "../core/report/packed_numbers.ts";
import type { PageData, PageTree, PairColumn } from "../core/report/page_data.ts";
import { type Branches, branchesOf } from "./branches.ts";

/** A pair of blocks. */
export type Pair = Readonly<Record<PairColumn, number>> & {
  readonly a: number;
  readonly b: number;
};

/** What the page shows. */
export interface Report
  extends
    Omit<PageData, "values" | "presence" | "volumeTree" | "blockTree" | "pairs" | "components"> {
  /** N x K, row by row. */
  readonly values: Float64Array;
  readonly presence: Uint8Array;
  readonly volumeTree: Branches;
  readonly blockTree: Branches;
  /** Volumes that are no junk: counts and tests are over these. */
  readonly sound: number;
  /** Of these, the ones in which each block is present: length K. */
  readonly present: readonly number[];
  /** By a, then b. */
  readonly pairs: readonly Pair[];
  /** The pair of two different blocks, in either order. */
  pairOf(a: number, b: number): Pair | undefined;
  readonly components: readonly {
    readonly of: "regions" | "voxels";
    readonly shares: readonly number[];
    readonly scores: Float64Array;
  }[];
  /** Greatest cluster, or 0. */
  readonly clusterCount: number;
}

/** Unpacks the data of the page. */
export function unpackReport(data: PageData): Report {
  const { values, presence, volumeTree, blockTree, pairs, components, ...rest } = data;
  const n = data.volumes.length, k = data.blocks.length;
  const present = unpackNumbers(presence) as Uint8Array;
  const columns = Object.entries(pairs).map(([name, packed]) =>
    [name, unpackNumbers(packed)] as const
  );
  const junk = new Set(data.junk.map(({ volume }) => volume));
  const unpacked: Pair[] = [];
  for (let a = 0; a < k; a++) {
    for (let b = a + 1; b < k; b++) {
      const at = unpacked.length;
      const values = Object.fromEntries(columns.map(([name, column]) => [name, column[at] ?? NaN]));
      unpacked.push({ a, b, ...values as Record<PairColumn, number> });
    }
  }
  return {
    ...rest,
    values: unpackNumbers(values) as Float64Array,
    presence: present,
    volumeTree: unpackTree(volumeTree, n),
    blockTree: unpackTree(blockTree, k),
    sound: n - junk.size,
    present: data.blocks.map((_, block) =>
      data.volumes.filter((_, volume) => !junk.has(volume) && present[volume * k + block] === 1)
        .length
    ),
    pairs: unpacked,
    pairOf: (a, b) => {
      const low = Math.min(a, b), high = Math.max(a, b);
      return low === high ? undefined : unpacked[low * k - low * (low + 1) / 2 + high - low - 1];
    },
    components: components.map(({ of, shares, scores }) => ({
      of,
      shares,
      scores: unpackNumbers(scores) as Float64Array,
    })),
    clusterCount: data.clusters.reduce((most, cluster) => Math.max(most, cluster), 0),
  };
}

function unpackTree({ order, a, b, height }: PageTree, leaves: number): Branches {
  return branchesOf(order, a, b, unpackNumbers(height) as Float64Array, leaves);
}
