/**
 * What a training was given, from the configuration that cryoDRGN and tomoDRGN leave beside their results.
 *
 * Where it is told: cryoDRGN's `config.yaml` (until 2.2, `config.pkl`), under `dataset_args`; tomoDRGN's
 * `config.pkl`, under `starfile_args` or, until 0.2, `dataset_args`.
 *
 * @module
 */
import { join } from "node:path";
import {
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  load,
  YAML11_SCHEMA,
  YAMLException,
} from "js-yaml";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { isThere, readInput } from "../files.ts";
import { type AllowedGlobal, PickleTuple, plainValue, readNumpyPickle } from "../pickle/mod.ts";
import { integersOf, isNumpyArray, readIntegers, readPickleFile } from "./integers.ts";

/** Which particles of the stack a training used. */
export type TrainingSubset =
  | { readonly kind: "all" }
  /** The first of the stack. */
  | { readonly kind: "first"; readonly count: number }
  /** Those of a file, or of an array in the configuration. */
  | { readonly kind: "listed"; readonly path: string; readonly indices?: Int32Array }
  /** Those that are left after images were chosen, which the configuration does not tell. */
  | { readonly kind: "untold"; readonly why: string; readonly star?: string };

/** What a training was given. */
export interface Training {
  /** The configuration that tells so. */
  readonly path: string;
  readonly subset: TrainingSubset;
  /** Whether a particle is several images of a tilt series. */
  readonly isTiltSeries: boolean;
  /** tomoDRGN's .star files: what it was given, and the particles of it that it used, in its order. */
  readonly stars?: { readonly source?: string; readonly used?: string };
  /** The file of the contrast transfer functions of all images of the stack. */
  readonly ctf?: string;
}

/** Modules whose classes and functions configurations name, and of which nothing is wanted. */
const INERT = /^(tomodrgn|cryodrgn|torch|datetime|pathlib|collections|numpy\.random)\./;

/** A name, or what became of a call, of which nothing is wanted. */
class Inert {}

const inert: AllowedGlobal = { make: () => new Inert(), build: () => {} };

const ArgsSchema = z.looseObject({
  ind: z.unknown().optional(),
  ind_ptcls: z.unknown().optional(),
  ind_imgs: z.unknown().optional(),
  ntilts: z.unknown().optional(),
  use_first_ntilts: z.number().nullish(),
  use_first_nptcls: z.number().nullish(),
  particles: z.unknown().optional(),
  sourcefile: z.string().nullish(),
  sourcefile_filtered: z.string().nullish(),
  encode_mode: z.string().nullish(),
  ctf: z.unknown().optional(),
});

const ConfigSchema = z.looseObject({
  dataset_args: ArgsSchema.optional(),
  starfile_args: ArgsSchema.optional(),
  model_args: z.looseObject({ encode_mode: z.string().nullish() }).optional(),
  ind: z.unknown().optional(),
});

/**
 * Reads the configuration of a training.
 *
 * @param folder cryoDRGN's or tomoDRGN's.
 * @returns Undefined where there is none.
 * @throws {InputError} It is damaged, or tells what siren does not know.
 */
export async function readTraining(folder: string): Promise<Training | undefined> {
  const path = await firstThere([join(folder, "config.yaml"), join(folder, "config.pkl")]);
  if (path === undefined) return undefined;
  const bytes = await readInput(path);
  const content = path.endsWith(".pkl")
    ? plainDicts(
      readNumpyPickle(bytes, path, undefined, (name) => INERT.test(name) ? inert : undefined),
    )
    : yamlOf(bytes, path);
  const parsed = ConfigSchema.safeParse(content);
  if (!parsed.success) {
    throw new InputError(
      `Cannot read ${path}: it is no configuration of cryoDRGN or tomoDRGN`,
      "Give --ind: the training's subset, or none.",
    );
  }
  const { dataset_args: dataset, starfile_args: star, model_args: model } = parsed.data;
  const isTiltSeries = star !== undefined || model?.encode_mode === "tilt" ||
    (dataset?.ntilts !== undefined && dataset.ntilts !== null);
  const ctf = typeof dataset?.ctf === "string" ? { ctf: dataset.ctf } : {};
  const stars = star === undefined ? {} : {
    stars: {
      ...(star.sourcefile ? { source: star.sourcefile } : {}),
      ...(star.sourcefile_filtered ? { used: star.sourcefile_filtered } : {}),
    },
  };
  return { path, subset: subsetOf(parsed.data, path), isTiltSeries, ...stars, ...ctf };
}

/**
 * How many images the stack of a training has, by its contrast transfer functions.
 *
 * @returns Undefined where their file is not there, or is of another kind.
 */
