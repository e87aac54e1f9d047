/**
 * One process at a time on a run folder.
 *
 * @module
 */
import { z } from "zod";
import { RunError } from "../core/errors.ts";
import { refusal } from "../core/refusal.ts";

const HolderSchema = z.object({ host: z.string(), pid: z.number(), command: z.string() });

/** Who holds a run folder. */
export type Holder = z.infer<typeof HolderSchema>;

/** Who asks for the holder has the lock for a moment: it is tried this often, with pauses in milliseconds. */
const TRIES = 5, PAUSE = 20;

/** A held lock; disposing of it gives the run folder back. */
export interface Lock {
  [Symbol.dispose](): void;
}

/**
 * Takes the run folder for this process. The lock is the operating system's (flock on `run.lock`), so
 * that it goes with the process however that ends; the file only says who holds it.
 *
 * @throws {RunError} Another process holds it (the message says which), or it cannot be written.
 */
export async function lockRun(folder: string, holder: Holder): Promise<Lock> {
  const path = `${folder}/run.lock`;
  const file = await openLock(path, folder);
  if (!await tryAgain(() => file.tryLock(true))) {
    file.close();
    const other = await readHolder(path);
    const who = other === undefined
      ? "another process"
      : `process ${other.pid} on ${other.host} (${other.command})`;
    throw new RunError(
      `Cannot use ${folder}: ${who} is working on it`,
      "Wait until it ends, or stop it; what it has done is kept.",
    );
  }
  try {
    await file.truncate();
    await file.write(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
  } catch (error) {
    file.close();
    throw error;
  }
  return { [Symbol.dispose]: () => file.close() };
}

/** Who works on the run folder now, or undefined where nobody does. */
export async function lockHolder(folder: string): Promise<Holder | undefined> {
  const path = `${folder}/run.lock`;
  try {
    using file = await Deno.open(path, { read: true });
    if (await file.tryLock(false)) return undefined;
    return await readHolder(path) ?? { host: "unknown", pid: 0, command: "unknown" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function openLock(path: string, folder: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { read: true, write: true, create: true });
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new RunError(`Cannot use ${folder}: ${reason}`, "A run needs a folder to write to.", {
      cause,
    });
  }
}

async function tryAgain(action: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 1; !await action(); tries++) {
    if (tries === TRIES) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return true;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await Deno.readTextFile(path);
  try {
    return HolderSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // its holder is writing it at this moment
  }
}
