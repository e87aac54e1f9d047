import assert from "node:assert";
import { recommend } from "./recommend.ts";

/** Settings of a grid, row by row. */
const gridOf = (rows: number[][]) =>
  rows.flatMap((row, i) => row.map((information, j) => ({ place: [i, j], information })));

Deno.test("the middle of the plateau around the best is taken", () => {
  const found = recommend(gridOf([
    [0.1, 0.2, 0.1, 0.1, 0.1],
    [0.1, 1.9, 1.95, 2.0, 0.1],
    [0.1, 1.9, 1.85, 1.9, 0.1],
    [0.1, 1.9, 1.90, 1.9, 0.1],
  ]));
  assert.deepStrictEqual(found, {
    chosen: 12,
    best: 8,
    plateau: [6, 7, 8, 11, 12, 13, 16, 17, 18],
  });
});

Deno.test("another peak that is as high but parted from the best is left out", () => {
  const found = recommend(gridOf([[2, 0.1, 1.9, 1.9, 1.9]]));
  assert.deepStrictEqual(found, { chosen: 0, best: 0, plateau: [0] });
});

Deno.test("of two in the middle the one that tells more is taken, then the first", () => {
  assert.strictEqual(recommend(gridOf([[1.9, 1.9, 2, 1.9]]))?.chosen, 2);
  assert.strictEqual(recommend(gridOf([[2, 2]]))?.chosen, 0);
});

Deno.test("another quantile of an axis moves the choice along it", () => {
  const tried = gridOf([[2, 2, 2], [2, 2, 2], [2, 2, 2], [2, 2, 2], [2, 2, 2]]);
  assert.deepStrictEqual(tried[recommend(tried)!.chosen]?.place, [2, 1]);
  assert.deepStrictEqual(tried[recommend(tried, [0.25])!.chosen]?.place, [1, 1]);
  assert.deepStrictEqual(tried[recommend(tried, [1, 0])!.chosen]?.place, [4, 0]);
});

Deno.test("where nothing is told nothing is recommended", () => {
  assert.strictEqual(recommend(gridOf([[0, 0]])), undefined);
  assert.strictEqual(recommend([]), undefined);
  assert.deepStrictEqual(recommend([{ place: [], information: 0.1 }])?.chosen, 0);
});
