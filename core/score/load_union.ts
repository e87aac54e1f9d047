/**
 * The union of the maps that lie beside a truth.
 *
 * @module
 */
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { readMap } from "../mrc/read.ts";
import { binarise, wordsFor } from "../volumes/binarise.ts";
import { type Union, union } from "../volumes/union.ts";

/** What is needed of the truth; a `Truth` of core/simulate is one. */
export interface SimulatedMaps {
  /** Edge in voxels. */
  readonly box: number;
  /** The volumes' file names, in order: N. */
  readonly maps: readonly string[];
  /** A voxel of volume k is occupied where it exceeds `thresholds[k]`: N. */
  readonly thresholds: readonly number[];
}

/**
 * Reads and binarises the maps of a simulated ensemble, one after the other.
 *
 * @param folder Where the maps lie: the folder of the truth.
 * @throws {InputError} Where a map is missing, cannot be read, or has another box than the truth.
 */
export async function loadUnion(truth: SimulatedMaps, folder: string): Promise<Union> {
  const { box, maps, thresholds } = truth;
  const words = wordsFor(box ** 3);
  const bits = new Uint32Array(maps.length * words);
  for (const [k, name] of maps.entries()) {
    const path = join(folder, name);
    const { data, grid } = await readMap(path);
    if (grid.box !== box) {
      throw new InputError(
        `Cannot use ${path}: its box is not that of the truth (${grid.box}, not ${box})`,
        "Keep the truth in the folder that it was written to, with its own maps.",
      );
    }
    binarise(data, thresholds[k]!, path, bits.subarray(k * words, (k + 1) * words));
  }
  return union(bits, words, [...maps.keys()], maps.length);
}
