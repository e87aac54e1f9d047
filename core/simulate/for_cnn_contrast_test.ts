import assert from "node:assert";
import { addSpot, changeContrast } from "./for_cnn_contrast.ts";

Deno.test("a change of contrast keeps the order of densities, 0, the level, and what bounds enclose", () => {
  const densities = Array.from({ length: 60 }, (_, i) => (i - 10) / 5);
  const known = { level: 2, lower: 0.5, upper: 4.1 };
  for (const contrast of [-1, 0, 0.5, 1]) {
    const map = Float32Array.from(densities);
    const changed = changeContrast(map, known, contrast);
    assert.ok(map.every((density, i) => i === 0 || density > map[i - 1]!), `${contrast}`);
    assert.ok(Math.abs(map[20]! - 2) < 1e-6);
    assert.deepStrictEqual([...map.subarray(0, 11)], [
      ...Float32Array.from(densities.slice(0, 11)),
    ]);
    for (const bound of ["lower", "upper"] as const) {
      assert.strictEqual(
        map.filter((density) => density > changed[bound]).length,
        densities.filter((density) => density > known[bound]).length,
      );
    }
    if (contrast < 1) assert.ok(map.at(-1)! < densities.at(-1)!);
  }
});

Deno.test("a spot is as high as it should be, where it should be, and small", () => {
  const map = new Float32Array(1000).fill(2);
  addSpot(map, 10, Float64Array.of(3, 4, 5, 6), 1.5);
  assert.ok(Math.abs(map[543]! - 5) < 1e-6);
  assert.ok(map.filter((density) => density > 2.1).length < 60);
  addSpot(map, 10, Float64Array.of(3, 4, 5, 6), 0);
  assert.ok(Math.abs(map[543]! - 5) < 1e-6);
});
