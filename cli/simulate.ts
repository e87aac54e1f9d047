/**
 * `siren simulate`: an ensemble whose blocks are known.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { assemblyTreeSchema, treeKinds } from "../core/simulate/assembly_tree.ts";
import { simulateOptions } from "../core/simulate/simulate.ts";
import type { WrittenEnsemble } from "../core/simulate/write_ensemble.ts";
import { textReader } from "./arguments.ts";
import {
  addOutputFlags,
  type Context,
  forceFlag,
  outdirFlag,
  printSummary,
  readFolderFlags,
} from "./job.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { makeReporter } from "./progress.ts";
import { pairFlag, readPdbs, readText } from "./simulate_flags.ts";
import { forCnnFlags, isForCnn, refuseForCnnFlags, simulateForCnn } from "./simulate_for_cnn.ts";
import { formatCount, formatCounted, formatTable } from "./table.ts";

const ENSEMBLE = "Ensemble:";
const BLOCKS = "Blocks:";

/** Flags whose names differ from their options'. */
const NAMES = {
  coreShare: "core_share",
  sizeRatio: "size_ratio",
  noiseResolution: "noise_resolution",
  resolutionSteps: "resolution_steps",
} as const;

/** Makes the command. */
export function simulate({ io }: Context): CommandUnknownOpts {
  const command = new Command("simulate")
    .summary("make an ensemble with known blocks")
    .description(
      "Makes maps in which known blocks come and go, as in an assembly: a phantom of simple shapes, or the " +
        "atoms of PDB or mmCIF files whose chains are grouped into blocks. The truth is written beside the maps, for " +
        "siren score. With --for_cnn, maps with known thresholds, to train the network from.",
    )
    .argument("[pdb...]", "PDB or mmCIF files of one model, in one frame; without any, a phantom")
    .addHelpText(
      "after",
      `
Examples:
  siren simulate --outdir simulated --volumes 100 --box 32 --blocks 6
  siren simulate models/*.pdb --outdir simulated --volumes 300 --noise 0.04 --tree chain
  siren simulate models/*.pdb --for_cnn --outdir simulated --volumes 2000`,
    );
  const { shape } = simulateOptions;
  const flags: Option[] = [
    ...schemaFlags(shape, {
      volumes: { value: "count", help: "maps to make" },
      box: { value: "voxels", help: "edge of the box" },
      apix: { value: "angstrom", help: "voxel size" },
      origin: {
        value: "place",
        help: "where the box lies: its corner at zero, or its centre on the atoms",
      },
      noise: { value: "share", help: "noise, as a share of the particle's density" },
      noiseResolution: {
        name: NAMES.noiseResolution,
        value: "angstrom",
        help: "resolution that the noise is filtered to; 0 for white noise",
      },
      threshold: { value: "share", help: "threshold, as a share of the particle's density" },
      amplitude: { value: "share", help: "how much maps, and their thresholds, differ in scale" },
      resolutionSteps: {
        name: NAMES.resolutionSteps,
        value: "count",
        help: "how many resolutions there are in the range",
      },
      seed: { value: "number", help: "seed of everything drawn; same seed, same maps" },
    }, ENSEMBLE),
    pairFlag(
      "resolution",
      "best,worst",
      "resolutions in Angstrom; default 10,14 for atoms",
      ENSEMBLE,
    ),
    ...schemaFlags(shape, {
      blocks: { value: "count", help: "number of blocks" },
      coreShare: {
        name: NAMES.coreShare,
        value: "share",
        help: "share of the atoms in the core, which is always there",
      },
      sizeRatio: {
        name: NAMES.sizeRatio,
        value: "factor",
        help: "size of the largest block over that of the smallest",
      },
    }, BLOCKS),
    pairFlag(
      "frequencies",
      "least,greatest",
      "how often blocks are there; default 0.15,0.9",
      BLOCKS,
    ),
    new Option(
      "--tree <name or file>",
      `which block needs which: ${
        treeKinds.join(", ")
      }, or a JSON file with parents, probabilities and, if any, exclusive pairs; default random`,
    ).argParser(textReader("--tree")).helpGroup(BLOCKS),
    ...schemaFlags(shape, {
      exclusive: { value: "count", help: "pairs of blocks that are never together" },
    }, BLOCKS),
    ...forCnnFlags(),
    outdirFlag(),
    forceFlag("replace what was simulated in the folder before"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async (pdbPaths) => {
    if (isForCnn(command)) return await simulateForCnn(io, command, pdbPaths);
    refuseForCnnFlags(command);
    const { outdir, force, json, quiet } = readFolderFlags(command);
    const options = checkOptions(simulateOptions, await givenOptions(command), "simulate", NAMES);
    const [{ simulate }, { writeEnsemble }] = await Promise.all([
      import("../core/simulate/simulate.ts"),
      import("../core/simulate/write_ensemble.ts"),
    ]);
    const pdbs = await readPdbs(pdbPaths);
    const reporter = await makeReporter(io, quiet);
    let written: WrittenEnsemble;
    try {
      written = await writeEnsemble(simulate(options, pdbs), outdir, {
        force,
        onVolume: (done, total) => {
          io.signal.throwIfAborted();
          reporter.tell({ kind: "progress", stage: "Simulating", done, total, unit: "maps" });
        },
      });
      for (const text of written.warnings) reporter.tell({ kind: "warning", text });
    } finally {
      reporter.stop();
    }
    printSummary(
      io,
      { json, quiet },
      summaryOf(written, outdir),
      () => formatSimulation(written, outdir),
    );
  });
}

/** Options by their own names, the assembly tree read from its file if it is in one. */
async function givenOptions(command: CommandUnknownOpts): Promise<Record<string, unknown>> {
  const given: Record<string, unknown> = { ...command.opts() };
  for (const [key, name] of Object.entries(NAMES)) given[key] = given[name];
  const { tree } = z.object({ tree: z.string().optional() }).parse(given);
  if (tree === undefined || treeKinds.some((kind) => kind === tree)) return given;
  const text = await readText(
    tree,
    `Cannot use --tree: it is none of ${treeKinds.join(", ")}, nor a file (${tree})`,
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`Cannot use --tree: it is no JSON file (${tree})`, TREE_REMEDY, { cause });
  }
  const result = assemblyTreeSchema.safeParse(value);
  if (!result.success) {
    throw new UsageError(
      `Cannot use --tree: ${result.error.issues[0]?.message} (${tree})`,
      TREE_REMEDY,
    );
  }
  return { ...given, tree: result.data };
}

