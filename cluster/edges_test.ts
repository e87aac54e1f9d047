import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix } from "../core/cooccupancy/mod.ts";
import { random, sample } from "../core/random.ts";
import { sortEdges } from "./edges.ts";

Deno.test("edges come out in the order of the sample, however the shards held them", () => {
  const graph = fc.record({
    voxels: fc.integer({ min: 2, max: 40 }),
    seed: fc.nat(),
    parts: fc.integer({ min: 1, max: 4 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(fc.property(graph, ({ voxels, seed, parts: count, share }) => {
    const rng = random(seed);
    const box = 6;
    const flat = sample(box ** 3, voxels, rng).sort();
    const sampled = sample(voxels, voxels - 1, rng);
    const union = {
      box,
      flat,
      totals: new Uint32Array(voxels),
      matrix: bitMatrix(voxels, 1),
      sampled,
    };
    const edges: { u: number; v: number; both: number }[] = [];
    for (let u = 0; u < sampled.length; u++) {
      for (let v = u + 1; v < sampled.length; v++) {
        if (rng.uniform() < share) edges.push({ u, v, both: u * 64 + v });
      }
    }
    const shuffled = Array.from(sample(edges.length, edges.length, rng), (i) => edges[i]!);
    const parts = Array.from({ length: count }, (_, p) => {
      const own = shuffled.filter((_, i) => i % count === p);
      return {
        u: Uint32Array.from(own, ({ u }) => flat[sampled[u]!]!),
        v: Uint32Array.from(own, ({ v }) => flat[sampled[v]!]!),
        both: Uint16Array.from(own, ({ both }) => both),
      };
    });
    const sorted = sortEdges(parts, union);
    assert.deepStrictEqual(parts, []);
    assert.deepStrictEqual(
      Array.from(sorted.u, (u, i) => ({ u, v: sorted.v[i]!, both: sorted.both[i]! })),
      edges,
    );
  }));
});
