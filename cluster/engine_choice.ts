/**
 * Which engine computes a stage: the one that was asked for, or the fastest on the stage's own voxels.
 *
 * @module
 */
import {
  atOnce,
  type BitMatrix,
  candidates,
  cannotUse,
  type Choice,
  type EngineName,
  onDevice,
  type OneEngine,
  pickFastest,
  type Reasons,
  someVoxels,
  type Tried,
} from "../core/cooccupancy/mod.ts";
import { InterruptedError, SirenError } from "../core/errors.ts";
import type { ThreadPool } from "./threads/pool.ts";

/** Voxels that engines are tried on, and for how long each, in milliseconds: for little work, for much. */
const VOXELS = 2048, MOMENT = 25, LONG_MOMENT = 100;

/**
 * Devices are opened only for work that takes the processor longer than this, in pairs times volumes for
 * each thread: about a second.
 */
const WORTH_A_DEVICE = 4e11;

/** A stage's work, as far as the choice depends on it. */
export interface EngineQuestion {
  readonly threads: ThreadPool;
  readonly asked: EngineName;
  /** The voxels to compare, best sorted by total. */
  readonly matrix: BitMatrix;
  /** Pairs left to compare. */
  readonly pairs: number;
  /** Why no device is to be used, if so: no GPU was granted, say. */
  readonly noDevice?: string;
}

/**
 * Chooses the engine of a stage. Each is tried for a moment in a thread, on the stage's own voxels.
 *
 * @throws {UsageError} The engine that was asked for does not work here.
 */
export async function chooseEngine(question: EngineQuestion): Promise<Choice> {
  const { threads, asked, matrix, pairs, noDevice } = question;
  const voxels = someVoxels(matrix, VOXELS, true);
  const attempt = (name: OneEngine, milliseconds: number) =>
    threads.run("tryEngine", { name, matrix: voxels, milliseconds, isAsked: name === asked });
  if (asked !== "auto") {
    if (noDevice !== undefined && onDevice.includes(asked)) {
      throw cannotUse({ name: asked, works: false, reason: noDevice });
    }
    const tried = await attempt(asked, 0);
    if (!tried.works) throw cannotUse(tried);
    const { what, on, pairsPerSecond } = tried;
    return {
      name: asked,
      what,
      on,
      pairsPerSecond: pairsPerSecond * atOnce(tried, threads.threads),
      why: `${asked} (${what}), as asked`,
      others: {},
    };
  }
  const isSmall = pairs * matrix.volumes < WORTH_A_DEVICE * threads.threads;
  const reason = noDevice ?? (isSmall ? "not tried, the work takes a second" : undefined);
  const untried: Reasons = reason === undefined
    ? {}
    : Object.fromEntries(onDevice.map((name) => [name, reason]));
  const tried: Tried[] = [];
  for (const name of candidates) {
    if (threads.signal.aborted) {
      throw new InterruptedError("Stopped as asked; what is done is kept");
    }
    if (untried[name] === undefined) {
      tried.push(await attempt(name, isSmall ? MOMENT : LONG_MOMENT));
    }
  }
  const choice = pickFastest(tried, threads.threads, untried) ??
    pickFastest([await attempt("reference", 0)], threads.threads);
  if (choice === undefined) throw new SirenError("Cannot compare voxels: no engine works here");
  return choice;
}
