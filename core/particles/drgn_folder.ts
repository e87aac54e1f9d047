/**
 * The folders of cryoDRGN and tomoDRGN: where the volumes of a latent space lie, and which particles are near
 * which.
 *
 * `analyze.N/kmeansK` (N is the epoch) has `labels.pkl`, the label of each particle; `centers.txt`, a line of
 * latent coordinates for each volume; `centers_ind.txt`, the particle that each centre is; and the volumes,
 * `vol_000.mrc` and on. `landscape.N/kmeansK` has the same. The latent coordinates of the particles are in
 * `z.N.pkl` of the folder above, whose first pickle is the one that counts.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { InputError, UsageError } from "../errors.ts";
import { isThere, readInput } from "../files.ts";
import type { NumpyArray } from "../pickle/mod.ts";
import { refusal } from "../refusal.ts";
import { quoteForShell } from "../shell.ts";
import { compareNames, isMapName, mapStem } from "../volumes/find_maps.ts";
import { isNumpyArray, readIntegers, readPickleFile } from "./integers.ts";

/** A folder of volumes that k-means chose. */
export interface KmeansFolder {
  /** Such as `drgn/analyze.49/kmeans500`. */
  readonly path: string;
  /** cryoDRGN's or tomoDRGN's own folder, two above. */
  readonly workdir: string;
  readonly kind: "analyze" | "landscape";
  /** N; undefined for the last one, which has no number. */
  readonly epoch: number | undefined;
  /** K. */
  readonly kmeans: number;
}

/** Which of several folders is meant. */
export interface KmeansChoice {
  readonly epoch?: number;
  readonly kmeans?: number;
  readonly landscape?: boolean;
}

const ANALYSIS = /^(analyze|landscape)(?:\.(\d+))?$/;
const KMEANS = /^kmeans(\d+)$/;

/**
 * cryoDRGN's or tomoDRGN's own folder, where a folder of volumes is one of k-means by its name.
 *
 * @example
 * ```ts
 * import { workdirOf } from "./drgn_folder.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(workdirOf("/data/drgn/analyze.49/kmeans500"), "/data/drgn");
 * assert.strictEqual(workdirOf("/data/maps"), undefined);
 * ```
 */
export function workdirOf(voldir: string): string | undefined {
  const isKmeans = KMEANS.test(basename(voldir)) && ANALYSIS.test(basename(dirname(voldir)));
  return isKmeans ? dirname(dirname(voldir)) : undefined;
}

/** How many folders a message names. */
const NAMED = 6;

/**
 * Finds the one folder of k-means that is meant.
 *
 * @param folder cryoDRGN's or tomoDRGN's, or already that of an analysis or of k-means.
 * @param volumes A folder of volumes: where it is one of those found, it is the one.
 * @throws {InputError} There is none.
 * @throws {UsageError} There are several.
 */
export async function findKmeans(
  folder: string,
  choice: KmeansChoice,
  volumes?: string,
): Promise<KmeansFolder> {
  const all = await kmeansFolders(folder);
  if (all.length === 0) {
    throw new InputError(
      `Cannot find particles in ${folder}: it has no analyze.N/kmeansK`,
      "Give the folder that --outdir of the training named, in which cryodrgn analyze was run.",
    );
  }
  const { epoch, kmeans, landscape } = choice;
  const meant = all.filter((found) =>
    (epoch === undefined || found.epoch === epoch) &&
    (kmeans === undefined || found.kmeans === kmeans) &&
    (landscape === undefined || (found.kind === "landscape") === landscape)
  );
  if (meant.length === 0) {
    throw new UsageError(
      `Cannot find particles in ${folder}: none of its folders is meant (${listed(all)})`,
      "Give another --epoch or --kmeans; --landscape is for folders landscape.N.",
    );
  }
  if (meant.length === 1) return meant[0]!;
  const real = await realPath(volumes);
  for (const found of meant) {
    if (real !== undefined && await realPath(found.path) === real) return found;
  }
  throw new UsageError(
    `Cannot find particles in ${folder}: several of its folders may be meant (${listed(meant)})`,
    `Give --epoch, --kmeans or --landscape, or the folder itself, such as ${
      quoteForShell(meant[0]!.path)
    }.`,
  );
}

