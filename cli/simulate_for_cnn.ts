/**
 * `siren simulate --for_cnn`: maps with known thresholds, to train the network from.
 *
 * @module
 */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { forCnnOptions } from "../core/simulate/for_cnn_options.ts";
import type { WrittenForCnn } from "../core/simulate/for_cnn_write.ts";
import type { Io } from "./io.ts";
import { printSummary, readFolderFlags, tellNews } from "./job.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { pairFlag, readPdbs } from "./simulate_flags.ts";
import { formatCounted } from "./table.ts";

const FOR_CNN = "Maps for the network:";

/** Flags of this kind alone. */
const OWN = ["fill", "models"] as const;
/** Flags of both kinds. */
const COMMON = [
  "volumes",
  "box",
  "seed",
  "resolution",
  "outdir",
  "force",
  "json",
  "quiet",
] as const;

const FlagsSchema = z.object({ for_cnn: z.boolean().default(false) });

/** `--for_cnn` and the flags that go with it. */
export function forCnnFlags(): Option[] {
  const { volumes, resolution: [best, worst], fill: [least, greatest] } = forCnnOptions.parse({});
  return [
    new Option(
      "--for_cnn",
      "make maps with known thresholds instead: of neighbouring chains in any orientation, each with its own " +
        `resolution, noise and scale; takes PDB files, and of the flags above --volumes (default ${volumes}), ` +
        `--box, --seed and --resolution (default ${best},${worst})`,
    ).helpGroup(FOR_CNN),
    pairFlag(
      "fill",
      "least,greatest",
      `share of the box's edge that a particle takes; default ${least},${greatest}`,
      FOR_CNN,
    ),
    ...schemaFlags(forCnnOptions.shape, {
      models: {
        help: "whether the PDB files are of one model in one frame, or each a model of its own",
      },
    }, FOR_CNN),
  ];
}

/** Whether `--for_cnn` was given. */
export function isForCnn(command: CommandUnknownOpts): boolean {
  return FlagsSchema.parse(command.opts()).for_cnn;
}

/**
 * Refuses the flags that go with `--for_cnn` alone.
 *
 * @throws {UsageError} One was given.
 */
export function refuseForCnnFlags(command: CommandUnknownOpts): void {
  refuse(command, (name) => OWN.some((own) => own === name), "it goes with --for_cnn");
}

/** Makes the maps, and tells of them. */
export async function simulateForCnn(
  io: Io,
  command: CommandUnknownOpts,
  pdbPaths: readonly string[],
): Promise<void> {
  const taken: readonly string[] = ["for_cnn", ...OWN, ...COMMON];
  refuse(command, (name) => !taken.includes(name), "it does not go with --for_cnn");
  const { outdir, force, json, quiet } = readFolderFlags(command);
  const options = checkOptions(forCnnOptions, command.opts(), "simulate");
  const [{ simulateForCnn }, { writeForCnn }] = await Promise.all([
    import("../core/simulate/for_cnn.ts"),
    import("../core/simulate/for_cnn_write.ts"),
  ]);
  const pdbs = await readPdbs(pdbPaths);
  const written = await tellNews(
    io,
    quiet,
    undefined,
    async (tell) =>
      await writeForCnn(simulateForCnn(options, pdbs), pdbs.map(({ name }) => name), outdir, {
        force,
        onVolume: (done, total) => {
          io.signal.throwIfAborted();
          tell({ kind: "progress", stage: "Simulating", done, total, unit: "maps" });
        },
      }),
  );
  printSummary(io, { json, quiet }, summaryOf(written, outdir, options.box), formatSummary);
}

function refuse(
  command: CommandUnknownOpts,
  isRefused: (name: string) => boolean,
  reason: string,
): void {
  const found = command.options.find((option) => {
    const name = option.attributeName();
    return command.getOptionValue(name) !== undefined && isRefused(name);
  });
  if (found !== undefined) throw new UsageError(`Cannot use ${found.long}: ${reason}`);
}

function summaryOf(
  { volumes, labelsPath, recordPath }: WrittenForCnn,
  folder: string,
  box: number,
) {
  return { folder, volumes, box, labels: labelsPath, drawn: recordPath };
}

function formatSummary({ folder, volumes, box, labels, drawn }: ReturnType<typeof summaryOf>) {
  return `${
    formatCounted(volumes, "map")
  } of ${box}^3 voxels with known thresholds in ${folder}\n\n` +
    `Thresholds: ${labels}\nWhat was drawn: ${drawn}\n` +
    `Next:  siren preprocess --voldir ${quoteForShell(folder)} --labels ${
      quoteForShell(labels)
    } --outdir prepared\n` +
    "       siren train --voldir prepared/normalized --labels prepared/normalized/normalized_labels.csv " +
    "--outdir trained\n";
}
