import assert from "node:assert";
import fc from "fast-check";
import type { BitMatrix } from "../cooccupancy/bit_matrix.ts";
import { UsageError } from "../errors.ts";
import { random, sample } from "../random.ts";
import { phiSeeds, phiTailLevel } from "./phi_seeds.ts";
import {
  flipped,
  linksOf,
  type Pattern,
  patternOf,
  reordered,
  times,
  voxelsOf,
} from "./phi_testing.ts";

const seedsOf = (matrix: BitMatrix) => phiSeeds(matrix, linksOf(matrix)).map((rows) => [...rows]);

/** Rows of consecutive blocks of the given sizes. */
function consecutive(...sizes: number[]): number[][] {
  let row = 0;
  return sizes.map((size) => Array.from({ length: size }, () => row++));
}

/** Voxels of noise: occupied in a tenth to nine tenths of the volumes, each by itself. */
function noiseOf(voxels: number, volumes: number, seed: number): BitMatrix {
  const rng = random(seed);
  const total = () => Math.round(volumes * (0.1 + 0.8 * rng.uniform()));
  return voxelsOf(Array.from({ length: voxels }, () => patternOf(volumes, total(), rng)));
}

Deno.test("nested blocks that differ in 3 of 200 volumes are told apart", () => {
  const parent = patternOf(200, 110, random(1));
  const present = parent.flatMap((is, k) => is ? [k] : []);
  const child = flipped(parent, present.slice(0, 3));
  const patterns = [...times(40, parent), ...times(25, child)];
  assert.deepStrictEqual(seedsOf(voxelsOf(patterns)), consecutive(40, 25));
  // At 1 % of wrong bits a voxel has two; a few are wrong where it counts.
  const noisy = seedsOf(voxelsOf(patterns, 0.01, random(2)));
  assert.strictEqual(noisy.length, 2);
  assert.ok(noisy[0]!.filter((row) => row < 40).length >= 38, `${noisy[0]}`);
  assert.ok(noisy[1]!.filter((row) => row >= 40).length >= 23, `${noisy[1]}`);
});

Deno.test("rare blocks and blocks that are nearly always there are found, in 50 to 2000 volumes", () => {
  for (const volumes of [50, 300, 2000]) {
    const rng = random(volumes);
    const rare = patternOf(volumes, Math.max(4, 0.03 * volumes), rng);
    const common = patternOf(volumes, Math.min(volumes - 4, 0.97 * volumes), rng);
    const half = patternOf(volumes, volumes / 2, rng);
    const matrix = voxelsOf([...times(20, half), ...times(15, common), ...times(10, rare)]);
    assert.deepStrictEqual(seedsOf(matrix), consecutive(20, 15, 10), `${volumes} volumes`);
  }
});

Deno.test("a single block is found, among noise too", () => {
  const block = patternOf(100, 40, random(4));
  assert.deepStrictEqual(seedsOf(voxelsOf(times(30, block))), consecutive(30));
  const rng = random(5);
  const noise = Array.from({ length: 300 }, () => patternOf(100, 5 + rng.integer(90), rng));
  const matrix = voxelsOf([...times(30, block), ...noise]);
  assert.deepStrictEqual(seedsOf(matrix), consecutive(30));
});

Deno.test("where blocks touch, the voxels of the interface go to the blocks", () => {
  const rng = random(6);
  const a = patternOf(300, 180, rng), b = patternOf(300, 90, rng);
  const either = a.map((is, k) => is || b[k]!);
  const matrix = voxelsOf([...times(60, a), ...times(50, b), ...times(10, either)]);
  assert.deepStrictEqual(seedsOf(matrix).map((rows) => rows.length), [70, 50]);
});

Deno.test("voxels that are always occupied, or in no block, are in no seed", () => {
  const block = patternOf(100, 60, random(7));
  const matrix = voxelsOf([...times(30, times(100, true)), ...times(8, block)]);
  assert.deepStrictEqual(seedsOf(matrix), [[30, 31, 32, 33, 34, 35, 36, 37]]);
  assert.deepStrictEqual(seedsOf(voxelsOf(times(5, block))), []);
});

