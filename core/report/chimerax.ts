/**
 * The ChimeraX script that opens every block in its own colour over the consensus map.
 *
 * @module
 */
import {
  chimeraColour,
  chimeraNumber,
  fillScript,
  quoteChimeraPath,
  quoteChimeraText,
  type ScriptValues,
} from "./script_template.ts";

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
  /** A map under the blocks; none where it is absent. */
  readonly consensus?: {
    /** Path of the map, seen from the script's folder. */
    readonly path: string;
    /** Level at which its surface is shown. */
    readonly level: number;
  };
  readonly blocks: readonly ScriptBlock[];
}

/**
 * Fills in a ChimeraX script. In the template, `{{name}}` stands for a value: `consensus.path`,
 * `consensus.name`, `consensus.level`, `block.path`, `block.name`, `block.id`, `block.colour`, `block.model` (its model
 * number, from 2, or from 1 where there is no consensus map), `blocks.models` (such as `2-12`). Paths and names
 * come quoted. A line with a name of a block is written once for each block; a line with `blocks.models` is
 * left out when there is no block, one with a name of the consensus map when there is none; lines that start
 * with `#` are kept as they are.
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
  const first = consensus === undefined ? 1 : 2;
  const last = first + blocks.length - 1;
  const values = new Map([
    ["consensus.path", consensus && quoteChimeraPath(consensus.path)],
    ["consensus.name", consensus && quoteChimeraText("consensus")],
    ["consensus.level", consensus && chimeraNumber(consensus.level, "level")],
    ["blocks.models", blocks.length === 0 ? undefined : modelRange(first, last)],
  ]);
  const items = blocks.map(({ path, id, colour }, i): ScriptValues =>
    new Map([
      ["block.path", quoteChimeraPath(path)],
      ["block.name", `"block ${id}"`],
      ["block.id", String(id)],
      ["block.colour", chimeraColour(colour, `block ${id}`)],
      ["block.model", String(first + i)],
    ])
  );
  return fillScript(template, { values, lists: new Map([["block", { names: NAMES, items }]]) });
}

/** Model numbers in a row, as ChimeraX has them. */
export function modelRange(first: number, last: number): string {
  return last > first ? `${first}-${last}` : String(first);
}

/** What a line can say of a block. */
const NAMES = ["block.path", "block.name", "block.id", "block.colour", "block.model"];
