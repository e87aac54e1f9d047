/**
 * What the shards of a stage are computed from, as threads share it and as a work file holds it.
 *
 * @module
 */
import { z } from "zod";
import { type BitMatrix, bitMatrix } from "../core/cooccupancy/mod.ts";
import { ExpandOptionsSchema, SketchOptionsSchema } from "./options.ts";
import { RunSchema } from "./run_file.ts";

// Over any memory: z.instanceof would not take shared memory's type.
const WordsSchema = z.custom<Uint32Array>((value) => value instanceof Uint32Array);
const ClassesSchema = z.custom<Uint16Array>((value) => value instanceof Uint16Array);
const CutoffsSchema = z.custom<Float64Array>((value) => value instanceof Float64Array);
const CountSchema = z.number().int().gte(0);

/** Bits come over shared memory, so that threads do not copy them. */
const MatrixSchema = z.strictObject({
  voxels: CountSchema,
  volumes: CountSchema.gte(1).lte(65534),
  wordsPerVoxel: CountSchema,
  words: WordsSchema,
}).refine(
  ({ voxels, volumes, wordsPerVoxel, words }) =>
    wordsPerVoxel === Math.ceil(volumes / 32) && words.length === voxels * wordsPerVoxel,
  "its bits do not fit its voxels and volumes",
).transform((matrix): BitMatrix => {
  if (matrix.words.buffer instanceof SharedArrayBuffer) return matrix;
  const shared = bitMatrix(matrix.voxels, matrix.volumes, true);
  shared.words.set(matrix.words);
  return shared;
});

/** What the sketch's jobs work on. */
export const SketchWorkSchema = z.strictObject({
  /** The sample, sorted by total. */
  matrix: MatrixSchema,
  /** Flat index of each row's voxel. */
  flat: WordsSchema,
  /** Totals by class. */
  totals: WordsSchema,
  /** Place of each row's voxel in the sample as drawn. */
  places: WordsSchema,
  /** Least counts of the sample against itself. */
  thresholds: z.strictObject({
    rowClasses: ClassesSchema,
    columnClasses: ClassesSchema,
    columnClassCount: CountSchema,
    least: ClassesSchema,
  }),
  /** For a rule that depends on distance: cutoffs by class, and what a distance is. */
  byDistance: z.strictObject({ positive: CutoffsSchema, box: CountSchema, apix: z.number() })
    .exactOptional(),
});
/** See {@linkcode SketchWorkSchema}. */
export type SketchWork = z.infer<typeof SketchWorkSchema>;

const PositionSchema = z.strictObject({ z: z.number(), y: z.number(), x: z.number() });

/** What the expansion's jobs work on, for rules by links. */
export const LinksWorkSchema = z.strictObject({
  /** The union. */
  matrix: MatrixSchema,
  /** Voxels of all blocks, block after block. */
  seeds: MatrixSchema,
  columns: z.strictObject({
    starts: WordsSchema,
    classesOfBlock: z.array(ClassesSchema).readonly(),
    places: ClassesSchema,
  }),
  /** Flat index, and class, of each union voxel. */
  flat: WordsSchema,
  classes: ClassesSchema,
  /** Totals by class. */
  totals: WordsSchema,
  share: z.number(),
  links: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("least"), least: ClassesSchema }),
    z.strictObject({
      kind: z.literal("cutoffs"),
      positive: CutoffsSchema,
      negative: CutoffsSchema,
      factor: z.number().optional(),
      negativeFactor: z.number(),
      medians: z.array(PositionSchema),
      box: CountSchema,
      apix: z.number(),
    }),
  ]),
});
/** See {@linkcode LinksWorkSchema}. */
export type LinksWork = z.infer<typeof LinksWorkSchema>;

/** What the expansion's jobs work on, for rule phi. */
export const PhiWorkSchema = z.strictObject({
  /** The union. */
  matrix: MatrixSchema,
  /** In which volumes each block is present. */
  profiles: z.array(z.strictObject({ words: WordsSchema, total: CountSchema })),
  options: z.strictObject({ level: z.number(), join: z.number().exactOptional() }),
});
/** See {@linkcode PhiWorkSchema}. */
export type PhiWork = z.infer<typeof PhiWorkSchema>;

/** What the jobs of `siren preprocess` work on: nothing but paths, as they read and write maps themselves. */
export const PreprocessWorkSchema = z.strictObject({
  /** Folders; absolute. */
  voldir: z.string(),
  normalised: z.string(),
  /** Absent where the maps are of the box already. */
  downsampled: z.string().exactOptional(),
  /** Edges of the boxes of the normalised and of the downsampled maps, in voxels. */
  networkBox: CountSchema.gte(1),
  box: CountSchema.gte(1),
  /** Files of the maps, and their sizes in bytes. */
  maps: z.array(z.strictObject({ file: z.string(), bytes: CountSchema })).readonly(),
});
/** See {@linkcode PreprocessWorkSchema}. */
export type PreprocessWork = z.infer<typeof PreprocessWorkSchema>;

/** What is drawn anew in a replicate: volumes, with replacement; the sample; both; or half of the volumes. */
export const DRAWS = ["volumes", "samples", "both", "halves"] as const;
/** See {@linkcode DRAWS}. */
export type Draw = (typeof DRAWS)[number];

const SettingSchema = z.strictObject({ sketch: SketchOptionsSchema, expand: ExpandOptionsSchema });
/** Options under which blocks are found. */
export type Setting = z.infer<typeof SettingSchema>;

/** What replicates are computed from: all of a run that its blocks depend on. */
export const ReplicateWorkSchema = z.strictObject({
  /** The union: bits and flat indices. */
  matrix: MatrixSchema,
  flat: WordsSchema,
  /** Rows of the run's own sample, as drawn. */
  sampled: WordsSchema,
  grid: RunSchema.shape.grid,
  /** Volumes before any were left out. */
  before: CountSchema,
  seed: CountSchema,
  /** Voxels of a sample that is drawn. */
  size: CountSchema,
  draw: z.enum(DRAWS),
  settings: z.array(SettingSchema),
});
/** See {@linkcode ReplicateWorkSchema}. */
export type ReplicateWork = z.infer<typeof ReplicateWorkSchema>;

/** Under which key the threads share what each job that computes shards works on, and its schema. */
const WORKS = {
  linkSketch: { key: "sketch", schema: SketchWorkSchema },
  countSketch: { key: "sketch", schema: SketchWorkSchema },
  expandLinks: { key: "links", schema: LinksWorkSchema },
  expandPhi: { key: "phi", schema: PhiWorkSchema },
  preprocessMaps: { key: "preprocess", schema: PreprocessWorkSchema },
  replicates: { key: "replicates", schema: ReplicateWorkSchema },
} as const;

/** The jobs that compute shards. */
export type ShardJob = keyof typeof WORKS;
/** What a job works on. */
export type Work<J extends ShardJob> = z.infer<(typeof WORKS)[J]["schema"]>;

/** Names of the jobs that compute shards. */
export const shardJobs = Object.keys(WORKS) as [ShardJob, ...ShardJob[]];

/** The key under which threads share what a job works on. */
export function keyOfWork<J extends ShardJob>(job: J): (typeof WORKS)[J]["key"] {
  return WORKS[job].key;
}

/**
 * Checks what a job works on, and puts its bits into shared memory.
 *
 * @throws {z.ZodError} It is not what the job takes.
 */
export function parseWork<J extends ShardJob>(job: J, value: unknown): Work<J> {
  // The schema of the job gives the work of the job; the compiler does not follow the lookup.
  return WORKS[job].schema.parse(value) as Work<J>;
}
