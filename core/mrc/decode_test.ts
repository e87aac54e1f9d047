import assert from "node:assert";
import fc from "fast-check";
import { decodeVoxels } from "./decode.ts";
import { dataBytes, makeHeader } from "./header.ts";

/** Values that each mode holds exactly. */
const VALUES: Record<number, fc.Arbitrary<number>> = {
  0: fc.integer({ min: -128, max: 127 }),
  1: fc.integer({ min: -32768, max: 32767 }),
  2: fc.float(),
  6: fc.integer({ min: 0, max: 65535 }),
  12: fc.integer({ min: -2048, max: 2048 }).map((n) => n / 64),
};

const AXES = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1], [0, 0, 0]] as const;

function setVoxel(view: DataView, mode: number, i: number, value: number, little: boolean): void {
  if (mode === 0) view.setInt8(i, value);
  else if (mode === 1) view.setInt16(2 * i, value, little);
  else if (mode === 2) view.setFloat32(4 * i, value, little);
  else if (mode === 6) view.setUint16(2 * i, value, little);
  else view.setFloat16(2 * i, value, little);
}

for (const mode of [0, 1, 2, 6, 12]) {
  Deno.test(`mode ${mode} is decoded in both byte orders, any axis order and alignment`, () => {
    const input = fc.record({
      byteOrder: fc.constantFrom("little" as const, "big" as const),
      axes: fc.constantFrom(...AXES),
      size: fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 5 }))),
      offset: fc.integer({ min: 0, max: 7 }),
    }).chain((shape) => {
      const voxels = shape.size.reduce((product, n) => product * n, 1);
      const values = fc.array(VALUES[mode]!, { minLength: voxels, maxLength: voxels });
      return fc.record({ shape: fc.constant(shape), values });
    });
    fc.assert(fc.property(input, ({ shape: { byteOrder, axes, size, offset }, values }) => {
      const [mapc, mapr, maps] = axes;
      const order = mapc === 0 ? [0, 1, 2] : axes.map((axis) => axis - 1);
      const [nx, ny, nz] = order.map((axis) => size[axis]!) as [number, number, number];
      const header = makeHeader({ nx, ny, nz, mode, byteOrder, mapc, mapr, maps });
      const raw = new Uint8Array(offset + dataBytes(header)).subarray(offset);
      const view = new DataView(raw.buffer, raw.byteOffset);
      // Voxel (x, y, z) of the map holds values[i], wherever the file puts it.
      let i = 0;
      for (let z = 0; z < size[2]!; z++) {
        for (let y = 0; y < size[1]!; y++) {
          for (let x = 0; x < size[0]!; x++) {
            const [c, r, s] = order.map((axis) => [x, y, z][axis]!) as [number, number, number];
            setVoxel(view, mode, (s * ny + r) * nx + c, values[i++]!, byteOrder === "little");
          }
        }
      }
      const before = raw.slice();
      assert.deepStrictEqual([...decodeVoxels(header, raw)], values.map(Math.fround));
      assert.deepStrictEqual(raw, before);
    }));
  });
}

Deno.test("mode 0 is signed, mode 6 is not", () => {
  const cube = { nx: 1, ny: 1, nz: 1 };
  assert.deepStrictEqual(
    [...decodeVoxels(makeHeader({ ...cube, mode: 0 }), Uint8Array.of(0xff))],
    [-1],
  );
  assert.deepStrictEqual(
    [...decodeVoxels(makeHeader({ ...cube, mode: 6 }), Uint8Array.of(0xff, 0xff))],
    [65535],
  );
});

Deno.test("16-bit floats keep their infinities, NaNs and subnormals", () => {
  const header = makeHeader({ nx: 5, ny: 1, nz: 1, mode: 12 });
  const words = Uint16Array.of(0x7c00, 0xfc00, 0x7e00, 0x0001, 0x8000);
  assert.deepStrictEqual(
    [...decodeVoxels(header, new Uint8Array(words.buffer))],
    [Infinity, -Infinity, NaN, 2 ** -24, -0],
  );
});

Deno.test("little-endian floats in the usual order are not copied", () => {
  const raw = new Uint8Array(32);
  assert.strictEqual(decodeVoxels(makeHeader({ nx: 2, ny: 2, nz: 2 }), raw).buffer, raw.buffer);
});
