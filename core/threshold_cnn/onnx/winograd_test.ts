import assert from "node:assert";
import fc from "fast-check";
import {
  axisTransform,
  kernelTransform,
  type Matrix,
  tileCount,
  transposed,
  type Winograd,
  winograd,
} from "./winograd.ts";

function times({ rows, columns, data }: Matrix, vector: ArrayLike<number>): number[] {
  assert.strictEqual(vector.length, columns);
  return Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += data[row * columns + i]! * vector[i]!;
    return sum;
  });
}

function direct(inputs: ArrayLike<number>, kernel: ArrayLike<number>): number[] {
  return Array.from({ length: inputs.length - kernel.length + 1 }, (_, at) => {
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap++) sum += inputs[at + tap]! * kernel[tap]!;
    return sum;
  });
}

/** The convolution of a whole axis, as the graphs do it. */
function byTiles(transform: Winograd, inputs: ArrayLike<number>, kernel: ArrayLike<number>) {
  const { tile, products } = transform;
  const outputs = inputs.length - kernel.length + 1;
  const spread = times(axisTransform(transform, inputs.length, kernel.length), inputs);
  const kernels = times(transform.kernel, kernel);
  const result: number[] = [];
  for (let t = 0; t < tileCount(transform, outputs); t++) {
    const ofTile = kernels.map((value, i) => value * spread[t * products + i]!);
    result.push(...times(transform.output, ofTile));
  }
  assert.ok(result.length < outputs + tile);
  return result.slice(0, outputs);
}

function assertClose(found: readonly number[], expected: readonly number[], tolerance: number) {
  assert.strictEqual(found.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(found[i]! - value) <= tolerance, `${i}: ${found[i]} for ${value}`);
  }
}

const number = fc.double({ min: -1, max: 1, noNaN: true });

Deno.test("tiles of any points give the convolution", () => {
  const fractions = [0, 1, -1, 2, -2, 1 / 2, -1 / 2, 1 / 3, 3];
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 5 }).chain((taps) =>
      fc.record({
        kernel: fc.array(number, { minLength: taps, maxLength: taps }),
        points: fc.uniqueArray(fc.constantFrom(...fractions), {
          minLength: taps - 1,
          maxLength: 8,
        }),
        inputs: fc.array(number, { minLength: taps, maxLength: 30 }),
      })
    ),
    ({ kernel, points, inputs }) => {
      const transform = winograd(kernel.length, points);
      assertClose(byTiles(transform, inputs, kernel), direct(inputs, kernel), 1e-6);
    },
  ));
});

Deno.test("kernels up to an edge of 9 have a transform, and it is precise", () => {
  for (let taps = 1; taps <= 9; taps++) {
    const transform = kernelTransform(taps);
    const inputs = Array.from({ length: 40 }, (_, i) => Math.sin(i * i));
    const kernel = Array.from({ length: taps }, (_, i) => Math.cos(3 * i * i));
    assertClose(byTiles(transform, inputs, kernel), direct(inputs, kernel), 1e-12);
  }
  assert.deepStrictEqual([1, 3, 5, 7].map((taps) => kernelTransform(taps).tile), [1, 3, 6, 4]);
  assert.throws(() => kernelTransform(10), RangeError);
  assert.throws(() => winograd(5, [0, 1, -1]), RangeError);
});

Deno.test("a matrix is transposed", () => {
  const { rows, columns, data } = transposed({
    rows: 2,
    columns: 3,
    data: Float64Array.of(1, 2, 3, 4, 5, 6),
  });
  assert.deepStrictEqual([rows, columns, [...data]], [3, 2, [1, 4, 2, 5, 3, 6]]);
});
