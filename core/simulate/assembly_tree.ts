/**
 * Assembly trees: which block needs which other block, and how often it is there once that is.
 *
 * @module
 */
import { z } from "zod";
import { UsageError } from "../errors.ts";
import type { Random } from "../random.ts";

/** How an assembly tree is drawn: parents at random, each block on the one before, or all on the core. */
export const treeKinds = ["random", "chain", "star"] as const;

/** One of {@linkcode treeKinds}. */
export type TreeKind = (typeof treeKinds)[number];

/** An assembly tree as it is written in a file: `{"parents": [...], "probabilities": [...]}`, with `exclusive` if any. */
export const assemblyTreeSchema = z.strictObject({
  parents: z.array(z.int().min(-1)).min(1),
  probabilities: z.array(z.number().min(0).max(1)),
  exclusive: z.array(z.tuple([z.int().min(0), z.int().min(0)])).optional(),
});

/** The order in which blocks come to a particle. */
export interface AssemblyTree {
  /** The block that each block needs; -1 where it needs the core alone. */
  readonly parents: readonly number[];
  /** Probability, 0 to 1, that a block is present in a volume where its parent is. */
  readonly probabilities: readonly number[];
  /**
   * Pairs of blocks that are never together, and so neither is what needs them. The two need the same; a
   * block is in one pair at most, and the probabilities of a pair sum to at most 1.
   */
  readonly exclusive?: readonly (readonly [number, number])[] | undefined;
}

/**
 * Refuses lists that are no tree of the given number of blocks.
 *
 * @throws {UsageError} Where a list has another length, a parent or probability is out of range, or
 *   blocks need each other in a circle, or exclude each other in a way that cannot be drawn.
 */
export function checkTree(
  { parents, probabilities, exclusive = [] }: AssemblyTree,
  blocks: number,
): void {
  const fail = (reason: string, remedy: string): never => {
    throw new UsageError(`Cannot use the assembly tree: ${reason}`, remedy);
  };
  if (parents.length !== blocks || probabilities.length !== blocks) {
    fail(
      `it has ${parents.length} parents and ${probabilities.length} probabilities for ${blocks} blocks`,
      "Give one parent and one probability for each block.",
    );
  }
  parents.forEach((parent, block) => {
    if (!Number.isInteger(parent) || parent < -1 || parent >= parents.length) {
      fail(
        `block ${block} has a parent that is no block (${parent})`,
        `Blocks are numbered from 0 to ${parents.length - 1}; -1 stands for the core.`,
      );
    }
    const probability = probabilities[block]!;
    if (!(probability >= 0 && probability <= 1)) {
      fail(
        `block ${block} has a probability outside 0 to 1 (${probability})`,
        "Give the probability that the block is present where its parent is.",
      );
    }
  });
  parents.forEach((parent, block) => {
    for (let steps = 0; parent !== -1; parent = parents[parent]!) {
      if (parent === block || ++steps > blocks) {
        fail("its blocks need each other in a circle", "Give one of them the parent -1.");
      }
    }
  });
  const paired = new Set<number>();
  for (const [a, b] of exclusive) {
    const reason = a === b || parents[a] === undefined || parents[a] !== parents[b]
      ? "are not two of one parent"
      : paired.has(a) || paired.has(b)
      ? "have one that excludes another, too"
      // Rounding may make it more than 1.
      : probabilities[a]! + probabilities[b]! > 1 + 1e-9
      ? `are there too often (${probabilities[a]} and ${probabilities[b]})`
      : undefined;
    if (reason !== undefined) {
      fail(
        `the blocks of the exclusive pair ${a}, ${b} ${reason}`,
        "Each pair is two blocks with the same parent, of no other pair, with probabilities of at most 1 " +
          "in sum.",
      );
    }
    paired.add(a).add(b);
  }
}

/** Two blocks that exclude each other are there in this share of their parent's volumes at most. */
const MOST_EITHER = 0.95;

/**
 * Draws pairs of blocks that are to exclude each other among those of one parent. Where two would be there
 * more often than one of them can be, both become rarer: their probabilities then sum to 0.95.
 *
 * @param pairs Number of pairs.
 * @throws {UsageError} The tree has not as many blocks that share a parent.
 */
