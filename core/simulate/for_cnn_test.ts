import assert from "node:assert";
import { mapRange } from "../threshold_cnn/normalise.ts";
import { simulateForCnn } from "./for_cnn.ts";
import { forCnnOptions } from "./for_cnn_options.ts";
import { helices } from "./for_cnn_testing.ts";

const pdbs = [{ name: "model.pdb", text: helices(6) }];
const parse = (options: object) => forCnnOptions.parse({ box: 24, leastMass: 5, ...options });

Deno.test("map k is the same whenever, and among however many, it is asked for", () => {
  const few = simulateForCnn(parse({ volumes: 2, seed: 7 }), pdbs);
  const many = simulateForCnn(parse({ volumes: 50, seed: 7 }), pdbs);
  many.map(5);
  assert.deepStrictEqual(many.map(1), few.map(1));
  assert.notDeepStrictEqual(few.map(0).data, few.map(1).data);
  const other = simulateForCnn(parse({ volumes: 2, seed: 8 }), pdbs);
  assert.notDeepStrictEqual(other.map(1).data, few.map(1).data);
});

Deno.test("levels enclose the voxels they should, within the range that the network sees", () => {
  const maps = simulateForCnn(parse({ noise: [1e-6, 1e-6], masked: 0 }), pdbs);
  for (let k = 0; k < 12; k++) {
    const { data, level, lower, upper, voxels } = maps.map(k);
    const above = (threshold: number) => data.filter((density) => density > threshold).length;
    assert.ok(Math.abs(above(level) - voxels) <= 2, `${k}: ${above(level)} of ${voxels}`);
    assert.ok(Math.abs(above(lower) - 1.3 * voxels) <= 3);
    assert.ok(Math.abs(above(upper) - 0.8 * voxels) <= 3);
    const { min, max } = mapRange(data, "a map");
    assert.ok(min < level && level < max && lower < level && level < upper);
  }
});

Deno.test("maps differ in all that is drawn, within the ranges given", () => {
  const options = parse({ resolution: [5, 8], fill: [0.4, 0.6], masked: 1, amplitude: [2, 3] });
  const maps = simulateForCnn(options, pdbs);
  const all = Array.from({ length: 12 }, (_, k) => maps.map(k));
  assert.ok(new Set(all.map(({ particle }) => particle.chains.length)).size > 2);
  assert.deepStrictEqual(new Set(all.map(({ drawn }) => drawn.mask)), new Set(["ball", "close"]));
  for (const { drawn, data, grid } of all) {
    assert.ok(drawn.resolution >= 5 && drawn.resolution <= 8);
    assert.ok(drawn.amplitude >= 2 && drawn.amplitude <= 3);
    assert.ok(Math.abs(Math.hypot(...drawn.rotation) - 1) < 1e-12);
    assert.strictEqual(data[0], 0); // masked
    assert.ok(grid.apix > 1 && grid.apix < 20);
  }
});

Deno.test("each file can be a model of its own", () => {
  const two = [...pdbs, { name: "other.pdb", text: helices(3) }];
  const files = (models: string) => {
    const maps = simulateForCnn(parse({ models }), two);
    return Array.from(
      { length: 8 },
      (_, k) => new Set(maps.map(k).particle.chains.map(({ name }) => name.split(" ")[0])).size,
    );
  };
  assert.ok(files("one").some((count) => count === 2));
  assert.ok(files("each").every((count) => count === 1));
});

Deno.test("what cannot be simulated is refused", () => {
  assert.throws(() => simulateForCnn(parse({}), []), {
    name: "UsageError",
    message: "Cannot simulate maps for the network: there is no model",
  });
  const [first, ...rest] = helices(1).split("\n").slice(0, 2);
  const far = [first, ...rest.map((line) => line.replace(/.{8}$/, "9000.000"))].join("\n");
  assert.throws(() => simulateForCnn(parse({}), [{ name: "far.pdb", text: far }]).map(3), {
    name: "InputError",
    message: "Cannot simulate map 3: no particle of the models has a level (100 tries)",
  });
  for (
    const options of [{ box: 25 }, { fill: [0.9, 0.3] }, { resolution: [0, 3] }, { models: "two" }]
  ) {
    assert.ok(!forCnnOptions.safeParse(options).success, JSON.stringify(options));
  }
});
