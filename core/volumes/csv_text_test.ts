import assert from "node:assert";
import fc from "fast-check";
import { csvCell, float32Text, parseCsv } from "./csv_text.ts";

Deno.test("32-bit floats are written as Python writes them, and read back", () => {
  const python = ["3.671927e-07", "4.8606296", "0.0001", "9.9e-05", "123456790", "1e+16", "0"];
  assert.deepStrictEqual(python.map((text) => float32Text(Math.fround(Number(text)))), python);
  fc.assert(fc.property(
    fc.float({ noNaN: true }),
    (value) => assert.strictEqual(Math.fround(Number(float32Text(value))), value + 0),
  ));
});

Deno.test("cells are read as they were written", () => {
  const cell = fc.string({ unit: fc.constantFrom(...'ab,"\n; ') });
  const rows = fc.array(fc.tuple(fc.constant("x"), cell, cell), { minLength: 1 });
  fc.assert(fc.property(rows, (rows) => {
    const text = rows.map((cells) => cells.map(csvCell).join(",") + "\r\n").join("");
    const { columns, rows: read } = parseCsv(text, "table.csv");
    assert.deepStrictEqual([columns, ...read.map(({ record }) => record)], rows);
  }));
});
