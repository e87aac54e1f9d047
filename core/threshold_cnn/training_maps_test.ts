import assert from "node:assert";
import { keepMaps } from "./training_maps.ts";

Deno.test("maps are kept while there is room, and the rest is read each time", async () => {
  const reads: number[] = [];
  const maps = keepMaps({
    labels: [0.1, 0.2, 0.3],
    read: (place) => {
      reads.push(place);
      return Promise.resolve(new Float32Array(10).fill(place));
    },
  }, 2 * 40 + 39);
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const place of [2, 0, 1]) assert.strictEqual((await maps.read(place))[0], place);
  }
  assert.deepStrictEqual(reads, [2, 0, 1, 1]);
  assert.deepStrictEqual(maps.labels, [0.1, 0.2, 0.3]);
});
