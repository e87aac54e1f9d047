import assert from "node:assert";
import fc from "fast-check";
import { random } from "../random.ts";
import {
  bestHalf,
  differingVolumes,
  majorityProfile,
  nearestProfiles,
  phiOfProfiles,
  phiWithProfile,
  presenceProfile,
} from "./phi_profile.ts";
import { flipped, patternOf, times, voxelsOf } from "./phi_testing.ts";

const bits = (volumes: number) =>
  fc.array(fc.boolean(), { minLength: volumes, maxLength: volumes });

Deno.test("the vote is the strict majority, volume by volume", () => {
  const matrix = voxelsOf([[true, true, false], [true, false, false]]);
  assert.deepStrictEqual(majorityProfile(matrix, [0, 1]), {
    words: Uint32Array.of(0b001),
    total: 1,
  });
  fc.assert(fc.property(
    fc.array(bits(70), { minLength: 1, maxLength: 9 }),
    (patterns) => {
      const votes = patterns[0]!.map((_, k) => patterns.filter((p) => p[k]).length);
      const expected = voxelsOf([votes.map((n) => 2 * n > patterns.length)]);
      const vote = majorityProfile(voxelsOf(patterns), patterns.map((_, v) => v));
      assert.deepStrictEqual([...vote.words], [...expected.words]);
      assert.strictEqual(vote.total, votes.filter((n) => 2 * n > patterns.length).length);
    },
  ));
});

Deno.test("a mask's profile is that of its better half, where the plain vote would be wrong", () => {
  const rng = random(5);
  const block = patternOf(100, 50, rng);
  // 11 voxels of the block; 4 that need a second block too, and 6 that follow others altogether.
  const partly = block.map((present, k) => present && k % 3 !== 0);
  const others = Array.from({ length: 6 }, () => patternOf(100, 20, rng));
  const matrix = voxelsOf([...times(11, block), ...times(4, partly), ...others]);
  const rows = Array.from({ length: 21 }, (_, v) => v);
  const truth = voxelsOf([block]).words;
  assert.deepStrictEqual(presenceProfile(matrix, rows).words, truth);
  const noisy = voxelsOf([...times(41, block), ...times(20, partly)], 0.1, rng);
  const all = Array.from({ length: 61 }, (_, v) => v);
  assert.deepStrictEqual(presenceProfile(noisy, all).words, truth);
});

Deno.test("a mask of voxels that are always occupied has a profile that nothing follows", () => {
  const matrix = voxelsOf([times(40, true), times(40, true), patternOf(40, 20, random(1))]);
  const profile = presenceProfile(matrix, [0, 1]);
  assert.strictEqual(profile.total, 40);
  assert.deepStrictEqual([...nearestProfiles(matrix, 0, 3, [profile], 0.1).profiles], [-1, -1, -1]);
});

Deno.test("the better half has the median in it", () => {
  assert.deepStrictEqual([...bestHalf([4, 5, 6, 7], Float64Array.of(1, 0.2, 0.5, 0.7))], [4, 7]);
  assert.deepStrictEqual([...bestHalf([4, 5, 6], Float64Array.of(1, 1, 1))], [4, 5, 6]);
});

Deno.test("the nearest profile is that of highest phi, of equal ones the first", () => {
  const rng = random(9);
  const a = patternOf(60, 30, rng), b = flipped(a, [1, 2, 3]);
  const matrix = voxelsOf([a, b, flipped(b, [7]), patternOf(60, 30, rng)]);
  const [one, other] = [majorityProfile(matrix, [0]), majorityProfile(matrix, [1])];
  const nearest = nearestProfiles(matrix, 0, 4, [one, other, one], 0.6);
  assert.deepStrictEqual([...nearest.profiles], [0, 1, 1, -1]);
  assert.strictEqual(nearest.phi[0], 1);
  assert.strictEqual(nearest.phi[2], phiWithProfile(matrix, 2, other));
  assert.strictEqual(nearest.phi[3], 0);
  assert.strictEqual(differingVolumes(one, other), 3);
  assert.strictEqual(phiOfProfiles(60, one, other), phiWithProfile(matrix, 0, other));
});

Deno.test("a voxel's nearest profile does not depend on the range it is asked in", () => {
  fc.assert(fc.property(
    fc.array(bits(40), { minLength: 2, maxLength: 12 }),
    fc.nat(11),
    (patterns, cut) => {
      const matrix = voxelsOf(patterns);
      const profiles = [majorityProfile(matrix, [0]), majorityProfile(matrix, [1])];
      const at = Math.min(cut, patterns.length);
      const whole = nearestProfiles(matrix, 0, patterns.length, profiles, 0.5);
      const first = nearestProfiles(matrix, 0, at, profiles, 0.5);
      const rest = nearestProfiles(matrix, at, patterns.length, profiles, 0.5);
      assert.deepStrictEqual([...first.profiles, ...rest.profiles], [...whole.profiles]);
      assert.deepStrictEqual([...first.phi, ...rest.phi], [...whole.phi]);
    },
  ));
});
