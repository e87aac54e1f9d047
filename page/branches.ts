/**
 * The branches of a tree, as they are drawn and picked.
 *
 * @module
 */

/** A cluster of a tree: a leaf, or what a merge made. */
export interface Branch {
  readonly height: number;
  /** Places first to last - 1 in the leaf order. */
  readonly first: number;
  readonly last: number;
  /** Where it hangs, in places of the leaf order: 0.5 is the middle of the first leaf. */
  readonly middle: number;
  /** The two that it was made of, by number; a leaf has none. */
  readonly children: readonly [number, number] | undefined;
}

/** A tree whose branches know where they are. */
export interface Branches {
  /** Leaves from left to right. */
  readonly order: readonly number[];
  /** Place of each leaf in the order. */
  readonly placeOf: readonly number[];
  /** Leaves, then merges; the last is the root. */
  readonly branches: readonly Branch[];
  /** Height of the root; 0 where there is no merge. */
  readonly height: number;
}

/** Works out where the branches of a tree are. */
export function branchesOf(
  order: readonly number[],
  a: readonly number[],
  b: readonly number[],
  heights: ArrayLike<number>,
  leaves: number,
): Branches {
  const placeOf: number[] = new Array(leaves).fill(0);
  order.forEach((leaf, place) => placeOf[leaf] = place);
  const branches: Branch[] = placeOf.map((place) => ({
    height: 0,
    first: place,
    last: place + 1,
    middle: place + 0.5,
    children: undefined,
  }));
  a.forEach((left, merge) => {
    const right = b[merge]!;
    const one = branches[left]!, other = branches[right]!;
    branches.push({
      height: heights[merge]!,
      first: Math.min(one.first, other.first),
      last: Math.max(one.last, other.last),
      middle: (one.middle + other.middle) / 2,
      children: [left, right],
    });
  });
  return { order, placeOf, branches, height: heights[a.length - 1] ?? 0 };
}

/** Leaves of a branch, from left to right. */
export function leavesOf({ order, branches }: Branches, branch: number): readonly number[] {
  const { first, last } = branches[branch]!;
  return order.slice(first, last);
}

/**
 * The branch that is drawn at a place and height: the smallest over the place that reaches as high.
 *
 * @returns Undefined above the root, and beside the leaves.
 */
export function branchAt(tree: Branches, place: number, height: number): number | undefined {
  const { branches } = tree;
  let at = branches.length - 1;
  if (at < tree.order.length || height > branches[at]!.height) return undefined;
  if (place < 0 || place >= tree.order.length) return undefined;
  for (;;) {
    const next = branches[at]!.children?.find((child) => {
      const { first, last, children, height: reach } = branches[child]!;
      return children !== undefined && place >= first && place < last && reach >= height;
    });
    if (next === undefined) return at;
    at = next;
  }
}

/** The smallest branch that holds all of some leaves and one more. */
export function growBranch(tree: Branches, leaves: Iterable<number>): number | undefined {
  const places = Array.from(leaves, (leaf) => tree.placeOf[leaf]!);
  const first = Math.min(...places), last = Math.max(...places) + 1;
  // Merges come before those that they are part of.
  const found = tree.branches.findIndex((branch) =>
    branch.children !== undefined && branch.first <= first && branch.last >= last &&
    branch.last - branch.first > places.length
  );
  return found === -1 ? undefined : found;
}
