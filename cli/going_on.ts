/**
 * Work that is gone on with by giving the same command again.
 *
 * @module
 */
import { Stop } from "./io.ts";

/**
 * Does such work.
 *
 * @throws {Stop} On Ctrl-C, with how to go on.
 */
export async function goingOn<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    throw new Stop(error.by, "What is done is kept. To go on, give the same command again.");
  }
}
