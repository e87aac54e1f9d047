/**
 * The particles of selected volumes, from the folders of cryoDRGN and tomoDRGN to files for the next
 * refinement.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import {
  countParticles,
  findKmeans,
  inStack,
  type KnownParticles,
  type LandscapeStates,
  listedParticles,
  readKmeans,
  readStates,
  selectParticles,
  volumesOfStates,
} from "../core/particles/mod.ts";
import type { ParticlesCall } from "./particles_call.ts";
import {
  checkInputs,
  checkOutdir,
  type ParticlesSummary,
  type VolumeParticles,
  writeParticleFiles,
} from "./particles_files.ts";
import { agreement, labelParticles } from "./particles_labels.ts";
import { compareMaps } from "./particles_maps.ts";
import { csRows, rowsTold, starRows } from "./particles_rows.ts";
import { checkOrder, checkStack, placesInStack } from "./particles_stack.ts";
import {
  choiceOf,
  firstVolumeOf,
  placesOf,
  volumeName,
  wantedVolumes,
} from "./particles_volumes.ts";
import type { Surroundings } from "./progress.ts";

/**
 * Finds the particles of the selected volumes and writes them: `ind.pkl` (a NumPy array of indices from 0),
 * `ind.txt`, `particles.csv` (how many each volume has), parts of a .star and a .cs file, and
 * `particles.json`, which says how everything was told.
 *
 * @param outdir Folder to write to; made if it is missing.
 * @param force Replaces what was written there before.
 * @throws {UsageError} The selection names no volumes of the folder, or something is to be said first.
 * @throws {InputError} Files do not go together, or do not tell enough to be sure.
 * @example
 * ```ts ignore
 * import { writeParticles } from "./particles.ts";
 *
 * const selection = { source: { run: "out" }, choice: { where: "b3 > 0.8" } };
 * const call = { folder: "drgn", program: "cryoDRGN", selection, star: "particles.star" } as const;
 * const { particles, total } = await writeParticles(call, "with_b3", false, surroundings);
 * ```
 */
export async function writeParticles(
  call: ParticlesCall,
  outdir: string,
  force: boolean,
  surroundings: Pick<Surroundings, "signal" | "tell">,
): Promise<ParticlesSummary> {
  await checkOutdir(outdir, force);
  const look = () => surroundings.signal.throwIfAborted();
  const volumes = "states" in call.selection
    ? undefined
    : await wantedVolumes(call.selection, surroundings);
  const kmeans = await findKmeans(call.folder, choiceOf(call), volumes?.run?.sketch.voldir);
  const content = await readKmeans(kmeans);
  look();
  const firstVolume = firstVolumeOf(call, kmeans, content, volumes);
  const notes: string[] = [];
  let chosen: ReadonlySet<number>, states: LandscapeStates | undefined;
  if ("states" in call.selection) {
    states = await readStates(kmeans, call.selection.clustering);
    chosen = volumesOfStates(states, call.selection.states);
  } else {
    const { wanted, known = wanted, run } = volumes!; // it was read for all other selections
    placesOf(known, kmeans, firstVolume);
    chosen = placesOf(wanted, kmeans, firstVolume);
    if (run !== undefined) {
      notes.push(...await compareMaps(run, wanted, kmeans, content.numbers, surroundings));
    }
  }
  const labelled = await labelParticles(call, kmeans, content, surroundings);
  const { labels, firstLabel } = labelled;
  notes.push(...labelled.notes);
  const counts = countParticles(labels, kmeans.kmeans);
  const training = selectParticles(labels, chosen, call.inverse);
  if (training.length === 0) {
    throw new InputError(
      `Cannot write particles: ${call.inverse ? "all volumes are selected" : "there are none"} ` +
        `(${labels.length} particles, ${chosen.size} of ${kmeans.kmeans} volumes)`,
      "Select other volumes.",
    );
  }
  const relativeTo = call.relativeTo ?? "stack";
  const { stack, subset, subsetPath, config } = await placesInStack(call, kmeans, labels.length);
  await checkInputs([call.star, call.cs, subsetPath], outdir);
  const indices = inStack(training, stack);
  if (states !== undefined && "states" in call.selection && !call.inverse) {
    const listed = await listedParticles(states, call.selection.states);
    if (listed !== undefined) notes.push(agreement(listed, [training, indices]));
  }
  const counted: KnownParticles = stack === undefined
    ? { exactly: labels.length, least: labels.length }
    : { least: stack.reduce((a, b) => Math.max(a, b), -1) + 1, training: labels.length };
  const star = call.star === undefined
    ? undefined
    : await starRows(call.star, counted, rowsTold(call, config), look);
  const cs = call.cs === undefined ? undefined : await csRows(call.cs, counted);
  if (star !== undefined && cs !== undefined && star.count !== cs.rows) {
    throw new InputError(
      `Cannot use ${call.star} and ${call.cs} together: they have ${star.count} and ${cs.rows} particles`,
      "Give files of the same particles.",
    );
  }
  if (star?.told !== undefined) notes.push(star.told);
  if (relativeTo === "stack") {
    notes.push(...await checkOrder(config, star?.particles, stack, labels.length, look));
  }
  if (stack !== undefined) notes.push(...await checkStack({ star, cs }, config));
  look();

  const rows = Array.from(counts, (particles, place): VolumeParticles => {
    const selected = chosen.has(place) !== (call.inverse ?? false);
    return { volume: volumeName(firstVolume.first + place), place, particles, selected };
  });
  const summary: Omit<ParticlesSummary, "files"> = {
    kmeans: kmeans.path,
    firstVolume,
    firstLabel,
    labels: call.nearest ? "nearest" : "labels.pkl",
    relativeTo,
    subset,
    volumes: rows,
    particles: indices.length,
    total: labels.length,
    notes,
  };
  const files = await writeParticleFiles(outdir, { indices, star, cs }, summary, look);
  return { ...summary, files };
}
