import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { binarise, wordsFor } from "./binarise.ts";

Deno.test("a voxel is occupied where its density is above the threshold, strictly", () => {
  const density = fc.oneof(
    fc.constantFrom(0, -0, 0.5, -1, 3.4028234663852886e38, -3.4028234663852886e38),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
  );
  fc.assert(
    fc.property(
      fc.array(density, { maxLength: 200 }),
      fc.oneof(density, fc.double({ noNaN: true, noDefaultInfinity: true })),
      (values, threshold) => {
        const data = Float32Array.from(values);
        const { bits, occupied } = binarise(data, threshold, "a.mrc");
        assert.strictEqual(bits.length, wordsFor(data.length));
        const seen = Array.from(
          { length: 32 * bits.length },
          (_, i) => bits[i >> 5]! >>> (i & 31) & 1,
        );
        const expected = seen.map((_, i) => i < data.length && data[i]! > threshold ? 1 : 0);
        assert.deepStrictEqual(seen, expected);
        assert.strictEqual(occupied, seen.filter((bit) => bit === 1).length);
      },
    ),
  );
});

Deno.test("bits are written where they are wanted, over whatever was there", () => {
  const bits = new Uint32Array(new SharedArrayBuffer(12)).fill(0xffffffff);
  const result = binarise(Float32Array.of(1, 0, 1), 0.5, "a.mrc", bits.subarray(1, 2));
  assert.deepStrictEqual([...bits], [0xffffffff, 0b101, 0xffffffff]);
  assert.strictEqual(result.occupied, 2);
});

Deno.test("a voxel that is not finite is named", () => {
  for (
    const [value, shown] of [[NaN, "NaN"], [Infinity, "Infinity"], [
      -Infinity,
      "-Infinity",
    ]] as const
  ) {
    const data = new Float32Array(5 ** 3);
    data[3 * 25 + 1 * 5 + 4] = value;
    data[124] = -value;
    assert.throws(
      () => binarise(data, 0.5, "a.mrc"),
      new InputError(
        `Cannot binarise a.mrc: its density is ${shown} at voxel (z, y, x) = (3, 1, 4)`,
        "Make the map anew, or take it out of the folder.",
      ),
    );
  }
});

Deno.test("a threshold that is no number is refused, and zero is one", () => {
  assert.throws(
    () => binarise(new Float32Array(1), NaN, "a.mrc"),
    new InputError("Cannot binarise a.mrc: its threshold is not a finite number (NaN)"),
  );
  assert.strictEqual(binarise(Float32Array.of(-1, 0, 1), 0, "a.mrc").occupied, 1);
});
