/**
 * What is asked: which volumes are high and which low, for each block or for a condition.
 *
 * @module
 */
import { type Selectable, selectVolumes } from "../core/analysis/where.ts";
import { InputError, UsageError } from "../core/errors.ts";
import { classesByOccupancy, type VolumeClasses } from "../core/id_blocks/mod.ts";
import { columnOf, type OccupancyTable } from "../core/occupancy/mod.ts";
import { list } from "../core/volumes/mod.ts";
import { loadAnalysis } from "./analysis.ts";
import type { IdBlocksOptions } from "./id_blocks_options.ts";
import type { Surroundings } from "./progress.ts";

/** What tells the classes of one block or condition apart. */
export interface Question {
  /** Name of the region in the table, or "where". */
  readonly name: string;
  readonly classes: VolumeClasses;
  /** Above which occupancy volumes are high; undefined where a condition says which are. */
  readonly cutoff: number | undefined;
}

/** What a condition may be about: all of an analysis, unless a run is given another table. */
export async function selectable(
  table: OccupancyTable,
  { where, run, occupancy }: IdBlocksOptions,
  surroundings: Surroundings,
): Promise<Selectable> {
  if (where === undefined || (run !== undefined && occupancy !== undefined)) return { table };
  const source = run === undefined ? { occupancy: occupancy! } : { run }; // the schema asks for one
  return await loadAnalysis(source, surroundings);
}

/** The questions that have volumes of both classes, and why the others have not. */
export function ask(from: Selectable, options: IdBlocksOptions) {
  const { table } = from;
  const without: { of: string; reason: string }[] = [];
  const questions: Question[] = [];
  const consider = (
    name: string,
    classes: VolumeClasses,
    cutoff: number | undefined,
    why: string,
  ) => {
    const reason = classes.high.length === 0
      ? cutoff === undefined
        ? "no volume meets the condition"
        : `no volume holds ${options.low === 0 ? "any" : `more than ${options.low}`} of it`
      : classes.low.length === 0
      ? why
      : undefined;
    if (reason === undefined) questions.push({ name, classes, cutoff });
    else without.push({ of: name, reason });
  };
  if (options.where !== undefined) {
    const high = selectVolumes(from, options.where);
    const isHigh = new Set(high);
    const low = [...table.volumes.keys()].filter((volume) => !isHigh.has(volume));
    consider("where", { high, low }, undefined, "every volume meets the condition");
    return { questions, without };
  }
  for (const region of regionsOf(table, options.block)) {
    const column = columnOf(table, region);
    const classes = classesByOccupancy(column, options.p, options.low);
    const least = column.reduce((least, value) => Math.min(least, value), Infinity);
    consider(
      table.regions[region]!.name,
      classes,
      classes.cutoff,
      `its occupancy is above ${options.low} in every volume (the least is ${
        least.toPrecision(3)
      }); give a greater --low`,
    );
  }
  return { questions, without };
}

function regionsOf({ regions }: OccupancyTable, names: string | undefined): number[] {
  if (names === undefined) return [...regions.keys()];
  const placeOf = new Map(regions.map(({ name }, place) => [name, place]));
  // A region's own name may have a comma in it.
  const wanted = placeOf.has(names) ? [names] : names.split(",").map((name) => name.trim());
  return [...new Set(wanted)].map((name) => {
    const place = placeOf.get(name);
    if (place !== undefined) return place;
    throw new UsageError(
      `Cannot use --block: there is no such region (${name})`,
      `The regions are ${list(regions.map((region) => region.name))}.`,
    );
  });
}

/** That no question has volumes of both classes. */
export function nothingToTell(
  without: readonly { of: string; reason: string }[],
  { p, low }: IdBlocksOptions,
): InputError {
  const [first] = without;
  return new InputError(
    `Cannot tell volumes apart: no block has volumes of both classes (p ${p}, low ${low}` +
      (first === undefined ? ")" : `; ${first.of}: ${first.reason})`),
  );
}
