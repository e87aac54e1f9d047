import assert from "node:assert";
import fc from "fast-check";
import { StoredTensor } from "./stored_tensor.ts";

function bytesOf(values: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

const floats = Float32Array.from({ length: 24 }, (_, i) => i / 4);

Deno.test("numbers of every type become 32-bit floats", () => {
  const values = [0, 1, 2, 100];
  const arrays = {
    float16: Float16Array.from(values),
    bfloat16: Uint16Array.from([0, 0x3f80, 0x4000, 0x42c8]),
    float32: Float32Array.from(values),
    float64: Float64Array.from(values),
    int8: Int8Array.from(values),
    int16: Int16Array.from(values),
    int32: Int32Array.from(values),
    int64: BigInt64Array.from(values, BigInt),
    uint8: Uint8Array.from(values),
    uint16: Uint16Array.from(values),
    uint32: Uint32Array.from(values),
    uint64: BigUint64Array.from(values, BigInt),
    bool: Uint8Array.from(values),
  } as const;
  for (const dtype of Object.keys(arrays) as (keyof typeof arrays)[]) {
    // Numbers in a file need not lie at multiples of their size.
    const shifted = Uint8Array.of(255, ...bytesOf(arrays[dtype])).subarray(1);
    const tensor = new StoredTensor(dtype, [4], shifted);
    assert.ok(tensor.fits, dtype);
    assert.deepStrictEqual(tensor.float32s(), Float32Array.from(values), dtype);
    assert.ok(!new StoredTensor(dtype, [5], shifted).fits, dtype);
  }
  const odd = [-1.5, 0x7f80, 0xc000].map((bits, i) =>
    i === 0
      ? new StoredTensor("float16", [], bytesOf(Float16Array.of(bits))).at(0)
      : new StoredTensor("bfloat16", [], bytesOf(Uint16Array.of(bits))).at(0)
  );
  assert.deepStrictEqual(odd, [-1.5, Infinity, -2]);
});

Deno.test("strides and offsets pick the right numbers", () => {
  const tensor = (shape: number[], offset: number, strides: number[]) => {
    const stored = new StoredTensor("float32", shape, bytesOf(floats), offset, strides);
    assert.ok(stored.fits);
    return Array.from(stored.float32s(), (value) => 4 * value);
  };
  assert.deepStrictEqual(tensor([2, 3], 0, [3, 1]), [0, 1, 2, 3, 4, 5]);
  assert.deepStrictEqual(tensor([3, 2], 0, [1, 3]), [0, 3, 1, 4, 2, 5]);
  assert.deepStrictEqual(tensor([2, 2], 5, [8, 2]), [5, 7, 13, 15]);
  assert.deepStrictEqual(tensor([2, 2], 3, [0, 0]), [3, 3, 3, 3]);
  assert.deepStrictEqual(tensor([], 9, []), [9]);
  assert.deepStrictEqual(tensor([3, 0], 9, [1, 1]), []);
  assert.deepStrictEqual(tensor([1, 2], 20, [77, 1]), [20, 21]);
});

Deno.test("one number alone is the same as among all", () => {
  const shape = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
  const layout = shape.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      strides: fc.array(fc.nat(3), { minLength: shape.length, maxLength: shape.length }),
      offset: fc.nat(3),
    })
  );
  const numbers = Float64Array.from({ length: 64 }, (_, i) => i);
  fc.assert(fc.property(layout, ({ shape, strides, offset }) => {
    const tensor = new StoredTensor("float64", shape, bytesOf(numbers), offset, strides);
    assert.ok(tensor.fits);
    const all = tensor.float32s();
    assert.deepStrictEqual(Array.from(all), Array.from(all, (_, i) => tensor.at(i)));
  }));
});

Deno.test("what reaches beyond the bytes does not fit", () => {
  const bytes = bytesOf(floats);
  const fits = (shape: number[], offset?: number, strides?: number[]) =>
    new StoredTensor("float32", shape, bytes, offset, strides).fits;
  assert.ok(fits([24]) && fits([4, 6]) && fits([2], 22) && fits([0], 99));
  assert.ok(!fits([25]) && !fits([2], 23) && !fits([2, 2], 0, [23, 1]) && !fits([], 24, []));
  assert.ok(!fits([-1]) && !fits([1.5]) && !fits([2], -1) && !fits([2], 1, [-1]));
  assert.ok(!fits([2], 0, []) && !fits([2 ** 40, 2 ** 40]) && !fits([NaN]));
});
