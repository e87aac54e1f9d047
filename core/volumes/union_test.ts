import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { random } from "../random.ts";
import { transpose32, union } from "./union.ts";

Deno.test("transpose32 mirrors a square of bits at its diagonal", () => {
  fc.assert(fc.property(fc.uint32Array({ minLength: 32, maxLength: 32 }), (block) => {
    const bit = (words: Uint32Array, i: number, j: number) => words[i]! >>> j & 1;
    const mirrored = block.slice();
    transpose32(mirrored);
    for (let i = 0; i < 32; i++) {
      for (let j = 0; j < 32; j++) assert.strictEqual(bit(mirrored, j, i), bit(block, i, j));
    }
  }));
});

Deno.test("the union is what counting voxel by voxel finds", () => {
  const input = fc.record({
    words: fc.integer({ min: 1, max: 40 }),
    volumes: fc.integer({ min: 1, max: 130 }),
    dropped: fc.integer({ min: 0, max: 400 }),
    density: fc.constantFrom(0.005, 0.02, 0.3, 0.99),
    left: fc.double({ min: 0, max: 0.5, noNaN: true }),
    shared: fc.boolean(),
    seed: fc.nat(),
  });
  fc.assert(fc.property(input, ({ words, volumes, dropped, density, left, shared, seed }) => {
    const rng = random(seed);
    const bits = new Uint32Array(words * volumes);
    for (let bit = 0; bit < 32 * bits.length; bit++) {
      if (rng.uniform() < density) bits[bit >> 5]! |= 1 << (bit & 31);
    }
    bits[0]! |= 1;
    const rows = Array.from({ length: volumes }, (_, k) => k)
      .filter((k) => k === 0 || rng.uniform() >= left);
    const volumesBefore = rows.length === 1 ? 1 : rows.length + dropped;
    const occupied = (v: number, k: number) => bits[k * words + (v >> 5)]! >>> (v & 31) & 1;
    const expected: number[] = [];
    for (let v = 0; v < 32 * words; v++) {
      const total = rows.reduce((sum, k) => sum + occupied(v, k), 0);
      if (100 * total > volumesBefore) expected.push(v);
    }
    if (expected.length === 0) {
      assert.throws(() => union(bits, words, rows, volumesBefore), InputError);
      return;
    }
    const { voxels, matrix } = union(bits, words, rows, volumesBefore, shared);
    assert.deepStrictEqual([...voxels], expected);
    assert.strictEqual(matrix.words.buffer instanceof SharedArrayBuffer, shared);
    assert.strictEqual(matrix.voxels, expected.length);
    assert.strictEqual(matrix.volumes, rows.length);
    assert.strictEqual(matrix.wordsPerVoxel, Math.ceil(rows.length / 32));
    assert.strictEqual(matrix.words.length, matrix.voxels * matrix.wordsPerVoxel);
    for (let i = 0; i < voxels.length; i++) {
      for (let j = 0; j < 32 * matrix.wordsPerVoxel; j++) {
        const bit = matrix.words[i * matrix.wordsPerVoxel + (j >> 5)]! >>> (j & 31) & 1;
        assert.strictEqual(bit, j < rows.length ? occupied(voxels[i]!, rows[j]!) : 0);
      }
    }
  }));
});

Deno.test("one percent is exact, and of the volumes before the filter", () => {
  // In floating point, 0.01 * 2900 is below 29.
  const bits = new Uint32Array(2900);
  for (let k = 0; k < 2900; k++) bits[k] = (k < 29 ? 1 : 0) | (k < 30 ? 2 : 0);
  const rows = Array.from(bits.keys());
  assert.deepStrictEqual([...union(bits, 1, rows, 2900).voxels], [1]);
  assert.deepStrictEqual([...union(bits, 1, rows, 2899).voxels], [0, 1]);
  assert.deepStrictEqual([...union(bits, 1, rows.slice(0, 100), 2900).voxels], [1]);
});

Deno.test("a union of nothing is refused", () => {
  assert.throws(
    () => union(new Uint32Array(8), 1, [0, 1, 2, 3, 4, 5, 6, 7], 10),
    new InputError(
      "Cannot compare voxels: none is occupied in more than 1 % of the volumes (10)",
      "Lower the threshold.",
    ),
  );
});

Deno.test("500 volumes of 64^3 are transposed in well under a second", () => {
  const rng = random(3);
  const words = 64 ** 3 / 32;
  const bits = new Uint32Array(500 * words);
  // A fifth of the words, as where a particle fills part of its box.
  for (let i = 0; i < bits.length; i++) if (i % words < words / 5) bits[i] = rng.integer(2 ** 32);
  const start = performance.now();
  const { voxels } = union(bits, words, Array.from({ length: 500 }, (_, k) => k), 500);
  assert.ok(performance.now() - start < 1000);
  assert.strictEqual(voxels.length, 32 * Math.ceil(words / 5));
});
