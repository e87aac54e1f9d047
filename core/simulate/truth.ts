/**
 * The truth of a simulated ensemble: what is written beside its volumes and read by the score.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { refusal } from "../refusal.ts";

/** Name of the file that holds the truth. */
export const truthName = "truth.json";

const remedy = "Give the truth.json that `siren simulate` wrote.";

const flatIndices = z.array(z.int().min(0));
const position = z.strictObject({ x: z.number(), y: z.number(), z: z.number() });

/** Contents of `truth.json`. */
export const truthSchema = z.strictObject({
  format: z.literal("siren truth"),
  version: z.literal(1),
  /** Edge in voxels. */
  box: z.int().min(1),
  /** Voxel size in Å. */
  apix: z.number().positive(),
  /** Position of the first voxel's centre in Å. */
  origin: position,
  seed: z.int().min(0),
  /** Every option of the simulation, as it was used. */
  options: z.record(z.string(), z.unknown()),
  /** The volumes' file names, beside the truth, in order: N. */
  maps: z.array(z.string()).min(1),
  /** A voxel of volume k is occupied where it exceeds `thresholds[k]`: N. */
  thresholds: z.array(z.number()),
  /** Resolution of each volume in Å: N. */
  resolutions: z.array(z.number()),
  /** The block that each block needs; -1 where it needs the core alone: K. */
  parents: z.array(z.int().min(-1)),
  /** Probability that a block is present where its parent is: K. */
  probabilities: z.array(z.number().min(0).max(1)),
  /** Pairs of blocks that are never together, where there are any. */
  exclusive: z.array(z.tuple([z.int().min(0), z.int().min(0)])).optional(),
  /** Which volumes hold which blocks: N x K, 0 or 1. */
  presence: z.array(z.array(z.union([z.literal(0), z.literal(1)]))),
  /** Number of voxels occupied in more than 1 % of the volumes. */
  unionVoxels: z.int().min(0),
  /** Flat indices (C order: z, y, x) of the union voxels that belong to the core. */
  core: flatIndices,
  /** Flat indices of the union voxels that belong to each block: K lists. */
  blocks: z.array(flatIndices).min(1),
  /** What each block is made of, where it is made of chains: K lists of "file chain first-last". */
  chains: z.array(z.array(z.string())).optional(),
}).superRefine((truth, context) => {
  const volumes = truth.maps.length, blocks = truth.blocks.length, voxels = truth.box ** 3;
  const check = (path: string, right: boolean, message: string) => {
    if (!right) context.addIssue({ code: "custom", path: [path], message });
  };
  check("thresholds", truth.thresholds.length === volumes, `must have ${volumes} entries`);
  check("resolutions", truth.resolutions.length === volumes, `must have ${volumes} entries`);
  check("parents", truth.parents.length === blocks, `must have ${blocks} entries`);
  check("probabilities", truth.probabilities.length === blocks, `must have ${blocks} entries`);
  check(
    "presence",
    truth.presence.length === volumes && truth.presence.every((row) => row.length === blocks),
    `must have ${volumes} rows of ${blocks} entries`,
  );
  const paired = (truth.exclusive ?? []).flat();
  check("exclusive", paired.every((block) => block < blocks), `must name blocks below ${blocks}`);
  const owned = [truth.core, ...truth.blocks].flat();
  check("blocks", new Set(owned).size === owned.length, "must not name a voxel twice");
  check("blocks", owned.every((v) => v < voxels), `must name voxels below ${voxels}`);
});

/** The truth of a simulated ensemble. */
export type Truth = z.output<typeof truthSchema>;

/**
 * Reads the text of a `truth.json`.
 *
 * @param path Name of the file, for messages.
 * @throws {InputError} Naming the file and the first thing that is wrong with it.
 */
export function parseTruth(text: string, path: string): Truth {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(
      `Cannot read ${path}: it is no JSON file`,
      remedy,
      { cause: error },
    );
  }
  const result = truthSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new InputError(
    `Cannot read ${path}: ${issue.path.join(".") || "the file"}: ${issue.message}`,
    remedy,
    { cause: result.error },
  );
}

/**
 * Reads a truth from its file, or from the folder that holds it.
 *
 * @returns The truth, the path of its file and the folder that its maps lie in.
 * @throws {InputError} Where there is none, or it is damaged.
 */
export async function readTruth(
  path: string,
): Promise<{ readonly truth: Truth; readonly path: string; readonly folder: string }> {
  try {
    const file = (await Deno.stat(path)).isDirectory ? join(path, truthName) : path;
    const truth = parseTruth(await Deno.readTextFile(file), file);
    return { truth, path: file, folder: dirname(file) };
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    throw new InputError(`Cannot read the truth at ${path}: ${reason}`, remedy, { cause: error });
  }
}

/** Writes a truth as text: JSON, one line for each field. */
export function formatTruth(truth: Truth): string {
  const fields = Object.entries(truth).filter(([, value]) => value !== undefined);
  const lines = fields.map(([name, value]) =>
    `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}
