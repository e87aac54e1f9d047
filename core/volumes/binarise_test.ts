import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { decodeVoxels } from "../mrc/decode.ts";
import { sizeOf } from "../mrc/grid.ts";
import { dataBytes, makeHeader } from "../mrc/header.ts";
import { random } from "../random.ts";
import { binarise, binariser, wordsFor } from "./binarise.ts";

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

const AXES = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1], [0, 0, 0]] as const;

/** A volume of any mode, byte order, order of axes and size, cut into pieces. */
const pieces = fc.record({
  mode: fc.constantFrom(0, 1, 2, 6, 12),
  byteOrder: fc.constantFrom("little" as const, "big" as const),
  axes: fc.constantFrom(...AXES),
  size: fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 12 }))),
  piece: fc.integer({ min: 1, max: 12 }).map((units) => 128 * units),
  broken: fc.integer({ min: 0, max: 3 }),
  seed: fc.nat(),
}).map(({ mode, byteOrder, axes: [mapc, mapr, maps], size, piece, broken, seed }) => {
  const [nx, ny, nz] = size as [number, number, number];
  const header = makeHeader({ nx, ny, nz, mode, byteOrder, mapc, mapr, maps });
  const rng = random(seed);
  const raw = new Uint8Array(dataBytes(header));
  const view = new DataView(raw.buffer);
  const little = byteOrder === "little";
  for (let i = 0; i < nx * ny * nz; i++) {
    const value = rng.integer(40) - (mode === 6 ? 0 : 20);
    if (mode === 0) view.setInt8(i, value);
    else if (mode === 1) view.setInt16(2 * i, value, little);
    else if (mode === 6) view.setUint16(2 * i, value, little);
    else if (mode === 12) view.setFloat16(2 * i, value / 8, little);
    else view.setFloat32(4 * i, value / 8, little);
  }
  for (let n = 0; n < broken && (mode === 2 || mode === 12); n++) {
    const i = rng.integer(nx * ny * nz);
    const value = [NaN, Infinity, -Infinity][n]!;
    if (mode === 2) view.setFloat32(4 * i, value, little);
    else view.setFloat16(2 * i, value, little);
  }
  return { header, raw, piece, data: decodeVoxels(header, raw) };
});

Deno.test("a volume binarised in pieces is the volume binarised at once, in any order of axes", () => {
  fc.assert(fc.property(pieces, fc.constantFrom(0, 0.5, -1), ({ header, raw, piece, data }, t) => {
    const bits = new Uint32Array(new SharedArrayBuffer(4 * wordsFor(data.length))).fill(0xffff);
    const volume = binariser(header, t, "a.mrc", bits);
    for (let at = 0; at < raw.length; at += piece) volume.add(raw.slice(at, at + piece));
    const voxel = data.findIndex((density) => !Number.isFinite(density));
    if (voxel === -1) {
      assert.strictEqual(volume.end().bits, bits);
      const atOnce = binarise(data, t, "a.mrc");
      assert.deepStrictEqual(Uint32Array.from(bits), atOnce.bits);
      assert.strictEqual(volume.end().occupied, atOnce.occupied);
      return;
    }
    // The first by (z, y, x), wherever it stands in the file.
    const { x, y } = sizeOf(header);
    const place = [Math.floor(voxel / x / y), Math.floor(voxel / x) % y, voxel % x].join(", ");
    assert.throws(
      () => volume.end(),
      new InputError(
        `Cannot binarise a.mrc: its density is ${data[voxel]} at voxel (z, y, x) = (${place})`,
        "Make the map anew, or take it out of the folder.",
      ),
    );
  }));
});

Deno.test("a threshold that is no number is refused before a piece is read", () => {
  assert.throws(
    () => binariser(makeHeader({ nx: 1, ny: 1, nz: 1 }), Infinity, "a.mrc"),
    new InputError("Cannot binarise a.mrc: its threshold is not a finite number (Infinity)"),
  );
});
