/**
 * `preprocess/preprocess.json`: what is preprocessed in a folder, and how.
 *
 * @module
 */
import { z } from "zod";
import { writeWhole } from "../core/files.ts";
import { readJsonFile } from "./json_file.ts";
import { versions } from "./run_file.ts";

/** What decides the maps that `siren preprocess` writes. */
export const PreprocessOptionsSchema = z.strictObject({
  /** Folder of the maps. */
  voldir: z.string().min(1),
  /** Folder for the downsampled maps. */
  outdir_downsampled: z.string().min(1).optional(),
  /** Edge of the downsampled maps' box in voxels. */
  box: z.number().int().gte(8).lte(1024).default(64),
});
/** See {@linkcode PreprocessOptionsSchema}. */
export type PreprocessOptions = z.infer<typeof PreprocessOptionsSchema>;

const PreprocessSchema = z.strictObject({
  format: z.literal(1),
  versions: z.strictObject({ siren: z.string(), deno: z.string() }),
  options: PreprocessOptionsSchema,
  /** The maps in the natural order of the files that are made of them. */
  maps: z.array(z.strictObject({
    /** File name in `voldir`. */
    file: z.string(),
    bytes: z.number().int(),
    /** Edge of its box in voxels. */
    box: z.number().int(),
  })),
});
/** What preprocess.json says. */
export type Preprocess = z.infer<typeof PreprocessSchema>;

/** Folder in OUTDIR of what preprocessing keeps for itself: its file, shards, jobs and lock. */
export const preprocessFolder = (outdir: string) => `${outdir}/preprocess`;

const pathOf = (outdir: string) => `${preprocessFolder(outdir)}/preprocess.json`;

/** The whole of it, of this version of siren. */
export function makePreprocess(
  { options, maps }: Pick<Preprocess, "options" | "maps">,
): Preprocess {
  return PreprocessSchema.parse({ format: 1, versions: versions(), options, maps });
}

/** Writes preprocess.json, whole. */
export async function writePreprocess(outdir: string, preprocess: Preprocess): Promise<void> {
  await writeWhole(pathOf(outdir), JSON.stringify(preprocess, undefined, 1) + "\n");
}

/**
 * Reads preprocess.json.
 *
 * @returns undefined where there is none.
 * @throws {InputError} It is damaged, or of another version of siren.
 */
export async function readPreprocess(outdir: string): Promise<Preprocess | undefined> {
  const remedy = "Give --force to preprocess all maps anew, or another --outdir.";
  return await readJsonFile(pathOf(outdir), PreprocessSchema, remedy);
}

/** How what is asked for now differs from what was; undefined where it does not. */
export function difference(before: Preprocess, now: Preprocess): string | undefined {
  for (const key of ["voldir", "box", "outdir_downsampled"] as const) {
    const [was, is] = [before.options[key], now.options[key]];
    if (was !== is) return `--${key} was ${was ?? "not given"} and is ${is ?? "not given"}`;
  }
  const known = new Map(before.maps.map((map) => [map.file, map]));
  for (const { file, bytes, box } of now.maps) {
    const map = known.get(file);
    if (map === undefined) return `${file} was added to the maps`;
    if (map.bytes !== bytes || map.box !== box) return `${file} has changed`;
    known.delete(file);
  }
  const [gone] = known.keys();
  return gone === undefined ? undefined : `${gone} is not among the maps any more`;
}
