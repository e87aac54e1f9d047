/**
 * Tables and numbers as text.
 *
 * @module
 */

/** A column's heading and side; numbers read best on the right. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/**
 * Lays out rows in columns, two spaces apart, without blanks at line ends.
 *
 * @example
 * ```ts
 * import { formatTable } from "./table.ts";
 * import assert from "node:assert";
 *
 * const columns = [{ title: "map", align: "left" }, { title: "box", align: "right" }] as const;
 * assert.strictEqual(formatTable(columns, [["a.mrc", "64"]]), "map    box\na.mrc   64\n");
 * ```
 */
export function formatTable(columns: readonly Column[], rows: readonly string[][]): string {
  const lines = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, c) => Math.max(...lines.map((line) => (line[c] ?? "").length)));
  return lines.map((line) =>
    columns.map(({ align }, c) => {
      const cell = line[c] ?? "";
      return align === "left" ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!);
    }).join("  ").trimEnd() + "\n"
  ).join("");
}

/** A count with its thousands set apart: 11,034. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** A count and what it counts, in the singular or the plural: "1 block", "1,200 blocks". */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export { shortNumber as formatNumber } from "../core/short_number.ts";

/** A duration in its two largest units: 40 s, 12 min, 3 h 5 min, 2 d 4 h. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A size in the unit that suits it: 900 B, 12.5 KiB, 3.0 GiB. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes, unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Text of another's making without what could meddle with a terminal. */
export function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, "");
}
