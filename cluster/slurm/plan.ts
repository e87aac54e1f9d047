/**
 * What a stage needs of a cluster: how its shards become tasks, and what a task asks for.
 *
 * @module
 */
import type { ShardedStage } from "../shards.ts";
import { encodeWork } from "../work_file.ts";
import type { Resources } from "./files.ts";
import { expectedMemory, expectedMinutes, expectedSeconds, packShards } from "./packing.ts";
import type { Profile } from "./profile.ts";

/**
 * What `siren preprocess` takes: voxels that a CPU crops in a second, a fifth of what was measured, as disks
 * are slower too; and bytes that a thread holds for each voxel of the maps that it writes.
 */
const VOXELS_PER_SECOND = 5e6, BYTES_PER_VOXEL = 32;

/** What a stage needs. */
export interface Estimate {
  /** The work file. */
  work(): Uint8Array<ArrayBuffer>;
  /** Splits shards into tasks, of which the site takes `most`. */
  pack(shards: readonly number[], most: number): number[][];
  /** What tasks of these shards ask for. */
  resources(tasks: readonly (readonly number[])[]): Resources;
  /** Memory that is expected to do, MiB. */
  readonly memory_MiB: number;
  /** Seconds that each shard is expected to take, with all CPUs of a task. */
  readonly seconds: readonly number[];
}

/** Estimates what a stage's shards need. */
export function estimate(stage: ShardedStage, profile: Profile): Estimate {
  const bytes = encodeWork(stage);
  const work = stage.work();
  const { cpus, task_minutes, shards_per_task, skip } = profile;
  const seconds = stage.pairs.map((pairs) =>
    "matrix" in work
      ? expectedSeconds(pairs, work.matrix.volumes, cpus)
      : pairs / VOXELS_PER_SECOND / cpus
  );
  const pack = (own: readonly number[], most: number) =>
    packShards(own, {
      seconds,
      aim: task_minutes * 60,
      ...(shards_per_task === undefined ? {} : { shardsPerTask: shards_per_task }),
      most,
    });
  const longest = (tasks: readonly (readonly number[])[]) =>
    Math.max(0, ...tasks.map((task) => task.reduce((sum, i) => sum + (seconds[i] ?? 0), 0)));
  const held = "matrix" in work
    ? bytes.length
    : (work.box ** 3 + work.networkBox ** 3) * BYTES_PER_VOXEL;
  const memory_MiB = expectedMemory(held, cpus);
  return {
    work: () => bytes,
    pack,
    resources: (tasks) => ({
      cpus,
      ...(skip.includes("mem") ? {} : { memory_MiB: profile.memory ?? memory_MiB }),
      ...(skip.includes("time")
        ? {}
        : { minutes: profile.time ?? expectedMinutes(longest(tasks)) }),
      exclude: [],
    }),
    memory_MiB,
    seconds,
  };
}
