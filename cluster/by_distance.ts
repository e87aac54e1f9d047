/**
 * The part of rule siren that looks at the distance of two voxels.
 *
 * @module
 */
import { distance, position } from "../core/blocks/block.ts";
import { distanceFactor } from "../core/null_model/siren_rule.ts";
import type { SketchWork } from "./work.ts";

/**
 * Whether two voxels whose count reaches the least one of their pair of totals are linked at their
 * distance too.
 *
 * @param pair Place of their pair of classes in the cutoffs.
 * @param u Flat index of the one voxel.
 * @param v Flat index of the other.
 * @param both Volumes in which both are occupied.
 */
export function isLinkedAtDistance(
  { positive, box, apix }: NonNullable<SketchWork["byDistance"]>,
  pair: number,
  u: number,
  v: number,
  both: number,
): boolean {
  const d = distance(position(u, box), position(v, box), apix);
  return both > distanceFactor(d) * positive[pair]!;
}