function listed(folders: readonly KmeansFolder[]): string {
  const names = folders.slice(0, NAMED).map(({ path }) =>
    `${basename(dirname(path))}/${basename(path)}`
  );
  return names.join(", ") + (folders.length > NAMED ? `, and ${folders.length - NAMED} more` : "");
}

async function realPath(path: string | undefined): Promise<string | undefined> {
  return path !== undefined && await isThere(path) ? await Deno.realPath(path) : undefined;
}

/** All folders of k-means in or at a folder, in natural order. */
async function kmeansFolders(folder: string): Promise<KmeansFolder[]> {
  const full = resolve(folder);
  if (KMEANS.test(basename(full))) return [kmeansFolder(folder)];
  const isAnalysis = ANALYSIS.test(basename(full));
  const names = await foldersIn(folder);
  const analyses = isAnalysis ? ["."] : names.filter((name) => ANALYSIS.test(name));
  const found: KmeansFolder[] = [];
  for (const analysis of analyses) {
    const inner = isAnalysis ? names : await foldersIn(join(folder, analysis));
    for (const name of inner) {
      if (KMEANS.test(name)) found.push(kmeansFolder(join(folder, analysis, name)));
    }
  }
  return found;
}

function kmeansFolder(path: string): KmeansFolder {
  const full = resolve(path);
  const [, kmeans] = basename(full).match(KMEANS)!; // it was looked for by this
  const [, kind = "analyze", epoch] = basename(dirname(full)).match(ANALYSIS) ?? [];
  return {
    path,
    workdir: join(path, "..", ".."),
    kind: kind === "landscape" ? "landscape" : "analyze",
    epoch: epoch === undefined ? undefined : Number(epoch),
    kmeans: Number(kmeans),
  };
}

async function foldersIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
      if (isDirectory || isSymlink) names.push(name);
    }
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    if (cause instanceof Deno.errors.NotADirectory) return [];
    throw new InputError(`Cannot find particles in ${folder}: ${reason}`, undefined, { cause });
  }
  return names.sort(compareNames);
}

/** What a folder of k-means tells. */
export interface KmeansContent {
  /** The label of each particle: length P; undefined where there is no labels.pkl. */
  readonly labels: Int32Array | undefined;
  /** Latent coordinates of the centres, K x D; undefined where there is no file of them. */
  readonly centres: Coordinates | undefined;
  /** The particle that each centre is: length K. */
  readonly centreParticles: Int32Array | undefined;
  /** Numbers in the names of the volumes there, ascending. */
  readonly numbers: readonly number[];
}

/** Points of a latent space. */
export interface Coordinates {
  readonly path: string;
  readonly points: number;
  /** D. */
  readonly dimensions: number;
  /** Points x D, row by row. */
  readonly values: Float64Array | Float32Array;
}

/**
 * Reads a folder of k-means; its volumes are not read.
 *
 * @throws {InputError} One of its files is damaged, or is of another number of volumes.
 */
export async function readKmeans({ path, kmeans }: KmeansFolder): Promise<KmeansContent> {
  const labelsPath = join(path, "labels.pkl");
  const indexPath = join(path, "centers_ind.txt");
  const centres = await readCentres(path);
  const centreParticles = await isThere(indexPath) ? await readIndexText(indexPath) : undefined;
  for (
    const [file, count] of [
      [centres?.path, centres?.points],
      [indexPath, centreParticles?.length],
    ] as const
  ) {
    if (count === undefined || count === kmeans) continue;
    throw new InputError(
      `Cannot use ${file}: it has ${count} lines, and the folder is of ${kmeans} volumes`,
      "Run cryodrgn analyze again.",
    );
  }
  const labels = await isThere(labelsPath)
    ? await readIntegers(labelsPath, 0, "labels")
    : undefined;
  const beyond = labels && centreParticles?.find((particle) => particle >= labels.length);
  if (labels !== undefined && beyond !== undefined) {
    throw new InputError(
      `Cannot use ${indexPath}: it names particle ${beyond}, and there are labels for ${labels.length}`,
      "Labels and centres are of different analyses; run cryodrgn analyze again.",
    );
  }
  return { labels, centres, centreParticles, numbers: await volumeNumbers(path) };
}

