import assert from "node:assert";
import { bitMatrix } from "./bit_matrix.ts";
import { testEngine } from "./conformance.ts";
import { wasmEngine } from "./wasm.ts";

testEngine("wasm", wasmEngine);

Deno.test("more counts than fit into the memory are refused", () => {
  const matrix = bitMatrix(2 ** 15, 1);
  const tile = { rowStart: 0, rowEnd: 2 ** 15, columnStart: 0, columnEnd: 2 ** 14 + 1 };
  assert.throws(() => wasmEngine(matrix, matrix).counts(tile), {
    name: "RangeError",
    message: "Cannot count a tile: it has more than 536870912 pairs (536903680)",
  });
});