export function drawExclusive(tree: AssemblyTree, pairs: number, rng: Random): AssemblyTree {
  if (pairs === 0) return tree;
  const probabilities = [...tree.probabilities];
  const exclusive: [number, number][] = [];
  while (exclusive.length < pairs) {
    const paired = new Set(exclusive.flat());
    const possible = tree.parents.flatMap((parent, b) =>
      tree.parents.flatMap((other, a): [number, number][] =>
        a < b && other === parent && !paired.has(a) && !paired.has(b) ? [[a, b]] : []
      )
    );
    const drawn = possible[rng.integer(Math.max(1, possible.length))];
    if (drawn === undefined) {
      throw new UsageError(
        `Cannot draw ${pairs} exclusive ${
          pairs === 1 ? "pair" : "pairs"
        } of blocks: the assembly tree has too few blocks that need the same (${exclusive.length} ` +
          `${exclusive.length === 1 ? "pair" : "pairs"})`,
        "Ask for fewer, for more blocks, or for --tree star.",
      );
    }
    const either = drawn.reduce((sum, block) => sum + probabilities[block]!, 0);
    const scale = Math.min(1, MOST_EITHER / either);
    for (const block of drawn) probabilities[block]! *= scale;
    exclusive.push(drawn);
  }
  exclusive.sort((p, q) => p[0] - q[0]);
  return { parents: tree.parents, probabilities, exclusive };
}

/**
 * Draws an assembly tree. The blocks' overall frequencies are drawn first, one from each of K equal
 * slices of `frequencies` and falling from block to block, so that neither a deep tree nor an unlucky
 * draw makes a block that is never there. A block's probability given its parent is the ratio of the
 * two frequencies, at most 0.95.
 *
 * @param blocks Number of blocks, K, at least 1.
 * @param frequencies Least and greatest share of the volumes that hold a block, within 0 to 1.
 * @example
 * ```ts
 * import { random } from "../random.ts";
 * import { drawTree } from "./assembly_tree.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(drawTree("chain", 3, random(1), [0.1, 0.9]).parents, [-1, 0, 1]);
 * ```
 */
export function drawTree(
  kind: TreeKind,
  blocks: number,
  rng: Random,
  frequencies: readonly [number, number],
): AssemblyTree {
  const [least, greatest] = frequencies;
  const drawn: number[] = [];
  const parents: number[] = [];
  const probabilities: number[] = [];
  for (let block = 0; block < blocks; block++) {
    const wanted = greatest - (greatest - least) * (block + rng.uniform()) / blocks;
    // Drawn for every kind, so that the frequencies of one seed are the same whatever the kind.
    const anyEarlier = rng.integer(block + 1) - 1;
    const parent = kind === "star" ? -1 : kind === "chain" ? block - 1 : anyEarlier;
    const probability = Math.min(0.95, wanted / (parent === -1 ? 1 : drawn[parent]!));
    parents.push(parent);
    probabilities.push(probability);
    drawn.push(probability * (parent === -1 ? 1 : drawn[parent]!));
  }
  return { parents, probabilities };
}

/**
 * Draws which blocks one volume holds. A block is present only where its parent is, and of two that exclude
 * each other at most one is.
 *
 * @param tree One that {@linkcode checkTree} accepts.
 * @returns 1 for each block that is present, else 0: length K.
 */
export function drawPresence(
  { parents, probabilities, exclusive = [] }: AssemblyTree,
  rng: Random,
): Uint8Array {
  const drawn = probabilities.map(() => rng.uniform());
  const willing = probabilities.map((probability, block) => drawn[block]! < probability);
  for (const [a, b] of exclusive) {
    // More often where the first is missing, so that it is there as often as it shall be.
    willing[b] = !willing[a] && drawn[b]! < probabilities[b]! / (1 - probabilities[a]!);
  }
  return Uint8Array.from(willing, (_, block) => {
    for (let b = block; b !== -1; b = parents[b]!) if (!willing[b]) return 0;
    return 1;
  });
}
