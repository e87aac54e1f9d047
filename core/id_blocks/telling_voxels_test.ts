import assert from "node:assert";
import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
import { random } from "../random.ts";
import { countClasses, tellingVoxels } from "./telling_voxels.ts";

Deno.test("countClasses and tellingVoxels: as the definition says, over more than one word of volumes", () => {
  const rng = random(4);
  const voxels = 60, volumes = 75;
  const matrix = bitMatrix(voxels, volumes);
  const bit = (row: number, volume: number) =>
    matrix.words[row * matrix.wordsPerVoxel + (volume >> 5)]! >>> (volume & 31) & 1;
  for (let row = 0; row < voxels; row++) {
    for (let volume = 0; volume < volumes; volume++) {
      // The first half of the voxels goes with the volumes from 40 on.
      const share = row < 30 === volume >= 40 ? 0.95 : 0.05;
      if (rng.uniform() < share) {
        matrix.words[row * matrix.wordsPerVoxel + (volume >> 5)]! |= 1 << (volume & 31);
      }
    }
  }
  const high = [40, 41, 63, 64, 74], low = [0, 1, 31, 32, 33, 39];
  const counts = countClasses(matrix, { high, low });
  for (let row = 0; row < voxels; row++) {
    assert.strictEqual(counts.high[row], high.filter((volume) => bit(row, volume)).length);
    assert.strictEqual(counts.low[row], low.filter((volume) => bit(row, volume)).length);
  }
  const found = tellingVoxels(counts, { high, low }, { inHigh: 1, inLow: 1 });
  const rows = Array.from({ length: voxels }, (_, row) => row);
  assert.deepStrictEqual(
    [...found],
    rows.filter((row) =>
      high.every((volume) => bit(row, volume)) &&
      low.filter((volume) => bit(row, volume)).length <= 1
    ),
  );
  assert.ok(found.length > 10 && found.every((row) => row < 30));
});

Deno.test("tellingVoxels: a share of the high volumes, in whole volumes, and at least one", () => {
  const classes = { high: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], low: [10] };
  const counts = { high: [10, 7, 6, 1, 0], low: [0, 0, 0, 0, 0] };
  const found = (inHigh: number) => [...tellingVoxels(counts, classes, { inHigh, inLow: 0 })];
  assert.deepStrictEqual(found(1), [0]);
  // 0.7 * 10 is a little more than 7.
  assert.deepStrictEqual(found(0.7), [0, 1]);
  assert.deepStrictEqual(found(0.001), [0, 1, 2, 3]);
});
