/**
 * The folder that simulated maps are written to.
 *
 * @module
 */
import { join } from "node:path";
import { RunError, UsageError } from "../errors.ts";
import { refusal } from "../refusal.ts";

/** Names for maps, in order: `vol_000.mrc` and so on, with more digits where it takes them. */
export function mapNames(count: number): string[] {
  const digits = Math.max(3, String(count - 1).length);
  return Array.from({ length: count }, (_, k) => `vol_${String(k).padStart(digits, "0")}.mrc`);
}

/** Whether a file of this name is taken for one of {@linkcode mapNames}. */
export function isSimulatedMap(name: string): boolean {
  return /^vol_\d+\.mrc$/.test(name);
}

/**
 * Makes a folder where it is missing, and empties it of what was simulated there before.
 *
 * @param what What shall be written, for messages: "the ensemble".
 * @param isOwn Whether a file of that name was simulated; others stay.
 * @param force Whether the folder may hold anything.
 * @throws {UsageError} Where the folder is not empty and `force` is not given.
 * @throws {RunError} Where the folder cannot be written.
 */
export async function prepareFolder(
  outdir: string,
  what: string,
  isOwn: (name: string) => boolean,
  force: boolean,
): Promise<void> {
  const names: string[] = [];
  try {
    await Deno.mkdir(outdir, { recursive: true });
    for await (const entry of Deno.readDir(outdir)) names.push(entry.name);
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    throw new RunError(
      `Cannot write ${what} to ${outdir}: ${reason}`,
      "Give a folder that can be written.",
      { cause: error },
    );
  }
  if (names.length === 0) return;
  if (!force) {
    throw new UsageError(
      `Cannot write ${what}: the folder is not empty (${outdir})`,
      `Give another folder, or --force to replace ${what} in it.`,
    );
  }
  for (const name of names) if (isOwn(name)) await Deno.remove(join(outdir, name));
}