const TREE_REMEDY = 'It looks like {"parents": [-1, 0], "probabilities": [0.9, 0.5]}.';

function summaryOf(
  { truth, truthPath, thresholdsPath, warnings }: WrittenEnsemble,
  folder: string,
) {
  return {
    folder,
    truth: truthPath,
    ...(thresholdsPath === undefined
      ? { threshold: truth.thresholds[0] }
      : { thresholds: thresholdsPath }),
    volumes: truth.maps.length,
    box: truth.box,
    apix: truth.apix,
    union: truth.unionVoxels,
    blocks: blocksOf(truth),
    warnings,
  };
}

function blocksOf({ blocks, parents, presence, exclusive }: WrittenEnsemble["truth"]) {
  return blocks.map((voxels, block) => ({
    block,
    needs: parents[block]!,
    ...(exclusive === undefined ? {} : {
      excludes: exclusive.find((pair) => pair.includes(block))?.find((b) => b !== block) ?? null,
    }),
    frequency: presence.filter((row) => row[block] === 1).length / presence.length,
    voxels: voxels.length,
  }));
}

function formatSimulation({ truth, truthPath, thresholdsPath }: WrittenEnsemble, folder: string) {
  const maps = quoteForShell(folder);
  const threshold = thresholdsPath === undefined
    ? `--bin ${truth.thresholds[0]}`
    : `--binfile ${quoteForShell(thresholdsPath)}`;
  const table = formatTable(
    [
      "block",
      "needs",
      ...(truth.exclusive === undefined ? [] : ["excludes"]),
      "in maps",
      "voxels",
    ].map((title) => ({ title, align: "right" })),
    blocksOf(truth).map(({ block, needs, excludes, frequency, voxels }) => [
      String(block),
      needs === -1 ? "core" : String(needs),
      ...(excludes === undefined ? [] : [excludes === null ? "" : String(excludes)]),
      `${(100 * frequency).toFixed(0)} %`,
      formatCount(voxels),
    ]),
  );
  return `${formatCounted(truth.maps.length, "map")} of ${truth.box}^3 voxels in ${folder}; ` +
    `${formatCount(truth.unionVoxels)} voxels in the union, ${
      formatCount(truth.core.length)
    } of them in the core\n\n${table}\nTruth: ${truthPath}\n` +
    `Next:  siren run --voldir ${maps} ${threshold} --outdir out\n` +
    `       siren score ${maps} out\n`;
}
