/**
 * Reading found blocks.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { refusal } from "../refusal.ts";
import type { FoundBlocks } from "./score.ts";

/** Contents of `blocks.json`: flat indices (C order: z, y, x) of each block's voxels by its id. */
export const blocksSchema = z.record(z.string(), z.array(z.int().min(0)));

/** Where a folder may hold its blocks, best first: expanded blocks before sketched ones. */
const places = ["blocks.json", "02_expand/blocks.json", "00_sketch/blocks.json"];

const remedy = "Give a blocks.json: an object from block id to a list of flat voxel indices.";

/**
 * Reads the text of a `blocks.json`.
 *
 * @param path Name of the file, for messages.
 * @throws {InputError} Where it is no such file, or a block names a voxel twice.
 * @example
 * ```ts
 * import { parseBlocks } from "./read_blocks.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(parseBlocks(`{"3": [5, 6]}`, "blocks.json").get("3"), [5, 6]);
 * ```
 */
export function parseBlocks(text: string, path: string): FoundBlocks {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`Cannot read ${path}: it is no JSON file`, remedy, { cause: error });
  }
  const result = blocksSchema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const where = issue.path.length === 0 ? "the file" : `block ${issue.path.join(", entry ")}`;
    throw new InputError(`Cannot read ${path}: ${where}: ${issue.message}`, remedy, {
      cause: result.error,
    });
  }
  for (const [id, voxels] of Object.entries(result.data)) {
    const seen = new Set<number>();
    for (const v of voxels) {
      if (seen.has(v)) {
        throw new InputError(`Cannot read ${path}: block ${id} names a voxel twice (${v})`, remedy);
      }
      seen.add(v);
    }
  }
  return new Map(Object.entries(result.data));
}

/**
 * Reads found blocks from a `blocks.json`, or from a folder that holds one: the folder itself, else its
 * `02_expand`, else its `00_sketch`.
 *
 * @returns The blocks and the path they were read from.
 * @throws {InputError} Where there is no such file or it is not of that kind.
 */
export async function readBlocks(
  path: string,
): Promise<{ readonly blocks: FoundBlocks; readonly path: string }> {
  const candidates = [path, ...places.map((place) => join(path, place))];
  for (const candidate of candidates) {
    let text: string;
    try {
      if (!(await Deno.stat(candidate)).isFile) continue;
      text = await Deno.readTextFile(candidate);
    } catch (error) {
      // A path below a file is "not a directory", which is as good as not there.
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        continue;
      }
      const reason = refusal(error);
      if (reason === undefined) throw error;
      throw new InputError(`Cannot read ${candidate}: ${reason}`, undefined, { cause: error });
    }
    return { blocks: parseBlocks(text, candidate), path: candidate };
  }
  throw new InputError(`Cannot read blocks: there are none (${path})`, remedy);
}
