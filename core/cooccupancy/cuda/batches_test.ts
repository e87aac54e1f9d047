import assert from "node:assert";
import fc from "fast-check";
import type { Tile } from "../engine.ts";
import { batches, packTiles } from "./batches.ts";

const range = fc.tuple(fc.nat(300), fc.nat(300)).map(([start, size]) => [start, start + size]);
const tile: fc.Arbitrary<Tile> = fc.tuple(range, range).map(([rows, columns]) => ({
  rowStart: rows[0]!,
  rowEnd: rows[1]!,
  columnStart: columns[0]!,
  columnEnd: columns[1]!,
}));

/** The rows of tiles, one after the other. */
const rowsOf = (tiles: readonly Tile[]) =>
  tiles.flatMap(({ rowStart, rowEnd, columnStart, columnEnd }) =>
    columnStart === columnEnd
      ? []
      : Array.from({ length: rowEnd - rowStart }, (_, i) => [rowStart + i, columnStart, columnEnd])
  );

Deno.test("batches hold all rows in their order, and no more than they may", () => {
  fc.assert(fc.property(fc.array(tile), fc.integer({ min: 1, max: 3000 }), (tiles, most) => {
    const all = [...batches(tiles, most)];
    assert.deepStrictEqual(rowsOf(all.flat()), rowsOf(tiles));
    for (const batch of all) {
      assert.ok(batch.length > 0);
      const { words } = packTiles(batch, 64);
      assert.ok(words <= most || rowsOf(batch).length === 1);
    }
  }));
});

Deno.test("batches are not smaller than they have to be", () => {
  const tiles = Array.from({ length: 5 }, (_, i) => ({
    rowStart: 100 * i,
    rowEnd: 100 * i + 100,
    columnStart: 0,
    columnEnd: 33,
  }));
  assert.deepStrictEqual([...batches(tiles, 1000)], [tiles]);
  assert.strictEqual([...batches(tiles, 400)].length, 3);
});

Deno.test("tiles are cut where a thread block ends", () => {
  const whole = { rowStart: 10, rowEnd: 1000, columnStart: 0, columnEnd: 32 };
  const rows = [...batches([whole], 300)].flat().map(({ rowStart }) => rowStart);
  assert.deepStrictEqual(rows, [10, 266, 522, 778]);
});

Deno.test("packed tiles say where their bits and thread blocks begin", () => {
  const first = { rowStart: 1, rowEnd: 66, columnStart: 5, columnEnd: 70 };
  const second = { rowStart: 0, rowEnd: 2, columnStart: 64, columnEnd: 65 };
  assert.deepStrictEqual(packTiles([first, second], 64), {
    tiles: Uint32Array.of(1, 66, 5, 70, 0, 0, 0, 2, 64, 65, 195, 4),
    count: 2,
    words: 197,
    blocks: 5,
  });
});
