/**
 * Files that options name and that are read again on resume: a run goes on with what it began with.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { readIfThere, readInput } from "../core/files.ts";
import { sha256 } from "./hashes.ts";

/** SHA-256 of each given file by its path. */
export type GivenFiles = Record<string, string>;

/**
 * Hashes the files of a run's options.
 *
 * @param paths Those not given are undefined.
 * @throws {InputError} A file cannot be read.
 */
export async function hashGiven(...paths: (string | undefined)[]): Promise<GivenFiles> {
  const hashes: GivenFiles = {};
  for (const path of paths) {
    if (path !== undefined) hashes[path] = sha256(await readInput(path));
  }
  return hashes;
}

/**
 * Compares the files with what they were.
 *
 * @throws {InputError} One has changed, or is not there any more.
 */
export async function checkGiven(files: GivenFiles): Promise<void> {
  for (const [path, hash] of Object.entries(files)) {
    const bytes = await readIfThere(path);
    if (bytes !== undefined && sha256(bytes) === hash) continue;
    const how = bytes === undefined ? "it is not there any more" : "its content is another";
    throw new InputError(
      `Cannot go on with this run: ${path} has changed since it began (${how})`,
      "Put the file back as it was, or start a new run.",
    );
  }
}
