/**
 * Keeps deno.lock as it is while a package is imported that is not in it.
 *
 * Deno notes such a package in the deno.lock of the checkout at once. Everybody who starts siren would
 * fetch it from then on, and git would refuse to update the checkout.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
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
 * Imports, and puts deno.lock back as it was, unless something else has changed it in the meantime.
 *
 * @param specifier The package, as in "npm:onnxruntime-node@1.27.0".
 * @param load Imports the package.
 * @param folder Where deno.lock is; nothing is done where there is none, or it cannot be written.
 * @returns What `load` gives; what it throws is passed on.
 */
export async function keepLock<T>(
  specifier: string,
  load: () => Promise<T>,
  folder: URL = ROOT,
): Promise<T> {
  if (folder.protocol !== "file:") return await load();
  const path = fileURLToPath(new URL("deno.lock", folder));
  if (await textOf(path) === undefined) return await load();
  using _turn = await alone(fileURLToPath(new URL("deno.json", folder)));
  const before = await textOf(path);
  try {
    return await load();
  } finally {
    const after = await textOf(path);
    if (before !== undefined && after !== undefined && isAdded(specifier, before, after)) {
      await putBack(path, before);
    }
  }
}

/** What is looked at of a deno.lock. */
const LockSchema = z.looseObject({
  specifiers: z.record(z.string(), z.string()),
  npm: z.record(z.string(), z.looseObject({ integrity: z.string().optional() })),
});

/**
 * Whether a deno.lock differs in packages that were imported, this one among them, and in nothing else. An
 * update of the checkout would show in the packages that it had or in what deno.json names, which is there too.
 */
function isAdded(specifier: string, before: string, after: string): boolean {
  if (before === after) return false;
  const [old, now] = [lockOf(before), lockOf(after)];
  if (old === undefined || now === undefined) return false;
  const { specifiers, npm, ...rest } = old;
  const { specifiers: specifiersNow, npm: npmNow, ...restNow } = now;
  return specifier in specifiersNow && !(specifier in specifiers) &&
    isDeepStrictEqual(rest, restNow) &&
    Object.entries(specifiers).every(([name, version]) => specifiersNow[name] === version) &&
    // How a package names those that it takes may change: with their versions, where there are several.
    Object.entries(npm).every(([name, { integrity }]) =>
      name in npmNow && npmNow[name]?.integrity === integrity
    );
}

function lockOf(text: string): z.output<typeof LockSchema> | undefined {
  try {
    return LockSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
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
