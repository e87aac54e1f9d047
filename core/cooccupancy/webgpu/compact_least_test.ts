import assert from "node:assert";
import { random } from "../../random.ts";
import type { LeastCounts, Tile } from "../engine.ts";
import { compactLeast, fittingTiles } from "./compact_least.ts";

const rng = random(1);
const classes = (voxels: number, count: number) =>
  Uint16Array.from({ length: voxels }, () => rng.integer(count));
const thresholds: LeastCounts = {
  rowClasses: classes(90, 300),
  columnClasses: classes(80, 65536),
  columnClassCount: 65536,
  least: Uint16Array.from({ length: 300 * 65536 }, () => rng.integer(65536)),
};
const tiles: Tile[] = [
  { rowStart: 10, rowEnd: 20, columnStart: 30, columnEnd: 80 },
  { rowStart: 20, rowEnd: 90, columnStart: 0, columnEnd: 70 },
];

/** The least counts of all pairs of the tiles, in order. */
function ofPairs(tiles: readonly Tile[], of: LeastCounts): number[] {
  const result: number[] = [];
  for (const { rowStart, rowEnd, columnStart, columnEnd } of tiles) {
    for (let row = rowStart; row < rowEnd; row++) {
      for (let column = columnStart; column < columnEnd; column++) {
        const entry = of.rowClasses[row]! * of.columnClassCount + of.columnClasses[column]!;
        result.push(of.least[entry]!);
      }
    }
  }
  return result;
}

Deno.test("a compact table has the same least counts", () => {
  const compact = compactLeast(tiles, thresholds);
  assert.ok(compact.least.length <= 80 * 80);
  assert.deepStrictEqual(ofPairs(tiles, compact), ofPairs(tiles, thresholds));
});

Deno.test("tiles are cut until their least counts fit", () => {
  for (const most of [10, 100, 1000, 5000, 10000, 2 ** 30]) {
    const parts = [...fittingTiles(tiles, thresholds, most)];
    assert.deepStrictEqual(
      parts.flatMap((part) => ofPairs(part.tiles, part.thresholds)),
      ofPairs(tiles, thresholds),
    );
    for (const part of parts) {
      const isRow = part.tiles.length === 1 &&
        part.tiles[0]!.rowEnd - part.tiles[0]!.rowStart === 1;
      assert.ok(part.thresholds.least.length <= most || isRow);
    }
    assert.strictEqual(parts.length === 1, most >= 10000);
  }
  assert.strictEqual([...fittingTiles([], thresholds, 10)].length, 1);
});
