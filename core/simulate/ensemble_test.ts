import assert from "node:assert";
import { ensembleOptions, simulateEnsemble } from "./ensemble.ts";
import { ballModel } from "./phantom.ts";

const zero = { x: 0, y: 0, z: 0 };
const grid = { box: 20, apix: 5, origin: zero, nstart: zero };
const ball = (x: number, y: number, z: number, radius = 12) => [{ x, y, z, radius }];
// A core and two blocks that do not touch.
const model = ballModel(grid, ball(48, 48, 48), [ball(20, 20, 20), ball(75, 75, 75, 17)]);
const tree = { parents: [-1, 0], probabilities: [0.6, 0.5] };
const simulate = (options: object) => simulateEnsemble(model, tree, ensembleOptions.parse(options));

const at = (x: number, y: number, z: number) => (z / 5 * 20 + y / 5) * 20 + x / 5;

Deno.test("any volume can be made alone, and only its own seed and number matter", () => {
  const options = { volumes: 5, seed: 3, noise: 0.2, amplitude: 0.3 };
  const all = simulate(options);
  const volumes = all.states.map((_, k) => all.volume(k));
  const again = simulate({ ...options, volumes: 9 });
  for (const k of [4, 1, 0]) {
    assert.deepStrictEqual(again.volume(k), volumes[k]);
    assert.deepStrictEqual(again.states[k], all.states[k]);
  }
  assert.notDeepStrictEqual(volumes[0], volumes[1]);
  assert.notDeepStrictEqual(simulate({ ...options, seed: 4 }).volume(0), volumes[0]);
});

Deno.test("noise does not change what is drawn", () => {
  assert.deepStrictEqual(
    simulate({ volumes: 20, noise: 0 }).states,
    simulate({ volumes: 20, noise: 0.5, noiseResolution: 20 }).states,
  );
});

Deno.test("a volume without noise is the sum of the parts present over the reference", () => {
  const { states, volume, reference } = simulate({ volumes: 30, noise: 0, amplitude: 0.5 });
  const seen = new Set<string>();
  states.forEach(({ presence, amplitude }, k) => {
    const density = volume(k);
    seen.add(presence.join());
    const near = (voxel: number, wanted: number) =>
      assert.ok(Math.abs(density[voxel]! * reference - wanted) < 1e-6);
    near(at(50, 50, 50), amplitude);
    near(at(20, 20, 20), amplitude * presence[0]!);
    near(at(75, 75, 75), amplitude * presence[1]!);
    near(at(95, 0, 0), 0);
  });
  assert.deepStrictEqual([...seen].sort(), ["0,0", "1,0", "1,1"]);
});

Deno.test("the reference is the 99th percentile over all voxels at the middle resolution", () => {
  // Two voxels of density 1 and 2 of a thousand would make it 0; forty make it that of the weaker half.
  const small = { box: 10, apix: 1, origin: zero, nstart: zero };
  let asked: number[] = [];
  const flat = (count: number) => ({
    grid: small,
    blocks: 1,
    render(resolution: number) {
      asked.push(resolution);
      const part = (from: number, value: number) => ({
        voxels: Uint32Array.from({ length: count }, (_, i) => from + i),
        values: new Float32Array(count).fill(value),
      });
      return [part(0, 1), part(500, 2)];
    },
  });
  const one = { parents: [-1], probabilities: [0.5] };
  const options = ensembleOptions.parse({ volumes: 1, resolution: [4, 9] });
  // 999 * 0.99 = 989.01: with 10 voxels of 2, the step from 1 to 2 lies between ranks 989 and 990.
  assert.ok(Math.abs(simulateEnsemble(flat(10), one, options).reference - 1.01) < 1e-9);
  assert.deepStrictEqual(asked, [6.5]);
  asked = [];
  assert.throws(() => simulateEnsemble(flat(2), one, options), {
    name: "UsageError",
    message: "Cannot scale the model: it fills less than 1 % of the box (10 voxels of 1 Å)",
  });
});

Deno.test("noise has the given share of the reference, threshold and amplitude go together", () => {
  const { volume, states } = simulate({ volumes: 3, noise: 0.1, amplitude: 0.5, threshold: 0.25 });
  states.forEach(({ amplitude, threshold }, k) => {
    assert.ok(amplitude >= 0.5 && amplitude <= 1.5);
    assert.strictEqual(threshold, 0.25 * amplitude);
    // The last planes of the box are empty.
    const empty = volume(k).subarray(19 * 400);
    const sd = Math.sqrt(empty.reduce((sum, n) => sum + n * n, 0) / empty.length);
    assert.ok(Math.abs(sd / amplitude - 0.1) < 0.02, String(sd));
  });
});

Deno.test("resolutions are the equal steps of the range, all of them", () => {
  const drawn = (options: object) =>
    [...new Set(simulate({ volumes: 200, ...options }).states.map((s) => s.resolution))].sort(
      (a, b) => a - b,
    );
  assert.deepStrictEqual(drawn({}), [10, 11, 12, 13, 14]);
  assert.deepStrictEqual(drawn({ resolution: [4, 8], resolutionSteps: 3 }), [4, 6, 8]);
  assert.deepStrictEqual(drawn({ resolution: [4, 8], resolutionSteps: 1 }), [6]);
});

Deno.test("a voxel belongs to the part that is densest there, where the full model is above the threshold", () => {
  const { labels } = simulate({ volumes: 1 });
  assert.strictEqual(labels[at(50, 50, 50)], 0);
  assert.strictEqual(labels[at(20, 20, 20)], 1);
  assert.strictEqual(labels[at(75, 75, 75)], 2);
  assert.strictEqual(labels[at(95, 0, 0)], -1);

  const part = (...values: number[]) => ({
    voxels: Uint32Array.from(values.keys()),
    values: Float32Array.from(values),
  });
  const dense = (voxel: number) => voxel >= 100;
  const filler = (index: number) => ({
    voxels: Uint32Array.from({ length: 512 }, (_, v) => v).filter(dense),
    values: new Float32Array(412).fill(index === 0 ? 1 : 0.5),
  });
  const add = (a: ReturnType<typeof part>, b: ReturnType<typeof part>) => ({
    voxels: Uint32Array.of(...a.voxels, ...b.voxels),
    values: Float32Array.of(...a.values, ...b.values),
  });
  const crafted = simulateEnsemble(
    {
      grid: { box: 8, apix: 1, origin: zero, nstart: zero },
      blocks: 1,
      // Reference 1.5, threshold 0.3: sums of 0.2 (nothing), 0.4 (a tie: the core), 0.4 and 0.31.
      render:
        () => [add(part(0.1, 0.2, 0.1, 0.31), filler(0)), add(part(0.1, 0.2, 0.3), filler(1))],
    },
    { parents: [-1], probabilities: [0.5] },
    ensembleOptions.parse({ volumes: 1, threshold: 0.2 }),
  );
  assert.strictEqual(crafted.reference, 1.5);
  assert.deepStrictEqual([...crafted.labels.subarray(0, 5)], [-1, 0, 1, 0, -1]);
});

Deno.test("a tree of another number of blocks is refused", () => {
  const other = { parents: [-1], probabilities: [0.5] };
  assert.throws(() => simulateEnsemble(model, other, ensembleOptions.parse({})), {
    message: "Cannot use the assembly tree: it has 1 parents and 1 probabilities for 2 blocks",
  });
});
