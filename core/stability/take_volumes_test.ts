import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
import { random } from "../random.ts";
import { takeVolumes } from "./take_volumes.ts";

Deno.test("every bit comes from the volume that was asked for, and none is left over", () => {
  const volumes = fc.integer({ min: 1, max: 100 });
  const property = fc.property(volumes, volumes, fc.nat(), (many, taken, seed) => {
    const rng = random(seed);
    const matrix = bitMatrix(5, many);
    const isSet = (of: typeof matrix, v: number, k: number) =>
      (of.words[v * of.wordsPerVoxel + (k >> 5)]! >>> (k & 31) & 1) === 1;
    for (let v = 0; v < 5; v++) {
      for (let k = 0; k < many; k++) {
        if (rng.uniform() < 0.5) {
          matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
        }
      }
    }
    const places = Array.from({ length: taken }, () => rng.integer(many));
    const result = takeVolumes(matrix, places);
    assert.deepStrictEqual([result.voxels, result.volumes], [5, taken]);
    for (let v = 0; v < 5; v++) {
      for (let k = 0; k < result.wordsPerVoxel * 32; k++) {
        const expected = k < taken && isSet(matrix, v, places[k]!);
        assert.strictEqual(isSet(result, v, k), expected, `voxel ${v}, volume ${k}`);
      }
    }
  });
  fc.assert(property);
});
