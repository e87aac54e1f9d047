import assert from "node:assert";
import { InputError } from "../../errors.ts";
import { random } from "../../random.ts";
import { findLevel, type LevelOptions, levelOptions } from "./find_level.ts";

/** A ball of 257 voxels of density 1 in a box of 16 with noise. */
function ball(): Float32Array {
  const rng = random(1);
  return Float32Array.from({ length: 16 ** 3 }, (_, v) => {
    const [x, y, z] = [v % 16 - 8, Math.floor(v / 16) % 16 - 8, Math.floor(v / 256) - 8];
    return (x * x + y * y + z * z <= 15 ? 1 : 0) + 0.1 * rng.normal();
  });
}
const map = { data: ball(), apix: 4, name: "ball.mrc" };
const above = (level: number) => map.data.filter((density) => density > level).length;

Deno.test("each method finds the ball", () => {
  const inside = above(0.5);
  const found = (options: LevelOptions) => above(findLevel(map, options));
  assert.ok(Math.abs(found({ method: "otsu" }) - inside) < 5);
  assert.ok(Math.abs(found({ method: "sigma", sigmas: 2 }) - inside) < 5);
  // A voxel of 4 Å holds 64 Å^3: 52.8 Da of protein.
  const mass = 100 * 64 / 1.21219 / 1000;
  assert.strictEqual(found({ method: "volume", mass }), 100);
  assert.strictEqual(found({ method: "volume", mass, density: "nucleic" }), 79);
  assert.strictEqual(found({ method: "volume", mass, density: 1.37 * 2 }), 50);
  assert.strictEqual(found({ method: "volume", mass, apix: 8 }), 13);
});

Deno.test("sigma is the mean and standard deviations of all voxels", () => {
  const data = Float32Array.of(1, 1, 1, 5);
  // Mean 2, standard deviation sqrt(3).
  const level = findLevel({ ...map, data }, { method: "sigma", sigmas: 1 });
  assert.ok(Math.abs(level - 2 - Math.sqrt(3)) < 1e-12);
  const flat = { ...map, data: Float32Array.from(map.data, (_, v) => v % 40 === 0 ? 1 : 0) };
  const [one, dflt] = [1, undefined].map((sigmas) =>
    findLevel(flat, sigmas === undefined ? { method: "sigma" } : { method: "sigma", sigmas })
  ) as [number, number];
  assert.ok(dflt > 2 * one);
});

Deno.test("what has no threshold is refused, with its name and the reason", async (t) => {
  const volume = { method: "volume" } as const;
  const solvent = Float32Array.of(0, 0, 0, 0, 0, 0, 1, 2);
  const cases: [string, Float32Array, LevelOptions, number | undefined, string][] = [
    [
      "constant",
      new Float32Array(8).fill(2),
      { method: "otsu" },
      4,
      "all its voxels are the same (2)",
    ],
    [
      "NaN",
      Float32Array.of(1, NaN),
      { method: "otsu" },
      4,
      "1 of its voxels are not finite numbers",
    ],
    [
      "negative",
      Float32Array.of(-1, -2),
      { method: "otsu" },
      4,
      "none of its voxels is positive (-1)",
    ],
    [
      "one hot voxel",
      new Float32Array(1e6).with(9, 1),
      { method: "otsu" },
      4,
      "nearly all its voxels are the same",
    ],
    ["far above", solvent, { method: "sigma", sigmas: 9 }, 4, "no voxel is above the level (6.638"],
    [
      "no voxel size",
      solvent,
      { ...volume, mass: 1 },
      undefined,
      "its header does not tell the voxel size",
    ],
    [
      "tiny",
      solvent,
      { ...volume, mass: 0.001 },
      4,
      "the molecule is smaller than a voxel (0.001 kDa are 0 voxels of 4 Å)",
    ],
    [
      "huge",
      solvent,
      { ...volume, mass: 1 },
      4,
      "the molecule is larger than the box (1 kDa are 19 voxels of 4 Å)",
    ],
    [
      "masked",
      solvent,
      { ...volume, mass: 0.2 },
      4,
      "the molecule is larger than what is positive in the map (0.2 kDa are 4 voxels of 4 Å)",
    ],
  ];
  for (const [name, data, options, apix, reason] of cases) {
    await t.step(name, () => {
      assert.throws(() => findLevel({ data, apix, name: "a.mrc" }, options), (error) => {
        assert.ok(error instanceof InputError);
        assert.ok(
          error.message.startsWith(`Cannot find a threshold for a.mrc: ${reason}`),
          error.message,
        );
        return true;
      });
    });
  }
});

Deno.test("options that do not go together are refused", () => {
  const complaints = (value: unknown) =>
    levelOptions.safeParse(value).error?.issues.map(({ message }) => message);
  assert.strictEqual(complaints({ method: "sigma", sigmas: 2.5 }), undefined);
  assert.strictEqual(complaints({ method: "volume", mass: 1, density: "nucleic" }), undefined);
  assert.deepStrictEqual(complaints({ method: "volume" }), [
    "method volume needs the mass of the molecule (--mass)",
  ]);
  assert.deepStrictEqual(complaints({ method: "otsu", sigmas: 3, mass: 9 }), [
    "--sigmas is for method sigma, not otsu",
    "--mass is for method volume, not otsu",
  ]);
  assert.strictEqual(complaints({ method: "volume", mass: 1, density: "water" })?.length, 1);
});
