/**
 * Times as Slurm prints them.
 *
 * @module
 */

/**
 * Seconds of a time that a job has run, as squeue prints it: "MM:SS", "HH:MM:SS" or "D-HH:MM:SS".
 *
 * @returns Undefined where it is none, such as "INVALID".
 * @example
 * ```ts
 * import { parseElapsed } from "./time.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(parseElapsed("1-02:03:04"), 93784);
 * ```
 */
export function parseElapsed(text: string): number | undefined {
  const match = /^(?:(\d{1,6})-)?(?:(\d{1,2}):)?(\d{1,2}):(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!; // four groups, all mapped
}

/** A moment as sacct takes it, without its time zone: the program must be run with TZ=UTC. */
export function formatMoment(moment: Date): string {
  return moment.toISOString().slice(0, 19);
}
