/**
 * Names from files, as messages tell them.
 *
 * @module
 */

/** How much of a name is told. */
const LENGTH = 60;

/**
 * A name of others' making without what could meddle with a terminal, and cut where it is long.
 *
 * @example
 * ```ts
 * import { told } from "./told.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(told("conv.0.weight"), "conv.0.weight");
 * assert.strictEqual(told("\x1b[2J" + "a".repeat(99)), `?[2J${"a".repeat(56)}...`);
 * ```
 */
export function told(name: string): string {
  const plain = name.slice(0, LENGTH).replace(/\p{C}/gu, "?");
  return name.length > LENGTH ? `${plain}...` : plain;
}
