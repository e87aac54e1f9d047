/**
 * ChimeraX scripts from templates that users can copy and change.
 *
 * @module
 */
import { InputError, UsageError } from "../errors.ts";

/** Values by name, as they are to stand in the script. */
export type ScriptValues = ReadonlyMap<string, string>;

/** What a template is filled with. */
export interface ScriptContent {
  /** Values that are there once; undefined where a name is known but there is nothing to say. */
  readonly values: ReadonlyMap<string, string | undefined>;
  /**
   * Things that there are several of, by the word that their names begin with, such as `block` of `block.path`:
   * all names, and the values of each thing.
   */
  readonly lists: ReadonlyMap<string, { names: readonly string[]; items: readonly ScriptValues[] }>;
}

/** A name in a template. */
const NAME = /\{\{([^{}]*)\}\}/g;

/**
 * Fills in a template: `{{name}}` stands for a value. A line with a name of a list is written once for each
 * thing of it, a line with a name that has no value is left out, and lines that start with `#` are kept as
 * they are.
 *
 * @throws {InputError} The template has a name that is not known, or a line names things of two lists.
 * @example
 * ```ts
 * import { fillScript } from "./script_template.ts";
 * import assert from "node:assert";
 *
 * const script = fillScript("view {{all}}\nopen {{map.path}}\n", {
 *   values: new Map([["all", undefined]]),
 *   lists: new Map([
 *     ["map", { names: ["map.path"], items: ["a", "b"].map((path) => new Map([["map.path", path]])) }],
 *   ]),
 * });
 * assert.strictEqual(script, "open a\nopen b\n");
 * ```
 */
export function fillScript(template: string, { values, lists }: ScriptContent): string {
  const known = [...values.keys(), ...lists.values().flatMap(({ names }) => names)];
  const listOf = (name: string) => lists.values().find(({ names }) => names.includes(name));
  const lines = template.split(/\r?\n/).flatMap((line, i) => {
    if (line.trimStart().startsWith("#")) return [line];
    const names = [...line.matchAll(NAME)].map(([, name]) => name!.trim());
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new InputError(
        `Cannot use the ChimeraX template: line ${i + 1} has a name that is not known (${unknown})`,
        `The names are ${known.join(", ")}.`,
      );
    }
    const used = new Set(names.map(listOf).filter((list) => list !== undefined));
    if (used.size > 1) {
      throw new InputError(
        `Cannot use the ChimeraX template: line ${i + 1} names things of two kinds (${
          names.join(", ")
        })`,
        "Write a line for each kind.",
      );
    }
    if (names.some((name) => values.has(name) && values.get(name) === undefined)) return [];
    const [list] = used;
    const items = list === undefined ? [new Map<string, string>()] : list.items;
    return items.map((item) =>
      line.replaceAll(NAME, (_whole, name: string) => {
        const trimmed = name.trim();
        return item.get(trimmed) ?? values.get(trimmed)!; // every name is known and has a value
      })
    );
  });
  return lines.join("\n");
}

/**
 * A path in double quotes, in which ChimeraX reads backslash escapes as Python does. ChimeraX expands `~`
 * and `$NAME` in paths even in quotes, and a line break would end the command.
 *
 * @throws {UsageError} The path cannot be written in a ChimeraX command.
 */
export function quoteChimeraPath(path: string): string {
  const refuse = (reason: string) =>
    new UsageError(
      `Cannot write the ChimeraX script: ${reason} (${JSON.stringify(path)})`,
      "Use another folder or file name.",
    );
  if (hasControl(path)) throw refuse("a path has a control character or a line break");
  if (path.includes("$")) throw refuse("ChimeraX would expand the $ of a path");
  return quoteChimeraText(path.startsWith("~") ? `./${path}` : path);
}

/** A text in double quotes, such as a model's name; control characters and line breaks become blanks. */
export function quoteChimeraText(text: string): string {
  const line = text.replaceAll(CONTROL, " ");
  return `"${line.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

function hasControl(text: string): boolean {
  return text.search(CONTROL) >= 0;
}

/**
 * A number as a script has it.
 *
 * @param what What it is, for the message.
 * @throws {UsageError} It is not finite.
 */
export function chimeraNumber(value: number, what: string): string {
  if (Number.isFinite(value)) return String(value);
  throw new UsageError(`Cannot write the ChimeraX script: the ${what} is not a number (${value})`);
}

/**
 * A colour as a script has it.
 *
 * @param of Whose colour it is, for the message.
 * @throws {UsageError} It is not of the form #rrggbb.
 */
export function chimeraColour(colour: string, of: string): string {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  throw new UsageError(
    `Cannot write the ChimeraX script: the colour of ${of} is not of the form #rrggbb (${colour})`,
  );
}
