/**
 * The program: its commands, and what they share.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { styleText } from "node:util";
import { VERSION } from "../core/version.ts";
import { analyse } from "./analyse.ts";
import { bench } from "./bench.ts";
import { cancel } from "./cancel.ts";
import { cluster } from "./cluster.ts";
import { compare } from "./compare.ts";
import { completions } from "./completions.ts";
import { consolidate } from "./consolidate.ts";
import { doctor } from "./doctor.ts";
import { evalModel } from "./eval_model.ts";
import { expandCommunities } from "./expand_communities.ts";
import { fineTune } from "./fine_tune.ts";
import { idBlocks } from "./id_blocks.ts";
import { info } from "./info.ts";
import type { Context } from "./job.ts";
import { logs } from "./logs.ts";
import { usageError } from "./messages.ts";
import { occupancy } from "./occupancy.ts";
import { checkNeeded } from "./options.ts";
import { needlessPermissions } from "./permissions.ts";
import { mask } from "./mask.ts";
import { molmap } from "./molmap.ts";
import { particles } from "./particles.ts";
import { preprocess } from "./preprocess.ts";
import { report } from "./report.ts";
import { gather, resume } from "./resume.ts";
import { run, submit } from "./run.ts";
import { score } from "./score.ts";
import { screen } from "./screen.ts";
import { simulate } from "./simulate.ts";
import { sketchCommunities } from "./sketch_communities.ts";
import { stability } from "./stability.ts";
import { status } from "./status.ts";
import { threshold } from "./threshold.ts";
import { train } from "./train.ts";
import { volumes } from "./volumes.ts";
import { view } from "./view.ts";
import { watch } from "./watch.ts";
import { weights } from "./weights.ts";
import { worker } from "./worker.ts";

/** Widest help; longer lines are hard to read. */
const WIDEST = 100;

const GROUPS = [
  ["Find blocks:", [run, sketchCommunities, expandCommunities, resume, status]],
  ["Predict thresholds:", [preprocess, evalModel, fineTune, train, weights, threshold]],
  ["On a cluster:", [submit, watch, gather, cancel, logs, cluster]],
  ["Work with blocks:", [consolidate, idBlocks, compare, stability, screen]],
  ["Masks and models:", [mask, molmap]],
  ["Look at maps and results:", [
    info,
    score,
    report,
    view,
    occupancy,
    analyse,
    volumes,
    particles,
  ]],
  ["Try things out:", [simulate, doctor, bench, completions]],
] as const;

/** Builds the command tree. Errors of the command line are thrown as `UsageError`. */
export function buildProgram(context: Context): CommandUnknownOpts {
  const { stdout, stderr } = context.io;
  const program: CommandUnknownOpts = new Command("siren")
    .description(
      "Finds structural blocks in ensembles of cryo-EM maps: parts that are there in some maps and missing " +
        "in others, each as a whole.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => {}, // told by main, in our words
      getOutHelpWidth: () => Math.min(WIDEST, stdout.columns),
      getErrHelpWidth: () => Math.min(WIDEST, stderr.columns),
      getOutHasColors: () => stdout.color,
      getErrHasColors: () => stderr.color,
    })
    .configureHelp({
      // Choices and defaults stand in the descriptions already.
      optionDescription: (option) => option.description,
      argumentDescription: (argument) => argument.description,
      styleTitle: (title) => styleText("bold", title, { validateStream: false }),
    })
    .addHelpText(
      "after",
      `
Examples:
  siren run --voldir maps --bin 0.7 --outdir out
  siren help run

Names may be written with _ or -, as in --exp_frac and --exp-frac.`,
    );
  throwUsageErrors(program);
  for (const [group, makers] of GROUPS) {
    program.commandsGroup(group);
    for (const make of makers) program.addCommand(adopt(make(context), program));
  }
  program.addCommand(adopt(worker(context), program), { hidden: true });
  // Listed in the last group. It is never run: "help run" is read as "run --help".
  program.helpCommand("help [command]", "print help for a command");
  return program.hook("preAction", (_, command) => {
    context.io.drop(needlessPermissions(command));
    checkNeeded(command);
  });
}

/** Makes a command, and those below it, behave as the program does. */
function adopt(command: CommandUnknownOpts, parent: CommandUnknownOpts): CommandUnknownOpts {
  command.copyInheritedSettings(parent);
  throwUsageErrors(command);
  for (const child of command.commands) adopt(child, command);
  if (command.commands.length > 0) command.helpCommand(false);
  return command;
}

function throwUsageErrors(command: CommandUnknownOpts): void {
  command.exitOverride((error) => {
    // What was asked for (help, version) is no error; help for want of a command is told already.
    const told = error.exitCode === 0 || error.code === "commander.help";
    throw told ? error : usageError(error, command);
  });
}
