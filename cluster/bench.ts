/**
 * How fast every engine is on this machine.
 *
 * @module
 */
import {
  allEngines,
  type BitMatrix,
  bitMatrix,
  type MissingEngine,
  type OneEngine,
  takeVoxels,
  totals,
  type Trial,
  type Tried,
} from "../core/cooccupancy/mod.ts";
import { random } from "../core/random.ts";
import { threadPool } from "./threads/pool.ts";

/** What an engine was measured at. */
export type BenchLine =
  & { readonly name: OneEngine }
  & (
    | MissingEngine
    | (Trial & {
      /** Pairs a second of all threads together, or of one device. */
      readonly together: number;
    })
  );

/** What to measure. */
export interface BenchOptions {
  /** Engines; all if not given. */
  readonly engines?: readonly OneEngine[];
  /** Threads that count at once, 1 or more. */
  readonly threads: number;
  /** Volumes, 1 to 65534. */
  readonly volumes: number;
  /** Voxels, all of whose pairs are compared. */
  readonly voxels: number;
  /** How long each engine counts, in milliseconds. */
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/**
 * Voxels that are independent of each other, sorted by total.
 *
 * @param share Of the volumes that each is occupied in, about; any share, evenly spread, unless given.
 */
export function benchVoxels(voxels: number, volumes: number, share?: number): BitMatrix {
  const rng = random(1);
  const matrix = bitMatrix(voxels, volumes);
  for (let v = 0; v < voxels; v++) {
    const chance = share ?? rng.uniform();
    for (let k = 0; k < volumes; k++) {
      if (rng.uniform() < chance) {
        matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
      }
    }
  }
  const own = totals(matrix);
  return takeVoxels(matrix, Array.from(own.keys()).sort((a, b) => own[a]! - own[b]!), true);
}

/**
 * Measures engines, one after the other, each in so many threads at once (a device: in one).
 *
 * @param done Called with each line when it is ready.
 * @throws {InterruptedError} The signal was aborted.
 */
export async function benchEngines(
  options: BenchOptions,
  done: (line: BenchLine) => void,
): Promise<void> {
  const { engines: given, threads, volumes, voxels, milliseconds, signal } = options;
  using pool = threadPool(threads, signal);
  const matrix = benchVoxels(voxels, volumes);
  for (const name of given ?? allEngines) {
    const input = { name, matrix, milliseconds, isAsked: given !== undefined };
    const alone = await pool.run("tryEngine", input);
    signal.throwIfAborted();
    if (!alone.works) {
      done(alone);
      continue;
    }
    let together = alone.pairsPerSecond;
    if (alone.on === "cpu" && threads > 1) {
      const all: Tried[] = [];
      await pool.map("tryEngine", new Array(threads).fill(input), (tried) => void all.push(tried));
      together = all.reduce((sum, tried) => sum + (tried.works ? tried.pairsPerSecond : 0), 0);
    }
    done({ ...alone, together });
  }
}
