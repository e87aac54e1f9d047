import assert from "node:assert";
import { bitMatrix } from "./bit_matrix.ts";
import { referenceEngine } from "./reference.ts";
import { wasmEngine } from "./wasm.ts";

const classes = new Uint16Array(3);
const tile = { rowStart: 0, rowEnd: 3, columnStart: 0, columnEnd: 3 };
const table = { rowClasses: classes, columnClasses: classes, columnClassCount: 1 };

for (const factory of [referenceEngine, wasmEngine]) {
  const matrix = bitMatrix(3, 10);
  const engine = factory(matrix, matrix);
  const refusals: [string, () => unknown, string][] = [
    [
      "other volumes",
      () => factory(matrix, bitMatrix(3, 11)),
      "Cannot count voxels of different ensembles: volumes differ (10, 11)",
    ],
    [
      "too many volumes",
      () => factory(bitMatrix(1, 65535), bitMatrix(1, 65535)),
      "Cannot count voxels: volumes must be 1 to 65534 (65535)",
    ],
    [
      "no volumes",
      () => factory(bitMatrix(1, 0), bitMatrix(1, 0)),
      "Cannot count voxels: volumes must be 1 to 65534 (0)",
    ],
    [
      "words that are missing",
      () => factory(matrix, { ...matrix, words: new Uint32Array(2) }),
      "Cannot count voxels: words do not match voxels and volumes (2, 3, 10)",
    ],
    [
      "a tile past the end",
      () => engine.counts({ ...tile, columnEnd: 4 }),
      "Cannot count a tile: it does not lie within 3 x 3 voxels (rows 0 to 3, columns 0 to 4)",
    ],
    [
      "a tile backwards",
      () => engine.counts({ ...tile, rowStart: 2, rowEnd: 1 }),
      "Cannot count a tile: it does not lie within 3 x 3 voxels (rows 2 to 1, columns 0 to 3)",
    ],
    [
      "too few classes",
      () =>
        engine.links(
          tile,
          { ...table, rowClasses: new Uint16Array(2), least: Uint16Array.of(1) },
          true,
        ),
      "Cannot compare counts: one class is needed for each of 3 voxels (2)",
    ],
    [
      "a row class past the table",
      () =>
        engine.links(
          tile,
          { ...table, rowClasses: Uint16Array.of(0, 1, 0), least: Uint16Array.of(1) },
          true,
        ),
      "Cannot compare counts: class is not below 1 (1)",
    ],
    [
      "a column class past the table",
      () => engine.tally(tile, Uint16Array.of(0, 0, 7), 2, new Uint16Array(6)),
      "Cannot compare counts: class is not below 2 (7)",
    ],
    [
      "a tally without least counts for every row",
      () => engine.tally(tile, classes, 2, new Uint16Array(4)),
      "Cannot compare counts: 3 rows x 2 least counts are needed (4)",
    ],
  ];
  for (const [what, act, message] of refusals) {
    Deno.test(`${factory(matrix, matrix).name} refuses ${what}`, () => {
      assert.throws(act, { name: "RangeError", message });
    });
  }
}
