/**
 * What would be submitted for a stage, for who wants to see it first.
 *
 * @module
 */
import { ClusterError } from "../../core/errors.ts";
import type { ShardedStage } from "../shards.ts";
import { makeBatch } from "./batches.ts";
import type { ClusterChoice, StagePlan } from "./choice.ts";
import { estimate } from "./plan.ts";
import { gpusOf } from "./profile.ts";
import { chunkScript } from "./script.ts";
import type { Site } from "./site.ts";
import { readTemplate } from "./template.ts";

/** Slurm's own default. */
const MAX_ARRAY_SIZE = 1001;

/** Plans a stage as it would be submitted; the site is asked for its limits and nothing else. */
export async function planStage(
  stage: ShardedStage,
  shards: readonly number[],
  site: Site,
  { client }: Pick<ClusterChoice, "client">,
): Promise<StagePlan> {
  const { profile, transport, file } = site;
  const plan = estimate(stage, profile);
  const notes: string[] = [];
  const limits = await askLimits(site, notes);
  const tasks = plan.pack(shards, limits.tasks);
  const resources = plan.resources(tasks);
  const { key, name } = stage;
  const batch = makeBatch(
    { stage: name, key, tasks, resources, most: limits.arraySize, id: file.id },
    [],
  );
  const [chunk] = batch.chunks;
  if (chunk === undefined) throw new Error("A plan needs a task");
  const template = await readTemplate(profile);
  const { script, options, path } = chunkScript(site, batch, chunk, template, client.user);
  const sums = (of: readonly number[]) =>
    tasks.map((task) => task.reduce((sum, i) => sum + (of[i] ?? 0), 0));
  const pairs = sums(stage.pairs);
  return {
    profile: profile.name,
    where: transport.where,
    stage: name,
    shards: shards.length,
    tasks: tasks.length,
    jobs: batch.chunks.length,
    pairsPerTask: [Math.min(...pairs), Math.max(...pairs)],
    cpus: resources.cpus,
    gpus: gpusOf(profile.gres),
    memory_MiB: resources.memory_MiB ?? plan.memory_MiB,
    minutes: resources.minutes,
    seconds: Math.max(...sums(plan.seconds)),
    bytes: plan.work().length,
    script,
    command: ["sbatch", "--parsable", ...options, path],
    notes,
  };
}

async function askLimits({ slurm, profile }: Site, notes: string[]) {
  try {
    const { maxArraySize } = await slurm.limits();
    const submit = await slurm.submitLimit(profile);
    if (submit !== undefined) {
      notes.push(`${submit.by} allows ${submit.most} jobs at once, ${submit.room} more now`);
    }
    const tasks = submit === undefined ? Infinity : Math.max(1, submit.most);
    return { tasks, arraySize: Math.min(maxArraySize, tasks) };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    notes.push(`${error.message}: limits could not be asked for`);
    return { tasks: Infinity, arraySize: MAX_ARRAY_SIZE };
  }
}
