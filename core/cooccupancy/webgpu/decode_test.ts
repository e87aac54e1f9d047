import assert from "node:assert";
import { noLinks } from "../by_tile.ts";
import { decodeLinks } from "./decode.ts";

Deno.test("links are read at once or in parts", () => {
  // Two rows of two segments, then one row of one.
  const strips = [
    { tile: 0, row: 7, rows: 2, column: 100, columns: 3000 },
    { tile: 0, row: 9, rows: 1, column: 0, columns: 5 },
  ];
  const starts = {
    ofStrips: Uint32Array.of(0, 4, 6),
    ofSegments: Uint32Array.of(0, 2, 3, 3, 0),
  };
  const expected = [
    [7, 100 + 3, 10],
    [7, 100 + 2047, 65534],
    [7, 100 + 2048, 1],
    [8, 100 + 2048 + 900, 2],
    [9, 0, 3],
    [9, 4, 4],
  ];
  const inSegment = [3, 2047, 0, 900, 0, 4];
  const packed = Uint32Array.from(expected, ([, , both], i) => inSegment[i]! | (both! << 16));
  for (const cut of [6, 4, 3, 1]) {
    const links = noLinks(6);
    for (let first = 0; first < 6; first += cut) {
      decodeLinks(strips, starts, packed.subarray(first, first + cut), first, links);
    }
    assert.deepStrictEqual(
      Array.from(links.rows, (row, i) => [row, links.columns[i], links.both[i]]),
      expected,
    );
  }
});
