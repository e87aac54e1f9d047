/**
 * How often voxels are occupied, and how dense they are, in the volumes of each class.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { readInput } from "../core/files.ts";
import { type ClassDifference, classMoments, countClasses } from "../core/id_blocks/mod.ts";
import { decodeMap } from "../core/mrc/mod.ts";
import { statistics } from "../core/mrc/statistics.ts";
import { sha256 } from "./hashes.ts";
import type { Ensemble } from "./id_blocks_ensemble.ts";
import type { IdBlocksOptions } from "./id_blocks_options.ts";
import type { Question } from "./id_blocks_questions.ts";
import type { Surroundings } from "./progress.ts";

/** A voxel counts if it is occupied in more than this share of the volumes, as in a run's union. */
const UNION_SHARE = 0.01;

/** Most memory in bytes that counts and means of maps take at a time; more takes another reading of the maps. */
const MOST_BYTES = 1.5e9;

/** Counts of the run's bits: rows of the union, with their flat indices. */
export function countInRun({ run }: Ensemble, questions: readonly Question[]) {
  const { matrix, flat } = run!.union; // only asked where there is a run
  return questions.map(({ classes }) => ({ flat, ...countClasses(matrix, classes) }));
}

/** Counts of binarised maps, of the voxels that are occupied in more than 1 % of them. */
export async function countInMaps(
  ensemble: Ensemble,
  questions: readonly Question[],
  hashes: string[],
  surroundings: Surroundings,
) {
  const voxels = ensemble.grid.box ** 3;
  const { paths, thresholds } = ensemble.maps!;
  const totals = new Uint16Array(voxels);
  const counts: { high: Uint16Array; low: Uint16Array }[] = [];
  for (const pass of passes(questions, 4 * voxels)) {
    const own = pass.map(() => ({ high: new Uint16Array(voxels), low: new Uint16Array(voxels) }));
    const isFirst = counts.length === 0;
    const roles = rolesOf(pass, paths.length);
    for await (const { data, volume } of readMaps(ensemble, hashes, isFirst, surroundings)) {
      const threshold = thresholds![volume]!; // the schema asks for them
      const targets = roles[volume]!.map(({ q, role }) => own[q]![role]);
      for (let v = 0; v < voxels; v++) {
        if (!(data[v]! > threshold)) continue;
        if (isFirst) totals[v]!++;
        for (const target of targets) target[v]!++;
      }
    }
    counts.push(...own);
  }
  const union = Uint32Array.from(totals.keys()).filter((v) =>
    totals[v]! > UNION_SHARE * paths.length
  );
  const taken = (of: Uint16Array) => Uint32Array.from(union, (v) => of[v]!);
  return counts.map(({ high, low }) => ({ flat: union, high: taken(high), low: taken(low) }));
}

/** Differences of means of each question's classes. */
export async function* readDifferences(
  ensemble: Ensemble,
  questions: readonly Question[],
  { normalise }: IdBlocksOptions,
  hashes: string[],
  surroundings: Surroundings,
): AsyncGenerator<[question: number, difference: ClassDifference]> {
  const voxels = ensemble.grid.box ** 3;
  let done = 0;
  for (const pass of passes(questions, 32 * voxels)) {
    const moments = pass.map(() => classMoments(voxels));
    const roles = rolesOf(pass, ensemble.table.volumes.length);
    for await (
      const { data, volume, path } of readMaps(ensemble, hashes, done === 0, surroundings)
    ) {
      if (roles[volume]!.length === 0) continue;
      const density = normalise === "none" ? data : standardised(data, path);
      for (const { q, role } of roles[volume]!) moments[q]!.add(role, density);
    }
    for (const one of moments) yield [done++, one.difference()];
  }
}

/** What a map is to the questions: to which it is high or low. */
function rolesOf(questions: readonly Question[], volumes: number) {
  const roles = Array.from({ length: volumes }, (): { q: number; role: "high" | "low" }[] => []);
  questions.forEach(({ classes }, q) => {
    for (const role of ["high", "low"] as const) {
      for (const volume of classes[role]) roles[volume]!.push({ q, role });
    }
  });
  return roles;
}

/** Questions that are answered by one reading of the maps. */
function passes(questions: readonly Question[], bytes: number): Question[][] {
  const most = Math.max(1, Math.floor(MOST_BYTES / bytes));
  return Array.from(
    { length: Math.ceil(questions.length / most) },
    (_, i) => questions.slice(i * most, (i + 1) * most),
  );
}

async function* readMaps(
  { maps, grid }: Ensemble,
  hashes: string[],
  isFirst: boolean,
  { signal, tell }: Surroundings,
): AsyncGenerator<{ data: Float32Array; volume: number; path: string }> {
  const { paths } = maps!;
  const report = (done: number) =>
    tell({ kind: "progress", stage: "Reading maps", done, total: paths.length, unit: "maps" });
  report(0);
  for (const [volume, path] of paths.entries()) {
    signal.throwIfAborted();
    const bytes = await readInput(path);
    const { data } = decodeMap(bytes, path);
    if (data.length !== grid.box ** 3) {
      throw new InputError(`Cannot use ${path}: it changed while it was used`);
    }
    const odd = data.findIndex((density) => !Number.isFinite(density));
    if (odd >= 0) {
      throw new InputError(
        `Cannot use ${path}: a density is not a finite number (voxel ${odd})`,
        "Make the map anew, or take it out of the folder.",
      );
    }
    if (isFirst) hashes.push(sha256(bytes));
    yield { data, volume, path };
    report(volume + 1);
  }
}

/** A map with mean 0 and standard deviation 1. */
function standardised(data: Float32Array, path: string): Float32Array {
  const { mean, rms } = statistics(data);
  if (rms === 0) {
    throw new InputError(
      `Cannot normalise ${path}: all of its densities are the same (${mean})`,
      "Leave --normalise out, or the map.",
    );
  }
  return data.map((density) => (density - mean) / rms);
}
