/**
 * Occupancies as MAVEn writes them: a CSV file with two rows of headings, the model and the chain of each
 * column, and a row for each volume, named by its number.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { csvCell } from "../volumes/csv_text.ts";
import { mapStem } from "../volumes/find_maps.ts";
import { mapNumber } from "../volumes/map_table.ts";
import type { OccupancyTable } from "./table.ts";

/** Name of the file among results. */
export const OCCUPANCY_MAVEN = "occupancy_maven.csv";

/** First cells of the two rows of headings. */
export const MAVEN_HEADINGS = ["PDB", "Chain"] as const;

/** Chain of a region that is no chain of a model. */
const WHOLE = "all";

/**
 * Splits a region's name into a model and a chain: `Mask_50S_chaina` and `50S_chaina` are chain `a` of model
 * `50S`. Any other region is a model of its own name, and its chain is `all`.
 *
 * @example
 * ```ts
 * import { modelAndChain } from "./maven.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(modelAndChain("Mask_50S_chaina"), ["50S", "a"]);
 * assert.deepStrictEqual(modelAndChain("b7"), ["b7", "all"]);
 * ```
 */
export function modelAndChain(name: string): [model: string, chain: string] {
  const [, model, chain] = /^(?:Mask_)?(.+)_chain(.+)$/s.exec(name) ?? [];
  return [model ?? name, chain ?? WHOLE];
}

/** The name of a region that MAVEn has as a model and a chain. */
export function nameOfChain(model: string, chain: string): string {
  return chain === WHOLE ? model : `${model}_chain${chain}`;
}

/**
 * A table as MAVEn's CSV. Volumes are named by the last number in their file names, without leading zeros;
 * where a file has none, or two have the same, all are named by their file names without endings.
 *
 * @throws {InputError} Two regions are the same chain of the same model.
 */
export function formatMavenCsv({ volumes, regions, values }: OccupancyTable): string {
  const split = regions.map(({ name }) => modelAndChain(name));
  const nameOf = new Map<string, string>();
  split.forEach((pair, i) => {
    const key = JSON.stringify(pair);
    const other = nameOf.get(key);
    const { name } = regions[i]!;
    if (other !== undefined) {
      throw new InputError(
        `Cannot write ${other} and ${name} as MAVEn does: both are chain ${pair[1]} of ${pair[0]}`,
        "Rename one of the two masks, or leave --maven out.",
      );
    }
    nameOf.set(key, name);
  });
  const rows = namesOf(volumes).map((name, volume) => [
    name,
    ...values.subarray(volume * regions.length, (volume + 1) * regions.length),
  ]);
  const headings = MAVEN_HEADINGS.map((
    heading,
    part,
  ) => [heading, ...split.map((pair) => pair[part]!)]);
  return [...headings, ...rows].map((cells) =>
    `${cells.map((cell) => typeof cell === "string" ? csvCell(cell) : cell).join(",")}\n`
  ).join("");
}

function namesOf(volumes: readonly string[]): string[] {
  const numbers = volumes.map((file) => mapNumber(file));
  const isNumbered = numbers.every((number) => number !== undefined) &&
    new Set(numbers).size === numbers.length;
  if (isNumbered) return numbers;
  const stems = volumes.map(mapStem);
  return new Set(stems).size === stems.length ? stems : [...volumes];
}
