import assert from "node:assert";
import { random } from "../random.ts";
import { addNoise } from "./noise.ts";

const box = 24;

/** Standard deviation, and correlation of neighbours along z, y and x across the faces of the box. */
function measure(noise: Float32Array): { sd: number; neighbours: number[] } {
  const mean = noise.reduce((a, b) => a + b, 0) / noise.length;
  const variance = noise.reduce((sum, n) => sum + (n - mean) ** 2, 0) / noise.length;
  const neighbours = [box * box, box, 1].map((stride) => {
    let sum = 0;
    noise.forEach((n, v) => {
      const next = Math.floor(v / stride) % box === box - 1 ? v - stride * (box - 1) : v + stride;
      sum += (n - mean) * (noise[next]! - mean);
    });
    return sum / noise.length / variance;
  });
  return { sd: Math.sqrt(variance), neighbours };
}

Deno.test("white noise has its standard deviation and no memory", () => {
  const volume = new Float32Array(box ** 3);
  addNoise(volume, box, 0.3, 0, random(1));
  const { sd, neighbours } = measure(volume);
  assert.ok(Math.abs(sd - 0.3) < 0.008, String(sd));
  assert.ok(neighbours.every((r) => Math.abs(r) < 0.04), String(neighbours));
});

Deno.test("blurred noise keeps its standard deviation, and neighbours are alike across every face", () => {
  for (const blur of [0.8, 1]) {
    const volume = new Float32Array(box ** 3);
    addNoise(volume, box, 0.3, blur, random(2));
    const { sd, neighbours } = measure(volume);
    assert.ok(Math.abs(sd - 0.3) < 0.03, `${blur}: ${sd}`);
    // A Gaussian blurred by itself: exp(-1 / (4 blur^2)).
    const expected = Math.exp(-1 / (4 * blur ** 2));
    assert.ok(neighbours.every((r) => Math.abs(r - expected) < 0.05), `${blur}: ${neighbours}`);
  }
});

Deno.test("noise blurred over more than the box is one number, of the same spread", () => {
  const numbers = Array.from({ length: 400 }, (_, seed) => {
    const volume = new Float32Array(4 ** 3);
    addNoise(volume, 4, 2, 20, random(seed));
    assert.ok(volume.every((n) => Math.abs(n - volume[0]!) < 0.01));
    return volume[0]!;
  });
  const sd = Math.sqrt(numbers.reduce((sum, n) => sum + n * n, 0) / numbers.length);
  assert.ok(Math.abs(sd - 2) < 0.25, String(sd));
});

Deno.test("noise is added to what is there; none changes nothing", () => {
  const volume = new Float32Array(4 ** 3).fill(7);
  addNoise(volume, 4, 0, 1, random(1));
  assert.ok(volume.every((n) => n === 7));
  addNoise(volume, 4, 0.01, 0, random(1));
  assert.ok(volume.every((n) => Math.abs(n - 7) < 0.06 && n !== 7));
});
