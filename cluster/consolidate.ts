/**
 * Consolidation of blocks that overlap, into a folder of masks, tables and pictures.
 *
 * @module
 */
import type { Block } from "../core/blocks/block.ts";
import {
  consolidate,
  type ConsolidateOptionsInput,
  ConsolidateOptionsSchema,
  type Consolidation,
  formatConsolidatedCsv,
} from "../core/blocks/consolidate.ts";
import { InputError, RunError, UsageError } from "../core/errors.ts";
import { readIfThere } from "../core/files.ts";
import { quoteForShell } from "../core/shell.ts";
import { VERSION } from "../core/version.ts";
import { decodeArrow, expectColumns } from "./arrow_file.ts";
import { blockFiles } from "./block_files.ts";
import { type BlockSource, readBlockSource, tellEdited } from "./block_source.ts";
import type { Edges } from "./edges.ts";
import { type FinishedRun, readFinishedRun } from "./finished_run.ts";
import { fingerprint } from "./hashes.ts";
import { maskFiles } from "./mask_files.ts";
import { checkOutFolder, writeOutFolder } from "./out_folder.ts";
import type { Surroundings } from "./progress.ts";
import { unionKey } from "./read_volumes.ts";
import type { ResultFiles } from "./result_files.ts";
import { SKETCH } from "./results.ts";
import { lazyPool } from "./run_place.ts";
import type { BlockLine } from "./summary.ts";
import type { SampledUnion } from "./volumes_file.ts";

/** What to consolidate, how, and where to write. */
export interface ConsolidateCall {
  /** Run folder, folder of results, `blocks.json`, or folder of masks. */
  readonly blocks: string;
  /** The run whose maps the blocks are of, where they do not lie in one. */
  readonly run?: string;
  readonly options: ConsolidateOptionsInput;
  readonly outdir: string;
  /** Replaces what is in the folder. */
  readonly force?: boolean;
}

/** What {@linkcode consolidateBlocks} did. */
export interface ConsolidateSummary {
  /** Where the blocks were read from. */
  readonly source: string;
  readonly outdir: string;
  /** Number of blocks before. */
  readonly before: number;
  readonly rounds: number;
  readonly blocks: readonly {
    readonly id: number;
    readonly parts: readonly number[];
    readonly voxels: number;
    readonly least_jaccard: number;
    /** Of blocks of a run. */
    readonly mean_occupancy?: number;
    readonly cohesion?: number;
  }[];
  readonly files: readonly string[];
}

/** Blocks by number, and what makes their files. */
interface Consolidating {
  readonly blocks: readonly Block[];
  /** Fingerprint of what the files depend on beside the blocks. */
  readonly key: unknown;
  readonly files: (
    merged: readonly Block[],
  ) => Promise<{ files: ResultFiles; lines: readonly BlockLine[] }>;
}

/**
 * Merges blocks that overlap and writes the merged blocks: see `consolidate` for how. Blocks of a run get all
 * files that a run's own blocks have; of others masks, `blocks.json`, `blocks.csv` and `open_blocks.cxc`.
 * `consolidated.csv` says which block became which.
 *
 * @throws {InputError} The blocks cannot be read, or are not of the run.
 * @throws {RunError} The run has not found its blocks yet.
 * @throws {UsageError} The folder holds something else, or a `blocks.json` lies in no run.
 */
export async function consolidateBlocks(
  { blocks: path, run, options, outdir, force = false }: ConsolidateCall,
  surroundings: Surroundings,
): Promise<ConsolidateSummary> {
  await checkOutFolder(outdir);
  using pool = lazyPool(surroundings);
  const source = await readBlockSource(path);
  await tellEdited(source, surroundings);
  const folder = run ?? source.run?.folder;
  const { blocks, key, files: filesOf } = folder === undefined
    ? withoutRun(source)
    : await ofRun(source, await readFinishedRun(folder), pool, surroundings);
  if (blocks.length === 0) {
    throw new InputError(`Cannot consolidate ${source.path}: it holds no blocks`);
  }
  surroundings.signal.throwIfAborted();
  const parsed = ConsolidateOptionsSchema.parse(options);
  const merged = consolidate(blocks, parsed);
  const { files, lines } = await filesOf(merged.blocks);
  const all = new Map([
    ...files,
    ["consolidated.csv", () => formatConsolidatedCsv(blocks, merged)] as const,
  ]);
  const whole = fingerprint(["consolidate", VERSION, key, parsed, pairs(blocks)]);
  const written = await writeOutFolder(outdir, whole, all, force, surroundings);
  return summaryOf(source.path, outdir, blocks, merged, lines, written);
}

const pairs = (blocks: readonly Block[]) => blocks.map(({ id, members }) => [id, members]);