Deno.test("independent noise gives no blocks", () => {
  for (const [voxels, volumes] of [[1000, 50], [1000, 300]] as const) {
    assert.deepStrictEqual(seedsOf(noiseOf(voxels, volumes, 8)), []);
  }
  // Faint noise: each voxel occupied in 4 to 7 of 300 volumes, as far from a map's particle.
  const rng = random(9);
  const faint = Array.from({ length: 1500 }, () => patternOf(300, 4 + rng.integer(4), rng));
  assert.deepStrictEqual(seedsOf(voxelsOf(faint)), []);
});

Deno.test("the rate of chance blocks is at most alpha", () => {
  // Blocks of 2 need one link: there the bound is nearest to the truth.
  const runs = 300, alpha = 0.2;
  let found = 0;
  for (let run = 0; run < runs; run++) {
    const rng = random(100 + run);
    const matrix = voxelsOf(
      Array.from({ length: 60 }, () => patternOf(24, 8 + rng.integer(8), rng)),
    );
    if (linksOf(matrix, 2, alpha).rows.length > 0) found++;
  }
  // Three standard deviations of a binomial count above its mean.
  assert.ok(found <= runs * alpha + 3 * Math.sqrt(runs * alpha * (1 - alpha)), `${found} runs`);
  assert.ok(found > 0, "the level is not so strict that nothing ever passes");
});

Deno.test("another order of the voxels gives the same blocks", () => {
  const rng = random(12);
  const parent = patternOf(120, 70, rng);
  const present = parent.flatMap((is, k) => is ? [k] : []);
  const blocks: Pattern[] = [
    parent,
    flipped(parent, present.slice(0, 4)),
    patternOf(120, 30, rng),
  ];
  const matrix = voxelsOf([
    ...times(30, blocks[0]!),
    ...times(20, blocks[1]!),
    ...times(12, blocks[2]!),
    ...times(4, blocks[0]!.map((is, k) => is || blocks[2]![k]!)),
  ]);
  const expected = seedsOf(matrix);
  assert.deepStrictEqual(expected.map((rows) => rows.length), [34, 20, 12]);
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const order = sample(matrix.voxels, matrix.voxels, random(seed));
      const found = seedsOf(reordered(matrix, order));
      assert.deepStrictEqual(
        found.map((rows) => rows.map((row) => order[row]!).sort((a, b) => a - b)),
        expected,
      );
    }),
    { numRuns: 20 },
  );
});

Deno.test("the level makes the bound on chance blocks equal to alpha", () => {
  fc.assert(fc.property(
    fc.integer({ min: 10, max: 200000 }),
    fc.integer({ min: 2, max: 12 }),
    fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
    (voxels, minBlockSize, alpha) => {
      const level = phiTailLevel(voxels, minBlockSize, alpha);
      if (level === 1) return;
      let bound = voxels;
      for (let i = 1; i < minBlockSize; i++) bound *= voxels * level / i;
      assert.ok(Math.abs(bound / alpha - 1) < 1e-9);
    },
  ));
  assert.strictEqual(phiTailLevel(1, 6, 1), 1);
});

Deno.test("options out of range are refused", () => {
  const matrix = voxelsOf(times(8, patternOf(50, 20, random(1))));
  assert.throws(
    () => phiSeeds(matrix, linksOf(matrix), { minBlockSize: 1 }),
    new UsageError(
      "Cannot find blocks: the fewest voxels of a block must be an integer of 2 or more (1)",
    ),
  );
  assert.throws(
    () => phiSeeds(matrix, linksOf(matrix), { join: 0 }),
    new UsageError(
      "Cannot find blocks: the least phi of a voxel and its block must be above 0 and at most 1 (0)",
    ),
  );
});
