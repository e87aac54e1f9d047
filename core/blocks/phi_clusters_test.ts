import assert from "node:assert";
import { random } from "../random.ts";
import { groupVoxels, mergeGroups, refineProfiles, splitGroups } from "./phi_clusters.ts";
import { majorityProfile } from "./phi_profile.ts";
import { flipped, patternOf, times, voxelsOf } from "./phi_testing.ts";

const rng = random(11);
const parent = patternOf(200, 120, rng);
const present = parent.flatMap((is, k) => is ? [k] : []);
const child = flipped(parent, present.slice(0, 3));
const grandchild = flipped(child, present.slice(3, 5));
const other = patternOf(200, 60, rng);

Deno.test("a group of three nested blocks is split into the three", () => {
  const matrix = voxelsOf([...times(50, parent), ...times(30, child), ...times(20, grandchild)]);
  const all = majorityProfile(matrix, Array.from({ length: 100 }, (_, v) => v));
  const split = splitGroups(matrix, [all], 0.5, 6);
  const sorted = groupVoxels(matrix, split, 0.5).map((group) => group.rows.length);
  assert.deepStrictEqual(sorted.sort((a, b) => b - a), [50, 30, 20]);
});

Deno.test("a homogeneous group stays whole", () => {
  const matrix = voxelsOf(times(60, parent), 0.05, rng);
  const all = majorityProfile(matrix, Array.from({ length: 60 }, (_, v) => v));
  assert.deepStrictEqual(splitGroups(matrix, [all], 0.5, 6), [all]);
});

Deno.test("profiles of one block are merged, those of two are not", () => {
  const matrix = voxelsOf(
    [...times(60, parent), ...times(30, child), ...times(20, other)],
    0.03,
    rng,
  );
  const twin = majorityProfile(voxelsOf([flipped(parent, [present[9]!])]), [0]);
  const of = (row: number, count: number) =>
    majorityProfile(matrix, Array.from({ length: count }, (_, i) => row + i));
  const truth = [of(0, 60), of(60, 30), of(90, 20)];
  assert.deepStrictEqual(mergeGroups(matrix, [...truth, twin], 0.5, 6), truth);
});

Deno.test("refining moves profiles to the votes and drops small and double ones", () => {
  const matrix = voxelsOf(
    [...times(40, parent), ...times(40, other), ...times(3, child)],
    0.03,
    rng,
  );
  const at = (pattern: readonly boolean[]) => majorityProfile(voxelsOf([pattern]), [0]);
  const off = at(flipped(parent, present.slice(20, 30)));
  const refined = refineProfiles(matrix, [off, at(other), at(flipped(other, [1]))], 0.5, 6);
  assert.deepStrictEqual(refined, [at(parent), at(other)]);
});

Deno.test("every voxel is in the group it follows best, or in none", () => {
  const matrix = voxelsOf([...times(3, parent), ...times(2, other), patternOf(200, 100, rng)]);
  const profiles = [majorityProfile(matrix, [3]), majorityProfile(matrix, [0])];
  const groups = groupVoxels(matrix, profiles, 0.5);
  assert.deepStrictEqual(groups.map((group) => [...group.rows]), [[3, 4], [0, 1, 2]]);
});
