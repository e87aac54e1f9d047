/**
 * `run.json`: what a run is. Everything in the run folder follows from it and from the maps.
 *
 * @module
 */
import { z } from "zod";
import { RunError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { writeWhole } from "../core/files.ts";
import { readJsonFile } from "./json_file.ts";
import { ExpandOptionsSchema, SketchOptionsSchema } from "./options.ts";

const PointSchema = z.strictObject({ x: z.number(), y: z.number(), z: z.number() });

const VolumeSchema = z.strictObject({
  /** File name in `voldir`. */
  file: z.string(),
  /** Size of the file. */
  bytes: z.number().int(),
  /** Of the file as it lies there; absent until the maps have been read. */
  sha256: z.string().optional(),
  /** Voxels are occupied where density > threshold. */
  threshold: z.number(),
  /** False where the filter, or its being empty, leaves the map out. */
  kept: z.boolean(),
});

/** Schema of run.json. */
export const RunSchema = z.strictObject({
  format: z.literal(1),
  versions: z.strictObject({ siren: z.string(), deno: z.string() }),
  /** The volume's grid. */
  grid: z.strictObject({
    box: z.number().int(),
    apix: z.number(),
    origin: PointSchema,
    nstart: PointSchema,
  }),
  sketch: SketchOptionsSchema,
  /** Present as soon as an expansion was asked for. */
  expand: ExpandOptionsSchema.optional(),
  /** SHA-256 of the files that the options name and that are read again on resume, by path. */
  files: z.record(z.string(), z.string()),
  volumes: z.array(VolumeSchema),
});

/** What a run is. */
export type Run = z.infer<typeof RunSchema>;

/** The versions of this program, as run.json holds them. */
export const versions = (): Run["versions"] => ({ siren: VERSION, deno: Deno.version.deno });

/** The same run with its fields in the schema's order, so that equal runs are equal to the byte. */
export function inOrder(run: Run): Run {
  return RunSchema.parse(run);
}

/** Writes run.json, whole. */
export async function writeRun(folder: string, run: Run): Promise<void> {
  await writeWhole(`${folder}/run.json`, JSON.stringify(inOrder(run), undefined, 1) + "\n");
}

/**
 * Reads run.json.
 *
 * @throws {RunError} There is no run in the folder.
 * @throws {InputError} run.json is damaged or of another version of siren.
 */
export async function readRun(folder: string): Promise<Run> {
  const path = `${folder}/run.json`;
  const run = await readJsonFile(path, RunSchema, "Start a new run.");
  if (run !== undefined) return run;
  throw new RunError(
    `Cannot open the run in ${folder}: there is no run.json`,
    "Give the folder that --outdir named; if it was stopped before run.json appeared, start again.",
  );
}
