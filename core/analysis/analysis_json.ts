/**
 * The analysis as a JSON file, and back.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { readInput } from "../files.ts";
import type { Analysis } from "./analysis.ts";
import { linkages } from "./hierarchy.ts";

/** Name of the file among results. */
export const ANALYSIS_JSON = "analysis.json";

const place = z.int().min(0);
const count = z.int().min(0);
const share = z.number();

const mergeSchema = z.strictObject({ a: place, b: place, height: z.number(), size: count });
const treeSchema = z.strictObject({ merges: z.array(mergeSchema), order: z.array(place) });

/** Contents of `analysis.json`: all of {@linkcode Analysis}, with plain lists for typed arrays. */
export const analysisSchema = z.strictObject({
  format: z.literal("siren analysis"),
  version: z.literal(1),
  table: z.strictObject({
    volumes: z.array(z.string()).min(1),
    /** `voxels` is null where it is not known. */
    regions: z.array(z.strictObject({ name: z.string(), voxels: z.number().nullable() })).min(1),
    /** N x K, row by row. */
    values: z.array(z.number()),
  }),
  cutoffs: z.array(z.number()),
  /** N x K, row by row: 1 present, 0 absent. */
  presence: z.array(z.union([z.literal(0), z.literal(1)])),
  linkage: z.enum(linkages),
  volumeTree: treeSchema,
  regionTree: treeSchema,
  clusters: z.array(z.int().min(1)),
  pairs: z.array(z.strictObject({
    a: place,
    b: place,
    both: count,
    onlyA: count,
    onlyB: count,
    neither: count,
    phi: z.number(),
    expected: z.number(),
    pTogether: share,
    pApart: share,
    qTogether: share,
    qApart: share,
    exclusive: z.boolean(),
  })),
  dependencies: z.array(z.strictObject({
    region: place,
    needs: place,
    volumes: count,
    exceptions: count,
    p: share,
    q: share,
    direct: z.boolean(),
  })),
  components: z.array(z.strictObject({
    of: z.enum(["regions", "voxels"]),
    shares: z.array(z.number()),
    /** N x P, row by row. */
    scores: z.array(z.number()),
  })),
  junk: z.array(z.strictObject({
    volume: place,
    kind: z.enum(["empty", "over-full", "unlike"]),
    reason: z.string(),
  })),
}).superRefine((file, context) => {
  const n = file.table.volumes.length, k = file.table.regions.length;
  const check = (path: string, right: boolean, message: string) => {
    if (!right) context.addIssue({ code: "custom", path: [path], message });
  };
  const isBelow = (places: readonly number[], most: number) => places.every((one) => one < most);
  const isTree = ({ merges, order }: z.output<typeof treeSchema>, leaves: number) =>
    merges.length === leaves - 1 && order.length === leaves && new Set(order).size === leaves &&
    isBelow(order, leaves) &&
    merges.every(({ a, b }, m) => a !== b && a < leaves + m && b < leaves + m);
  check("table", file.table.values.length === n * k, `must have ${n * k} values`);
  check("cutoffs", file.cutoffs.length === k, `must have ${k} entries`);
  check("presence", file.presence.length === n * k, `must have ${n * k} entries`);
  check("clusters", file.clusters.length === n, `must have ${n} entries`);
  check("volumeTree", isTree(file.volumeTree, n), `must be a tree of ${n} leaves`);
  check("regionTree", isTree(file.regionTree, k), `must be a tree of ${k} leaves`);
  check("pairs", file.pairs.length === k * (k - 1) / 2, `must be ${k * (k - 1) / 2}`);
  check("pairs", file.pairs.every(({ a, b }) => a < b && b < k), "must name regions");
  const regions = file.dependencies.flatMap(({ region, needs }) => [region, needs]);
  check("dependencies", isBelow(regions, k), "must name regions");
  check(
    "components",
    file.components.every(({ shares, scores }) => scores.length === n * shares.length),
    `must have ${n} rows of scores`,
  );
  check("junk", isBelow(file.junk.map(({ volume }) => volume), n), "must name volumes");
});

/** An analysis as the text of `analysis.json`: one line for each field, all digits. */
export function formatAnalysis(analysis: Analysis): string {
  const { table, presence, components } = analysis;
  const file: z.input<typeof analysisSchema> = {
    format: "siren analysis",
    version: 1,
    table: {
      volumes: [...table.volumes],
      regions: table.regions.map(({ name, voxels }) => ({
        name,
        voxels: Number.isNaN(voxels) ? null : voxels,
      })),
      values: Array.from(table.values),
    },
    cutoffs: [...analysis.cutoffs],
    presence: Array.from(presence, (bit) => bit === 1 ? 1 : 0),
    linkage: analysis.linkage,
    volumeTree: treeOf(analysis.volumeTree),
    regionTree: treeOf(analysis.regionTree),
    clusters: [...analysis.clusters],
    pairs: [...analysis.pairs],
    dependencies: [...analysis.dependencies],
    components: components.map(({ of, shares, scores }) => ({
      of,
      shares: [...shares],
      scores: Array.from(scores),
    })),
    junk: [...analysis.junk],
  };
  const lines = Object.entries(file).map(([name, value]) =>
    `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}

function treeOf({ merges, order }: Analysis["volumeTree"]): z.input<typeof treeSchema> {
  return { merges: [...merges], order: [...order] };
}

/**
 * Reads the text of an `analysis.json`.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} It is damaged, or of another version of siren; the message says where.
 */
export function parseAnalysis(text: string, name: string): Analysis {
  const remedy = "Let `siren analyse` write it again.";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`Cannot read ${name}: it is no JSON file`, remedy, { cause });
  }
  const result = analysisSchema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0]!; // there is one at least
    const where = issue.path.join(".") || "the file";
    throw new InputError(`Cannot read ${name}: ${where}: ${issue.message}`, remedy, {
      cause: result.error,
    });
  }
  const { format: _, version: __, table, presence, components, ...rest } = result.data;
  return {
    ...rest,
    table: {
      volumes: table.volumes,
      regions: table.regions.map(({ name, voxels }) => ({ name, voxels: voxels ?? NaN })),
      values: Float64Array.from(table.values),
    },
    presence: Uint8Array.from(presence),
    components: components.map(({ of, shares, scores }) => ({
      of,
      shares,
      scores: Float64Array.from(scores),
    })),
  };
}

/**
 * Reads an analysis from the folder that holds its `analysis.json`.
 *
 * @throws {InputError} There is none, or it is damaged.
 */
export async function readAnalysis(folder: string): Promise<Analysis> {
  const path = `${folder}/${ANALYSIS_JSON}`;
  return parseAnalysis(new TextDecoder().decode(await readInput(path)), path);
}
