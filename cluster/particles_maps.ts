/**
 * Whether the maps of a run are those of a folder's volumes.
 *
 * @module
 */
import { basename, join } from "node:path";
import { InputError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import type { KmeansFolder, NamedVolume } from "../core/particles/mod.ts";
import { hashFile } from "./hashes.ts";
import { volumeName } from "./particles_volumes.ts";
import type { Surroundings } from "./progress.ts";
import type { Run } from "./run_file.ts";

/** How many of a run's maps are compared with the files of their names. */
const COMPARED = 3;

/** How much is read to find a map among files of other names. */
const MOST_COMPARED_BYTES = 1e10;

/**
 * Compares some of a run's maps with the files of their names. Maps that were normalised or downsampled are
 * others, and nothing follows; those that are the file of another name were renumbered.
 *
 * @param numbers Numbers of the volumes of the folder.
 * @throws {InputError} They were renumbered.
 */
export async function compareMaps(
  { volumes }: Run,
  wanted: readonly NamedVolume[],
  { path }: KmeansFolder,
  numbers: readonly number[],
  { signal, tell }: Pick<Surroundings, "signal" | "tell">,
): Promise<string[]> {
  const known = new Map(volumes.map((volume) => [volume.file, volume]));
  let same = 0, compared = 0;
  for (const { name, number } of wanted.slice(0, COMPARED)) {
    const { sha256: hash, bytes = 0 } = known.get(name) ?? {};
    if (hash === undefined || !numbers.includes(number)) continue;
    const isThat = async (other: number) => {
      signal.throwIfAborted();
      const file = join(path, volumeName(other));
      if (!await isThere(file)) return false; // it has another ending
      return (await Deno.stat(file)).size === bytes && await hashFile(file) === hash;
    };
    compared++;
    if (await isThat(number)) {
      same++;
      continue;
    }
    // Nearest numbers first; of one map all are looked at, and of the others the neighbours.
    const others = numbers.filter((other) => other !== number)
      .sort((a, b) => Math.abs(a - number) - Math.abs(b - number));
    const most = compared - same === 1
      ? Math.max(2, Math.floor(MOST_COMPARED_BYTES / Math.max(1, bytes)))
      : 2;
    for (const [done, other] of others.slice(0, most).entries()) {
      if (most > 2) {
        tell({
          kind: "progress",
          stage: "Comparing maps",
          done: done + 1,
          total: Math.min(most, others.length),
          unit: "maps",
        });
      }
      if (!await isThat(other)) continue;
      throw new InputError(
        `Cannot select volumes: ${name} of the run is ${volumeName(other)} of ${path}`,
        "The maps were renumbered; give the volumes by their numbers in that folder: --volumes.",
      );
    }
  }
  if (compared === 0) return [];
  return [
    same === compared
      ? `${same} maps of the run were compared with those of ${basename(path)}, and are the same`
      : `The run's maps are not the files of ${basename(path)} as they are, as when they were ` +
        "normalised or downsampled; that they have the numbers of these could not be checked",
  ];
}
