import assert from "node:assert";
import { statistics } from "../mrc/statistics.ts";
import { random } from "../random.ts";
import { drawProperties, forCnnOptions } from "./for_cnn_options.ts";
import { addSolventNoise, solventMask } from "./for_cnn_solvent.ts";

const box = 24;
const drawn = drawProperties(forCnnOptions.parse({}), random(1));

/** A bar of 3 x 3 x 11 voxels of density 10 about the middle. */
function bar(): Float32Array {
  return Float32Array.from({ length: box ** 3 }, (_, v) => {
    const [x, y, z] = [v % box, Math.floor(v / box) % box, Math.floor(v / box ** 2)];
    return Math.abs(x - 12) <= 1 && Math.abs(y - 12) <= 1 && Math.abs(z - 12) <= 5 ? 10 : 0;
  });
}

Deno.test("noise is a share of the level, more of it in the particle", () => {
  for (const whiteNoise of [0, 0.5, 1]) {
    const map = bar();
    const properties = { ...drawn, noise: 0.1, noiseInside: 2, noiseOutside: 1, whiteNoise };
    addSolventNoise(map, box, 5, 3, properties, random(2));
    const of = (inside: boolean) => {
      const isIn = bar().map((density) => density > 0 === inside ? 1 : 0);
      const noise = map.map((density) => inside ? density - 10 : density);
      return statistics(noise.filter((_, v) => isIn[v] === 1)).rms;
    };
    assert.ok(Math.abs(of(false) - 0.5) < 0.05, String(of(false)));
    assert.ok(of(true) > 1, String(of(true)));
  }
});

Deno.test("masks keep the particle, take the corners away, and have soft edges", () => {
  for (const mask of ["ball", "close"] as const) {
    const values = solventMask(bar(), box, 5, { ...drawn, mask, maskGap: 1, maskEdge: 3 })!;
    let kept = 0, soft = 0;
    bar().forEach((density, v) => {
      if (density > 0) assert.ok(values[v]! > 0.999, mask);
      if (values[v] === 1) kept++;
      if (values[v]! > 0 && values[v]! < 0.999) soft++;
    });
    assert.strictEqual(values[0], 0);
    assert.ok(kept > 99 && kept < 2000 && soft > 100, `${mask} ${kept} ${soft}`);
  }
  assert.strictEqual(solventMask(bar(), box, 5, { ...drawn, mask: "none" }), undefined);
});
