/**
 * Words of a command line that a user may copy.
 *
 * @module
 */

/** A word as a POSIX shell must be given it. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
