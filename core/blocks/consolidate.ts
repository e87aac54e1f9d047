/**
 * Merging blocks that overlap: an expansion may grow two seeds into what is one and the same block.
 *
 * @module
 */
import { z } from "zod";
import type { Block } from "./block.ts";
import { jaccardIndex, overlapCoefficient, overlaps } from "./overlaps.ts";

/** Options of {@linkcode consolidate}. */
export const ConsolidateOptionsSchema = z.strictObject({
  /** Blocks whose Jaccard index is above this are merged. */
  jaccard: z.number().gte(0).lt(1).default(0.4),
  /** So are those whose overlap coefficient is above this: a small block within a large one. None unless given. */
  containment: z.number().gte(0).lt(1).optional(),
  /** How merged blocks are made of overlapping pairs. */
  method: z.enum(["components", "siren"]).default("components"),
});

/** See {@linkcode ConsolidateOptionsSchema}. */
export type ConsolidateOptions = z.infer<typeof ConsolidateOptionsSchema>;
/** The options before defaults are filled in. */
export type ConsolidateOptionsInput = z.input<typeof ConsolidateOptionsSchema>;

/** A block after consolidation. */
export interface ConsolidatedBlock extends Block {
  /** Ids of the blocks that it is made of, ascending; one where nothing was merged. */
  readonly parts: readonly number[];
  /**
   * Least Jaccard index among the pairs of its parts: low where parts are joined through others, in a chain.
   * 1 where there is but one.
   */
  readonly leastJaccard: number;
}

/** What {@linkcode consolidate} makes. */
export interface Consolidation {
  /** By id. */
  readonly blocks: readonly ConsolidatedBlock[];
  /** How often blocks were merged until none overlapped enough; 0 where none did. */
  readonly rounds: number;
}

/**
 * Merges blocks that overlap.
 *
 * Two blocks overlap enough where their Jaccard index is above `jaccard`, or their overlap coefficient above
 * `containment`. Method `components` merges all blocks that are joined by such pairs, directly or through
 * others, and does so again with the merged blocks until no two overlap enough; the outcome does not hang on
 * the order of the blocks, and every block is in exactly one merged block. Method `siren` does what the older
 * tool does: each block is united with all that overlap with it enough, once, and unions of the same voxels
 * are kept once; a block can then be part of several, which may still overlap.
 *
 * @param blocks Blocks of any kind of index (rows of a union, flat indices), ascending; no id twice.
 * @returns Merged blocks have the least id of their parts (`components`), or of the block that was united with
 *   its neighbours first (`siren`).
 * @throws {ZodError} An option is out of its range.
 * @example
 * ```ts
 * import { consolidate } from "./consolidate.ts";
 * import assert from "node:assert";
 *
 * const { blocks } = consolidate([
 *   { id: 0, members: Uint32Array.of(1, 2, 3) },
 *   { id: 4, members: Uint32Array.of(8, 9) },
 *   { id: 7, members: Uint32Array.of(2, 3, 5) },
 * ], { jaccard: 0.4 });
 * assert.deepStrictEqual(blocks.map(({ id, parts }) => [id, parts]), [[0, [0, 7]], [4, [4]]]);
 * assert.deepStrictEqual([...blocks[0]!.members], [1, 2, 3, 5]);
 * ```
 */
export function consolidate(
  blocks: readonly Block[],
  options: ConsolidateOptionsInput = {},
): Consolidation {
  const parsed = ConsolidateOptionsSchema.parse(options);
  const sorted = blocks.toSorted((a, b) => a.id - b.id);
  const repeated = sorted.find(({ id }, i) => i > 0 && sorted[i - 1]!.id === id);
  if (repeated !== undefined) {
    throw new RangeError(`Cannot consolidate blocks: two have one number (${repeated.id})`);
  }
  const { merged, rounds } = parsed.method === "siren"
    ? unite(sorted, parsed)
    : mergeComponents(sorted, parsed);
  const { jaccard } = similarities(sorted);
  const placeOf = new Map(sorted.map(({ id }, place) => [id, place]));
  const withLeast = merged.map(({ id, members, parts }): ConsolidatedBlock => {
    const places = parts.map((part) => placeOf.get(part)!);
    let leastJaccard = 1;
    for (const [i, a] of places.entries()) {
      for (const b of places.slice(i + 1)) leastJaccard = Math.min(leastJaccard, jaccard(a, b));
    }
    return { id, members, parts, leastJaccard };
  });
  return { blocks: withLeast, rounds };
}

