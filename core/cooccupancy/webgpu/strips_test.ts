import assert from "node:assert";
import fc from "fast-check";
import type { Tile } from "../engine.ts";
import { NO_DIAGONAL, STRIP_WORDS } from "./shaders.ts";
import {
  batchesOf,
  encodeBatch,
  maskWords,
  pieces,
  segmentsOf,
  type Strip,
  stripsOf,
} from "./strips.ts";

const span = fc.tuple(fc.nat(900), fc.nat(500)).map(([start, size]) => [start, start + size]);
const someTile = fc.tuple(span, span).map(([rows, columns]): Tile => ({
  rowStart: rows[0]!,
  rowEnd: rows[1]!,
  columnStart: columns[0]!,
  columnEnd: columns[1]!,
}));

Deno.test("pieces end at multiples of the page", () => {
  assert.deepStrictEqual([...pieces(3, 25, 10)], [[3, 10], [10, 20], [20, 25]]);
  assert.deepStrictEqual([...pieces(3, 25, 10, 6)], [[3, 9], [9, 10], [10, 16], [16, 20], [
    20,
    25,
  ]]);
  assert.deepStrictEqual([...pieces(10, 20, 10)], [[10, 20]]);
  assert.deepStrictEqual([...pieces(4, 4, 10)], []);
});

Deno.test("strips have each pair of the tiles once, and batches each strip", () => {
  fc.assert(
    fc.property(
      fc.array(someTile, { maxLength: 4 }),
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 600 }),
      (tiles, page, most) => {
        const pairs = tiles.map(() => 0);
        const strips = [...stripsOf(tiles, page, most)];
        for (const { tile, row, rows, column, columns } of strips) {
          const { rowStart, rowEnd, columnStart, columnEnd } = tiles[tile]!;
          assert.ok(rows >= 1 && rows <= 64 && columns >= 1 && columns <= most);
          assert.ok(rowStart <= row && row + rows <= rowEnd);
          assert.ok(columnStart <= column && column + columns <= columnEnd);
          assert.strictEqual(Math.floor(row / page), Math.floor((row + rows - 1) / page));
          assert.strictEqual(Math.floor(column / page), Math.floor((column + columns - 1) / page));
          pairs[tile]! += rows * columns;
        }
        // Disjoint, as there are as many pairs as the tiles have.
        assert.deepStrictEqual(
          pairs,
          tiles.map((tile) => (tile.rowEnd - tile.rowStart) * (tile.columnEnd - tile.columnStart)),
        );
        const share = (strip: Strip) => strip.columns / 100;
        const batches = [...batchesOf(strips, page, share)];
        assert.deepStrictEqual(batches.flatMap((batch) => batch.strips), strips);
        for (const { strips, rowPage, columnPage } of batches) {
          const total = strips.reduce((sum, strip) => sum + share(strip), 0);
          assert.ok(strips.length === 1 || total <= 1 + 1e-9);
          for (const { row, column } of strips) {
            assert.strictEqual(Math.floor(row / page), rowPage);
            assert.strictEqual(Math.floor(column / page), columnPage);
          }
        }
      },
    ),
  );
});

Deno.test("a batch is laid out one strip after the other", () => {
  const strips = [
    { tile: 0, row: 100, rows: 50, column: 230, columns: 70 },
    { tile: 1, row: 120, rows: 1, column: 200, columns: 2049 },
  ];
  const batch = { strips, rowPage: 1, columnPage: 2 };
  const laidOut = encodeBatch(batch, 100, maskWords, true);
  assert.strictEqual(STRIP_WORDS, 8);
  // c + 200 > r + 100 where c - r > -100.
  assert.deepStrictEqual([...laidOut.strips], [
    ...[0, 50, 30, 70, 2 ** 32 - 100, 0, 4, 0],
    ...[20, 1, 0, 2049, 2 ** 32 - 100, 200, 66, 50],
  ]);
  assert.deepStrictEqual(
    [laidOut.words, laidOut.segments, laidOut.columns],
    [266, 52, 2049],
  );
  const square = encodeBatch(batch, 100, maskWords, false);
  assert.strictEqual(square.strips[4]! | 0, NO_DIAGONAL);
});

Deno.test("the kernels' number of segments follows from the words of a row", () => {
  for (const columns of [1, 63, 64, 65, 2047, 2048, 2049, 4096, 4097]) {
    assert.strictEqual(Math.ceil(maskWords(columns) / 64), segmentsOf(columns));
  }
});
