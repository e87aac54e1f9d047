/**
 * Which reference map belongs to which mask.
 *
 * @module
 */
import { basename } from "node:path";
import { InputError } from "../errors.ts";
import { mapStem } from "../volumes/find_maps.ts";
import { list } from "../volumes/map_table.ts";

/** What MAVEn puts before the name of the map that a mask was made from. */
const MASK_PREFIX = "Mask_";

/** A region that is looked for among reference maps. */
export interface NamedRegion {
  /** Its name: a mask's file name without its ending, or `b7`. */
  readonly name: string;
  /** Other names under which it may be found, such as `block_7` for `b7`. */
  readonly aliases?: readonly string[];
}

/** What belongs to what. */
export interface MatchedReferences {
  /** Path of each region's reference map. */
  readonly paths: readonly string[];
  /** File names of those that belong to no region. */
  readonly unused: readonly string[];
}

/**
 * Finds the reference map of each region: the one of the same name, or, as MAVEn names its files, `NAME.mrc`
 * for the mask `Mask_NAME.mrc`. Endings do not count.
 *
 * @param paths Paths of the reference maps.
 * @param folder What to call their folder in messages.
 * @throws {InputError} Where a region has no reference map, or two may be meant.
 * @example
 * ```ts
 * import { matchReferences } from "./references.ts";
 * import assert from "node:assert";
 *
 * const maps = ["ref/50S_chaina.mrc", "ref/50S_chainb.mrc"];
 * const { paths, unused } = matchReferences([{ name: "Mask_50S_chainb" }], maps, "ref");
 * assert.deepStrictEqual(paths, ["ref/50S_chainb.mrc"]);
 * assert.deepStrictEqual(unused, ["50S_chaina.mrc"]);
 * ```
 */
export function matchReferences(
  regions: readonly NamedRegion[],
  paths: readonly string[],
  folder: string,
): MatchedReferences {
  const byStem = Map.groupBy(paths, (path) => mapStem(basename(path)));
  const wanted = regions.map(({ name, aliases = [] }) =>
    [name, ...aliases].flatMap((stem) =>
      stem.startsWith(MASK_PREFIX) ? [stem, stem.slice(MASK_PREFIX.length)] : [stem]
    )
  );
  const found = wanted.map((stems) => stems.flatMap((stem) => byStem.get(stem) ?? []));
  const missing = regions.filter((_, i) => found[i]!.length === 0).map(({ name }) => name);
  if (missing.length > 0) {
    const example = wanted[found.findIndex((candidates) => candidates.length === 0)]!.at(-1);
    throw new InputError(
      `Cannot find the reference maps in ${folder}: there is none for ${list(missing)} (it holds ${
        list(paths.map((path) => basename(path)))
      })`,
      `Give each a map of its own name, here ${example}.mrc; for a mask ${MASK_PREFIX}NAME.mrc that ` +
        "may also be NAME.mrc.",
    );
  }
  found.forEach((candidates, i) => {
    if (candidates.length === 1) return;
    const names = candidates.map((path) => basename(path));
    throw new InputError(
      `Cannot tell the reference map of ${regions[i]!.name}: ${names.join(" or ")} in ${folder}`,
      "Leave the right one alone in the folder.",
    );
  });
  const used = new Set(found.flat());
  return {
    paths: found.map(([path]) => path!),
    unused: paths.filter((path) => !used.has(path)).map((path) => basename(path)),
  };
}
