import assert from "node:assert";
import fc from "fast-check";
import { UsageError } from "../errors.ts";
import { random } from "../random.ts";
import { louvain, LOUVAIN_MAX_EDGES } from "./louvain.ts";

/** `groups` cliques of `size` nodes, each joined to the next by one edge: the ring of cliques. */
function ringOfCliques(groups: number, size: number) {
  const u: number[] = [], v: number[] = [];
  for (let g = 0; g < groups; g++) {
    for (let a = 0; a < size; a++) {
      for (let b = a + 1; b < size; b++) {
        u.push(g * size + a);
        v.push(g * size + b);
      }
    }
    u.push(g * size + size - 1);
    v.push(((g + 1) % groups) * size);
  }
  return { u: Uint32Array.from(u), v: Uint32Array.from(v) };
}

Deno.test("louvain finds the cliques of a ring of cliques, whatever the seed", () => {
  const { u, v } = ringOfCliques(5, 12);
  for (let seed = 0; seed < 10; seed++) {
    const communities = louvain(u, v, random(seed));
    assert.deepStrictEqual(
      communities.map((c) => [...c]).sort((a, b) => a[0]! - b[0]!),
      Array.from({ length: 5 }, (_, g) => Array.from({ length: 12 }, (_, i) => 12 * g + i)),
    );
  }
});

Deno.test("louvain: the same seed gives the same communities, which part the nodes with edges", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 30 }), (seed, nodes) => {
      const rng = random(seed);
      const u: number[] = [], v: number[] = [];
      for (let a = 0; a < nodes; a++) {
        for (let b = a + 1; b < nodes; b++) {
          if (rng.uniform() < 0.2) {
            u.push(a);
            v.push(b);
          }
        }
      }
      const run = () => louvain(Uint32Array.from(u), Uint32Array.from(v), random(seed, 1));
      const communities = run();
      assert.deepStrictEqual(run(), communities);
      const members = communities.flatMap((c) => [...c]).sort((a, b) => a - b);
      assert.deepStrictEqual(members, [...new Set([...u, ...v])].sort((a, b) => a - b));
    }),
    { numRuns: 50 },
  );
});

Deno.test("louvain: weights decide", () => {
  // A square: heavy edges 0-1 and 2-3 or heavy edges 1-2 and 0-3.
  const u = Uint32Array.of(0, 1, 2, 0), v = Uint32Array.of(1, 2, 3, 3);
  const found = (weights: number[]) => louvain(u, v, random(1), { weights }).map((c) => [...c]);
  assert.deepStrictEqual(found([9, 1, 9, 1]), [[0, 1], [2, 3]]);
  assert.deepStrictEqual(found([1, 9, 1, 9]), [[0, 3], [1, 2]]);
});

Deno.test("louvain: a higher resolution gives more communities", () => {
  const { u, v } = ringOfCliques(30, 3);
  const count = (resolution: number) => louvain(u, v, random(1), { resolution }).length;
  assert.ok(count(0.2) < count(1) && count(1) < count(4));
});

Deno.test("louvain: no edges, no communities", () => {
  assert.deepStrictEqual(louvain(new Uint32Array(), new Uint32Array(), random(1)), []);
});

for (
  const [name, u, v, options, message] of [
    [
      "different lengths",
      [0, 1],
      [1],
      {},
      "Cannot find communities: ends and weights of the edges differ in number (2, 1)",
    ],
    [
      "too few weights",
      [0],
      [1],
      { weights: [] },
      "Cannot find communities: ends and weights of the edges differ in number (1, 1, 0)",
    ],
    ["a self loop", [4], [4], {}, "Cannot find communities: edge 0 joins node 4 with itself"],
    [
      "a repeated edge",
      [4, 5],
      [5, 4],
      {},
      "Cannot find communities: the edge between 5 and 4 is given more than once",
    ],
    [
      "a weight of zero",
      [4],
      [5],
      { weights: [0] },
      "Cannot find communities: the weight of edge 0 is not a positive number (0)",
    ],
    [
      "a resolution of NaN",
      [4],
      [5],
      { resolution: NaN },
      "Cannot find communities: the resolution is not a positive number (NaN)",
    ],
  ] as const
) {
  Deno.test(`louvain refuses ${name}`, () => {
    assert.throws(
      () => louvain(Uint32Array.from(u), Uint32Array.from(v), random(1), options),
      (error) => error instanceof UsageError && error.message === message,
    );
  });
}

Deno.test("louvain refuses more edges than it can hold, and says what to do", () => {
  const ends = new Uint32Array(LOUVAIN_MAX_EDGES + 1);
  assert.throws(
    () => louvain(ends, ends, random(1)),
    (error) =>
      error instanceof UsageError &&
      error.message ===
        "Cannot find communities by Louvain's method: too many edges (5000001, at most 5000000)" &&
      error.remedy ===
        "Use label propagation, or sample fewer voxels with a larger --subsample.",
  );
});
