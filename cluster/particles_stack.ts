/**
 * The places of particles in the stack, and whether files are of that stack.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import {
  type CsParticles,
  type KmeansFolder,
  readStarParticles,
  readTraining,
  stackImages,
  stackIndices,
  type StarParticles,
  type Training,
} from "../core/particles/mod.ts";
import { quoteForShell } from "../core/shell.ts";
import type { ParticlesCall } from "./particles_call.ts";
import type { StarRows } from "./particles_rows.ts";

/** Where particles of the training are in the stack, in numbers and in words. */
export async function placesInStack(
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

/**
 * Holds files to the stack that a subset was taken from: by their number alone, they might be of another.
 *
 * @returns What could not be checked.
 */
export async function checkStack(
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
export async function checkOrder(
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
