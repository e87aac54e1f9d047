/**
 * Leaving a cluster: a stage that is whole, or a run that goes on elsewhere. What is left of it there does
 * not hold the run up.
 *
 * @module
 */
import { SirenError } from "../../core/errors.ts";
import { quoteForShell } from "../../core/shell.ts";
import type { StageKey } from "../shards.ts";
import { doneAs, givenUp, openTasks } from "./batches.ts";
import type { ClusterChoice } from "./choice.ts";
import { readBatches, readSiteFile, writeBatch } from "./files.ts";
import { isLive } from "./judge.ts";
import { copyWords } from "./reports.ts";
import { makeScheduler } from "./scheduler.ts";
import type { Site, Telling } from "./site.ts";

/** What is left. */
export interface Leaving {
  /** The run folder. */
  readonly folder: string;
  readonly client: ClusterChoice["client"];
  readonly telling: Telling;
  /** Reaches the cluster; asked only where tasks may be under way. */
  open(): Promise<Site>;
}

/**
 * Leaves a stage whose shards are all in the run folder: nothing of it stays in the queue.
 *
 * @param wasDriven Whether this process has had shards of it computed: then tasks that were given up may have
 *   come back into the queue, and what tasks said is to be kept.
 */
export async function leaveStage(
  { folder, client, telling, open }: Leaving,
  { name }: Pick<StageKey, "name">,
  wasDriven: boolean,
): Promise<void> {
  const batches = (await readBatches(folder)).filter(({ stage }) => stage === name);
  const left = openTasks(batches), others = wasDriven ? givenUp(batches) : [];
  if (!wasDriven && left.length === 0) return;
  try {
    const site = await open();
    const scheduler = makeScheduler(site, client, true);
    await scheduler.look([...left, ...others]);
    // Tasks that wait would only find out that nothing is left to do.
    await scheduler.cancel([
      ...left.filter((task) => scheduler.sighting(task)?.state === "pending"),
      ...others.filter((task) => isLive(scheduler.sighting(task))),
    ]);
    await copyWords(folder, site, batches);
    for (const task of left) task.batch.ended.push(doneAs(task, scheduler.sighting(task)));
    for (const batch of new Set(left.map(({ batch }) => batch))) await writeBatch(folder, batch);
  } catch (error) {
    if (!(error instanceof SirenError)) throw error;
    const text = `${error.message}: all shards are here, so the run goes on`;
    telling.tell({ kind: "note", text });
  }
}

/** Whether nothing of a run is on a cluster: no task, and no folder. */
export async function hasLeftCluster(folder: string): Promise<boolean> {
  const site = await readSiteFile(folder);
  if (site === undefined) return true;
  return openTasks(await readBatches(folder)).length === 0 &&
    (site.shared || site.cleared === true);
}

/** Ends all jobs of a run that goes on elsewhere; the shards that are in the run folder stay. */
export async function leaveCluster({ folder, client, telling, open }: Leaving): Promise<void> {
  const left = openTasks(await readBatches(folder));
  if (left.length === 0) return;
  try {
    const site = await open();
    await makeScheduler(site, client, true).cancel(left);
    telling.tell({ kind: "note", text: `Cancelled what was left on ${site.transport.where}` });
    for (const { batch, task } of left) {
      batch.ended.push({ task, outcome: "cancelled", reason: "the run goes on elsewhere" });
      batch.forgiven = true;
    }
    for (const batch of new Set(left.map(({ batch }) => batch))) await writeBatch(folder, batch);
  } catch (error) {
    if (!(error instanceof SirenError)) throw error;
    const remedy = `siren cancel ${quoteForShell(folder)}`;
    telling.tell({
      kind: "warning",
      text: `${error.message}: jobs may go on there; end them by ${remedy}`,
    });
  }
}
