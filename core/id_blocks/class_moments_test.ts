import assert from "node:assert";
import { random } from "../random.ts";
import { classMoments } from "./class_moments.ts";

Deno.test("classMoments: means and Welch's t as two passes give them, far from zero too", () => {
  const rng = random(9);
  const voxels = 20, far = 1e5;
  const maps = Array.from(
    { length: 13 },
    () => Float32Array.from({ length: voxels }, (_, v) => (v < 10 ? far : 0) + rng.uniform()),
  );
  const high = maps.slice(0, 5), low = maps.slice(5);
  const moments = classMoments(voxels);
  // In turns: the classes do not come one after the other.
  maps.toReversed().forEach((map) => moments.add(high.includes(map) ? "high" : "low", map));
  const { difference, t } = moments.difference();
  for (let v = 0; v < voxels; v++) {
    const [a, b] = [high, low].map((set) => {
      const mean = set.reduce((sum, map) => sum + map[v]!, 0) / set.length;
      const variance = set.reduce((sum, map) => sum + (map[v]! - mean) ** 2, 0) / (set.length - 1);
      return { mean, of: variance / set.length };
    }) as [{ mean: number; of: number }, { mean: number; of: number }];
    const expected = a.mean - b.mean;
    assert.ok(Math.abs(difference[v]! - expected) < 1e-6);
    const welch = expected / Math.sqrt(a.of + b.of);
    assert.ok(Math.abs(t![v]! - welch) <= 1e-5 * Math.abs(welch));
  }
});

Deno.test("classMoments: voxels that do not vary, and classes of a single volume", () => {
  const moments = classMoments(3);
  for (const value of [1, 3]) moments.add("high", Float32Array.of(value, 5, 2));
  moments.add("low", Float32Array.of(0, 7, 2));
  assert.strictEqual(moments.difference().t, undefined);
  moments.add("low", Float32Array.of(0, 7, 2));
  const { difference, t } = moments.difference();
  assert.deepStrictEqual([...difference], [2, -2, 0]);
  // Voxel 1 has no variance: as sure as the surest, with the sign of its difference.
  assert.deepStrictEqual([...t!], [2, -2, 0]);
});
