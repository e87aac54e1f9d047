import assert from "node:assert";
import { totals } from "../cooccupancy/bit_matrix.ts";
import { random } from "../random.ts";
import { findModes } from "./phi_modes.ts";
import { linksOf, patternOf, times, voxelsOf } from "./phi_testing.ts";

Deno.test("each pattern that enough voxels share is a mode, the most common first", () => {
  const rng = random(3);
  const [a, b, c] = [patternOf(100, 50, rng), patternOf(100, 30, rng), patternOf(100, 70, rng)];
  const matrix = voxelsOf([...times(8, a), ...times(12, b), ...times(5, c)]);
  const modes = findModes(matrix, totals(matrix), linksOf(matrix), 6);
  assert.deepStrictEqual(modes.map((mode) => mode.words), [
    voxelsOf([b]).words,
    voxelsOf([a]).words,
  ]);
});

Deno.test("a mode is free of the noise of its voxels", () => {
  const rng = random(4);
  const block = patternOf(200, 80, rng);
  const matrix = voxelsOf(times(40, block), 0.05, rng);
  const [mode] = findModes(matrix, totals(matrix), linksOf(matrix), 6);
  assert.deepStrictEqual(mode!.words, voxelsOf([block]).words);
});

Deno.test("without links there is no mode", () => {
  const matrix = voxelsOf(times(20, patternOf(50, 25, random(1))));
  const none = { rows: new Uint32Array(), columns: new Uint32Array(), both: new Uint16Array() };
  assert.deepStrictEqual(findModes(matrix, totals(matrix), none, 6), []);
});
