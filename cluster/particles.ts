/**
 * The particles of selected volumes, from the folders of cryoDRGN and tomoDRGN to files for the next
 * refinement.
 *
 * @module
 */
import { basename, join } from "node:path";
import { chooseVolumes, type VolumeChoice } from "../core/analysis/choose_volumes.ts";
import { InputError, UsageError } from "../core/errors.ts";
import { isThere, makeFolder, writeWhole } from "../core/files.ts";
import {
  checkRows,
  type Coordinates,
  countParticles,
  type CsParticles,
  type Detected,
  detectFirstLabel,
  detectFirstVolume,
  findKmeans,
  inStack,
  type KmeansChoice,
  type KmeansContent,
  type KmeansFolder,
  type KnownParticles,
  type LandscapeStates,
  listedParticles,
  type NamedVolume,
  namedVolumes,
  nearestCentres,
  parseVolumes,
  readCsParticles,
  readKmeans,
  readLatent,
  readStarParticles,
  readStates,
  readTraining,
  selectParticles,
  stackImages,
  stackIndices,
  type StarParticles,
  type Training,
  volumesOfStates,
  writeCsSubset,
  writeStarSubset,
} from "../core/particles/mod.ts";
import { pickleIndices } from "../core/pickle/mod.ts";
import { quoteForShell } from "../core/shell.ts";
import { told } from "../core/told.ts";
import { loadAnalysis, type OccupancySource } from "./analysis.ts";
import { hashFile } from "./hashes.ts";
import { checkOutFolder } from "./out_folder.ts";
import type { Surroundings } from "./progress.ts";
import { readRun, type Run } from "./run_file.ts";

/** Which volumes are meant. */
export type VolumeSelection =
  /** Those of a run or of an occupancy table that are chosen as by `siren volumes`. */
  | { readonly source: OccupancySource; readonly choice: Omit<VolumeChoice, "not"> }
  /** Names of volumes, numbers in such names, and ranges of numbers. */
  | { readonly volumes: readonly string[] }
  /** States of a landscape by number, of one of its folders of states. */
  | { readonly states: readonly number[]; readonly clustering?: string };

/** What is wanted of which particles. */
export interface ParticlesCall {
  /** cryoDRGN's or tomoDRGN's folder, or that of one of its analyses. */
  readonly folder: string;
  readonly program: "cryoDRGN" | "tomoDRGN";
  /** Which of the folder's analyses, where there are several. */
  readonly choice?: KmeansChoice;
  readonly selection: VolumeSelection;
  /** The particles of all other volumes instead. */
  readonly inverse?: boolean;
  /** Labels each particle by the volume that it is nearest to, instead of by labels.pkl. */
  readonly nearest?: boolean;
  /** The number of the first volume, where the files do not tell it. */
  readonly firstVolume?: number;
  /** The training's subset, instead of what its configuration says: a pickle of indices, or none. */
  readonly ind?: string | "none";
  /** What indices count: particles of the stack (by default), or of the training. */
  readonly relativeTo?: "stack" | "training";
  /** A .star file of which the particles are written, too. */
  readonly star?: string;
  /** What a row of `star` is, where the files do not tell: a particle, or an image of a tilt series. */
  readonly starRows?: "particles" | "images";
  /** A .cs file of which the particles are written, too. */
  readonly cs?: string;
}

/** The particles of a volume. */
export interface VolumeParticles {
  /** Its file name, `vol_003.mrc`. */
  readonly volume: string;
  /** Its place among the centres, from 0. */
  readonly place: number;
  readonly particles: number;
  readonly selected: boolean;
}

/** What was found and written. */
export interface ParticlesSummary {
  /** The folder of the volumes. */
  readonly kmeans: string;
  /** How numbers of volumes and labels were told; sentences without their full stop. */
  readonly firstVolume: Detected;
  readonly firstLabel: Detected | undefined;
  /** What the labels are from. */
  readonly labels: "labels.pkl" | "nearest";
  /** What indices count, and how that was told. */
  readonly relativeTo: "stack" | "training";
  readonly subset: string;
  /** All volumes of the folder, by number. */
  readonly volumes: readonly VolumeParticles[];
  /** Particles that were selected, and how many there are. */
  readonly particles: number;
  readonly total: number;
  /** What else is worth knowing. */
  readonly notes: readonly string[];
  /** Paths of the files. */
  readonly files: readonly string[];
}

