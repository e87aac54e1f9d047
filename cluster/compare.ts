/**
 * Two runs, or two sets of blocks, side by side.
 *
 * @module
 */
import {
  type BlockComparison,
  compareBlocks,
  comparisonPicture,
  formatComparisonCsv,
  formatJaccardCsv,
  formatMovedCsv,
  LEAST_JACCARD,
} from "../core/compare/mod.ts";
import { InputError } from "../core/errors.ts";
import { type MapGrid, sameApix } from "../core/mrc/mod.ts";
import { encodePng, formatSvg } from "../core/report/mod.ts";
import { VERSION } from "../core/version.ts";
import {
  type BlockSource,
  checkBlocks,
  describeGrid,
  readBlockSource,
  tellEdited,
} from "./block_source.ts";
import { fingerprint } from "./hashes.ts";
import type { Surroundings } from "./progress.ts";
import { writeOutFolder } from "./out_folder.ts";
import type { MakeFile } from "./result_files.ts";
import type { Run } from "./run_file.ts";

/** Something that two runs do not have in common. */
export interface RunDifference {
  /** An option, `maps`, `thresholds`, `box`, or `voxel size`. */
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

/** What {@linkcode compareSources} finds. */
export interface SourceComparison {
  /** Where the blocks were read from. */
  readonly a: string;
  readonly b: string;
  readonly comparison: BlockComparison;
  /** Of the runs, where both sets of blocks are of runs; of the voxel sizes, where both are known. */
  readonly differences: readonly RunDifference[];
  /** Paths of the files, where a folder was given. */
  readonly files: readonly string[];
}

/** How to compare, and where to write. */
export interface CompareOptions {
  /** Least Jaccard index of a pair that counts as one block found twice, 0 to 1. */
  readonly jaccard?: number;
  /** Folder for tables and pictures; none are written without. */
  readonly outdir?: string;
  /** Replaces what is in the folder. */
  readonly force?: boolean;
}

/**
 * Compares the blocks of two runs, folders of results, `blocks.json` files, or folders of masks.
 *
 * @param pathA See `readBlockSource` for what it may be.
 * @throws {InputError} Blocks cannot be read, or the two are of different boxes.
 * @throws {UsageError} The folder holds something else.
 */
export async function compareSources(
  pathA: string,
  pathB: string,
  { jaccard = LEAST_JACCARD, outdir, force = false }: CompareOptions,
  surroundings: Surroundings,
): Promise<SourceComparison> {
  const a = await readBlockSource(pathA), b = await readBlockSource(pathB);
  for (const source of [a, b]) await tellEdited(source, surroundings);
  surroundings.signal.throwIfAborted();
  const grid = commonGrid(a, b);
  if (grid !== undefined) {
    for (const { blocks, path } of [a, b]) checkBlocks(blocks, grid.box, path);
  }
  const comparison = compareBlocks(a.blocks, b.blocks, grid, jaccard);
  const differences = [...gridDifferences(a, b), ...runDifferences(a.run?.run, b.run?.run)];
  const result = { a: a.path, b: b.path, comparison, differences };
  if (outdir === undefined) return { ...result, files: [] };
  const key = fingerprint(["compare", VERSION, [...a.blocks], [...b.blocks], grid, jaccard, {
    ...result,
    comparison: undefined,
  }]);
  const files = await writeOutFolder(
    outdir,
    key,
    comparisonFiles({ ...result, files: [] }),
    force,
    surroundings,
  );
  return { ...result, files };
}

/** The grid of either; both must have the same box. */
function commonGrid(a: BlockSource, b: BlockSource): MapGrid | undefined {
  if (a.grid !== undefined && b.grid !== undefined && a.grid.box !== b.grid.box) {
    throw new InputError(
      `Cannot compare ${a.path} and ${b.path}: their boxes differ (${describeGrid(a.grid)} and ${
        describeGrid(b.grid)
      })`,
      "Blocks are compared voxel by voxel: find both in maps of one box, or resample the masks of one to the " +
        "other's grid.",
    );
  }
  return a.grid ?? b.grid;
}

function gridDifferences(a: BlockSource, b: BlockSource): RunDifference[] {
  const x = a.grid?.apix, y = b.grid?.apix;
  if (x === undefined || y === undefined || sameApix(x, y)) return [];
  return [{ what: "voxel size", a: `${x} A`, b: `${y} A` }];
}

/** The options and maps in which two runs differ. */
function runDifferences(a: Run | undefined, b: Run | undefined): RunDifference[] {
  if (a === undefined || b === undefined) return [];
  const differences: RunDifference[] = [];
  const differ = (what: string, x: unknown, y: unknown) => {
    if (x === y) return;
    const text = (value: unknown) => value === undefined ? "-" : String(value);
    differences.push({ what, a: text(x), b: text(y) });
  };
  differ("siren", a.versions.siren, b.versions.siren);
  for (const stage of ["sketch", "expand"] as const) {
    const x: Readonly<Record<string, unknown>> = a[stage] ?? {};
    const y: Readonly<Record<string, unknown>> = b[stage] ?? {};
    for (const name of new Set([...Object.keys(x), ...Object.keys(y)])) {
      // Of the expansion, levels and factors may be its own.
      differ(stage === "sketch" ? name : `${name} (expansion)`, x[name], y[name]);
    }
  }
  differ("maps", a.volumes.length, b.volumes.length);
  differ("maps kept", kept(a).length, kept(b).length);
  const ofB = new Map(b.volumes.map((volume) => [volume.file, volume]));
  const shared = a.volumes.filter(({ file }) => ofB.has(file));
  const changed = shared.filter((one) => one.sha256 !== ofB.get(one.file)!.sha256).length;
  if (changed > 0) differ("maps of one name that differ", changed, 0);
  const moved = shared.filter((one) => one.threshold !== ofB.get(one.file)!.threshold).length;
  if (moved > 0) differ("maps of one name with another threshold", moved, 0);
  return differences;
}

const kept = ({ volumes }: Run) => volumes.filter((volume) => volume.kept);

function comparisonFiles(result: SourceComparison): Map<string, MakeFile> {
  const { comparison } = result;
  return new Map<string, MakeFile>([
    ["compare.csv", () => formatComparisonCsv(comparison)],
    ["jaccard.csv", () => formatJaccardCsv(comparison)],
    ["moved.csv", () => formatMovedCsv(comparison)],
    ["compare.json", () => JSON.stringify(comparisonJson(result), undefined, 1) + "\n"],
    ["compare.svg", () => formatSvg(comparisonPicture(comparison))],
    ["compare.png", () => encodePng(comparisonPicture(comparison), 2)],
  ]);
}

/** A comparison as a JSON value: what `siren compare --json` prints. */
export function comparisonJson({ a, b, comparison, differences, files }: SourceComparison) {
  const { pairs, splits, merges, onlyA, onlyB, lost, gained, voxels } = comparison;
  return {
    a,
    b,
    blocks: { a: comparison.a.length, b: comparison.b.length },
    adjusted_rand_index: comparison.adjustedRandIndex,
    mean_jaccard: Number.isNaN(comparison.meanJaccard) ? null : comparison.meanJaccard,
    voxels,
    pairs: pairs.map(({ voxelsA, voxelsB, shift, ...pair }) => ({
      ...pair,
      voxels_a: voxelsA,
      voxels_b: voxelsB,
      shift_A: shift ?? null,
    })),
    splits,
    merges,
    only_a: onlyA,
    only_b: onlyB,
    lost,
    gained,
    differences,
    ...(files.length === 0 ? {} : { files }),
  };
}
