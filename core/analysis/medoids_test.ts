import assert from "node:assert";
import { volumeClusters } from "./medoids.ts";

Deno.test("volumeClusters: medoids first, then the nearest, ties by place", () => {
  const table = {
    volumes: ["0", "1", "2", "3", "4", "5"],
    regions: [{ name: "b0", voxels: 1 }, { name: "b1", voxels: 1 }],
    values: Float64Array.of(0, 0, 1, 0, 0.5, 0, 0.5, 0, 0.5, 1, 0.5, 1),
  };
  const presence = Uint8Array.of(0, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1);
  assert.deepStrictEqual(volumeClusters({ table, presence, clusters: [2, 2, 2, 2, 1, 1] }), [
    { cluster: 1, volumes: [4, 5], regions: [0, 1] },
    // Half of the volumes hold b0: that is not more than half.
    { cluster: 2, volumes: [2, 3, 0, 1], regions: [] },
  ]);
});