/** Everything that may be written; nothing else in the folder is touched. */
export const PARTICLE_FILES = [
  "particles.star",
  "particles.cs",
  "ind.pkl",
  "ind.txt",
  "particles.csv",
  "particles.json",
] as const;

/** How many volumes a message names. */
const NAMED = 5;

/** How many of a run's maps are compared with the files of their names. */
const COMPARED = 3;

/** How much is read to find a map among files of other names. */
const MOST_COMPARED_BYTES = 1e10;

/** Particles between two looks at whether to stop. */
const STEP = 1 << 14;

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

  const wasThere = await isThere(outdir);
  await makeFolder(outdir);
  for (const name of PARTICLE_FILES) await removeIfThere(join(outdir, name));
  const keep = flagsOf(indices);
  const files: string[] = [];
  const write = async (
    name: typeof PARTICLE_FILES[number],
    put: (path: string) => Promise<void>,
  ) => {
    const path = join(outdir, name);
    try {
      look();
      await put(path);
    } catch (error) {
      if (!wasThere) await removeIfEmpty(outdir);
      throw error;
    }
    files.push(path);
  };
  if (star !== undefined) {
    await write("particles.star", async (path) => {
      await writeStarSubset(star.particles, (row) => keep(star.particleOf(row)), path, look);
    });
  }
  if (cs !== undefined) {
    await write("particles.cs", async (path) => void await writeCsSubset(cs, keep, path, look));
  }
  await write("ind.pkl", (path) => writeWhole(path, pickleIndices(indices)));
  await write("ind.txt", (path) => writeWhole(path, indices.join("\n") + "\n"));
  const rows = Array.from(counts, (particles, place): VolumeParticles => {
    const selected = chosen.has(place) !== (call.inverse ?? false);
    return { volume: volumeName(firstVolume.first + place), place, particles, selected };
  });
  await write("particles.csv", (path) => writeWhole(path, formatCounts(rows)));
  const summary = {
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
  } as const;
  await write(
    "particles.json",
    (path) => writeWhole(path, JSON.stringify(summary, undefined, 1) + "\n"),
  );
  return { ...summary, files };
}

/** Sees that nothing is overwritten. */
async function checkOutdir(outdir: string, force: boolean): Promise<void> {
  await checkOutFolder(outdir);
  if (force) return;
  for (const name of PARTICLE_FILES) {
    if (!await isThere(join(outdir, name))) continue;
    throw new UsageError(
      `Cannot write to ${outdir}: it holds other particles (${name})`,
      "Give another --outdir, or --force to replace them.",
    );
  }
}

async function removeIfThere(path: string): Promise<void> {
  if (await isThere(path)) await Deno.remove(path);
}

async function removeIfEmpty(folder: string): Promise<void> {
  for await (const _ of Deno.readDir(folder)) return;
  await Deno.remove(folder);
}

/** Sees that no file that is read is one that will be written, and so removed. */
async function checkInputs(paths: readonly (string | undefined)[], outdir: string): Promise<void> {
  for (const path of paths) {
    if (path === undefined || !await isThere(path)) continue;
    for (const name of PARTICLE_FILES) {
      const output = join(outdir, name);
      if (!await isThere(output) || await Deno.realPath(output) !== await Deno.realPath(path)) {
        continue;
      }
      throw new UsageError(
        `Cannot write ${output}: particles are read from that very file`,
        "Give another --outdir.",
      );
    }
  }
}

/** States are those of a landscape. */
function choiceOf({ choice = {}, selection }: ParticlesCall): KmeansChoice {
  return "states" in selection ? { ...choice, landscape: true } : choice;
}

/** Volumes that were asked for. */
interface WantedVolumes {
  readonly wanted: readonly NamedVolume[];
  /** All of the analysis that they were chosen from. */
  readonly known?: readonly NamedVolume[];
  readonly run?: Run;
}

