import assert from "node:assert";
import { bitMatrix, totals } from "./bit_matrix.ts";
import { allEngines, findEngine } from "./engines.ts";
import { onePercent, someVoxels, tryEngine } from "./try_engine.ts";
import { randomMatrix } from "./conformance.ts";
import { referenceEngine } from "./reference.ts";

/** A clock that says a millisecond has passed each time it is looked at. */
const clock = () => {
  let now = 0;
  return () => now++;
};

Deno.test("every engine that works is tried and timed; of the others it is said why not", async () => {
  const matrix = randomMatrix(300, 100, 3);
  for (const name of allEngines) {
    const found = await findEngine(name);
    const tried = await tryEngine(name, matrix, 3, clock());
    assert.strictEqual(tried.name, name);
    assert.strictEqual(tried.works, found.works);
    if (tried.works) {
      // By this clock every round takes 1 ms.
      assert.strictEqual(tried.pairsPerSecond, 300 ** 2 * 1000);
    } else assert.ok(tried.reason.length > 0);
  }
});

Deno.test("the trial's table links about one in a hundred pairs of independent voxels", () => {
  const matrix = bitMatrix(600, 400);
  let state = 1;
  matrix.words.forEach((_, i) => {
    state = Math.imul(state, 1664525) + 1013904223;
    matrix.words[i] = i % 13 === 12 ? (state >>> 8) & 0xffff : state ^ (state >>> 13);
  });
  const thresholds = onePercent(matrix);
  const all = { rowStart: 0, rowEnd: 600, columnStart: 0, columnEnd: 600 };
  const { rows } = referenceEngine(matrix, matrix).links([all], thresholds, true);
  const share = rows.length / (600 * 599 / 2);
  assert.ok(share > 0.002 && share < 0.05, String(share));
});

Deno.test("the voxels to try on are spread over the whole matrix", () => {
  const matrix = bitMatrix(10, 32);
  matrix.words.forEach((_, v) => matrix.words[v] = 2 ** v - 1);
  assert.deepStrictEqual([...totals(someVoxels(matrix, 4))], [0, 2, 5, 7]);
  assert.strictEqual(someVoxels(matrix, 99).voxels, 10);
});
