import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../core/errors.ts";
import { decodeArrow, encodeArrow } from "./arrow_file.ts";

const content = {
  columns: {
    u: Uint32Array.of(1, 2, 3),
    both: Uint16Array.of(7, 8, 9),
    position: Int32Array.of(-1, 0, 1),
    phi: Float64Array.of(0.5, -1, NaN),
    bits: { width: 4, bytes: Uint8Array.from({ length: 12 }, (_, i) => i) },
  },
  metadata: { stage: "sketch", empty: "" },
};

Deno.test("an Arrow file comes back as it was written", () => {
  const decoded = decodeArrow(encodeArrow(content), "x.arrow");
  assert.deepStrictEqual(decoded.columns, content.columns);
  assert.strictEqual(decoded.metadata["stage"], "sketch");
});

Deno.test("an Arrow file of no rows comes back", () => {
  const empty = { columns: { u: new Uint32Array(0), both: new Uint16Array(0) }, metadata: {} };
  assert.deepStrictEqual(decodeArrow(encodeArrow(empty), "x.arrow").columns, empty.columns);
});

Deno.test("an Arrow file larger than any buffer of its reader comes back", () => {
  const u = Uint32Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 2654435761));
  const large = { columns: { u, v: u.toReversed() }, metadata: { stage: "sketch" } };
  assert.deepStrictEqual(decodeArrow(encodeArrow(large), "x.arrow").columns, large.columns);
});

Deno.test("the same content gives the same bytes", () => {
  assert.deepStrictEqual(encodeArrow(content), encodeArrow(content));
});

Deno.test("any altered byte of an Arrow file is noticed", () => {
  const whole = encodeArrow(content);
  fc.assert(fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
    const altered = Uint8Array.from(whole);
    altered[at]! ^= flip;
    assert.throws(() => decodeArrow(altered, "x.arrow"), InputError);
  }));
});

Deno.test("any truncation of an Arrow file is noticed", () => {
  const whole = encodeArrow(content);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decodeArrow(whole.slice(0, length), "x.arrow"), InputError);
  }
});