async function wantedVolumes(
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
function firstVolumeOf(
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

/**
 * Compares some of a run's maps with the files of their names. Maps that were normalised or downsampled are
 * others, and nothing follows; those that are the file of another name were renumbered.
 *
 * @param numbers Numbers of the volumes of the folder.
 * @throws {InputError} They were renumbered.
 */
async function compareMaps(
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

/** How what cryoDRGN lists compares with what the labels say, for the stack or for the training. */
function agreement(listed: Int32Array, found: readonly Int32Array[]): string {
  const isSame = (other: Int32Array) =>
    other.length === listed.length && other.every((index, i) => index === listed[i]);
  return found.some(isSame)
    ? "cryoDRGN's own list of the states' particles is the same"
    : `cryoDRGN's own list of the states' particles is another one (${listed.length}), as versions 3.5.0 ` +
      "to 3.5.2 took each volume for its neighbour; the particles here are those of the labels";
}

/** The places among the centres of volumes. */
function placesOf(
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
function volumeName(number: number): string {
  return `vol_${String(number).padStart(3, "0")}.mrc`;
}

/** The place of the volume of each particle. */
async function labelParticles(
  { nearest }: ParticlesCall,
  kmeans: KmeansFolder,
  content: KmeansContent,
  surroundings: Pick<Surroundings, "signal" | "tell">,
): Promise<{ labels: Int32Array; firstLabel: Detected | undefined; notes: string[] }> {
  const { labels, centres } = content;
  const latent = await readLatent(kmeans);
  const known = labels?.length ?? latent?.points;
  if (known !== undefined && kmeans.kmeans > known) {
    throw new InputError(
      `Cannot use ${kmeans.path}: by its name it has ${kmeans.kmeans} volumes, and there are ${known} ` +
        "particles",
      "Give the folder as cryodrgn analyze named it.",
    );
  }
  if (labels !== undefined && latent !== undefined && labels.length !== latent.points) {
    throw new InputError(
      `Cannot use the labels of ${kmeans.path}: they are for ${labels.length} particles, and ` +
        `${latent.path} has ${latent.points}`,
      "They are of another training or epoch; run cryodrgn analyze again.",
    );
  }
  const missing = (file: string, remedy: string) =>
    new InputError(`Cannot tell the particles of volumes: ${kmeans.path} has no ${file}`, remedy);
  if (nearest) {
    if (latent === undefined) {
      throw new InputError(
        `Cannot tell the nearest volumes: there are no coordinates of particles ` +
          `(${
            join(kmeans.workdir, kmeans.epoch === undefined ? "z.pkl" : `z.${kmeans.epoch}.pkl`)
          })`,
        "Copy the file from where the training was made.",
      );
    }
    if (centres === undefined) throw missing("centers.txt or z_values.txt", "Copy it there.");
    const found = await nearestLabels(latent, centres, surroundings);
    const first = labels === undefined ? undefined : firstLabelOf(kmeans, content, latent);
    const same = first && labels &&
      labels.reduce((sum, label, i) => sum + (label - first.first === found[i] ? 1 : 0), 0);
    const notes = same === undefined
      ? []
      : [`${same} of ${found.length} particles are nearest to the volume of their label`];
    return { labels: found, firstLabel: undefined, notes };
  }
  if (labels === undefined) {
    throw missing(
      "labels.pkl",
      "Give --nearest to label particles by the nearest volume; volumes along a trajectory have none.",
    );
  }
  const firstLabel = firstLabelOf(kmeans, content, latent);
  return { labels: labels.map((label) => label - firstLabel.first), firstLabel, notes: [] };
}

function firstLabelOf(
  { path, kmeans }: KmeansFolder,
  { labels, centres, centreParticles }: KmeansContent,
  latent: Coordinates | undefined,
): Detected {
  // Centres are particles: without a list of which, their coordinates tell.
  const particles = centreParticles ??
    (latent && centres && nearestCentres(centres, latent));
  return detectFirstLabel({
    folder: path,
    centres: kmeans,
    labels: labels!, // whoever calls has them
    ...(particles === undefined ? {} : { centreParticles: particles }),
  });
}

async function nearestLabels(
  latent: Coordinates,
  centres: Coordinates,
  { signal, tell }: Pick<Surroundings, "signal" | "tell">,
): Promise<Int32Array> {
  const labels = new Int32Array(latent.points);
  for (let from = 0; from < latent.points; from += STEP) {
    const to = Math.min(from + STEP, latent.points);
    labels.set(nearestCentres(latent, centres, from, to), from);
    tell({
      kind: "progress",
      stage: "Finding the nearest volumes",
      done: to,
      total: latent.points,
      unit: "particles",
    });
    await new Promise((resolve) => setTimeout(resolve)); // so that Ctrl-C is heard
    signal.throwIfAborted();
  }
  return labels;
}

/** Where particles of the training are in the stack, in numbers and in words. */
async function placesInStack(
  { ind, relativeTo, program }: ParticlesCall,
  { workdir }: KmeansFolder,
  particles: number,
): Promise<{
  stack: Int32Array | undefined;
  subset: string;
  /** The file that lists the training's particles. */
  subsetPath?: string;
  config: Training | undefined;
}> {
  let config: Training | undefined;
  const isTold = ind !== undefined || relativeTo === "training";
  try {
    config = await readTraining(workdir);
  } catch (error) {
    // Where the user says what it would tell, a configuration that cannot be read is none.
    if (!isTold || !(error instanceof InputError)) throw error;
  }
  const isSorted = program === "tomoDRGN" || config?.stars !== undefined;
  if (relativeTo === "training") {
    return { stack: undefined, subset: "of the training, whatever of the stack it used", config };
  }
  if (ind === "none") {
    return { stack: undefined, subset: "all of the stack, as --ind says", config };
  }
  if (ind !== undefined) {
    const stack = await stackIndices({ kind: "listed", path: ind }, particles, isSorted);
    return { stack, subset: `those of ${ind}, as --ind says`, config, subsetPath: ind };
  }
  if (config === undefined) {
    throw new InputError(
      `Cannot tell whether the training used a subset of the particles: ${workdir} has no config.yaml ` +
        "or config.pkl",
      "Give --ind: the pickle that the training was given by --ind, or none; or --relative_to training.",
    );
  }
  const { subset, path } = config;
  const stack = await stackIndices(subset, particles, isSorted);
  if (subset.kind === "listed") {
    const words = `those of ${subset.path}, as ${path} says`;
    return { stack, subset: words, config, subsetPath: subset.path };
  }
  const words = subset.kind === "first" ? `the first ${particles}` : "all";
  return { stack, subset: `${words} of the stack, as ${path} says`, config };
}

/** What a row of a .star file is, as far as anything tells it. */
function rowsTold(
  { starRows, program }: ParticlesCall,
  config: Training | undefined,
): "particles" | "images" | "tilt series" | undefined {
  if (starRows !== undefined) return starRows;
  if (program === "tomoDRGN" || config?.isTiltSeries) return "tilt series";
  return config === undefined ? undefined : "particles";
}

/**
 * Holds files to the stack that a subset was taken from: by their number alone, they might be of another.
 *
 * @returns What could not be checked.
 */
async function checkStack(
  { star, cs }: { star: StarRows | undefined; cs: CsParticles | undefined },
  config: Training | undefined,
): Promise<string[]> {
  // Where particles have several images, only a file of images has as many rows as the stack has images.
  const files = [
    ...(star !== undefined && (!config?.isTiltSeries || star.told !== undefined)
      ? [star.particles]
      : []),
    ...(cs !== undefined && !config?.isTiltSeries ? [cs] : []),
  ];
  if (files.length === 0) return [];
  const images = config === undefined ? undefined : await stackImages(config);
  if (images === undefined) {
    return [
      `That ${
        files.map(({ path }) => path).join(" and ")
      } has all particles of the stack could not be ` +
      `checked, as there is no ${config?.ctf ?? "configuration that names the stack's CTFs"}`,
    ];
  }
  for (const { path, rows } of files) {
    // Where particles have several images, a file of particles has fewer rows than the stack has images.
    if (rows === images || config?.isTiltSeries && rows !== star?.particles.groups?.of.length) {
      continue;
    }
    throw new InputError(
      `Cannot use ${path}: it has ${rows} rows, and the stack of the training has ${images} images, by ` +
        `${config?.ctf}`,
      "Give the file of the whole stack, of which the training used a part.",
    );
  }
  return [];
}

/**
 * Holds the order of tomoDRGN's particles to that of the file that it was given: some versions sort them by
 * the names of their images. It leaves a .star file of the particles that it used, in its own order.
 *
 * @returns What could not be checked.
 */
async function checkOrder(
  config: Training | undefined,
  given: StarParticles | undefined,
  stack: Int32Array | undefined,
  count: number,
  look: () => void,
): Promise<string[]> {
  if (config?.stars === undefined) return [];
  const { source, used } = config.stars;
  const groupsOf = async (path: string | undefined) =>
    path !== undefined && await isThere(path)
      ? (await readStarParticles(path, look)).groups
      : undefined;
  const ours = await groupsOf(used);
  const all = given?.groups ?? await groupsOf(source);
  if (ours === undefined || all === undefined || ours.column !== all.column) {
    return [
      "That tomoDRGN kept the order of the particles could not be checked, as there is no " +
      `${ours === undefined ? used ?? "file of those it used" : source ?? "file of all of them"}`,
    ];
  }
  const isSame = ours.count === count &&
    ours.names.every((name, i) => name === all.names[stack === undefined ? i : stack[i]!]);
  if (isSame) return [];
  throw new InputError(
    `Cannot tell the particles' places in the stack: tomoDRGN used others or another order (${used})`,
    `Give --relative_to training, with --star ${quoteForShell(used ?? "")} for a file of them.`,
  );
}

/** The particles of a .star file, and which of them each row is. */
interface StarRows {
  readonly particles: StarParticles;
  readonly count: number;
  readonly particleOf: (row: number) => number;
  /** Where rows are images: that they are, in words. */
  readonly told?: string;
}

async function starRows(
  path: string,
  counted: KnownParticles,
  rowsAre: "particles" | "images" | "tilt series" | undefined,
  look: () => void,
): Promise<StarRows> {
  const particles = await readStarParticles(path, look);
  const { rows, groups } = particles;
  const { exactly, least } = counted;
  if (rowsAre === "images" && groups === undefined) {
    throw new InputError(
      `Cannot use ${path}: no column tells which images are of one particle`,
      "It takes _rlnGroupName or _rlnGroupNumber.",
    );
  }
  const mayBeGroups = groups !== undefined && rows !== exactly && groups.count < rows;
  if (mayBeGroups && rowsAre === undefined && exactly === undefined && groups.count >= least) {
    throw new InputError(
      `Cannot tell whether a row of ${path} is a particle or an image of one: it has ${rows} rows, and ` +
        `${groups.count} names in ${groups.column}`,
      "Give --star_rows: particles, or images.",
    );
  }
  const byGroup = groups !== undefined && rowsAre !== "particles" &&
    (rowsAre === "images" || mayBeGroups && (rowsAre !== undefined || groups.count === exactly));
  if (!byGroup) {
    checkRows(path, rows, "particles", counted);
    return { particles, count: rows, particleOf: (row) => row };
  }
  const { column, count, of } = groups;
  checkRows(path, count, `particles (${rows} images, told apart by ${column})`, counted);
  return {
    particles,
    count,
    particleOf: (row) => of[row]!,
    told: `${path} has ${rows} images of ${count} particles, told apart by ${column}`,
  };
}

async function csRows(path: string, counted: KnownParticles): Promise<CsParticles> {
  const particles = await readCsParticles(path);
  checkRows(path, particles.rows, "particles", counted);
  return particles;
}

/** Whether an index is in a list, for many questions. */
function flagsOf(indices: Int32Array): (index: number) => boolean {
  const flags = new Uint8Array((indices.at(-1) ?? -1) + 1);
  for (const index of indices) flags[index] = 1;
  return (index) => flags[index] === 1;
}

function formatCounts(volumes: readonly VolumeParticles[]): string {
  const lines = volumes.map(({ volume, place, particles, selected }) =>
    [volume, place, particles, selected ? 1 : 0].join(",")
  );
  return ["volume,place,particles,selected", ...lines].join("\n") + "\n";
}
