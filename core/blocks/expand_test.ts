import assert from "node:assert";
import fc from "fast-check";
import {
  bitMatrix,
  both,
  NEVER,
  referenceEngine,
  takeVoxels,
  totals,
  wasmEngine,
} from "../cooccupancy/mod.ts";
import { leastCount, totalClasses } from "../null_model/mod.ts";
import { random, sample } from "../random.ts";
import { blockColumns, expandByLinks, type LeastOfRow } from "./expand.ts";

Deno.test("blocks' voxels are columns, block after block, each with its place among the block's classes", () => {
  assert.deepStrictEqual(
    blockColumns([Uint16Array.of(7, 300, 7), Uint16Array.of(), Uint16Array.of(300)]),
    {
      starts: Uint32Array.of(0, 3, 3, 4),
      classesOfBlock: [Uint16Array.of(7, 300), Uint16Array.of(), Uint16Array.of(300)],
      places: Uint16Array.of(0, 1, 0, 0),
    },
  );
});

/** A small union with blocks, cutoffs for every pair of totals, and a factor for each voxel and block. */
const unions = fc.record({
  voxels: fc.integer({ min: 1, max: 50 }),
  volumes: fc.integer({ min: 1, max: 80 }),
  blocks: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
}).map(({ voxels, volumes, blocks, seed }) => {
  const rng = random(seed);
  const matrix = bitMatrix(voxels, volumes);
  // Voxels follow one of three patterns more or less closely, so that some counts are high.
  const patterns = Array.from({ length: 3 }, () => {
    return Array.from({ length: volumes }, () => rng.uniform() < 0.4);
  });
  for (let v = 0; v < voxels; v++) {
    const noise = rng.uniform() * 0.3;
    for (let k = 0; k < volumes; k++) {
      if (patterns[v % 3]![k] !== rng.uniform() < noise) {
        matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
      }
    }
  }
  const seeds = Array.from({ length: blocks }, () => {
    return sample(voxels, 1 + rng.integer(Math.min(voxels, 12)), rng).sort();
  });
  const { totals: distinct, classes } = totalClasses(totals(matrix));
  const positive = Float64Array.from(distinct, () => rng.uniform() * volumes / 2);
  const negative = Float64Array.from(distinct, () => rng.uniform() * volumes / 2);
  const factors = Array.from({ length: voxels }, () => seeds.map(() => 0.5 + rng.uniform()));
  return { matrix, seeds, distinct, classes, positive, negative, factors };
});

for (const [name, factory] of Object.entries({ referenceEngine, wasmEngine })) {
  Deno.test(`voxels join the blocks that a naive count gives them (${name})`, async () => {
    const shares = fc.constantFrom(0.01, 0.25, 1 / 3, 0.5, 1);
    await fc.assert(
      fc.asyncProperty(unions, shares, fc.nat(), fc.nat(), async (union, share, from, length) => {
        const { matrix, seeds, distinct, classes, positive, negative, factors } = union;
        const least = (row: number, block: number, other: number) =>
          leastCount({
            volumes: matrix.volumes,
            f1: distinct[classes[row]!]!,
            f2: distinct[other]!,
            positive: positive[Math.max(classes[row]!, other)]!,
            negative: negative[Math.min(classes[row]!, other)]!,
          }, factors[row]![block]!);
        const leastOfRow: LeastOfRow = (row, block, others, fill) =>
          others.forEach((other, i) => fill[i] = least(row, block, other));
        const members = seeds.flatMap((block) => [...block]);
        const engine = factory(matrix, takeVoxels(matrix, members));
        const columns = blockColumns(
          seeds.map((block) => block.map((row) => classes[row]!)).map(
            (own) => Uint16Array.from(own),
          ),
        );
        const start = from % matrix.voxels;
        const end = start + 1 + length % (matrix.voxels - start);
        const joined = await expandByLinks(engine, start, end, columns, leastOfRow, share);
        const found = Array.from(
          joined.rows,
          (row, i) => [row, joined.blocks[i]!, joined.scores[i]!],
        );

        const expected = [];
        for (const [block, own] of seeds.entries()) {
          for (let row = start; row < end; row++) {
            const links = own.filter((member) => {
              const bound = least(row, block, classes[member]!);
              return bound !== NEVER && both(matrix, row, member) >= bound;
            });
            const score = links.length / own.length;
            if (score >= share) expected.push([row, block, score]);
          }
        }
        assert.deepStrictEqual(found, expected);
      }),
    );
  });
}

Deno.test("the least counts are asked for each row once, over the edge of a batch too", async () => {
  const matrix = bitMatrix(2500, 3);
  matrix.words.fill(0b111);
  const columns = blockColumns([Uint16Array.of(0, 0)]);
  const engine = wasmEngine(matrix, takeVoxels(matrix, [0, 1]));
  const asked: number[] = [];
  const { rows, scores } = await expandByLinks(
    engine,
    100,
    2400,
    columns,
    (row, _block, _classes, fill) => {
      asked.push(row);
      fill[0] = row % 2 === 0 ? 3 : NEVER;
    },
    0.25,
  );
  const range = Array.from({ length: 2300 }, (_, i) => 100 + i);
  assert.deepStrictEqual(asked, range);
  assert.deepStrictEqual([...rows], range.filter((row) => row % 2 === 0));
  assert.ok(scores.every((score) => score === 1));
});
