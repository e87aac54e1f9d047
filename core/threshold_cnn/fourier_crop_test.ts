import assert from "node:assert";
import fc from "fast-check";
import { random } from "../random.ts";
import { croppedGrid, fourierCrop } from "./fourier_crop.ts";

/** Largest error of a 32-bit float of size 1, and a little. */
const ROUNDING = 5e-7;

/** Noise of a seed. */
function noise(box: number, seed: number): Float32Array<ArrayBuffer> {
  const rng = random(seed);
  return Float32Array.from({ length: box ** 3 }, () => 2 * rng.uniform() - 1);
}

/** Coordinates from the centre voxel. */
const coordinates = (box: number) => Array.from({ length: box }, (_, i) => i - Math.floor(box / 2));

/** The sums of the discrete Fourier transform as they stand in textbooks, frequency by frequency. */
function naiveCrop(data: Float32Array, from: number, to: number): Float64Array {
  const waves = coordinates(Math.min(from, to));
  const phase = (k: number, x: number, box: number) => 2 * Math.PI * k * x / box;
  const result = new Float64Array(to ** 3);
  const [inside, outside] = [coordinates(from), coordinates(to)];
  for (const kz of waves) {
    for (const ky of waves) {
      for (const kx of waves) {
        let re = 0, im = 0, at = 0;
        for (const z of inside) {
          for (const y of inside) {
            for (const x of inside) {
              const angle = phase(kz, z, from) + phase(ky, y, from) + phase(kx, x, from);
              re += data[at]! * Math.cos(angle);
              im -= data[at++]! * Math.sin(angle);
            }
          }
        }
        at = 0;
        for (const z of outside) {
          for (const y of outside) {
            for (const x of outside) {
              const angle = phase(kz, z, to) + phase(ky, y, to) + phase(kx, x, to);
              result[at]! += (re * Math.cos(angle) - im * Math.sin(angle)) / from ** 3;
              at++;
            }
          }
        }
      }
    }
  }
  return result;
}

function isNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  most: number,
  what: string,
): void {
  assert.strictEqual(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    assert.ok(difference <= most, `${what}: voxel ${i} is ${actual[i]}, not ${expected[i]}`);
  }
}

Deno.test("cropping is the discrete Fourier transform, its high frequencies left out, for any boxes", () => {
  for (const [from, to] of [[1, 1], [2, 1], [1, 2], [5, 4], [6, 4], [6, 3], [7, 5], [7, 6]]) {
    const data = noise(from!, 3);
    isNear(
      fourierCrop(data, from!, to!),
      naiveCrop(data, from!, to!),
      ROUNDING,
      `${from} to ${to}`,
    );
  }
  for (const [from, to] of [[2, 5], [3, 4], [4, 5], [4, 6], [5, 6], [5, 7]]) {
    const data = noise(from!, 4);
    isNear(
      fourierCrop(data, from!, to!),
      naiveCrop(data, from!, to!),
      ROUNDING,
      `${from} to ${to}`,
    );
  }
});

const boxes = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }));

Deno.test("a map of one density keeps it, and a map of the same box is copied", () => {
  fc.assert(fc.property(boxes, fc.float({ min: -4, max: 4, noNaN: true }), ([from, to], level) => {
    const cropped = fourierCrop(new Float32Array(from ** 3).fill(level), from, to);
    isNear(cropped, new Float32Array(to ** 3).fill(level), 8 * ROUNDING, `${from} to ${to}`);
    const map = noise(from, to);
    const copy = fourierCrop(map, from, from);
    assert.deepStrictEqual(copy, map);
    assert.notStrictEqual(copy.buffer, map.buffer);
  }));
});

/** A sum of waves of up to `most` turns, at any place of a box of size 1, counted from its centre. */
function waves(most: number, seed: number): (x: number, y: number, z: number) => number {
  const rng = random(seed);
  const turns = () => Math.floor((2 * most + 1) * rng.uniform()) - most;
  const all = Array.from(
    { length: 6 },
    () => [turns(), turns(), turns(), 7 * rng.uniform()] as const,
  );
  return (x, y, z) =>
    all.reduce(
      (sum, [a, b, c, phase]) =>
        sum + Math.cos(2 * Math.PI * (a * x + b * y + c * z) + phase) / all.length,
      0,
    );
}

function sampled(wave: ReturnType<typeof waves>, box: number): Float32Array<ArrayBuffer> {
  const at = coordinates(box).map((i) => i / box);
  return Float32Array.from(at.flatMap((z) => at.flatMap((y) => at.map((x) => wave(x, y, z)))));
}

Deno.test("what both boxes can hold is the same map in both, about the centre voxel", () => {
  fc.assert(
    fc.property(boxes, fc.nat(1000), ([from, to], seed) => {
      const wave = waves(Math.ceil(Math.min(from, to) / 2) - 1, seed);
      const cropped = fourierCrop(sampled(wave, from), from, to);
      isNear(cropped, sampled(wave, to), 4 * ROUNDING, `${from} to ${to}`);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a larger box holds the map: cropped again, it is as it was", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      fc.nat(1000),
      (half, more, seed) => {
        const box = 2 * half - 1; // without a lone frequency
        const map = noise(box, seed);
        const larger = fourierCrop(map, box, box + more);
        isNear(fourierCrop(larger, box + more, box), map, 4 * ROUNDING, `${box} by ${more}`);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("the cube and its centre voxel stay where they are", () => {
  const zero = { x: 0, y: 0, z: 0 };
  const grid = { box: 9, apix: 2, origin: { x: 10, y: -1, z: 0.5 }, nstart: zero };
  const cropped = croppedGrid(grid, 6);
  assert.deepStrictEqual(cropped, {
    box: 6,
    apix: 3,
    origin: { x: 9, y: -2, z: -0.5 },
    nstart: zero,
  });
  assert.strictEqual(croppedGrid(grid, 9), grid);
  // A first voxel given as an index becomes a position, as both cannot be right in the new box.
  const indexed = croppedGrid({ ...grid, origin: zero, nstart: { x: -4, y: 0, z: 3 } }, 6);
  assert.deepStrictEqual(indexed.origin, { x: -9, y: -1, z: 5 });
  assert.deepStrictEqual(indexed.nstart, zero);
  const unknown = croppedGrid({ ...grid, apix: undefined }, 6);
  assert.deepStrictEqual([unknown.apix, unknown.origin], [undefined, grid.origin]);
});

Deno.test("a map of another size than its box is refused", () => {
  assert.throws(() => fourierCrop(new Float32Array(10), 3, 2), RangeError);
});
