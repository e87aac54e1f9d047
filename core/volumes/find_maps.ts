/**
 * The maps of a folder.
 *
 * @module
 */
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { refusal } from "../refusal.ts";

const MAP_NAME = /\.(mrc|map|ccp4)(\.gz)?$/i;

/** How many of the files found instead of maps a message names. */
const NAMED = 5;

/** Whether a file of this name is taken for a map: `.mrc`, `.map`, `.ccp4`, each also with `.gz`. */
export function isMapName(name: string): boolean {
  return MAP_NAME.test(name) && !name.startsWith(".");
}

/** A map's file name without its ending: `vol_018` for `vol_018.mrc.gz`. */
export function mapStem(name: string): string {
  return name.replace(MAP_NAME, "");
}

const collator = new Intl.Collator("en", { numeric: true });

/** Natural order: `vol_2` before `vol_10`; names that differ by leading zeros alone by code unit. */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Finds the maps of a folder. Hidden files and folders within it are passed over.
 *
 * @param kind What to call them in messages.
 * @returns Their paths in natural order; at least one.
 * @throws {InputError} Where the folder is missing, is a file, holds no map, or holds a map twice, once
 *   gzipped and once not.
 */
export async function findMaps(folder: string, kind = "maps"): Promise<string[]> {
  const maps: string[] = [];
  const others: string[] = [];
  try {
    for await (const { name, isSymlink, isFile } of Deno.readDir(folder)) {
      if (name.startsWith(".")) continue;
      const file = isSymlink ? await leadsToFile(folder, name, kind) : isFile;
      (file && isMapName(name) ? maps : others).push(name);
    }
  } catch (error) {
    throw await folderError(folder, kind, error);
  }
  if (maps.length === 0) throw noMaps(folder, kind, others.sort(compareNames));
  const names = new Set(maps);
  const twice = maps.find((name) => names.has(`${name}.gz`));
  if (twice !== undefined) {
    throw new InputError(
      `Cannot use the maps of ${folder}: one of them is there twice (${twice}, ${twice}.gz)`,
      "Remove one of the two files.",
    );
  }
  return maps.sort(compareNames).map((name) => join(folder, name));
}

async function leadsToFile(folder: string, name: string, kind: string): Promise<boolean> {
  try {
    return (await Deno.stat(join(folder, name))).isFile;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new InputError(
      `Cannot find ${kind} in ${folder}: ${name} is a link to a file that is not there`,
      undefined,
      { cause: error },
    );
  }
}

async function folderError(folder: string, kind: string, error: unknown): Promise<unknown> {
  const reason = refusal(error);
  if (reason === undefined) return error;
  const isFile = await Deno.stat(folder).then((info) => !info.isDirectory, () => false);
  return new InputError(
    `Cannot find ${kind} in ${folder}: ${isFile ? "it is a file, not a folder" : reason}`,
    isFile ? `Give the folder that holds the ${kind}.` : undefined,
    { cause: error },
  );
}

function noMaps(folder: string, kind: string, others: string[]): InputError {
  const more = others.length > NAMED ? `, and ${others.length - NAMED} more` : "";
  const found = others.length === 0
    ? "it is empty"
    : `it holds no map (but ${others.slice(0, NAMED).join(", ")}${more})`;
  return new InputError(
    `Cannot find ${kind} in ${folder}: ${found}`,
    "Maps end in .mrc, .map or .ccp4, each also with .gz.",
  );
}
