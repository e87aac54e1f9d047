/**
 * What the two kinds of `siren simulate` have in common.
 *
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { UsageError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import type { ModelText } from "../core/atoms/read_model.ts";
import { numberReader } from "./arguments.ts";

/** `--name a,b`, two numbers with a comma between, or one number for both. */
export function pairFlag(name: string, value: string, help: string, group: string): Option {
  const flag = `--${name}`;
  const read = numberReader(flag);
  return new Option(`${flag} <${value}>`, help).helpGroup(group).argParser((text) => {
    const parts = text.split(",");
    if (parts.length > 2) {
      throw new UsageError(`Cannot use ${flag}: it must be two numbers, ${value} (${text})`);
    }
    const numbers = parts.map(read);
    return [numbers[0]!, numbers.at(-1)!];
  });
}

/**
 * Reads the files of models.
 *
 * @throws {UsageError} Where one is missing.
 */
export async function readPdbs(paths: readonly string[]): Promise<ModelText[]> {
  const { readModelText } = await import("../core/atoms/read_model.ts");
  const pdbs: ModelText[] = [];
  for (const path of paths) {
    if (!await isThere(path)) {
      throw new UsageError(`Cannot read ${path}: there is no such file`);
    }
    pdbs.push(await readModelText(path));
  }
  return pdbs;
}

/**
 * Reads a file.
 *
 * @param missing What to say where there is no such file.
 */
export async function readText(path: string, missing: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw new UsageError(missing);
    throw cause;
  }
}
