/**
 * The states of cryoDRGN's landscape analysis: groups of its volumes, and of their particles.
 *
 * `landscape.N/sketch_clustering_LINKAGE_M` (until 3.4, `clustering_L2_LINKAGE_M`) has `state_labels.pkl`, the
 * state of each volume, and a `state_S_particle_ind.pkl` for each state. States count from 0 until 3.4, and
 * from 1 since. cryoDRGN 3.5.0 to 3.5.2 mistook volumes for their neighbours here, so that its lists of
 * particles are compared with the labels, and not believed.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError, UsageError } from "../errors.ts";
import { isThere } from "../files.ts";
import type { KmeansFolder } from "./drgn_folder.ts";
import { readIntegers } from "./integers.ts";

const CLUSTERING = /^(?:sketch_clustering|clustering_L2)_\w+$/;
const STATE = /^state_0*(\d+)(?:$|_)/;

/** The states of the volumes of a landscape. */
export interface LandscapeStates {
  readonly path: string;
  /** The state of each volume, in the order of the centres: length K. */
  readonly states: Int32Array;
}

/**
 * Reads the states of the volumes.
 *
 * @param clustering Name of the folder, where there are several.
 * @throws {UsageError} There are several, or none of this name.
 * @throws {InputError} There are none, or they are not of all volumes.
 */
export async function readStates(
  { path, kmeans }: KmeansFolder,
  clustering?: string,
): Promise<LandscapeStates> {
  const landscape = dirname(path);
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(landscape)) {
    if (isDirectory && CLUSTERING.test(name) && (clustering ?? name) === name) names.push(name);
  }
  names.sort();
  const [name] = names;
  if (name === undefined) {
    throw new InputError(
      `Cannot find states in ${landscape}: it has no ${clustering ?? "sketch_clustering_*"}`,
      "They are made by cryodrgn analyze_landscape; give its folder landscape.N.",
    );
  }
  if (names.length > 1) {
    throw new UsageError(
      `Cannot find states in ${landscape}: several of its folders may be meant (${
        names.join(", ")
      })`,
      "Give one of them by --clustering.",
    );
  }
  const folder = join(landscape, name);
  const labels = join(folder, "state_labels.pkl");
  const states = await readIntegers(labels, 0, "states");
  if (states.length !== kmeans) {
    throw new InputError(
      `Cannot use ${labels}: it has states for ${states.length} volumes, and ${
        basename(path)
      } has ` +
        `${kmeans}`,
      "Where only some volumes were analysed (--vol-ind), give the volumes by --volumes.",
    );
  }
  // States are known by the names of their files: the labels have to be the same numbers.
  const named = new Set<number>();
  for await (const entry of Deno.readDir(folder)) {
    const number = entry.name.match(STATE)?.[1];
    if (number !== undefined) named.add(Number(number));
  }
  const strange = [...new Set(states)].find((state) => named.size > 0 && !named.has(state));
  if (strange !== undefined) {
    throw new InputError(
      `Cannot use ${labels}: it has a state ${strange}, of which ${folder} has no file`,
      "Labels and files may count from 0 and from 1; run cryodrgn analyze_landscape again.",
    );
  }
  return { path: folder, states };
}

/**
 * The places of the volumes of some states among the centres.
 *
 * @throws {UsageError} There is no such state.
 */
export function volumesOfStates(
  { path, states }: LandscapeStates,
  wanted: readonly number[],
): Set<number> {
  const there = [...new Set(states)].sort((a, b) => a - b);
  const missing = wanted.find((state) => !there.includes(state));
  if (missing !== undefined) {
    throw new UsageError(
      `Cannot select volumes: ${path} has no state ${missing}`,
      `Its states are ${there[0]} to ${there.at(-1)}.`,
    );
  }
  const places = Array.from(states, (_, place) => place);
  return new Set(places.filter((place) => wanted.includes(states[place]!)));
}

/**
 * The particles that cryoDRGN itself lists for some states.
 *
 * @returns Indices, ascending; undefined where a state has no list.
 */
export async function listedParticles(
  { path }: LandscapeStates,
  wanted: readonly number[],
): Promise<Int32Array | undefined> {
  const lists: Int32Array[] = [];
  for (const state of wanted) {
    const names = [state, String(state).padStart(3, "0")].map((text) =>
      join(path, `state_${text}_particle_ind.pkl`)
    );
    const found = await isThere(names[0]!) ? names[0]! : names[1]!;
    if (!await isThere(found)) return undefined;
    lists.push(await readIntegers(found, 0, "indices"));
  }
  const all = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}
