/**
 * Measured numbers, short.
 *
 * @module
 */

/**
 * A measured number to four digits, without trailing zeros.
 *
 * @example
 * ```ts
 * import { shortNumber } from "./short_number.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual([0.5, 12.3456, 1.2e-7].map(shortNumber), ["0.5", "12.35", "1.2e-7"]);
 * ```
 */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}
