import assert from "node:assert";
import { random } from "../random.ts";
import { majorityProfile } from "./phi_profile.ts";
import { dropSpurious } from "./phi_spurious.ts";
import { flipped, type Pattern, patternOf, times, voxelsOf } from "./phi_testing.ts";

const rng = random(21);
const a = patternOf(200, 100, rng), b = patternOf(200, 60, rng);
const either = a.map((is, k) => is || b[k]!), both = a.map((is, k) => is && b[k]!);
const profileOf = (pattern: Pattern) => majorityProfile(voxelsOf([pattern]), [0]);

Deno.test("where two blocks touch, the few voxels that need either or both are no blocks", () => {
  const voxels = [...times(60, a), ...times(50, b), ...times(12, either), ...times(9, both)];
  const profiles = [either, a, both, b].map(profileOf);
  assert.deepStrictEqual(dropSpurious(voxelsOf(voxels), profiles, 0.5, 6), [a, b].map(profileOf));
});

Deno.test("a block as large as its parts is a block, though it is there whenever they are", () => {
  const voxels = [...times(60, a), ...times(50, b), ...times(30, either)];
  const profiles = [a, b, either].map(profileOf);
  assert.deepStrictEqual(dropSpurious(voxelsOf(voxels), profiles, 0.5, 6), profiles);
});

Deno.test("one volume in which its voxels agree tells a small block from an interface", () => {
  const alone = either.findIndex((is) => !is);
  const parent = flipped(either, [alone]);
  const voxels = [...times(60, a), ...times(50, b), ...times(12, parent)];
  const profiles = [a, b, parent].map(profileOf);
  assert.deepStrictEqual(dropSpurious(voxelsOf(voxels), profiles, 0.5, 6), profiles);
});

Deno.test("voxels that disagree with each other are no block", () => {
  const present = a.flatMap((is, k) => is ? [k] : []);
  const rim = Array.from({ length: 20 }, () => patternOf(100, 50, rng))
    .map((missing) => flipped(a, present.filter((_, i) => missing[i])));
  const matrix = voxelsOf([...times(60, a), ...rim]);
  const loose = majorityProfile(matrix, rim.map((_, i) => 60 + i));
  assert.deepStrictEqual(dropSpurious(matrix, [profileOf(a), loose], 0.4, 6), [profileOf(a)]);
});

Deno.test("small groups are dropped and the others come largest first", () => {
  const matrix = voxelsOf([...times(6, a), ...times(9, b), ...times(5, patternOf(200, 90, rng))]);
  const profiles = [0, 6, 15].map((row) => majorityProfile(matrix, [row]));
  assert.deepStrictEqual(dropSpurious(matrix, profiles, 0.5, 6), [b, a].map(profileOf));
});
