/**
 * A folder of results that a user names, which may hold other things.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { UsageError } from "../core/errors.ts";
import { isThere, makeFolder } from "../core/files.ts";
import type { Surroundings } from "./progress.ts";
import { LIST, readList, type ResultFiles, writeResults } from "./result_files.ts";
import { EXPAND, SKETCH } from "./results.ts";

/**
 * Sees that results may be written to a folder. Nothing is written.
 *
 * @throws {UsageError} It is a run folder, or one of a run's own folders.
 */
export async function checkOutFolder(outdir: string): Promise<void> {
  const full = resolve(outdir);
  const isRuns = await isThere(`${full}/run.json`) || await isThere(`${full}/network.json`) ||
    [SKETCH, EXPAND].includes(basename(full)) && await isThere(`${dirname(full)}/run.json`);
  if (!isRuns) return;
  throw new UsageError(
    `Cannot write to ${outdir}: it is a run's own folder`,
    "Give a folder of its own, such as one within the run folder.",
  );
}

/**
 * Sees that results of one input would replace nothing of another. Nothing is written.
 *
 * @param key What the results are made from, as a fingerprint.
 * @param names Names of their files.
 * @throws {UsageError} The folder holds other results, or files of these names.
 */
export async function checkReplaceable(
  outdir: string,
  key: string,
  names: Iterable<string>,
): Promise<void> {
  const before = await readList(outdir);
  if (before?.key === key) return;
  const taken = before === undefined ? await firstThere(outdir, names) : LIST;
  if (taken === undefined) return;
  throw new UsageError(
    `Cannot write to ${outdir}: it holds other results (${taken})`,
    "Give another --outdir, or --force to replace them.",
  );
}

/**
 * Writes results to a folder, which is made where it is missing. What was written there before of the same
 * input is left as it is.
 *
 * @param key What the results are made from, as a fingerprint.
 * @param force Replaces results of something else, files that only have the same names, and results that were
 *   changed since.
 * @returns The paths of the files, in the order of `files`.
 * @throws {UsageError} The folder is a run's, or holds other results or files of these names, and they are not
 *   to be replaced.
 */
export async function writeOutFolder(
  outdir: string,
  key: string,
  files: ResultFiles,
  force: boolean,
  surroundings: Surroundings,
): Promise<string[]> {
  await checkOutFolder(outdir);
  if (!force) await checkReplaceable(outdir, key, files.keys());
  const before = await readList(outdir);
  await makeFolder(outdir);
  // Without a list, every file is written anew; what only the old list has goes when the new one is there.
  if (force && before !== undefined) await Deno.remove(`${outdir}/${LIST}`);
  await writeResults(outdir, key, files, surroundings);
  if (force) {
    for (const name of Object.keys(before?.files ?? {})) {
      if (!files.has(name) && await isThere(`${outdir}/${name}`)) {
        await Deno.remove(`${outdir}/${name}`);
      }
    }
  }
  return Array.from(files.keys(), (name) => `${outdir}/${name}`);
}

async function firstThere(folder: string, names: Iterable<string>): Promise<string | undefined> {
  for (const name of names) if (await isThere(`${folder}/${name}`)) return name;
  return undefined;
}
