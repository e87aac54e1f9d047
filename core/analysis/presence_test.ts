import assert from "node:assert";
import fc from "fast-check";
import { exactOtsu, findCutoffs, fullOccupancy, presenceOf, unclearShare } from "./presence.ts";

const tableOf = (...columns: number[][]) => ({
  volumes: columns[0]!.map((_, v) => `vol_${v}.mrc`),
  regions: columns.map((_, k) => ({ name: `b${k}`, voxels: 9 })),
  values: Float64Array.from(columns[0]!.flatMap((_, v) => columns.map((column) => column[v]!))),
});
const repeated = (value: number, times: number, spread = 0.04) =>
  Array.from({ length: times }, (_, i) => value + spread * ((i * 7 % 11) / 10 - 0.5));

Deno.test("exactOtsu: the greatest variance between classes of all thresholds", () => {
  const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(values, (values) => {
    const sorted = Float64Array.from(values).sort();
    const between = (level: number) => {
      const low = sorted.filter((x) => x < level), high = sorted.filter((x) => x >= level);
      if (low.length === 0 || high.length === 0) return 0;
      const mean = (list: Float64Array) => list.reduce((sum, x) => sum + x, 0) / list.length;
      return low.length * high.length * (mean(high) - mean(low)) ** 2;
    };
    const { level, apart } = exactOtsu(sorted);
    const greatest = Math.max(...Array.from(sorted, (x) => between(x)));
    assert.ok(Math.abs(between(level) - greatest) <= 1e-9 * (1 + greatest));
    assert.strictEqual(apart > 0, greatest > 0);
  }));
});

Deno.test("cutoffs: between the classes; a region that is always or never there is not parted", () => {
  const table = tableOf(
    [...repeated(0.95, 30), ...repeated(0.05, 20)],
    repeated(0.92, 50, 0.16), // always there
    repeated(0.03, 50, 0.06), // never
    [...repeated(0.9, 1), ...repeated(0.02, 49)], // once
    [...repeated(0.4, 25), ...repeated(0, 25, 0)], // a block of which much is missing
  );
  const cutoffs = findCutoffs(table, 1);
  assert.ok(cutoffs[0]! > 0.2 && cutoffs[0]! < 0.8);
  assert.deepStrictEqual(cutoffs.slice(1, 3), [0.5, 0.5]);
  const presence = presenceOf(table, cutoffs);
  const counts = table.regions.map((_, k) =>
    table.volumes.reduce((sum, _, v) => sum + presence[v * 5 + k]!, 0)
  );
  assert.deepStrictEqual(counts, [30, 50, 0, 1, 25]);
});

Deno.test("occupancies of another scale have cutoffs of that scale", () => {
  const shares = tableOf([...repeated(0.95, 30), ...repeated(0.05, 20)], repeated(0.9, 50));
  for (const scale of [1e-3, 40]) {
    const table = { ...shares, values: shares.values.map((x) => scale * x) };
    const full = fullOccupancy(table);
    assert.ok(full > 0.8 * scale && full < 1.1 * scale, String(full));
    assert.deepStrictEqual(
      presenceOf(table, findCutoffs(table, full)),
      presenceOf(shares, findCutoffs(shares, 1)),
    );
  }
  assert.strictEqual(fullOccupancy(shares), 1);
  assert.strictEqual(fullOccupancy(tableOf([0, 0, 0])), 1);
  assert.strictEqual(fullOccupancy(tableOf([-2, -1, -3])), 1);
});

Deno.test("unclearShare counts what is nearer to the cutoff than to its side", () => {
  // Means 0.8 and 0.1: clear from 0.65 on and up to 0.3.
  const table = tableOf([0.9, 0.9, 0.6, 0, 0, 0.3]);
  assert.strictEqual(unclearShare(table, [0.5], presenceOf(table, [0.5])), 1 / 6);
  const clear = tableOf([1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]);
  assert.strictEqual(unclearShare(clear, [0.5, 0.5, 0.5], presenceOf(clear, [0.5, 0.5, 0.5])), 0);
});
