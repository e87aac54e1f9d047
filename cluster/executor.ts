/**
 * Where the shards of a stage are computed: by the threads of this process, or on a cluster.
 *
 * @module
 */
import type { Choice, EngineName } from "../core/cooccupancy/mod.ts";
import { UsageError } from "../core/errors.ts";
import type { ArrowContent } from "./arrow_file.ts";
import { chooseEngine, type EngineQuestion } from "./engine_choice.ts";
import type { News } from "./progress.ts";
import { type ShardedStage, type StageKey, writeShard } from "./shards.ts";
import type { ThreadPool } from "./threads/pool.ts";
import { keyOfWork, type ShardJob, type Work } from "./work.ts";

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
  /** Engines that computed so far, for the user to read; undefined if none had to. */
  engine(): string | undefined;
  /** Leaves a stage whose shards are all in the run folder, whole. */
  end(folder: string, stage: StageKey): Promise<void>;
}

/**
 * Computes in this process.
 *
 * @param pool Asked for only when there is something to compute.
 * @param ownsFolder Whether nobody else writes shards to the run folder.
 * @param tell Told which engine computes, and why.
 */
export function threadsExecutor(
  pool: () => ThreadPool,
  engine: EngineName,
  ownsFolder = true,
  tell: (news: News) => void = () => {},
): Executor {
  const used = new Set<string>();
  return {
    ownsFolder,
    engine: () => used.size === 0 ? undefined : [...used].join(", "),
    end: () => Promise.resolve(),
    async compute(folder, stage, missing, done) {
      const threads = pool();
      const pairs = missing.reduce((sum, index) => sum + (stage.pairs[index] ?? 0), 0);
      const { choice, refusal } = await shareStage(threads, stage, { asked: engine, pairs });
      if (choice !== undefined) {
        if (refusal !== undefined) {
          const text = `${refusal}: ${choice.name} computes in its place`;
          tell({ kind: "warning", text });
        }
        // Timings differ from stage to stage; only another engine is news.
        if (!used.has(choice.name)) tell({ kind: "note", text: `engine ${choice.why}` });
        used.add(choice.name);
      }
      const inputs = missing.map((index) => stage.inputs[index]!);
      await threads.map(stage.job, inputs, async (output, i) => {
        const index = missing[i]!;
        done(index, await writeShard(folder, stage, index, output));
      });
      await threads.release();
    },
  };
}

/** What a stage is computed with. */
export interface Shared {
  /** The engine; absent where the job needs none. */
  readonly choice?: Choice;
  /** Why it is not the one that was asked for. */
  readonly refusal?: string;
}

/**
 * Gives the threads what a stage's job works on, and the engine to compute it with. A run that has begun
 * does not end because the engine that was asked for does not work: another gives the same answers.
 */
export async function shareStage<J extends ShardJob>(
  threads: ThreadPool,
  stage: ShardedStage<J>,
  question: Pick<EngineQuestion, "asked" | "pairs" | "noDevice">,
): Promise<Shared> {
  const work: Work<ShardJob> = stage.work();
  // The key is that of the job's work; the compiler does not follow the lookup.
  threads.share(keyOfWork(stage.job), work as never);
  if (stage.job === "expandPhi" || !("matrix" in work)) return {};
  const { matrix } = work;
  let shared: Shared & { readonly choice: Choice };
  try {
    shared = { choice: await chooseEngine({ threads, matrix, ...question }) };
  } catch (error) {
    if (!(error instanceof UsageError) || question.asked === "auto") throw error;
    const choice = await chooseEngine({ threads, matrix, ...question, asked: "auto" });
    shared = { choice, refusal: error.message };
  }
  threads.share("engine", shared.choice.name);
  return shared;
}