/** Numbers in the names vol_NNN.mrc of a folder. */
async function volumeNumbers(folder: string): Promise<number[]> {
  const numbers = new Set<number>();
  for await (const { name } of Deno.readDir(folder)) {
    const [, digits] = (isMapName(name) ? mapStem(name) : "").match(/^vol_(\d{1,9})$/) ?? [];
    if (digits !== undefined) numbers.add(Number(digits));
  }
  return [...numbers].sort((a, b) => a - b);
}

/** How far a coordinate may be off between two files of it: texts may be rounded. */
const ROUNDED = 1e-3;

/** The centres by `centers.txt`, and by `z_values.txt`, of which the volumes were made. */
async function readCentres(folder: string): Promise<Coordinates | undefined> {
  const [centres, made] = await Promise.all(
    ["centers.txt", "z_values.txt"].map(async (name) => {
      const path = join(folder, name);
      return await isThere(path) ? await readCoordinatesText(path) : undefined;
    }),
  );
  const isSame = centres === undefined || made === undefined ||
    centres.values.length === made.values.length &&
      centres.values.every((value, i) =>
        Math.abs(value - made.values[i]!) <= ROUNDED * Math.max(1, Math.abs(value))
      );
  if (isSame) return centres ?? made;
  throw new InputError(
    `Cannot use ${folder}: its volumes were made of other coordinates (z_values.txt) than those of its ` +
      "centres (centers.txt)",
    "Labels and volumes are of different analyses; run cryodrgn analyze again.",
  );
}

/** Lines of numbers, as numpy.savetxt writes them. */
async function readCoordinatesText(path: string): Promise<Coordinates> {
  const rows = (await linesOf(path)).map(({ text, line }) =>
    text.split(/[\s,]+/).map((word) => {
      const value = Number(word);
      if (!Number.isFinite(value)) {
        throw new InputError(`Cannot read ${path}: line ${line} holds what is no number`);
      }
      return value;
    })
  );
  const dimensions = rows[0]?.length ?? 0;
  const odd = rows.findIndex((row) => row.length !== dimensions);
  if (odd >= 0 || dimensions === 0) {
    throw new InputError(
      `Cannot read ${path}: its lines are not all of the same number of coordinates`,
      "Copy it again.",
    );
  }
  return { path, points: rows.length, dimensions, values: Float64Array.from(rows.flat()) };
}

async function readIndexText(path: string): Promise<Int32Array> {
  return Int32Array.from(await linesOf(path), ({ text, line }) => {
    const value = Number(text);
    if (/^[\d.e+]+$/i.test(text) && Number.isInteger(value) && value < 2 ** 31) return value;
    throw new InputError(`Cannot read ${path}: line ${line} holds no index`, "Copy it again.");
  });
}

async function linesOf(path: string): Promise<{ text: string; line: number }[]> {
  return new TextDecoder().decode(await readInput(path)).split("\n")
    .map((text, i) => ({ text: text.trim(), line: i + 1 }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"));
}

/**
 * Reads the latent coordinates of the particles.
 *
 * @returns Undefined where there is no z.N.pkl.
 * @throws {InputError} It is no array of particles by coordinates.
 */
export async function readLatent(
  { workdir, epoch }: Pick<KmeansFolder, "workdir" | "epoch">,
): Promise<Coordinates | undefined> {
  const path = join(workdir, epoch === undefined ? "z.pkl" : `z.${epoch}.pkl`);
  if (!await isThere(path)) return undefined;
  const value = await readPickleFile(path);
  if (!isNumpyArray(value) || !isCoordinates(value)) {
    throw new InputError(
      `Cannot read ${path}: it holds no array of particles by coordinates`,
      "Copy it again.",
    );
  }
  const [points, dimensions = 1] = value.shape as [number, number?];
  return { path, points, dimensions, values: value.data };
}

function isCoordinates(
  array: NumpyArray,
): array is NumpyArray & { data: Float32Array | Float64Array } {
  const { shape, type } = array;
  return (shape.length === 2 && shape[1]! > 0 || shape.length === 1) && type.startsWith("f");
}
