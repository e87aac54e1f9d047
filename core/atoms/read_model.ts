/**
 * Reading atomic models, whatever their format.
 *
 * @module
 */
import { basename } from "node:path";
import { InputError } from "../errors.ts";
import { readInput } from "../files.ts";
import { gunzipAtMost, isGzip } from "../mrc/gzip.ts";
import type { AtomicModel, ModelOptions } from "./chains.ts";
import { isCif } from "./cif_tokens.ts";
import { parseMmcif } from "./mmcif.ts";
import { parsePdb } from "./pdb.ts";

/** A model's file as text. */
export interface ModelText {
  /** Name of the file, for messages and for the names of its chains. */
  readonly name: string;
  readonly text: string;
}

/** Longest text; JavaScript holds none that is longer. */
const MOST_BYTES = 2 ** 29 - 24;

/**
 * Reads a model's file as text, unpacked if it is gzipped.
 *
 * @throws {InputError} The file cannot be read, is damaged, or is no text.
 */
export async function readModelText(path: string): Promise<ModelText> {
  const file = await readInput(path);
  const bytes = isGzip(file) ? gunzipAtMost(file, MOST_BYTES, path) : file;
  if (bytes.length > MOST_BYTES) {
    throw new InputError(
      `Cannot read ${path}: it is too long (${bytes.length} bytes)`,
      "Split the model into several files.",
    );
  }
  if (bytes.includes(0)) {
    throw new InputError(
      `Cannot read ${path}: it is no text, as PDB and mmCIF files are`,
      "Save the model as PDB or mmCIF; BinaryCIF is not read.",
    );
  }
  return { name: basename(path), text: new TextDecoder().decode(bytes) };
}

/**
 * Reads a model from its text: mmCIF where that begins with a data block, else PDB.
 *
 * @throws {InputError} Naming file and line, where it cannot be read; or where it holds no atoms.
 */
export function parseModel({ name, text }: ModelText, options: ModelOptions = {}): AtomicModel {
  return isCif(text) ? parseMmcif(text, name, options) : parsePdb(text, name, options);
}

/**
 * Reads a model from a PDB or mmCIF file, gzipped or not; which of these it is its content tells.
 *
 * @throws {InputError} Where the file cannot be read or holds no atoms.
 * @example
 * ```ts
 * import { readModel } from "./read_model.ts";
 * import assert from "node:assert";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(
 *   path,
 *   "ATOM      1  CA  ALA A   9      11.104   6.134  -6.504  1.00  0.00           C",
 * );
 * const { chains } = await readModel(path);
 * assert.deepStrictEqual(chains.map(({ id, atoms }) => [id, atoms.length]), [["A", 1]]);
 * await Deno.remove(path);
 * ```
 */
export async function readModel(path: string, options: ModelOptions = {}): Promise<AtomicModel> {
  return parseModel(await readModelText(path), options);
}
