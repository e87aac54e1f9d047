/**
 * Keeps deno.lock as it is while a package is imported that is not in it.
 *
 * Deno notes such a package in the deno.lock of the checkout at once. Everybody who starts siren would
 * fetch it from then on, and git would refuse to update the checkout.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { RunError } from "./errors.ts";
import { writeWhole } from "./files.ts";
import { ROOT } from "./program_files.ts";

/** The text of a file, or undefined where there is none or it may not be read. */
async function textOf(path: string): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "read", path });
  if (state !== "granted") return undefined;
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

/** Waits until no other thread or process is at it; file systems without locks are used without. */
async function alone(path: string): Promise<Disposable> {
  const file = await Deno.open(path);
  await file.lock(true).catch(() => {}); // what it prevents is rare and does little harm
  return file;
}

/**
 * Imports, and puts deno.lock back as it was.
 *
 * @param load Imports the package.
 * @param folder Where deno.lock is; nothing is done where there is none, or it cannot be written.
 * @returns What `load` gives; what it throws is passed on.
 */
export async function keepLock<T>(load: () => Promise<T>, folder: URL = ROOT): Promise<T> {
  if (folder.protocol !== "file:") return await load();
  const path = fileURLToPath(new URL("deno.lock", folder));
  if (await textOf(path) === undefined) return await load();
  using _turn = await alone(fileURLToPath(new URL("deno.json", folder)));
  const before = await textOf(path);
  try {
    return await load();
  } finally {
    if (before !== undefined && await textOf(path) !== before) await putBack(path, before);
  }
}

async function putBack(path: string, text: string): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "write", path });
  if (state !== "granted") return;
  try {
    await writeWhole(path, text);
  } catch (error) {
    // Where the folder cannot be written, there is no harm done that could be undone.
    if (!(error instanceof RunError)) throw error;
  }
}
