import assert from "node:assert";
import { formatBytes, formatCounted, formatDuration, formatNumber, formatTable } from "./table.ts";

Deno.test("formatTable sets columns two spaces apart", () => {
  const columns = [
    { title: "block", align: "right" },
    { title: "name", align: "left" },
  ] as const;
  assert.strictEqual(
    formatTable(columns, [["1", "core"], ["1,000", ""]]),
    "block  name\n    1  core\n1,000\n",
  );
});

Deno.test("numbers and durations read as people write them", () => {
  assert.strictEqual(formatCounted(1, "block"), "1 block");
  assert.strictEqual(formatCounted(11034, "block"), "11,034 blocks");
  assert.deepStrictEqual([0.5, 12.3456, 1.23456e-7, -0].map(formatNumber), [
    "0.5",
    "12.35",
    "1.235e-7",
    "0",
  ]);
  const durations = [
    [-5, "0.0 s"],
    [440, "0.4 s"],
    [9_990, "10.0 s"],
    [10_000, "10 s"],
    [89_400, "89 s"],
    [90_000, "2 min"],
    [59.6 * 60_000, "1 h 0 min"],
    [3 * 3_600_000 + 5 * 60_000, "3 h 5 min"],
    [52 * 3_600_000, "2 d 4 h"],
  ] as const;
  for (const [time, text] of durations) assert.strictEqual(formatDuration(time), text);
});

Deno.test("formatBytes takes the unit that suits", () => {
  const sizes = [0, 1023, 1024, 1.5 * 2 ** 20, 3 * 2 ** 30, 5000 * 2 ** 40];
  assert.deepStrictEqual(sizes.map(formatBytes), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.5 MiB",
    "3.0 GiB",
    "5000.0 TiB",
  ]);
});
