import assert from "node:assert";
import { model, node, tensor } from "./model.ts";

/** The bytes of a message, written down by hand. */
function bytes(...parts: (number | string)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part),
  );
}

Deno.test("a node is written field by field", () => {
  assert.deepStrictEqual(
    node("Add", ["a", ""], ["c"], { n: -1, p: [1, 300], t: "x", f: { float: 0.5 } }),
    // deno-fmt-ignore
    bytes(
      0x0a, 1, "a", 0x0a, 0, 0x12, 1, "c", 0x1a, 1, "c", 0x22, 3, "Add",
      0x2a, 17, 0x0a, 1, "n", 0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0xa0, 1, 2,
      0x2a, 11, 0x0a, 1, "p", 0x40, 1, 0x40, 0xac, 2, 0xa0, 1, 7,
      0x2a, 9, 0x0a, 1, "t", 0x22, 1, "x", 0xa0, 1, 3,
      0x2a, 11, 0x0a, 1, "f", 0x15, 0, 0, 0, 0x3f, 0xa0, 1, 1,
    ),
  );
});

Deno.test("a tensor is written with its own part of a buffer only", () => {
  const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
  assert.deepStrictEqual(
    tensor("w", [1, 2], data),
    bytes(8, 1, 8, 2, 16, 1, 0x42, 1, "w", 0x4a, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40),
  );
  assert.deepStrictEqual(
    tensor("i", [1], BigInt64Array.of(-2n)),
    bytes(8, 1, 16, 7, 0x42, 1, "i", 0x4a, 8, 254, 255, 255, 255, 255, 255, 255, 255),
  );
});

Deno.test("a model has its version, its graph and the version of its operators", () => {
  const empty = model({ nodes: [], tensors: [], inputs: [{ name: "x", shape: [] }], outputs: [] });
  assert.deepStrictEqual(
    empty,
    // deno-fmt-ignore
    bytes(
      8, 8, 0x12, 5, "siren", 0x3a, 20, 0x12, 5, "siren",
      0x5a, 11, 0x0a, 1, "x", 0x12, 6, 0x0a, 4, 8, 1, 0x12, 0, 0x42, 4, 0x0a, 0, 0x10, 17,
    ),
  );
});
