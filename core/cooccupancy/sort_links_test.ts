import assert from "node:assert";
import fc from "fast-check";
import type { Links, Tile } from "./engine.ts";
import { random } from "../random.ts";
import { sortLinks } from "./sort_links.ts";

/** The same, by comparing. */
function sortByComparing(links: Links, tileOf: Uint16Array): Links {
  const { rows, columns, both } = links;
  const order = Array.from(tileOf.keys()).sort((i, j) =>
    tileOf[i]! - tileOf[j]! || rows[i]! - rows[j]! || columns[i]! - columns[j]!
  );
  return {
    rows: Uint32Array.from(order, (i) => rows[i]!),
    columns: Uint32Array.from(order, (i) => columns[i]!),
    both: Uint16Array.from(order, (i) => both[i]!),
  };
}

Deno.test("links of any order come out by tile, row and column", () => {
  const span = fc.tuple(fc.nat(60), fc.nat(40)).map(([start, size]) => [start, start + size]);
  const tile = fc.tuple(span, span).map(([rows, columns]): Tile => ({
    rowStart: rows[0]!,
    rowEnd: rows[1]!,
    columnStart: columns[0]!,
    columnEnd: columns[1]!,
  }));
  fc.assert(fc.property(fc.array(tile, { maxLength: 5 }), fc.nat(), (tiles, seed) => {
    const rng = random(seed);
    const found: { key: number; t: number; row: number; column: number }[] = [];
    tiles.forEach(({ rowStart, rowEnd, columnStart, columnEnd }, t) => {
      for (let row = rowStart; row < rowEnd; row++) {
        for (let column = columnStart; column < columnEnd; column++) {
          if (rng.uniform() < 0.3) found.push({ key: rng.uniform(), t, row, column });
        }
      }
    });
    found.sort((a, b) => a.key - b.key);
    const tileOf = Uint16Array.from(found, ({ t }) => t);
    const links = {
      rows: Uint32Array.from(found, ({ row }) => row),
      columns: Uint32Array.from(found, ({ column }) => column),
      both: Uint16Array.from(found, () => rng.integer(65535)),
    };
    assert.deepStrictEqual(sortLinks(links, tileOf, tiles), sortByComparing(links, tileOf));
  }));
});

Deno.test("a link outside its tile is refused", () => {
  const tile = { rowStart: 2, rowEnd: 4, columnStart: 1, columnEnd: 3 };
  const sort = (t: number, row: number, column: number) =>
    sortLinks(
      { rows: Uint32Array.of(row), columns: Uint32Array.of(column), both: Uint16Array.of(1) },
      Uint16Array.of(t),
      [tile],
    );
  assert.strictEqual(sort(0, 3, 2).rows[0], 3);
  for (const [t, row, column] of [[1, 3, 2], [0, 1, 2], [0, 4, 2], [0, 3, 0], [0, 3, 3]] as const) {
    assert.throws(() => sort(t, row, column), {
      name: "RangeError",
      message:
        `Cannot sort links: a link is not in its tile (tile ${t}, row ${row}, column ${column})`,
    });
  }
});
