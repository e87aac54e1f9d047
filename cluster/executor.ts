/**
 * Where the shards of a stage are computed: by the threads of this process, or on a cluster.
 *
 * @module
 */
import type { EngineName } from "../core/cooccupancy/mod.ts";
import type { ArrowContent } from "./arrow_file.ts";
import { type ShardedStage, type StageKey, writeShard } from "./shards.ts";
import type { ThreadPool } from "./threads/pool.ts";
import { keyOfWork, type ShardJob } from "./work.ts";

/** Computes shards. */
export interface Executor {
  /** Whether nobody else writes shards to the run folder, so that temporary files there are leftovers. */
  readonly ownsFolder: boolean;
  /**
   * Computes shards and puts them into the run folder.
   *
   * @param folder The run folder.
   * @param missing Indices of the shards to compute.
   * @param done Called for each as soon as it is in the run folder, whole.
   * @throws {InterruptedError} The user wants to stop; what was handed over is kept.
   */
  compute<J extends ShardJob>(
    folder: string,
    stage: ShardedStage<J>,
    missing: readonly number[],
    done: (index: number, content: ArrowContent) => void,
  ): Promise<void>;
  /** Leaves a stage whose shards are all in the run folder, whole. */
  end(folder: string, stage: StageKey): Promise<void>;
}

/**
 * Computes in this process.
 *
 * @param pool Asked for only when there is something to compute.
 * @param ownsFolder Whether nobody else writes shards to the run folder.
 */
export function threadsExecutor(
  pool: () => ThreadPool,
  engine: EngineName,
  ownsFolder = true,
): Executor {
  return {
    ownsFolder,
    end: () => Promise.resolve(),
    async compute(folder, stage, missing, done) {
      const threads = pool();
      shareStage(threads, stage, engine);
      const inputs = missing.map((index) => stage.inputs[index]!);
      await threads.map(stage.job, inputs, async (output, i) => {
        const index = missing[i]!;
        done(index, await writeShard(folder, stage, index, output));
      });
    },
  };
}

/** Gives the threads what a stage's job works on. */
export function shareStage<J extends ShardJob>(
  threads: ThreadPool,
  stage: ShardedStage<J>,
  engine: EngineName,
): void {
  threads.share("engine", engine);
  // The key is that of the job's work; the compiler does not follow the lookup.
  threads.share(keyOfWork(stage.job), stage.work() as never);
}
