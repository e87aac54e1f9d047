/**
 * What all commands that compute have in common: their flags, news while they work, Ctrl-C, and the
 * summary at the end.
 *
 * @module
 */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { z } from "zod";
import type { Surroundings } from "../cluster/progress.ts";
import type { RunSummary } from "../cluster/summary.ts";
import { engineNames } from "../core/cooccupancy/choose_engine.ts";
import { InterruptedError, SirenError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { choiceReader, countReader, textReader } from "./arguments.ts";
import { type Io, Stop } from "./io.ts";
import { NeededOption } from "./options.ts";
import { makeReporter } from "./progress.ts";
import { formatSummary } from "./summary.ts";

/** What a command is given to work with. */
export interface Context {
  readonly io: Io;
  /** What the user typed after the program's name. */
  readonly args: readonly string[];
}

/** Most threads that may be asked for; more is a slip of the keyboard. */
const MOST_THREADS = 1024;

const MACHINE = "Computing:";
const OUTPUT = "Output:";

/** Adds the flags that say how to compute and what to print. */
export function addJobFlags(command: CommandUnknownOpts, io: Io): void {
  command
    .addOption(
      new Option(
        "--threads <count>",
        `threads to compute with; default ${io.threads}, all of this machine`,
      )
        .argParser(countReader("--threads", 1, MOST_THREADS)).helpGroup(MACHINE),
    )
    .addOption(
      new Option(
        "--engine <name>",
        `what counts co-occupancies: ${engineNames.join(", ")}; default auto, the fastest`,
      )
        .choices(engineNames).argParser(choiceReader("--engine", engineNames)).helpGroup(MACHINE),
    );
  addOutputFlags(command);
}

/** Adds `--json` and `--quiet`. */
export function addOutputFlags(command: CommandUnknownOpts): void {
  command
    .addOption(new Option("--json", "print the summary as JSON").helpGroup(OUTPUT))
    .addOption(
      new Option("--quiet", "no progress and no summary; warnings and errors only")
        .helpGroup(OUTPUT),
    );
}

/** `--outdir`, the run folder, and `--force`. */
export function outFlags(): Option[] {
  return [
    outdirFlag("run folder to write to, made if it is missing"),
    forceFlag("start over if another run is in the run folder"),
  ];
}

/** `--outdir`. */
export function outdirFlag(help: string): Option {
  return new NeededOption("--outdir <folder>", `${help}; required`)
    .argParser(textReader("--outdir")).helpGroup(OUTPUT);
}

const OutFlagsSchema = z.object({ outdir: z.string(), force: z.boolean().default(false) });

/** What was given for {@linkcode outFlags}. */
export function readOutFlags(command: CommandUnknownOpts): z.output<typeof OutFlagsSchema> {
  return OutFlagsSchema.parse(command.opts());
}

/** `--force`. */
export function forceFlag(help: string): Option {
  return new Option("--force", help).helpGroup(OUTPUT);
}

/** The flags of {@linkcode addJobFlags} as they were given. */
const JobFlagsSchema = z.object({
  threads: z.number().optional(),
  engine: z.enum(engineNames).default("auto"),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
});

/**
 * Runs a command that works on a run folder, tells its news, and prints its summary.
 *
 * @param command The command, with its flags read.
 * @param folder The run folder, if it is known before the work begins.
 * @throws {Stop} On Ctrl-C, with how to go on.
 */
export async function doJob(
  { io, args }: Context,
  command: CommandUnknownOpts,
  folder: string | undefined,
  work: (surroundings: Surroundings) => Promise<RunSummary>,
): Promise<void> {
  const flags = JobFlagsSchema.parse(command.opts());
  const reporter = await makeReporter(io, flags.quiet);
  let summary: RunSummary;
  try {
    summary = await work({
      threads: flags.threads ?? io.threads,
      engine: flags.engine,
      host: io.hostname(),
      command: ["siren", ...args].map(quoteForShell).join(" "),
      signal: io.signal,
      tell: (news) => reporter.tell(news),
    });
  } catch (error) {
    throw await whyItEnded(error, io.signal, folder);
  } finally {
    reporter.stop();
  }
  if (flags.json) io.stdout.write(JSON.stringify(summary, null, 2) + "\n");
  else if (!flags.quiet) io.stdout.write(formatSummary(summary));
}

/** The error to tell: on Ctrl-C that, whatever the work died of, and how to go on. */
async function whyItEnded(
  error: unknown,
  signal: AbortSignal,
  folder: string | undefined,
): Promise<unknown> {
  const expected = !(error instanceof SirenError) || error instanceof InterruptedError;
  if (!(signal.reason instanceof Stop) || !expected) return error;
  if (folder === undefined || !await isFile(join(folder, "run.json"))) return signal.reason;
  return new Stop(
    signal.reason.by,
    `What is done is kept. Go on with: siren resume ${quoteForShell(folder)}`,
  );
}

/** Whether there is a file of this name. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
