/**
 * `siren weights`: files of a network's weights.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { WeightsDescription } from "../core/threshold_cnn/weights_file/mod.ts";
import { UsageError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import { textReader } from "./arguments.ts";
import { type Context, forceFlag, printResult } from "./job.ts";
import { formatCount, formatCounted, formatTable, withoutControls } from "./table.ts";

/** Makes the command, with those below it. */
export function weights(context: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("weights")
    .summary("look into files of weights, and convert them")
    .description(
      "Says what a file of the network's weights holds, and turns PyTorch's files (.pth) into safetensors " +
        "and back. Nothing in such a file is ever run.",
    )
    .helpOption("-h, --help", "print help")
    .addHelpText(
      "after",
      `
Examples:
  siren weights inspect weights.pth
  siren weights convert weights.pth weights.safetensors`,
    );
  for (const make of [inspect, convert]) command.addCommand(make(context));
  return command;
}

function inspect({ io }: Context): CommandUnknownOpts {
  return new Command("inspect")
    .summary("say what a file of weights holds")
    .description(
      "Prints the tensors of a file of weights, how far they were trained, and whether they are those of " +
        "SIREn's network; where not, how they differ.",
    )
    .argument("<file>", "weights (.pth, .pt, .safetensors)", textReader("the file"))
    .option("--json", "print the description as JSON")
    .addHelpText(
      "after",
      `
Examples:
  siren weights inspect weights.pth
  siren weights inspect weights.safetensors --json`,
    )
    .action(async (path, { json }) => {
      const { describeWeights } = await import("../core/threshold_cnn/weights_file/mod.ts");
      printResult(io, json, await describeWeights(path), formatWeights);
    });
}

function convert({ io }: Context): CommandUnknownOpts {
  return new Command("convert")
    .summary("write weights as another kind of file")
    .description(
      "Reads weights of SIREn's network and writes them as the new name's ending tells: .pth or .pt for " +
        "PyTorch and SIREn's own programs, or .safetensors. Epoch, loss and the state of the optimizer Adam " +
        "go along; numbers become 32-bit floats.",
    )
    .argument("<in>", "weights to read (.pth, .pt, .safetensors)", textReader("the file to read"))
    .argument("<out>", "file to write", textReader("the file to write"))
    .addOption(forceFlag("write over a file that is there"))
    .addHelpText(
      "after",
      `
Examples:
  siren weights convert weights.pth weights.safetensors
  siren weights convert last.safetensors weights.pth --force`,
    )
    .action(async (from, to, { force }) => {
      const { checkWeightsName, readCheckpoint, writeCheckpoint } = await import(
        "../core/threshold_cnn/weights_file/mod.ts"
      );
      checkWeightsName(to);
      if (force !== true && await isThere(to)) {
        throw new UsageError(
          `Cannot write ${to}: it is there already`,
          "Give another name, or --force to write over it.",
        );
      }
      const checkpoint = await readCheckpoint(from);
      io.signal.throwIfAborted();
      await writeCheckpoint(to, checkpoint);
      const adam = checkpoint.adam === undefined ? "without" : "with";
      io.stdout.write(`Wrote ${to} (${adam} the state of the optimizer)\n`);
    });
}

/** A file of weights as it is printed. */
export function formatWeights(weights: WeightsDescription): string {
  const { epoch, loss, optimizer, steps, learningRate, prefix } = weights;
  const unknown = "not told";
  const optimizers = {
    none: "none",
    Adam: `Adam, ${formatCounted(steps ?? 0, "step")}, learning rate ${learningRate}`,
    other: "there is one, but not of Adam over all parameters; it is not used",
  };
  const lines = [
    ["file", `${weights.file} (${formatCount(weights.fileBytes)} bytes)`],
    ["kind", weights.kind],
    ["SHA-256", weights.sha256],
    ["parameters", formatCount(weights.parameters)],
    ["epoch", epoch === null ? unknown : String(epoch)],
    ["loss", loss === null ? unknown : String(loss)],
    ["optimizer", optimizers[optimizer]],
    ...(prefix === "" ? [] : [["prefix", `${prefix} (before all names; not taken for a part)`]]),
    ["fits", weights.fits ? "yes, they are of SIREn's network" : "no, for these reasons:"],
  ];
  const left = (title: string) => ({ title, align: "left" }) as const;
  const tensors = weights.tensors.map(({ name, shape, dtype }) => [
    withoutControls(name),
    shape.length === 0 ? "a single number" : shape.join(" x "),
    dtype,
  ]);
  return [
    formatTable([left(""), left("")], lines).slice(1), // the headings are empty, so the first line is
    ...weights.differences.map((difference) => `  ${withoutControls(difference)}\n`),
    "\n",
    formatTable(["tensor", "shape", "type"].map(left), tensors),
  ].join("");
}
