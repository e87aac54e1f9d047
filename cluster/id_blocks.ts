/**
 * Regions that tell volumes with a block from volumes without it: what `siren id_blocks` does.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { connectedPieces, tellingVoxels } from "../core/id_blocks/mod.ts";
import { encodeMap } from "../core/mrc/mod.ts";
import { VERSION } from "../core/version.ts";
import { fingerprint } from "./hashes.ts";
import { countInMaps, countInRun, readDifferences } from "./id_blocks_classes.ts";
import { openEnsemble } from "./id_blocks_ensemble.ts";
import { consensusOf, formatClasses, formatRegions, stemsOf } from "./id_blocks_files.ts";
import {
  type IdBlocksOptions,
  type IdBlocksOptionsInput,
  IdBlocksOptionsSchema,
} from "./id_blocks_options.ts";
import { ask, nothingToTell, selectable } from "./id_blocks_questions.ts";
import { byDensity, describe, type Found, type IdentifiedRegion } from "./id_blocks_regions.ts";
import { maskFiles } from "./mask_files.ts";
import { checkOutFolder, writeOutFolder } from "./out_folder.ts";
import type { Surroundings } from "./progress.ts";
import { unionKey } from "./read_volumes.ts";
import type { MakeFile } from "./result_files.ts";

/** What {@linkcode identifyBlocks} found. */
export interface IdBlocksSummary {
  readonly outdir: string;
  readonly method: IdBlocksOptions["method"];
  readonly volumes: number;
  readonly regions: readonly IdentifiedRegion[];
  /** Blocks without a region, and why. */
  readonly without: readonly { readonly of: string; readonly reason: string }[];
  readonly files: readonly string[];
}

/**
 * Finds, for each block, the voxels that tell the volumes with it from those without, and writes them as
 * masks.
 *
 * Volumes are high where the block's occupancy is above percentile `p` of its occupancies (those at it where
 * none is above), low where it is at most `low`. Method `occupied` takes the voxels that are occupied in all
 * high volumes (or a share of them, `in_high`), in at most `in_low` of the low ones, and in more than 1 % of
 * all: with the defaults this is what SIREn's tool of the same name does. Method `density` averages the maps of
 * each class and takes the voxels whose difference of means is above percentile `diff_p` of all differences and
 * positive (`with` the block), or below percentile 100 - `diff_p` and negative (`instead` of it), piece by
 * piece; the maps of differences and of Welch's t are written too.
 *
 * Maps are read one after the other, once unless memory is short.
 *
 * @throws {UsageError} Options contradict each other, a condition cannot be understood, or the folder holds
 *   something else.
 * @throws {InputError} Maps, table and run cannot be used, or not together; or no block has volumes of both
 *   classes.
 * @throws {RunError} The run has not found its blocks yet.
 */
export async function identifyBlocks(
  input: IdBlocksOptionsInput,
  { outdir, force = false }: { readonly outdir: string; readonly force?: boolean },
  surroundings: Surroundings,
): Promise<IdBlocksSummary> {
  const checked = IdBlocksOptionsSchema.safeParse(input);
  if (!checked.success) {
    const reasons = checked.error.issues.map(({ message }) => message);
    throw new UsageError(`Cannot tell volumes apart: ${reasons.join("; ")}`);
  }
  const options = checked.data;
  await checkOutFolder(outdir);
  const ensemble = await openEnsemble(options, surroundings);
  const { table, grid } = ensemble;
  const { questions, without } = ask(await selectable(table, options, surroundings), options);
  if (questions.length === 0) throw nothingToTell(without, options);
  for (const { of, reason } of without) {
    surroundings.tell({ kind: "warning", text: `Nothing is told of ${of}: ${reason}` });
  }

  const maps = new Map<string, MakeFile>();
  const hashes: string[] = [];
  const found: Found[] = [];
  if (options.method === "density") {
    const stems = stemsOf(questions);
    for await (
      const [q, moments] of readDifferences(ensemble, questions, options, hashes, surroundings)
    ) {
      const stem = stems[q]!, { difference, t } = moments;
      const name = questions[q]!.name;
      maps.set(
        `difference_${stem}.mrc`,
        () => encodeMap(difference, grid, `siren: mean with ${name} minus mean without`),
      );
      if (t === undefined) {
        surroundings.tell({
          kind: "warning",
          text:
            `There is no t of ${name}: one class is a single volume; a lower --p takes more as high`,
        });
      } else {
        maps.set(`t_${stem}.mrc`, () => encodeMap(t, grid, `siren: Welch's t of ${name}`));
      }
      found.push(...byDensity(questions[q]!, moments, grid.box, options));
    }
  } else {
    const counted = ensemble.maps === undefined
      ? countInRun(ensemble, questions)
      : await countInMaps(ensemble, questions, hashes, surroundings);
    counted.forEach(({ flat, high, low }, q) => {
      const question = questions[q]!, { in_high: inHigh, in_low: inLow } = options;
      const rows = tellingVoxels({ high, low }, question.classes, { inHigh, inLow });
      const voxels = flat === undefined ? rows : rows.map((row) => flat[row]!);
      const pieces = options.pieces ? connectedPieces(voxels, grid.box) : [voxels];
      found.push(...pieces.map((piece): Found => ({ question, kind: "with", voxels: piece })));
    });
  }
  const kept = found.filter(({ voxels }) => voxels.length >= options.min_size);
  for (const { name } of questions) {
    if (kept.some(({ question }) => question.name === name)) continue;
    without.push({ of: name, reason: `no region has ${options.min_size} voxels or more` });
  }
  const regions = describe(kept, ensemble, options);
  const files = await maskFiles(
    regions.map(({ id }, i) => ({ id, voxels: kept[i]!.voxels })),
    grid,
    "siren identified region",
    consensusOf(ensemble.run, outdir),
  );
  files.set("id_blocks.csv", () => formatRegions(regions, grid));
  files.set("classes.csv", () => formatClasses(table, questions));
  for (const [name, make] of maps) files.set(name, make);
  const { run } = ensemble;
  const key = fingerprint([
    ["id_blocks", VERSION, { ...options, mapdir: undefined, run: undefined, occupancy: undefined }],
    [table.volumes, table.regions, table.values, grid],
    [run && unionKey(run.union), hashes, ensemble.maps?.thresholds],
  ]);
  const written = await writeOutFolder(outdir, key, files, force, surroundings);
  return {
    outdir,
    method: options.method,
    volumes: table.volumes.length,
    regions,
    without,
    files: written,
  };
}