export async function stackImages({ ctf }: Pick<Training, "ctf">): Promise<number | undefined> {
  if (ctf === undefined || !await isThere(ctf)) return undefined;
  try {
    const value = await readPickleFile(ctf);
    return isNumpyArray(value) && value.shape.length === 2 ? value.shape[0] : undefined;
  } catch (error) {
    // It is for a check alone, which goes without it.
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}

function subsetOf(
  { dataset_args: dataset, starfile_args: star, ind }: z.infer<typeof ConfigSchema>,
  path: string,
): TrainingSubset {
  if (star !== undefined) {
    // Particles go, too, where they have fewer images than are used.
    const chosen = [
      ...(isNothing(star.ind_imgs) ? [] : ["images were chosen by --ind-imgs"]),
      ...(isNothing(star.use_first_ntilts)
        ? []
        : [`particles with fewer than ${star.use_first_ntilts} tilts were left out`]),
    ];
    const filtered = star.sourcefile_filtered ?? undefined;
    if (chosen.length > 0) {
      return {
        kind: "untold",
        why: chosen.join(", and "),
        ...(filtered === undefined ? {} : { star: filtered }),
      };
    }
    const first = isNothing(star.use_first_nptcls) ? undefined : star.use_first_nptcls ?? undefined;
    if (isNothing(star.ind_ptcls)) {
      return first === undefined ? { kind: "all" } : { kind: "first", count: first };
    }
    const listed = listedOf(star.ind_ptcls, path);
    if (first === undefined || listed.kind !== "listed") return listed;
    return { kind: "untold", why: `only the first ${first} of its --ind-ptcls were used` };
  }
  const given = dataset?.ind === undefined ? ind : dataset.ind;
  // What was cut short has lost the lines after the cut, of which `ind` may be one and `particles` is a later one.
  if (given === undefined && dataset?.particles === undefined) throw untold(path);
  return isNothing(given) ? { kind: "all" } : listedOf(given, path);
}

/** What stands for nothing: no value, or -1 for a number of things. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === -1;
}

function listedOf(given: unknown, path: string): TrainingSubset {
  if (typeof given === "string" && given !== "") return { kind: "listed", path: given };
  const count = typeof given === "bigint" ? Number(given) : given;
  if (typeof count === "number" && Number.isSafeInteger(count) && count > 0) {
    return { kind: "first", count };
  }
  if (Array.isArray(given) || isNumpyArray(given)) {
    return { kind: "listed", path, indices: integersOf(given, path, 0, "indices") };
  }
  throw untold(path);
}

function untold(path: string): InputError {
  return new InputError(
    `Cannot read ${path}: it does not tell which particles the training used`,
    "Give --ind: the training's subset, or none.",
  );
}

/** What begins the tags of values that only Python has; such values are read as nothing. */
const PYTHON = "tag:yaml.org,2002:python/";
const inertTag = { matchByTagPrefix: true, identify: () => false };
/** YAML as Python's writer has it. */
const pythonSchema = YAML11_SCHEMA.withTags(
  defineScalarTag(PYTHON, { ...inertTag, resolve: () => new Inert() }),
  defineSequenceTag(PYTHON, { ...inertTag, create: () => new Inert(), addItem: () => {} }),
  defineMappingTag(PYTHON, {
    ...inertTag,
    create: () => new Inert(),
    addPair: () => "",
    has: () => false,
    keys: () => [],
    get: () => undefined,
  }),
);

function yamlOf(bytes: Uint8Array, path: string): unknown {
  try {
    return load(new TextDecoder("utf-8", { fatal: true }).decode(bytes), { schema: pythonSchema });
  } catch (cause) {
    if (!(cause instanceof YAMLException || cause instanceof TypeError)) throw cause;
    throw new InputError(
      `Cannot read ${path}: it is no YAML`,
      "Give --ind: the training's subset, or none.",
      { cause },
    );
  }
}

/** Dicts as objects, two deep, which is as deep as anything is looked for. */
function plainDicts(value: unknown, depth = 2): unknown {
  if (value instanceof PickleTuple) return value.items;
  if (!(value instanceof Map) || depth === 0) return plainValue(value);
  const entries = [...value].filter(([key]) => typeof key === "string");
  return Object.fromEntries(entries.map(([key, item]) => [key, plainDicts(item, depth - 1)]));
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isThere(path)) return path;
  return undefined;
}

/**
 * Finds the place in the stack of each particle of a training.
 *
 * @param subset Which particles the training used.
 * @param particles How many particles the training knows, P.
 * @param isSorted Whether the training kept the stack's order, whatever that of the list: tomoDRGN does,
 *   whereas cryoDRGN takes particles in the order of the list.
 * @returns Indices from 0: length P, none twice; undefined where they are 0 to P - 1.
 * @throws {InputError} The subset cannot be read, is not one, or is of another training.
 */
export async function stackIndices(
  subset: TrainingSubset,
  particles: number,
  isSorted = false,
): Promise<Int32Array | undefined> {
  if (subset.kind === "all") return undefined;
  if (subset.kind === "untold") {
    throw new InputError(
      `Cannot tell the particles' places in the stack: ${subset.why}`,
      "Give --relative_to training" +
        (subset.star === undefined ? "" : `; the star file for it is ${subset.star}`) +
        ", or --ind with the particles that were left.",
    );
  }
  if (subset.kind === "first") {
    if (subset.count === particles) return undefined;
    throw new InputError(
      `Cannot tell the particles' places in the stack: the training used the first ${subset.count}, ` +
        `and there are labels for ${particles}`,
      "Give --ind: the training's subset, or none.",
    );
  }
  const { path, indices = await readListed(path) } = subset;
  if (indices.length !== particles) {
    throw new InputError(
      `Cannot use ${path}: it lists ${indices.length} particles, and there are labels for ${particles}`,
      "It is not the subset of this training, or was changed since. Give the right one by --ind.",
    );
  }
  const sorted = indices.toSorted();
  const twice = sorted.find((index, i) => index === sorted[i + 1]);
  if (twice !== undefined) {
    throw new InputError(
      `Cannot use ${path}: it lists particle ${twice} twice`,
      "Which of its labels counts cannot be told; remove one and train again.",
    );
  }
  return isSorted ? sorted : indices;
}

async function readListed(path: string): Promise<Int32Array> {
  if (await isThere(path)) return await readIntegers(path, 0, "indices");
  throw new InputError(
    `Cannot tell the particles' places in the stack: the training used a subset, and its list is ` +
      `not there (${path})`,
    "Copy it here and give it by --ind, or give --relative_to training.",
  );
}
