import assert from "node:assert";
import fc from "fast-check";
import { toFloats } from "../mrc/decode.ts";
import { voxelBytes } from "../mrc/modes.ts";
import { random } from "../random.ts";
import { type Comparer, comparer, plainComparer, wasmComparer } from "./compare.ts";

const FORMATS = [0, 1, 2, 6, 12].flatMap((mode) =>
  (["little", "big"] as const).map((byteOrder) => ({ mode, byteOrder }))
);
const comparers: [string, Comparer][] = [["plain", plainComparer()], ["wasm", wasmComparer()!]];

/** What a comparer should answer, by the definition. */
function expected(values: Float32Array, threshold: number) {
  const bits = new Uint32Array(Math.ceil(values.length / 32));
  values.forEach((value, i) => {
    if (value > threshold) bits[i >> 5]! |= 1 << (i & 31);
  });
  const above = values.filter((value) => value > threshold).length;
  return values.every(Number.isFinite) ? { above, bits } : { above: -1 };
}

function check(compare: Comparer["compare"], format: typeof FORMATS[number], raw: Uint8Array) {
  const values = toFloats(format, raw.slice());
  // Thresholds at, just below and just above voxels, where rounding would show.
  const some = [...values.filter(Number.isFinite).subarray(0, 3)];
  const near = some.flatMap((value) => [
    value,
    value - Math.abs(value) * 2 ** -40,
    value + Math.abs(value) * 2 ** -40,
  ]);
  const fixed = [
    0,
    -0,
    1e-30,
    -1e-30,
    1e-9,
    0.1,
    -0.3,
    2.5,
    65504,
    -65504,
    65519,
    1e9,
    -1e9,
    1e300,
  ];
  for (const threshold of [...fixed, -1e300, ...near]) {
    const bits = new Uint32Array(new SharedArrayBuffer(4 * Math.ceil(values.length / 32))).fill(7);
    const above = compare(format, raw, threshold, bits);
    const found = above < 0 ? { above } : { above, bits: Uint32Array.from(bits) };
    assert.deepStrictEqual(found, expected(values, threshold), `threshold ${threshold}`);
  }
}

for (const [name, { compare, buffer }] of comparers) {
  Deno.test(`${name}: voxels of every mode and byte order are compared by the definition`, () => {
    const input = fc.record({
      format: fc.constantFrom(...FORMATS),
      voxels: fc.integer({ min: 0, max: 300 }),
      offset: fc.integer({ min: 0, max: 5 }),
      held: fc.boolean(),
      seed: fc.nat(),
    });
    fc.assert(fc.property(input, ({ format, voxels, offset, held, seed }) => {
      const rng = random(seed);
      const length = voxels * voxelBytes(format.mode);
      const memory = held ? buffer : new Uint8Array(length + offset);
      const raw = memory.subarray(offset, offset + length);
      for (let i = 0; i < length; i++) raw[i] = rng.integer(256);
      // Exponents that are all ones are rare enough to be left in one voxel at most.
      if (format.mode === 2 || format.mode === 12) {
        const bytes = voxelBytes(format.mode);
        const high = format.byteOrder === "big" ? 0 : bytes - 1;
        for (let i = high; i < length; i += bytes) if (rng.uniform() < 0.99) raw[i]! &= 0xbf;
      }
      check(compare, format, raw);
    }));
  });

  Deno.test(`${name}: every 16-bit float is compared by the definition`, () => {
    const finite = Uint16Array.from(new Uint16Array(65536).keys())
      .filter((half) => (half & 0x7c00) !== 0x7c00);
    for (const byteOrder of ["little", "big"] as const) {
      const raw = new Uint8Array(finite.slice().buffer);
      if (byteOrder === "big") {
        for (let i = 0; i < raw.length; i += 2) raw.subarray(i, i + 2).reverse();
      }
      check(compare, { mode: 12, byteOrder }, raw);
    }
  });

  Deno.test(`${name}: a voxel that is not finite is noticed wherever it is`, () => {
    for (const byteOrder of ["little", "big"] as const) {
      for (const voxels of [1, 31, 32, 33, 100, 4096 + 50]) {
        const raw = new Uint8Array(4 * voxels);
        const halves = new Uint8Array(2 * voxels);
        const [view, halfView] = [new DataView(raw.buffer), new DataView(halves.buffer)];
        const places = [0, voxels >> 1, voxels - 1];
        for (const at of places) {
          for (const value of [NaN, Infinity, -Infinity]) {
            const little = byteOrder === "little";
            view.setFloat32(4 * at, value, little);
            halfView.setFloat16(2 * at, value, little);
            const bits = new Uint32Array(Math.ceil(voxels / 32));
            assert.strictEqual(compare({ mode: 2, byteOrder }, raw, 0, bits), -1);
            assert.strictEqual(compare({ mode: 12, byteOrder }, halves, 0, bits), -1);
          }
          view.setFloat32(4 * at, 0);
          halfView.setFloat16(2 * at, 0);
        }
      }
    }
  });

  Deno.test(`${name}: pieces longer than what is copied at once are whole`, () => {
    const rng = random(5);
    for (const format of FORMATS) {
      const voxels = 100_000 + 17;
      const raw = new Uint8Array(voxels * voxelBytes(format.mode));
      for (let i = 0; i < raw.length; i++) raw[i] = rng.integer(64);
      const values = toFloats(format, raw.slice());
      const bits = new Uint32Array(Math.ceil(voxels / 32));
      const threshold = values[7]!;
      const above = compare(format, raw, threshold, bits);
      assert.deepStrictEqual({ above, bits }, expected(values, threshold));
      if (raw.length > buffer.length) continue;
      buffer.set(raw);
      bits.fill(0);
      assert.strictEqual(compare(format, buffer.subarray(0, raw.length), threshold, bits), above);
      assert.deepStrictEqual({ above, bits }, expected(values, threshold));
    }
  });
}

Deno.test("the fastest comparer is one for the thread", () => {
  assert.strictEqual(comparer(), comparer());
  assert.ok(comparer().buffer.length >= 1 << 16);
});