type Merged = Pick<ConsolidatedBlock, "id" | "members" | "parts">;

/** The Jaccard index and the overlap coefficient of any two blocks, by their places. */
function similarities(blocks: readonly Block[]) {
  const members = blocks.map((block) => block.members);
  const { both } = overlaps(members, members);
  const of = (measure: typeof jaccardIndex) => (a: number, b: number) =>
    measure(both[a * blocks.length + b]!, members[a]!.length, members[b]!.length);
  return { jaccard: of(jaccardIndex), containment: of(overlapCoefficient) };
}

/** The pairs of places that overlap enough, by the first, then by the second. */
function overlappingPairs(
  blocks: readonly Block[],
  options: ConsolidateOptions,
): [number, number][] {
  const { jaccard, containment } = similarities(blocks);
  const contained = options.containment ?? Infinity;
  return blocks.flatMap((_, a) =>
    Array.from({ length: blocks.length - a - 1 }, (_, i): [number, number] => [a, a + 1 + i])
      .filter(([a, b]) => jaccard(a, b) > options.jaccard || containment(a, b) > contained)
  );
}

function mergeComponents(blocks: readonly Block[], options: ConsolidateOptions) {
  let merged: Merged[] = blocks.map(({ id, members }) => ({ id, members, parts: [id] }));
  for (let rounds = 0;; rounds++) {
    const pairs = overlappingPairs(merged, options);
    if (pairs.length === 0) return { merged, rounds };
    // The least place of each component: that of a pair's later block is lowered until nothing changes.
    const root = merged.map((_, place) => place);
    const find = (place: number): number => {
      const up = root[place]!;
      return up === place ? place : (root[place] = find(up));
    };
    for (const [a, b] of pairs) {
      const x = find(a), y = find(b);
      root[Math.max(x, y)] = Math.min(x, y);
    }
    const components = Map.groupBy(merged.keys(), find);
    merged = Array.from(components.values(), (places) => union(places.map((p) => merged[p]!)));
  }
}

/** Each block with all that overlap with it enough; the same union counts once. */
function unite(blocks: readonly Block[], options: ConsolidateOptions) {
  const pairs = overlappingPairs(blocks, options);
  const merged: Merged[] = [];
  blocks.forEach((block, place) => {
    const neighbours = pairs.filter((pair) => pair.includes(place)).flat();
    const group = [...new Set([place, ...neighbours])].sort((a, b) => a - b)
      .map((p) => ({ ...blocks[p]!, parts: [blocks[p]!.id] }));
    const united = { ...union(group), id: block.id };
    const isThere = merged.some(({ members }) => sameNumbers(members, united.members));
    if (!isThere) merged.push(united);
  });
  return { merged, rounds: pairs.length > 0 ? 1 : 0 };
}

/** The union of blocks, with the least id. */
function union(blocks: readonly Merged[]): Merged {
  if (blocks.length === 1) return blocks[0]!;
  const all = new Set<number>();
  for (const { members } of blocks) for (const member of members) all.add(member);
  return {
    id: Math.min(...blocks.map(({ id }) => id)),
    members: Uint32Array.from(all).sort(),
    parts: blocks.flatMap(({ parts }) => parts).sort((a, b) => a - b),
  };
}

function sameNumbers(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/**
 * Which block became which, as CSV: for each part its `block`, the consolidated block that it went `into`,
 * how many `voxels` it had and how many that block has, the Jaccard index of the two, and how many `parts`
 * the consolidated block has. Rows by consolidated block, then by part.
 *
 * @param before The blocks as they were.
 */
export function formatConsolidatedCsv(
  before: readonly Block[],
  { blocks }: Consolidation,
): string {
  const sizes = new Map(before.map(({ id, members }) => [id, members.length]));
  const rows = blocks.flatMap(({ id, members, parts }) =>
    parts.map((part) => {
      const voxels = sizes.get(part)!;
      return [
        part,
        id,
        voxels,
        members.length,
        jaccardIndex(voxels, voxels, members.length).toFixed(5),
        parts.length,
      ];
    })
  );
  const header = ["block", "into", "voxels", "voxels_into", "jaccard", "parts"];
  return [header, ...rows].map((cells) => cells.join(",") + "\n").join("");
}
