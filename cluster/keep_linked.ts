/**
 * Links of a stricter rule, out of those of a looser one.
 *
 * @module
 */
import { isLinkedAtDistance } from "./by_distance.ts";
import type { Edges } from "./edges.ts";
import type { LinkRule } from "./link_rule.ts";
import type { SortedSample } from "./sorted_sample.ts";
import type { SampledUnion } from "./volumes_file.ts";

/**
 * Keeps the pairs that a rule links.
 *
 * @param edges All pairs that it links are among them, as places in the sample.
 * @param sorted The sample that the rule's classes are of.
 */
export function keepLinked(
  edges: Edges,
  { flat, sampled }: Pick<SampledUnion, "flat" | "sampled">,
  { order, classes, totals }: SortedSample,
  { least, byDistance }: Pick<LinkRule, "least" | "byDistance">,
): Edges {
  const classOf = new Uint16Array(sampled.length);
  order.forEach((place, i) => classOf[place] = classes[i]!);
  const { u, v, both } = edges;
  const kept = new Uint32Array(u.length);
  let count = 0;
  for (let i = 0; i < u.length; i++) {
    const pair = classOf[u[i]!]! * totals.length + classOf[v[i]!]!;
    if (both[i]! < least[pair]!) continue;
    if (byDistance !== undefined) {
      const [one, other] = [flat[sampled[u[i]!]!]!, flat[sampled[v[i]!]!]!];
      if (!isLinkedAtDistance(byDistance, pair, one, other, both[i]!)) continue;
    }
    kept[count++] = i;
  }
  const places = kept.subarray(0, count);
  return {
    u: Uint32Array.from(places, (i) => u[i]!),
    v: Uint32Array.from(places, (i) => v[i]!),
    both: Uint16Array.from(places, (i) => both[i]!),
  };
}
