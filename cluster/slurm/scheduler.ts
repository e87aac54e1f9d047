/**
 * What the scheduler says of a stage's tasks, asked in one call for all of them. Its silence means
 * nothing: a task that it does not know is neither done nor failed.
 *
 * @module
 */
import type { Client } from "./choice.ts";
import type { OpenTask } from "./batches.ts";
import type { ArrayTask } from "./client.ts";
import { isLive, type Sighting } from "./judge.ts";
import type { Site } from "./site.ts";

/** Looks at the scheduler. */
export interface Scheduler {
  /**
   * Asks about tasks.
   *
   * @returns Whether a task's state is another than at the last look.
   * @throws {ConnectionError} The scheduler does not answer.
   */
  look(tasks: readonly OpenTask[]): Promise<boolean>;
  /** Whether it is time for another look: a busy controller is not asked more often than need be. */
  isDue(): boolean;
  /** Whether the last look got an answer. */
  hasAnswered(): boolean;
  /** What is known of a task. */
  sighting(task: OpenTask): Sighting | undefined;
  /** Seconds since a task was first seen to have ended, or first not seen. */
  quietFor(task: OpenTask, now: Date): number;
  /** How many tasks run, and how many wait; for what these wait, in Slurm's words. */
  counts(
    tasks: readonly OpenTask[],
  ): { readonly running: number; readonly pending: number; readonly reasons: ReadonlySet<string> };
  /**
   * Takes tasks out of the queue, those too whose job's id was not written down; those that have ended do
   * not mind.
   */
  cancel(tasks: readonly OpenTask[]): Promise<void>;
}

/** Slurm's reasons to wait that do not pass by themselves. */
const STUCK = new RegExp(
  [
    "^Partition(?:TimeLimit|NodeLimit|Config|Down|Inactive)",
    "^BadConstraints",
    "^JobHeld(?:User|Admin)",
    "held\\b",
    "^DependencyNeverSatisfied",
    "^(?:Account|QOS)NotAllowed|^Invalid(?:Account|QOS)",
    "^(?:Assoc|QOS)\\w*(?:PerJob|WallDuration)",
  ].join("|"),
  "i",
);

/** Whether tasks that wait for this reason, in Slurm's words, may wait for ever. */
export function isStuck(reason: string): boolean {
  return STUCK.test(reason);
}

/** Seconds between two looks: the least, and how it grows while nothing changes, up to the profile's `poll`. */
const LEAST_PAUSE = 4, GROWTH = 1.5;
/** Accounting is asked this long before the first job was submitted, as clocks differ. */
const EARLIER = 3600_000;

/**
 * Makes a scheduler for a site.
 *
 * @param endsStrays Whether jobs that bear the name of one of ours and are none are ended; only who works
 *   on the run may do that.
 */
export function makeScheduler(
  { slurm, profile: { poll } }: Pick<Site, "slurm" | "profile">,
  { now }: Pick<Client, "now">,
  endsStrays: boolean,
): Scheduler {
  const sightings = new Map<string, Sighting>();
  const quietSince = new Map<string, number>();
  const leastPause = Math.min(poll, LEAST_PAUSE);
  let answered = false, accountingIsOn = true, pause = leastPause, due = 0;
  const ended = new Set<string>();
  const jobOf = ({ chunk, task }: OpenTask) => `${chunk.job}_${task - chunk.first}`;

  const askAccounting = async (unknown: readonly OpenTask[]) => {
    const jobs = new Set(
      unknown.flatMap(({ chunk }) => chunk.job === undefined ? [] : [chunk.job]),
    );
    const tried = unknown.map(({ chunk }) => Date.parse(chunk.tried ?? now().toISOString()));
    const found = await slurm.accounting([...jobs], new Date(Math.min(...tried) - EARLIER));
    if (found === "off") {
      accountingIsOn = false;
      return new Map<string, ArrayTask>();
    }
    // Whoever is in the queue, squeue knows. Accounts may say "running" for ever of what a crash has ended.
    return new Map(
      found.filter((task) => !isLive(task)).map((task) => [`${task.job}_${task.index}`, task]),
    );
  };

  /**
   * Ends jobs that bear the name of one of ours and are none: sbatch was given up as failed, the job was
   * submitted once more, and then Slurm took the first one too.
   */
  const endStrays = async (seen: readonly ArrayTask[], submitted: readonly OpenTask[]) => {
    const own = new Set(submitted.map(({ chunk }) => chunk.job));
    const strays = new Set(
      seen.filter((task) => isLive(task) && !own.has(task.job)).map(({ job }) => job),
    );
    for (const job of ended) strays.delete(job);
    if (strays.size === 0) return;
    await slurm.cancel([...strays]);
    for (const job of strays) ended.add(job);
  };

  return {
    async look(tasks) {
      const submitted = tasks.filter(({ chunk }) => chunk.job !== undefined);
      answered = false;
      pause = Math.min(poll, pause * GROWTH);
      due = now().getTime() + pause * 1000;
      if (submitted.length === 0) {
        answered = true;
        return false;
      }
      const names = [...new Set(submitted.map(({ chunk }) => chunk.name))];
      const rows = await slurm.tasks(names);
      if (endsStrays) await endStrays(rows, submitted);
      const seen = new Map(rows.map((task) => [`${task.job}_${task.index}`, task]));
      const unknown = submitted.filter((task) => !seen.has(jobOf(task)));
      const known = unknown.length > 0 && accountingIsOn
        ? await askAccounting(unknown)
        : new Map<string, ArrayTask>();
      answered = true;
      let changed = false;
      for (const task of submitted) {
        const key = jobOf(task);
        const found = seen.get(key) ?? known.get(key);
        const sighting = found === undefined ? undefined : sightingOf(found);
        changed ||= sighting?.state !== sightings.get(key)?.state;
        if (sighting === undefined) sightings.delete(key);
        else sightings.set(key, sighting);
        if (isLive(sighting)) quietSince.delete(key);
        else if (!quietSince.has(key)) quietSince.set(key, now().getTime());
      }
      if (changed) {
        pause = leastPause;
        due = now().getTime() + pause * 1000;
      }
      return changed;
    },
    isDue: () => now().getTime() >= due,
    hasAnswered: () => answered,
    sighting: (task) => sightings.get(jobOf(task)),
    quietFor(task, moment) {
      const since = quietSince.get(jobOf(task));
      return since === undefined ? 0 : (moment.getTime() - since) / 1000;
    },
    counts(tasks) {
      const seen = tasks.flatMap((task) => sightings.get(jobOf(task)) ?? []);
      const pending = seen.filter(({ state }) => state === "pending");
      return {
        running: seen.filter(({ state }) => state === "running" || state === "completing").length,
        pending: pending.length,
        reasons: new Set(pending.flatMap(({ reason }) => reason ?? [])),
      };
    },
    async cancel(tasks) {
      for (const chunk of new Set(tasks.map(({ chunk }) => chunk))) {
        if (chunk.job !== undefined || chunk.tried === undefined) continue;
        const job = await slurm.find(chunk.name, new Date(chunk.tried));
        if (job !== undefined) chunk.job = job;
      }
      const ids = tasks.filter(({ chunk }) => chunk.job !== undefined).map(jobOf);
      if (ids.length > 0) await slurm.cancel(ids);
    },
  };
}

function sightingOf({ state, node, reason, exit, seconds }: ArrayTask): Sighting {
  return {
    state,
    ...(node === undefined ? {} : { node }),
    ...(reason === undefined ? {} : { reason }),
    ...(exit === undefined ? {} : { exit }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}
