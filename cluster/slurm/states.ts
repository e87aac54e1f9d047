/**
 * States of jobs, in Slurm's words and in ours.
 *
 * @module
 */

/**
 * Where an array task stands. A task that Slurm requeues is "pending" again; "unknown" is a state that
 * siren has no word for, and says nothing.
 */
export type TaskState =
  | "pending"
  | "running"
  | "suspended"
  | "completing"
  | "done"
  | "failed"
  | "cancelled"
  | "timeout"
  | "out_of_memory"
  | "node_fail"
  | "preempted"
  | "unknown";

/** Slurm's names and their short forms: https://slurm.schedmd.com/squeue.html#SECTION_JOB-STATE-CODES */
const STATES: readonly (readonly [name: string, short: string, state: TaskState])[] = [
  ["PENDING", "PD", "pending"],
  ["RUNNING", "R", "running"],
  ["SUSPENDED", "S", "suspended"],
  ["COMPLETED", "CD", "done"],
  ["CANCELLED", "CA", "cancelled"],
  ["FAILED", "F", "failed"],
  ["TIMEOUT", "TO", "timeout"],
  ["NODE_FAIL", "NF", "node_fail"],
  ["PREEMPTED", "PR", "preempted"],
  ["BOOT_FAIL", "BF", "node_fail"],
  ["DEADLINE", "DL", "failed"],
  ["OUT_OF_MEMORY", "OOM", "out_of_memory"],
  // Flags, which squeue shows in place of the state beneath.
  ["COMPLETING", "CG", "completing"],
  ["CONFIGURING", "CF", "running"],
  ["POWER_UP_NODE", "PO", "running"],
  ["RESIZING", "RS", "running"],
  ["SIGNALING", "SI", "running"],
  ["STAGE_OUT", "SO", "completing"],
  ["UPDATE_DB", "UD", "completing"],
  ["STOPPED", "ST", "suspended"],
  ["EXPEDITING", "EX", "pending"],
  ["REQUEUED", "RQ", "pending"],
  ["REQUEUE_FED", "RF", "pending"],
  ["REQUEUE_HOLD", "RH", "pending"],
  ["RESV_DEL_HOLD", "RD", "pending"],
  ["SPECIAL_EXIT", "SE", "pending"],
  ["LAUNCH_FAILED", "LF", "node_fail"],
  ["RECONFIG_FAIL", "RC", "node_fail"],
  // Another cluster of a federation has taken the job over, and this one does not tell what becomes of it.
  ["REVOKED", "RV", "unknown"],
];

const BY_NAME = new Map(STATES.flatMap(([name, short, state]) => [[name, state], [short, state]]));

/**
 * A state as squeue, sacct or scontrol prints it: long or short, cut off (`CANCELLED+`), with flags
 * (`RUNNING,COMPLETING`) or with who cancelled (`CANCELLED by 1000`).
 *
 * @example
 * ```ts
 * import { parseState } from "./states.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(parseState("CANCELLED by 1000"), "cancelled");
 * assert.strictEqual(parseState("OUT_OF_ME+"), "out_of_memory");
 * assert.strictEqual(parseState("TRANSCENDED"), "unknown");
 * ```
 */
export function parseState(text: string): TaskState {
  const match = /^([A-Z_]+)(\+?)(?:,([A-Z_,]+))?(?: by \S+)?$/.exec(text.trim());
  if (match === null) return "unknown";
  const [, name = "", cut, flags] = match;
  if (flags?.split(",").includes("COMPLETING")) return "completing";
  const known = BY_NAME.get(name);
  if (known !== undefined || cut === "") return known ?? "unknown";
  const states = new Set(
    STATES.filter(([long]) => long.startsWith(name)).map(([, , state]) => state),
  );
  const [state] = states;
  return states.size === 1 && state !== undefined ? state : "unknown";
}
