/**
 * Patterns of host names, as ssh_config(5) and sshd(8) have them.
 *
 * @module
 */

/**
 * Whether a name fits a pattern: `*` is any number of characters, `?` exactly one. Upper and lower case differ.
 *
 * @example
 * ```ts
 * import { fits } from "./patterns.ts";
 * import assert from "node:assert";
 *
 * assert.ok(fits("login?.*.edu", "login1.cluster.edu"));
 * assert.ok(!fits("login?", "login"));
 * ```
 */
export function fits(pattern: string, name: string): boolean {
  // At most one star has to be gone back to: the last one seen.
  let p = 0, n = 0, star = -1, from = 0;
  while (n < name.length) {
    if (pattern[p] === "*") {
      star = p++;
      from = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++from;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Whether a name fits one of the patterns and none of those that begin with `!`. */
export function fitsAny(patterns: readonly string[], name: string): boolean {
  const isRefused = patterns.some((one) => one.startsWith("!") && fits(one.slice(1), name));
  return !isRefused && patterns.some((one) => !one.startsWith("!") && fits(one, name));
}
