/**
 * Work files: everything that the shards of a stage are computed from, as one Arrow file of one row. With
 * it any machine computes any shard of the stage; neither the maps nor the run folder are needed. Only the
 * shards of `siren preprocess`, which are maps, are read and written by the paths in it.
 *
 * Each array is a column, named by its place in the work (`work.matrix.words`) and held as bytes; the rest
 * is JSON in the metadata (`siren.work`), where `{"$bytes": "uint32"}` stands for an array.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { type ArrowContent, decodeArrow, encodeArrow } from "./arrow_file.ts";
import type { ShardedStage } from "./shards.ts";
import type { JobInput } from "./threads/pool.ts";
import { parseWork, type ShardJob, shardJobs, type Work } from "./work.ts";

const ARRAYS = {
  uint16: Uint16Array,
  uint32: Uint32Array,
  float64: Float64Array,
} as const;
type ArrayKind = keyof typeof ARRAYS;
type AnyArray = InstanceType<(typeof ARRAYS)[ArrayKind]>;

const kinds = Object.keys(ARRAYS) as [ArrayKind, ...ArrayKind[]];
const MarkSchema = z.strictObject({ $bytes: z.enum(kinds) });

const IndexSchema = z.number().int().gte(0);
/** Inputs come as numbers: four for each tile, two for a range of rows or maps, or that of a replicate. */
const HeadSchema = z.strictObject({
  name: z.string().regex(/^\w+$/),
  key: z.string(),
  job: z.enum(shardJobs),
  work: z.unknown(),
  inputs: z.array(z.array(IndexSchema)),
  pairs: z.array(z.number()),
});

/** A stage as it is read back. */
export type StageOfFile = { [J in ShardJob]: ShardedStage<J> }[ShardJob];

/** Encodes a stage as a work file. */
export function encodeWork<J extends ShardJob>(stage: ShardedStage<J>): Uint8Array<ArrayBuffer> {
  const columns: Record<string, { width: number; bytes: Uint8Array }> = {};
  const { name, key, job, pairs } = stage;
  const work = withoutArrays(stage.work(), "work", (place, array) => {
    // A column of no width is not to be had in Arrow.
    if (array.length > 0) columns[place] = { width: array.byteLength, bytes: bytesOf(array) };
  });
  const inputs = stage.inputs.map(numbersOf);
  const head = JSON.stringify({ name, key, job, work, inputs, pairs });
  return encodeArrow({ columns, metadata: { "siren.work": head } });
}

/**
 * Decodes a work file, after checking every byte of it.
 *
 * @param file How to call the file in errors.
 * @throws {InputError} The file is damaged, or not a work file of this version of siren.
 */
export function decodeWork(bytes: Uint8Array<ArrayBuffer>, file: string): StageOfFile {
  const content = decodeArrow(bytes, file);
  try {
    const { job, ...head } = HeadSchema.parse(JSON.parse(content.metadata["siren.work"] ?? "null"));
    const value = withArrays(head.work, "work", content);
    const stage = { ...head, job, inputs: head.inputs.map((input) => inputOf(job, input)) };
    const work: Work<typeof job> = parseWork(job, value);
    // Job, inputs and work were checked against each other just now; the compiler sees only the union.
    return { ...stage, work: () => work } as StageOfFile;
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof SyntaxError)) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : cause.message;
    throw new InputError(
      `Cannot use ${file}: it is not a work file of this siren (${reason.replaceAll("\n", " ")})`,
      "Was it written by another version? Let the same siren submit and compute.",
      { cause },
    );
  }
}

/** The value with a mark in place of each array, which is handed over with its place. */
function withoutArrays(
  value: unknown,
  place: string,
  take: (place: string, array: AnyArray) => void,
): unknown {
  const kind = kinds.find((kind) => value instanceof ARRAYS[kind]);
  if (kind !== undefined) {
    take(place, value as AnyArray); // of this kind, as was just found
    return { $bytes: kind };
  }
  if (Array.isArray(value)) {
    return value.map((part, i) => withoutArrays(part, `${place}.${i}`, take));
  }
  if (typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value).map(([name, part]) =>
    [name, withoutArrays(part, `${place}.${name}`, take)] as const
  );
  return Object.fromEntries(parts);
}

/** The value with its arrays again. */
function withArrays(value: unknown, place: string, content: ArrowContent): unknown {
  const mark = MarkSchema.safeParse(value);
  if (mark.success) return arrayOf(mark.data.$bytes, content.columns[place]);
  if (Array.isArray(value)) {
    return value.map((part, i) => withArrays(part, `${place}.${i}`, content));
  }
  if (typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value).map(([name, part]) =>
    [name, withArrays(part, `${place}.${name}`, content)] as const
  );
  return Object.fromEntries(parts);
}

function bytesOf({ buffer, byteOffset, byteLength }: AnyArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

/** An array of its own, as the bytes may lie anywhere in the file. */
function arrayOf(kind: ArrayKind, column: ArrowContent["columns"][string] | undefined): AnyArray {
  if (column === undefined) return new ARRAYS[kind](0);
  if (!("width" in column)) throw new SyntaxError("a column does not hold bytes");
  const bytes = column.bytes.slice();
  if (bytes.length % ARRAYS[kind].BYTES_PER_ELEMENT !== 0) throw new SyntaxError("a column is cut");
  return new ARRAYS[kind](bytes.buffer);
}

function numbersOf(input: JobInput<ShardJob>): number[] {
  if ("start" in input) return [input.start, input.end];
  if ("replicate" in input) return [input.replicate];
  return input.tiles.flatMap((tile) => [
    tile.rowStart,
    tile.rowEnd,
    tile.columnStart,
    tile.columnEnd,
  ]);
}

function inputOf(job: ShardJob, numbers: readonly number[]): JobInput<ShardJob> {
  const at = (i: number) => {
    const number = numbers[i];
    if (number === undefined) throw new SyntaxError("an input is cut");
    return number;
  };
  if (job === "replicates") return { replicate: at(0) };
  if (job !== "linkSketch" && job !== "countSketch") return { start: at(0), end: at(1) };
  return {
    tiles: Array.from({ length: Math.ceil(numbers.length / 4) }, (_, i) => ({
      rowStart: at(4 * i),
      rowEnd: at(4 * i + 1),
      columnStart: at(4 * i + 2),
      columnEnd: at(4 * i + 3),
    })),
  };
}