function summaryOf(
  source: string,
  outdir: string,
  before: readonly Block[],
  { blocks, rounds }: Consolidation,
  lines: readonly BlockLine[],
  files: readonly string[],
): ConsolidateSummary {
  const ofId = new Map(lines.map((line) => [line.id, line]));
  return {
    source,
    outdir,
    before: before.length,
    rounds,
    blocks: blocks.map(({ id, parts, members, leastJaccard }) => {
      const line = ofId.get(id);
      return {
        id,
        parts,
        voxels: members.length,
        least_jaccard: leastJaccard,
        ...(line && { mean_occupancy: line.mean_occupancy, cohesion: line.cohesion }),
      };
    }),
    files,
  };
}

/** Masks that are of no run: all that is known is where they lie. */
function withoutRun({ path, blocks, grid }: BlockSource): Consolidating {
  if (grid === undefined) {
    throw new UsageError(
      `Cannot write masks of ${path}: nothing tells the grid of its voxels`,
      "Give the run that it is of: --run RUN.",
    );
  }
  const numbered = numberBlocks(blocks, () => {});
  return {
    blocks: numbered.map(({ id, voxels }) => ({ id, members: voxels })),
    key: grid,
    files: async (merged) => ({
      files: await maskFiles(
        merged.map(({ id, members }) => ({ id, voxels: members })),
        grid,
        "siren consolidated block",
      ),
      lines: [],
    }),
  };
}

async function ofRun(
  source: BlockSource,
  { folder, run, union }: FinishedRun,
  pool: ReturnType<typeof lazyPool>,
  surroundings: Surroundings,
): Promise<Consolidating> {
  const { path } = source;
  if (source.grid !== undefined && source.grid.box !== union.box) {
    throw new InputError(
      `Cannot consolidate ${path}: its box is ${source.grid.box}, that of the run in ${folder} is ${union.box}`,
      "Give the run that the blocks are of.",
    );
  }
  const rowOf = new Map(Array.from(union.flat, (voxel, row) => [voxel, row]));
  let outside = 0;
  const numbered = numberBlocks(source.blocks, (text) => surroundings.tell({ kind: "note", text }));
  const blocks = numbered.map(({ id, voxels }): Block => {
    const rows = Array.from(voxels, (voxel) => rowOf.get(voxel)).filter((row) => row !== undefined);
    outside += voxels.length - rows.length;
    if (rows.length > 0 || voxels.length === 0) return { id, members: Uint32Array.from(rows) };
    throw new InputError(
      `Cannot consolidate ${path}: no voxel of block ${id} is one of the run in ${folder}`,
      "Give the run that the blocks are of.",
    );
  }).filter(({ members }) => members.length > 0);
  if (outside > 0) {
    surroundings.tell({
      kind: "warning",
      text: `${outside} voxels of the blocks are occupied in at most 1 % of the run's volumes: ` +
        "they say nothing and are left out",
    });
  }
  const edges = await sketchEdges(folder, union);
  return {
    blocks,
    key: [unionKey(union), run.grid, edges.u, edges.v],
    files: (merged) => blockFiles(run, union, edges, merged, pool.get),
  };
}

/** The links of the sketch, as the block graph takes them. */
async function sketchEdges(
  folder: string,
  union: SampledUnion,
): Promise<Pick<Edges, "u" | "v">> {
  const path = `${folder}/${SKETCH}/edges.arrow`;
  const bytes = await readIfThere(path);
  if (bytes === undefined) {
    throw new RunError(
      `Cannot consolidate: a file of the run is missing (${path})`,
      `\`siren resume ${quoteForShell(folder)}\` writes it again.`,
    );
  }
  const { u, v } = expectColumns(decodeArrow(bytes, path), { u: "uint32", v: "uint32" }, path);
  const placeOf = new Map(Array.from(union.sampled, (row, place) => [union.flat[row]!, place]));
  const places = (voxels: Uint32Array) =>
    Uint32Array.from(voxels, (voxel) => {
      const place = placeOf.get(voxel);
      if (place !== undefined) return place;
      throw new InputError(
        `Cannot read ${path}: it links a voxel that the run did not sample (${voxel})`,
        `Remove it, and \`siren resume ${quoteForShell(folder)}\` writes it again.`,
      );
    });
  return { u: places(u), v: places(v) };
}

/** Gives numbers to blocks that have other names: those after the greatest, in their order. */
function numberBlocks(
  blocks: ReadonlyMap<string, Uint32Array>,
  tell: (text: string) => void,
): { id: number; voxels: Uint32Array }[] {
  const isNumber = (name: string) => /^(0|[1-9]\d{0,8})$/.test(name);
  let next = Math.max(-1, ...[...blocks.keys()].filter(isNumber).map(Number)) + 1;
  return Array.from(blocks, ([name, voxels]) => {
    if (isNumber(name)) return { id: Number(name), voxels };
    tell(`${name} is taken as block ${next}`);
    return { id: next++, voxels };
  });
}
