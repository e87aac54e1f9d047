/**
 * A folder of results: files that appear whole, and a list of them with their hashes, written last.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { readIfThere, removeTemporaries, writeWhole } from "../core/files.ts";
import type { Surroundings } from "./progress.ts";
import { sha256 } from "./hashes.ts";

/** Result files by name; each is made when it is needed, so that not all are in memory at once. */
export type ResultFiles = ReadonlyMap<string, MakeFile>;

/** Makes the content of a file. */
export type MakeFile = () => Uint8Array | string | Promise<Uint8Array>;

/** Name of the list of a folder's files. Where it is, the folder is complete. */
export const LIST = "files.json";

/** Files written at the same time. */
const WRITERS = 8;

const ListSchema = z.strictObject({
  /** What the results were made from. */
  key: z.string(),
  /** SHA-256 of each file by name. */
  files: z.record(z.string(), z.string()),
});

/**
 * Writes a folder of results. Where the same results are there already, only what is missing is written.
 * A file that was changed since siren wrote it (a mask edited by hand) is left as it is; files of other
 * results, unchanged, go.
 *
 * @param key What the results are made from, as a fingerprint.
 * @param mayBeRemoved Says which files a user may take away: they are not written again.
 * @returns Names of the files that were changed or taken away by others and left so.
 */
export async function writeResults(
  folder: string,
  key: string,
  files: ResultFiles,
  surroundings: Surroundings,
  mayBeRemoved: (name: string) => boolean = () => false,
): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  await removeTemporaries(folder);
  const before = await readList(folder);
  const isSame = before?.key === key;
  const hashes: Record<string, string> = {};
  const changed: string[] = [];
  let done = 0;
  const report = () =>
    surroundings.tell({
      kind: "progress",
      stage: "results",
      done,
      total: files.size,
      unit: "files",
    });
  report();
  /** Brings a file about; gives the hash of siren's own version of it. */
  const complete = async (name: string, make: MakeFile) => {
    const path = `${folder}/${name}`;
    const listed = before?.files[name];
    const there = listed === undefined ? undefined : await hashIfThere(path);
    if (isSame && listed !== undefined && (there !== undefined || mayBeRemoved(name))) {
      if (there !== listed) changed.push(name);
      return listed;
    }
    const content = await make();
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const hash = sha256(bytes);
    if (there !== undefined && there !== listed && there !== hash) changed.push(name);
    else await writeWhole(path, bytes);
    return hash;
  };
  // A few at a time: most of a write is waiting for the disk, and each holds one file in memory.
  const queue = files.entries();
  let failed = false;
  const ends = await Promise.allSettled(Array.from({ length: WRITERS }, async () => {
    for (const [name, make] of queue) {
      if (failed) return;
      try {
        hashes[name] = await complete(name, make);
      } catch (error) {
        failed = true;
        throw error;
      }
      done++;
      report();
    }
  }));
  // Only now: a writer still at work would write to a folder that is no longer locked.
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  if (!isSame) {
    for (const [name, listed] of Object.entries(before?.files ?? {})) {
      const path = `${folder}/${name}`;
      const there = files.has(name) ? undefined : await hashIfThere(path);
      if (there === listed) await Deno.remove(path);
      else if (there !== undefined) changed.push(name);
    }
    const sorted = Object.fromEntries([...files.keys()].map((name) => [name, hashes[name]]));
    await writeWhole(
      `${folder}/${LIST}`,
      JSON.stringify({ key, files: sorted }, undefined, 1) + "\n",
    );
  }
  changed.sort();
  if (changed.length > 0) {
    surroundings.tell({
      kind: "warning",
      text: `Changed since siren wrote it, and left as it is: ${
        changed.map((name) => `${folder}/${name}`).join(", ")
      }`,
    });
  }
  return changed;
}

/**
 * Looks which files of a folder of results are not any more as siren wrote them.
 *
 * @param which Picks files by name.
 * @returns Names of those that were changed, taken away or added; none where the folder has no list.
 */
export async function changedResults(
  folder: string,
  which: (name: string) => boolean,
): Promise<string[]> {
  const list = await readList(folder);
  if (list === undefined) return [];
  const names = new Set(Object.keys(list.files));
  for await (const { name, isFile } of Deno.readDir(folder)) if (isFile) names.add(name);
  const changed: string[] = [];
  for (const name of names) {
    if (!which(name)) continue;
    if (await hashIfThere(`${folder}/${name}`) !== list.files[name]) changed.push(name);
  }
  return changed.sort();
}

async function hashIfThere(path: string): Promise<string | undefined> {
  const bytes = await readIfThere(path);
  return bytes === undefined ? undefined : sha256(bytes);
}

/**
 * Reads the list of a folder's files, or gives undefined where there is none.
 *
 * @throws {InputError} The list is damaged.
 */
export async function readList(
  folder: string,
): Promise<z.infer<typeof ListSchema> | undefined> {
  const path = `${folder}/${LIST}`;
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  try {
    return ListSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new InputError(
      `Cannot read ${path}: it is damaged`,
      "Remove it, and every result is written again.",
      { cause },
    );
  }
}
