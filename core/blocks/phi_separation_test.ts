import assert from "node:assert";
import type { BitMatrix } from "../cooccupancy/bit_matrix.ts";
import { random } from "../random.ts";
import { majorityProfile } from "./phi_profile.ts";
import { areSeparate, type Group } from "./phi_separation.ts";
import { flipped, patternOf, times, voxelsOf } from "./phi_testing.ts";

function group(matrix: BitMatrix, from: number, to: number): Group {
  const rows = Uint32Array.from({ length: to - from }, (_, i) => from + i);
  return { rows, profile: majorityProfile(matrix, rows) };
}

const parent = patternOf(200, 100, random(1));
const present = parent.flatMap((is, k) => is ? [k] : []);

Deno.test("blocks that differ in 3 of 200 volumes are two, noise or not", () => {
  const child = flipped(parent, present.slice(0, 3));
  for (const noise of [0, 0.02, 0.05]) {
    const matrix = voxelsOf([...times(60, parent), ...times(30, child)], noise, random(2));
    assert.strictEqual(areSeparate(matrix, group(matrix, 0, 60), group(matrix, 60, 90), 6), true);
    assert.strictEqual(areSeparate(matrix, group(matrix, 60, 90), group(matrix, 0, 60), 6), true);
  }
});

Deno.test("blocks that differ in a single volume are two where that volume stands out", () => {
  const child = flipped(parent, present.slice(0, 1));
  const clean = voxelsOf([...times(60, parent), ...times(30, child)]);
  assert.strictEqual(areSeparate(clean, group(clean, 0, 60), group(clean, 60, 90), 6), true);
  // One block; in two volumes each a third of the voxels are wrong, for whatever reason.
  const cut = [
    ...times(30, parent),
    ...times(30, flipped(parent, present.slice(1, 2))),
    ...times(30, flipped(parent, present.slice(2, 3))),
    ...times(30, child),
  ];
  const contested = voxelsOf(cut);
  const sides = [group(contested, 0, 90), group(contested, 90, 120)] as const;
  assert.strictEqual(areSeparate(contested, ...sides, 6), false);
});

Deno.test("a block that is cut in two by its noise is one", () => {
  const noisy = voxelsOf(times(80, parent), 0.2, random(3));
  // Cut by the volume that is most in doubt: the halves differ in it for sure.
  const inFirst = (row: number) =>
    (noisy.words[row * noisy.wordsPerVoxel + (present[0]! >>> 5)]! >>> (present[0]! & 31) & 1) ===
      1;
  const all = Uint32Array.from({ length: 80 }, (_, v) => v);
  const halves = [all.filter(inFirst), all.filter((row) => !inFirst(row))].map((rows) => ({
    rows,
    profile: majorityProfile(noisy, rows),
  }));
  assert.strictEqual(areSeparate(noisy, halves[0]!, halves[1]!, 6), false);
});

Deno.test("a rim that shrinks by degrees is no block of its own", () => {
  // Voxel v of the rim is missing in the worst v + 1 of 20 poor volumes.
  const rim = Array.from({ length: 20 }, (_, v) => flipped(parent, present.slice(0, v + 1)));
  const matrix = voxelsOf([...times(60, parent), ...rim.flatMap((pattern) => times(2, pattern))]);
  assert.strictEqual(areSeparate(matrix, group(matrix, 0, 80), group(matrix, 80, 100), 6), false);
});

Deno.test("groups of the same profile, empty or too small, are not two", () => {
  const child = flipped(parent, present.slice(0, 10));
  const matrix = voxelsOf([...times(20, parent), ...times(2, child)]);
  assert.strictEqual(areSeparate(matrix, group(matrix, 0, 10), group(matrix, 10, 20), 6), false);
  assert.strictEqual(areSeparate(matrix, group(matrix, 0, 20), group(matrix, 20, 22), 6), false);
  const empty = { rows: new Uint32Array(), profile: group(matrix, 20, 22).profile };
  assert.strictEqual(areSeparate(matrix, group(matrix, 0, 20), empty, 6), false);
});
