/**
 * The ChimeraX script that opens every block in its own colour over the consensus map.
 *
 * @module
 */
import { InputError, UsageError } from "../errors.ts";

/** A block as the script opens it. */
export interface ScriptBlock {
  /** Path of its mask, seen from the script's folder (where ChimeraX runs a script). */
  readonly path: string;
  readonly id: number;
  /** "#rrggbb". */
  readonly colour: string;
}

/** What the script opens. */
export interface Scene {
  readonly consensus: {
    /** Path of the map, seen from the script's folder. */
    readonly path: string;
    /** Level at which its surface is shown. */
    readonly level: number;
  };
  readonly blocks: readonly ScriptBlock[];
}

/** A name in a template. */
const NAME = /\{\{([^{}]*)\}\}/g;

/**
 * Fills in a ChimeraX script. In the template, `{{name}}` stands for a value: `consensus.path`,
 * `consensus.level`, `block.path`, `block.name`, `block.id`, `block.colour`, `block.model` (its model
 * number, from 2), `blocks.models` (such as `2-12`). Paths and names come quoted. A line with a name of a
 * block is written once for each block; a line with `blocks.models` is left out when there is no block;
 * lines that start with `#` are kept as they are.
 *
 * @param template Text of the template; `templates/open_blocks.cxc` is the one that siren uses.
 * @throws {InputError} When the template has a name that is not known.
 * @throws {UsageError} When a path cannot be written in a ChimeraX command, a colour is not "#rrggbb", or the
 *   level is not a number.
 * @example
 * ```ts
 * import { fillChimeraX } from "./chimerax.ts";
 * import assert from "node:assert";
 *
 * const script = fillChimeraX("open {{block.path}}\nrename #{{block.model}} {{block.name}}\n", {
 *   consensus: { path: "consensus.mrc", level: 0.5 },
 *   blocks: [{ path: "block_7.mrc", id: 7, colour: "#0072b2" }],
 * });
 * assert.strictEqual(script, 'open "block_7.mrc"\nrename #2 "block 7"\n');
 * ```
 */
export function fillChimeraX(template: string, { consensus, blocks }: Scene): string {
  if (!Number.isFinite(consensus.level)) {
    throw new UsageError(
      `Cannot write the ChimeraX script: the level is not a number (${consensus.level})`,
    );
  }
  const common: Values = new Map([
    ["consensus.path", quotePath(consensus.path)],
    ["consensus.level", String(consensus.level)],
    ["blocks.models", blocks.length > 1 ? `2-${blocks.length + 1}` : "2"],
  ]);
  const ofBlocks = blocks.map(({ path, id, colour }, i): Values => {
    if (!/^#[0-9a-f]{6}$/i.test(colour)) {
      throw new UsageError(
        `Cannot write the ChimeraX script: the colour of block ${id} is not of the form #rrggbb (${colour})`,
      );
    }
    return new Map([
      ...common,
      ["block.path", quotePath(path)],
      ["block.name", `"block ${id}"`],
      ["block.id", String(id)],
      ["block.colour", colour],
      ["block.model", String(i + 2)],
    ]);
  });
  const lines = template.split(/\r?\n/).flatMap((line, i) => {
    if (line.trimStart().startsWith("#")) return [line];
    const names = [...line.matchAll(NAME)].map(([, name]) => name!.trim());
    checkNames(names, i + 1);
    if (names.some((name) => name.startsWith("block."))) {
      return ofBlocks.map((values) => fill(line, values));
    }
    if (names.includes("blocks.models") && blocks.length === 0) return [];
    return [fill(line, common)];
  });
  return lines.join("\n");
}

type Values = ReadonlyMap<string, string>;

const NAMES = [
  "consensus.path",
  "consensus.level",
  "blocks.models",
  "block.path",
  "block.name",
  "block.id",
  "block.colour",
  "block.model",
];

function checkNames(names: readonly string[], line: number): void {
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown === undefined) return;
  throw new InputError(
    `Cannot use the ChimeraX template: line ${line} has a name that is not known (${unknown})`,
    `The names are ${NAMES.join(", ")}.`,
  );
}

function fill(line: string, values: Values): string {
  return line.replaceAll(NAME, (_whole, name: string) => values.get(name.trim())!);
}

/**
 * A path in double quotes, in which ChimeraX reads backslash escapes as Python does. ChimeraX expands `~`
 * and `$NAME` in paths even in quotes, and a line break would end the command.
 */
function quotePath(path: string): string {
  const refuse = (reason: string) =>
    new UsageError(
      `Cannot write the ChimeraX script: ${reason} (${JSON.stringify(path)})`,
      "Use another folder or file name.",
    );
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(path)) {
    throw refuse("a path has a control character or a line break");
  }
  if (path.includes("$")) throw refuse("ChimeraX would expand the $ of a path");
  const safe = path.startsWith("~") ? `./${path}` : path;
  return `"${safe.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
