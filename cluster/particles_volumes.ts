/**
 * The volumes that are selected, and their places among the centres of a folder.
 *
 * @module
 */
import { chooseVolumes } from "../core/analysis/choose_volumes.ts";
import { UsageError } from "../core/errors.ts";
import {
  type Detected,
  detectFirstVolume,
  type KmeansChoice,
  type KmeansContent,
  type KmeansFolder,
  type NamedVolume,
  namedVolumes,
  parseVolumes,
} from "../core/particles/mod.ts";
import { told } from "../core/told.ts";
import { loadAnalysis } from "./analysis.ts";
import type { ParticlesCall, VolumeSelection } from "./particles_call.ts";
import type { Surroundings } from "./progress.ts";
import { readRun, type Run } from "./run_file.ts";

/** How many volumes a message names. */
const NAMED = 5;

/** States are those of a landscape. */
export function choiceOf({ choice = {}, selection }: ParticlesCall): KmeansChoice {
  return "states" in selection ? { ...choice, landscape: true } : choice;
}

/** Volumes that were asked for. */
export interface WantedVolumes {
  readonly wanted: readonly NamedVolume[];
  /** All of the analysis that they were chosen from. */
  readonly known?: readonly NamedVolume[];
  readonly run?: Run;
}

/**
 * The volumes that a selection names, or chooses by an analysis.
 *
 * @throws {UsageError} No volume meets the condition, or names cannot be understood.
 */
export async function wantedVolumes(
  selection: Exclude<VolumeSelection, { states: readonly number[] }>,
  { tell }: Pick<Surroundings, "tell">,
): Promise<WantedVolumes> {
  if ("volumes" in selection) return { wanted: parseVolumes(selection.volumes) };
  const { source, choice } = selection;
  const analysis = await loadAnalysis(source, { tell });
  const known = namedVolumes(analysis.table.volumes);
  const wanted = chooseVolumes(analysis, choice).map((place) => known[place]!);
  if (wanted.length === 0) {
    throw new UsageError(
      `Cannot select volumes: none of ${known.length} meets the condition`,
      "siren volumes --json shows the occupancies of each.",
    );
  }
  return "run" in source ? { wanted, known, run: await readRun(source.run) } : { wanted, known };
}

/** The number of the first volume, by the folder's volumes or, where there are none, by the analysis. */
export function firstVolumeOf(
  { firstVolume }: ParticlesCall,
  { path, kmeans }: KmeansFolder,
  { numbers }: KmeansContent,
  { known }: Partial<WantedVolumes> = {},
): Detected {
  const given = firstVolume === undefined ? {} : { firstVolume };
  if (numbers.length > 0 || known === undefined) {
    return detectFirstVolume({ folder: path, centres: kmeans, numbers, ...given });
  }
  const moved = known.map(({ number }) => number).sort((a, b) => a - b);
  const folder = "the analysis";
  const found = detectFirstVolume({ folder, centres: kmeans, numbers: moved, ...given });
  return { first: found.first, because: `${found.because}, in the analysis` };
}

/** The places among the centres of volumes. */
export function placesOf(
  wanted: readonly NamedVolume[],
  { path, kmeans }: KmeansFolder,
  { first, because }: Detected,
): Set<number> {
  const strange = wanted.filter(({ number }) => number < first || number >= first + kmeans);
  if (strange.length > 0) {
    throw new UsageError(
      `Cannot select volumes: they are not of ${path}, whose volumes are ${volumeName(first)} to ` +
        `${volumeName(first + kmeans - 1)} (${namesOf(strange)})`,
      `${because[0]!.toUpperCase()}${
        because.slice(1)
      }. Volumes that were renumbered have to get their ` +
        "old names again.",
    );
  }
  return new Set(wanted.map(({ number }) => number - first));
}

function namesOf(volumes: readonly NamedVolume[]): string {
  const names = volumes.slice(0, NAMED).map(({ name }) => told(name)).join(", ");
  return volumes.length > NAMED ? `${names}, and ${volumes.length - NAMED} more` : names;
}

/** A volume's file name, as cryoDRGN and tomoDRGN write it. */
export function volumeName(number: number): string {
  return `vol_${String(number).padStart(3, "0")}.mrc`;
}
