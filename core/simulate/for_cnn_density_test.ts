import assert from "node:assert";
import { atomDensity, sigmaPerResolution } from "../atoms/density.ts";
import type { Atom } from "../atoms/chains.ts";
import { random } from "../random.ts";
import { filteredDensity, spreadAtoms, transfer } from "./for_cnn_density.ts";
import { drawProperties, forCnnOptions } from "./for_cnn_options.ts";
import { waves } from "./for_cnn_waves.ts";

const zero = { x: 0, y: 0, z: 0 };

Deno.test("filtered atoms are those of molmap", () => {
  const box = 24, apix = 3, resolution = 14;
  const rng = random(8);
  const position = () => apix * (8 + 7 * rng.uniform());
  const atoms: Atom[] = Array.from({ length: 40 }, () => ({
    x: position(),
    y: position(),
    z: position(),
    atomicNumber: 6 + rng.integer(3),
    residue: "1",
  }));
  const flat = Float64Array.from(
    atoms.flatMap(({ x, y, z, atomicNumber }) => [x / apix, y / apix, z / apix, atomicNumber]),
  );
  const sigma = sigmaPerResolution * resolution;
  const found = filteredDensity(
    flat,
    apix,
    waves(36, box),
    (q) => Math.exp(-2 * (Math.PI * sigma * q) ** 2),
  );
  const expected = new Float32Array(box ** 3);
  const { voxels, values } = atomDensity(
    atoms,
    { box, apix, origin: zero, nstart: zero },
    resolution,
  );
  voxels.forEach((voxel, i) => expected[voxel] = values[i]!);
  const peak = Math.max(...expected);
  let worst = 0;
  expected.forEach((density, v) => worst = Math.max(worst, Math.abs(density - found[v]!)));
  assert.ok(worst < 0.005 * peak, `${worst / peak}`);
});

Deno.test("spread atoms keep their weight and their place, across the faces of the box too", () => {
  const grid = spreadAtoms(Float64Array.of(0.25, 3, 7.5, 6), 8);
  let sum = 0, cosine = 0, sine = 0;
  grid.forEach((weight, v) => {
    sum += weight;
    const angle = 2 * Math.PI * (v % 8) / 8;
    cosine += weight * Math.cos(angle);
    sine += weight * Math.sin(angle);
  });
  assert.ok(Math.abs(sum - 6) < 1e-12);
  assert.ok(Math.abs(Math.atan2(sine, cosine) - 2 * Math.PI * 0.25 / 8) < 0.005);
});

Deno.test("what frequencies are multiplied by: resolution, B-factor, solvent and rim", () => {
  const plain = {
    ...drawProperties(forCnnOptions.parse({}), random(1)),
    resolution: 10,
    edge: "gaussian",
    bFactor: 0,
    solvent: 0,
    highPass: [0, 1],
  } as const;
  const at = (change: Partial<typeof plain> | object, q: number) =>
    transfer({ ...plain, ...change }, 100)(q);
  assert.strictEqual(at({}, 0), 1);
  // A Gaussian of 0.225 of the resolution falls to 1 / e at the resolution.
  assert.ok(Math.abs(at({}, 0.1) - Math.exp(-1)) < 0.002);
  assert.ok(at({ edge: "sharp" }, 0.08) > 0.9 && at({ edge: "sharp" }, 0.12) < 0.1);
  assert.ok(Math.abs(at({ bFactor: 100 }, 0.1) / at({}, 0.1) - Math.exp(-0.25)) < 1e-12);
  assert.ok(at({ bFactor: -100 }, 0.1) > at({}, 0.1));
  assert.ok(Math.abs(at({ solvent: 0.5 }, 0) - (1 - 0.5 * 0.334 * 16 / 6.9)) < 1e-12);
  assert.ok(at({ solvent: 0.5 }, 0.3) > 0.9 * at({}, 0.3));
  assert.ok(Math.abs(at({ highPass: [0.4, 1] }, 0) - 0.6) < 1e-12);
  assert.ok(Math.abs(at({ highPass: [0.4, 1] }, 0.03) / at({}, 0.03) - 1) < 1e-3);
});
