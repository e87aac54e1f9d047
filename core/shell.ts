/**
 * Words of a command line that a user may copy, or that a script holds.
 *
 * @module
 */

/** Whether a word means itself to a shell wherever it stands, so that it needs no quotes. */
export function isPlainWord(word: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(word);
}

/**
 * A word as a shell must be given it, always on one line: a word with control characters is written
 * `$'...'`, which bash, zsh, ksh and POSIX of 2024 know.
 *
 * @throws {RangeError} The word holds a NUL, which no program can be given.
 * @example
 * ```ts
 * import { quoteForShell } from "./shell.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(quoteForShell("my maps"), "'my maps'");
 * assert.strictEqual(quoteForShell("two\nlines"), "$'two\\x0alines'");
 * ```
 */
export function quoteForShell(word: string): string {
  if (isPlainWord(word)) return word;
  return /\p{Cc}/u.test(word) ? `$'${escapeAnsi(word)}'` : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Text as it must stand between `$'` and `'`. Control characters are written as bytes, since what
 * `\u0085` means hangs on the locale.
 *
 * @throws {RangeError} The text holds a NUL.
 */
export function escapeAnsi(text: string): string {
  if (text.includes("\0")) throw new RangeError("Cannot quote a NUL for a shell");
  return text.replace(/[\\']/g, "\\$&").replace(
    /\p{Cc}/gu,
    (character) =>
      Array.from(
        new TextEncoder().encode(character),
        (byte) => `\\x${byte.toString(16).padStart(2, "0")}`,
      ).join(""),
  );
}
