import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
import { oracleBlocks } from "./oracle.ts";

/** A union whose voxel i has flat index 10 i and is occupied as `rows[i]` says. */
function unionOf(rows: readonly (readonly number[])[]) {
  const matrix = bitMatrix(rows.length, rows[0]!.length);
  rows.forEach((row, v) =>
    row.forEach((bit, k) => {
      if (bit === 1) matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
    })
  );
  return { voxels: Uint32Array.from(rows, (_, i) => 10 * i), matrix };
}

Deno.test("the oracle gives a voxel to the block it correlates best with, and only above the bound", () => {
  // Columns are blocks: 0 in volumes 0-3, 1 in volumes 2-5, 2 always, 3 never.
  const presence = Array.from(
    { length: 8 },
    (_, k) => [k < 4 ? 1 : 0, k > 1 && k < 6 ? 1 : 0, 1, 0],
  );
  const union = unionOf([
    [1, 1, 1, 1, 0, 0, 0, 0], // as block 0
    [0, 0, 1, 1, 1, 1, 0, 0], // as block 1
    [1, 1, 1, 1, 1, 1, 1, 1], // always: no correlation, though block 2 is just so
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 1, 1, 1, 1], // the contrary of block 0
    [1, 1, 1, 0, 0, 0, 0, 1], // phi of exactly 0.5 with block 0
    [1, 1, 1, 0, 0, 0, 0, 0], // sqrt(0.6) with block 0
  ]);
  assert.deepStrictEqual(oracleBlocks(presence, union).map((list) => [...list]), [
    [0, 60],
    [10],
    [],
    [],
  ]);
  assert.deepStrictEqual([...oracleBlocks(presence, union, 0.49)[0]!], [0, 50, 60]);
});

Deno.test("the oracle agrees with phi as Pearson's correlation, on any number of volumes", () => {
  const bits = (n: number) => fc.array(fc.nat(1), { minLength: n, maxLength: n });
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 70 }).chain((n) =>
        fc.tuple(
          fc.array(bits(n), { minLength: 1, maxLength: 6 }),
          fc.array(bits(n), { minLength: 1, maxLength: 4 }),
        )
      ),
      fc.double({ min: -0.5, max: 0.7, noNaN: true }),
      ([rows, blocks], bound) => {
        const volumes = rows[0]!.length;
        const mean = (a: readonly number[]) => a.reduce((x, y) => x + y, 0) / a.length;
        const pearson = (a: readonly number[], b: readonly number[]) => {
          const [ma, mb] = [mean(a), mean(b)];
          const covariance = mean(a.map((x, k) => (x - ma) * (b[k]! - mb)));
          return covariance / Math.sqrt(ma * (1 - ma) * mb * (1 - mb));
        };
        const presence = Array.from({ length: volumes }, (_, k) => blocks.map((b) => b[k]!));
        const found = oracleBlocks(presence, unionOf(rows), bound);
        rows.forEach((row, v) => {
          const phis = blocks.map((block) => pearson(row, block));
          const best = Math.max(...phis.filter((phi) => !Number.isNaN(phi)), -1);
          const home = found.findIndex((list) => list.includes(10 * v));
          if (Math.abs(best - bound) < 1e-9) return;
          if (best > bound) assert.ok(home !== -1 && Math.abs(phis[home]! - best) < 1e-9);
          else assert.strictEqual(home, -1);
        });
      },
    ),
  );
});
