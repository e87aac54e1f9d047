import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
import { random } from "../random.ts";
import { regionComponents, voxelComponents } from "./components.ts";
import { jacobi, largestEigenpairs } from "./eigenpairs.ts";
import { volumeOverlaps } from "./volume_overlaps.ts";

const close = (a: number, b: number, slack = 1e-8) =>
  assert.ok(Math.abs(a - b) <= slack * (1 + Math.abs(b)), `${a} is not ${b}`);

/** A A^T of a drawn n x d matrix. */
function gram(n: number, d: number, seed: number): Float64Array {
  const rng = random(seed);
  const rows = Array.from({ length: n }, () => Array.from({ length: d }, () => rng.normal()));
  return Float64Array.from(
    rows.flatMap((p) => rows.map((q) => p.reduce((sum, x, i) => sum + x * q[i]!, 0))),
  );
}

Deno.test("eigenpairs: as all rotations give them, of small and larger matrices", () => {
  for (const [n, d] of [[1, 1], [5, 3], [40, 60], [150, 8], [180, 400]] as const) {
    const matrix = gram(n, d, n);
    const all = jacobi(matrix.slice());
    const wanted = Math.min(n, 10);
    const { values, vectors } = largestEigenpairs(matrix.slice(), wanted);
    values.forEach((value, k) => {
      close(value, all.values[k]!, 1e-8 * (1 + all.values[0]!));
      const vector = vectors[k]!;
      close(vector.reduce((sum, x) => sum + x * x, 0), 1);
      for (let i = 0; i < n; i++) {
        const image = vector.reduce((sum, x, j) => sum + matrix[i * n + j]! * x, 0);
        assert.ok(Math.abs(image - value * vector[i]!) < 1e-6 * (1 + values[0]!));
      }
    });
  }
});

Deno.test("eigenpairs: equal eigenvalues are found as often as they occur", () => {
  const n = 200;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = i < 5 ? 3 : i < 9 ? 2 : 1;
  const { values } = largestEigenpairs(matrix, 10);
  [3, 3, 3, 3, 3, 2, 2, 2, 2, 1].forEach((value, k) => close(values[k]!, value));
});

const tableOf = (n: number, k: number, seed: number) => {
  const rng = random(seed);
  return {
    volumes: Array.from({ length: n }, (_, v) => `vol_${v}.mrc`),
    regions: Array.from({ length: k }, (_, r) => ({ name: `b${r}`, voxels: 5 })),
    values: Float64Array.from({ length: n * k }, () => rng.uniform()),
  };
};

Deno.test("components over regions: centred, uncorrelated, their variances sum to all of it", () => {
  for (const [n, k] of [[30, 4], [6, 9], [12, 12], [400, 3]] as const) {
    const table = tableOf(n, k, 5);
    const { shares, scores } = regionComponents(table);
    const p = shares.length;
    assert.ok(p <= Math.min(10, n, k));
    close(shares.reduce((sum, x) => sum + x, 0), 1, p < Math.min(n - 1, k) ? 1 : 1e-8);
    assert.deepStrictEqual(shares, shares.toSorted((a, b) => b - a));
    const column = (c: number) => Array.from({ length: n }, (_, v) => scores[v * p + c]!);
    let total = 0;
    for (let r = 0; r < k; r++) {
      const values = Array.from({ length: n }, (_, v) => table.values[v * k + r]!);
      const mean = values.reduce((sum, x) => sum + x, 0) / n;
      total += values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    }
    shares.forEach((share, c) => {
      const own = column(c);
      assert.ok(Math.abs(own.reduce((sum, x) => sum + x, 0)) < 1e-8);
      close(own.reduce((sum, x) => sum + x * x, 0), share * total, 1e-6);
      const greatest = own.reduce((most, x) => Math.abs(x) > Math.abs(most) ? x : most, 0);
      assert.ok(greatest > 0, "the score of the greatest magnitude is positive");
      for (let d = 0; d < c; d++) {
        const product = own.reduce((sum, x, v) => sum + x * column(d)[v]!, 0);
        assert.ok(Math.abs(product) < 1e-6 * total);
      }
    });
  }
});

Deno.test("components: none where volumes do not differ; the same bits each time", () => {
  const same = { ...tableOf(5, 3, 1), values: new Float64Array(15).fill(0.4) };
  assert.deepStrictEqual(regionComponents(same).shares, []);
  assert.deepStrictEqual(regionComponents(tableOf(1, 3, 1)).shares, []);
  const table = tableOf(300, 20, 2);
  assert.deepStrictEqual(regionComponents(table), regionComponents(table));
});

Deno.test("components over voxels: those of the bits taken as a table; overlaps by counting", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(),
      (n, m, seed) => {
        const rng = random(seed), matrix = bitMatrix(m, n);
        const table = tableOf(n, m, 0);
        for (let voxel = 0; voxel < m; voxel++) {
          for (let v = 0; v < n; v++) {
            const bit = rng.integer(2);
            table.values[v * m + voxel] = bit;
            if (bit === 1) matrix.words[voxel * matrix.wordsPerVoxel + (v >> 5)]! |= 1 << (v & 31);
          }
        }
        const overlaps = volumeOverlaps(matrix);
        assert.strictEqual(overlaps.voxels, m);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let shared = 0;
            for (let k = 0; k < m; k++) {
              shared += table.values[i * m + k]! *
                table.values[j * m + k]!;
            }
            assert.strictEqual(overlaps.shared[i * n + j], shared);
          }
          assert.strictEqual(overlaps.occupied[i], overlaps.shared[i * n + i]);
        }
        const expected = regionComponents(table), found = voxelComponents(overlaps);
        assert.strictEqual(found.shares.length, expected.shares.length);
        found.shares.forEach((share, c) => assert.ok(Math.abs(share - expected.shares[c]!) < 1e-8));
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("overlaps of many voxels are counted over a part of them, the occupied ones over all", () => {
  const matrix = bitMatrix(5000, 3);
  matrix.words.fill(0b101);
  const { voxels, shared, occupied } = volumeOverlaps(matrix, 1);
  assert.strictEqual(voxels, 1000);
  assert.deepStrictEqual([...shared], [1000, 0, 1000, 0, 0, 0, 1000, 0, 1000]);
  assert.deepStrictEqual([...occupied], [5000, 0, 5000]);
});

Deno.test("components: none where volumes are alike but for rounding", () => {
  const table = { ...tableOf(25, 4, 1), values: new Float64Array(100).fill(0.7) };
  assert.deepStrictEqual(regionComponents(table).shares, []);
  table.values.forEach((_, i) => table.values[i] = i % 4 === 0 ? i : 0.7);
  assert.strictEqual(regionComponents(table).shares.length, 1);
  const tiny = { ...table, values: table.values.map((value) => value * 1e-30) };
  assert.strictEqual(regionComponents(tiny).shares.length, 1);
});
