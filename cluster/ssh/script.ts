/**
 * A program and its arguments as a script for `/bin/sh`, and what comes back taken apart again.
 *
 * @module
 */
import { ClusterError } from "../../core/errors.ts";

/** What is run at the other end, whatever the program. All else is the script, which `sh` reads. */
export const SHELL = "/bin/sh";

/** A word in single quotes: there is nothing in it that a POSIX shell could take for its own. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The script that runs a program in place of the shell. First it writes the mark to output and errors,
 * so that what login files have written before can be cut off.
 *
 * @param mark Letters and digits that nobody can know beforehand.
 * @throws {ClusterError} A word cannot be given to a program, or a variable has no name.
 *
 * @example
 * ```ts
 * import { scriptFor } from "./script.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(
 *   scriptFor(["echo", "it's", "$HOME"], { A: "b c" }, "mark"),
 *   `printf %s 'mark'; printf %s 'mark' >&2
 * export A='b c'
 * exec 'echo' 'it'\\''s' '$HOME' </dev/null
 * `,
 * );
 * ```
 */
export function scriptFor(
  command: readonly [program: string, ...args: string[]],
  environment: Readonly<Record<string, string>>,
  mark: string,
): string {
  const [program] = command;
  const refuse = (reason: string, value: string) => {
    throw new ClusterError(`Cannot run ${program}: ${reason} (${JSON.stringify(value)})`);
  };
  if (program === "" || program.startsWith("-")) refuse("this is no program's name", program);
  for (const word of [...command, ...Object.values(environment)]) {
    if (word.includes("\0")) refuse("no argument or variable can hold a NUL character", word);
  }
  for (const name of Object.keys(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) refuse("this is no variable's name", name);
  }
  return [
    `printf %s ${quote(mark)}; printf %s ${quote(mark)} >&2`,
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`),
    `exec ${command.map(quote).join(" ")} </dev/null`,
    "",
  ].join("\n");
}

/** The text after the mark; undefined where there is no mark. */
export function afterMark(bytes: Uint8Array, mark: string): string | undefined {
  const sign = new TextEncoder().encode(mark);
  for (let at = 0; at + sign.length <= bytes.length; at++) {
    if (sign.every((byte, i) => bytes[at + i] === byte)) {
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(at + sign.length));
    }
  }
  return undefined;
}
