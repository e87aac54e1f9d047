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
import { JobsUnderWay, Planned, type StagePlan, type Submission } from "../cluster/slurm/choice.ts";
import type { RunSummary } from "../cluster/summary.ts";
import { engineNames } from "../core/cooccupancy/engines.ts";
import { ConnectionError, InterruptedError, SirenError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import { quoteForShell } from "../core/shell.ts";
import { choiceReader, countReader, textReader } from "./arguments.ts";
import { type Ask, chooseCluster, type Target } from "./choose_cluster.ts";
import type { ClusterSide, Tell } from "./cluster_side.ts";
import { type Io, Stop } from "./io.ts";
import { NeededOption } from "./options.ts";
import { clusterPermissions, enginePermissions } from "./permissions.ts";
import { formatPlan } from "./plan.ts";
import { makeReporter } from "./progress.ts";
import { formatSubmission } from "./submission.ts";
import { formatSummary } from "./summary.ts";

/** What a command is given to work with. */
export interface Context {
  readonly io: Io;
  /** What the user typed after the program's name. */
  readonly args: readonly string[];
  readonly cluster: ClusterSide;
  /** Says what the exit code is, where no error does. */
  readonly end: (exitCode: number) => void;
}

/** Most threads that may be asked for; more is a slip of the keyboard. */
const MOST_THREADS = 1024;

const MACHINE = "Computing:";
const OUTPUT = "Output:";

/** Adds the flags that say how to compute and what to print. */
export function addJobFlags(command: CommandUnknownOpts, io: Io): void {
  command
    .addOption(threadsFlag(io))
    .addOption(
      new Option(
        "--engine <name>",
        `what counts co-occupancies: ${engineNames.join(", ")}; default auto, the fastest`,
      )
        .choices(engineNames).argParser(choiceReader("--engine", engineNames)).helpGroup(MACHINE),
    );
  addOutputFlags(command);
}

/** `--threads`. */
export function threadsFlag({ threads }: Pick<Io, "threads">): Option {
  return new Option(
    "--threads <count>",
    `threads to compute with; default ${threads}, all of this machine`,
  ).argParser(countReader("--threads", 1, MOST_THREADS)).helpGroup(MACHINE);
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
export function outdirFlag(help = "folder to write to, made if it is missing"): Option {
  return new NeededOption("--outdir <folder>", `${help}; required`)
    .argParser(textReader("--outdir")).helpGroup(OUTPUT);
}

/** `--outdir` where it can be left out. */
export function optionalOutdirFlag(help: string): Option {
  return new Option("--outdir <folder>", help).argParser(textReader("--outdir")).helpGroup(OUTPUT);
}

/** `--force`, `--json` and `--quiet`, for commands to extend by flags of their own. */
export const OutputFlagsSchema = z.object({
  force: z.boolean().default(false),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
});

/** Those and `--outdir`. */
export const FolderFlagsSchema = OutputFlagsSchema.extend({ outdir: z.string() });

/** What was given for {@linkcode outdirFlag}, {@linkcode forceFlag} and {@linkcode addOutputFlags}. */
export function readFolderFlags(command: CommandUnknownOpts): z.output<typeof FolderFlagsSchema> {
  return FolderFlagsSchema.parse(command.opts());
}

/** `--force`. */
export function forceFlag(help: string): Option {
  return new Option("--force", help).helpGroup(OUTPUT);
}

/** The flags of {@linkcode addJobFlags} as they were given. */
const JobFlagsSchema = OutputFlagsSchema.omit({ force: true }).extend({
  threads: z.number().optional(),
  engine: z.enum(engineNames).default("auto"),
});

/** See {@linkcode JobFlagsSchema}. */
export type JobFlags = z.output<typeof JobFlagsSchema>;

/** What was given for {@linkcode addJobFlags}. */
export function readJobFlags(command: CommandUnknownOpts): JobFlags {
  return JobFlagsSchema.parse(command.opts());
}

/** The surroundings of a job on this machine. */
export function surroundingsOf(
  { io, args }: Context,
  { threads, engine = "auto" }: Partial<Pick<JobFlags, "threads" | "engine">>,
  tell: Tell,
): Surroundings {
  return {
    threads: threads ?? io.threads,
    engine,
    host: io.hostname(),
    command: ["siren", ...args].map(quoteForShell).join(" "),
    signal: io.signal,
    tell,
  };
}

/** Gives up what a job on this machine does not need. */
export function dropClusterPermissions(io: Io, { engine }: JobFlags): void {
  const needed = enginePermissions(engine);
  io.drop(clusterPermissions.filter((name) => !needed.includes(name)));
}

/** How a job ended, if not with an error. */
type Outcome =
  | { readonly summary: RunSummary }
  | { readonly submission: Submission }
  | { readonly plan: StagePlan };

/**
 * Runs a command that works on a run folder, tells its news, and prints its summary; or, where jobs on a
 * cluster are not waited for, what was submitted.
 *
 * @param command The command, with its flags read.
 * @param folder The run folder, if it is known before the work begins.
 * @param target The cluster to compute on; undefined for this machine.
 * @throws {Stop} On Ctrl-C, with how to go on.
 */
export async function doJob(
  context: Context,
  command: CommandUnknownOpts,
  folder: string | undefined,
  work: (surroundings: Surroundings) => Promise<RunSummary>,
  target?: Target,
): Promise<void> {
  const { io } = context;
  const flags = readJobFlags(command);
  if (target === undefined) dropClusterPermissions(io, flags);
  const outcome = await tellNews(io, flags.quiet, folder, async (tell, ask): Promise<Outcome> => {
    const cluster = target === undefined ? {} : {
      cluster: await chooseCluster(context, target, ask),
    };
    try {
      const summary = await work({ ...surroundingsOf(context, flags, tell), ...cluster });
      return { summary };
    } catch (error) {
      if (error instanceof JobsUnderWay) return { submission: error.submission };
      if (error instanceof Planned) return { plan: error.plan };
      throw error;
    }
  });
  if ("plan" in outcome) printResult(io, flags.json, outcome.plan, formatPlan);
  else if ("submission" in outcome) {
    printSummary(io, flags, outcome.submission, formatSubmission);
  } else printSummary(io, flags, outcome.summary, formatSummary);
}

/** Prints a summary, as JSON if that is wanted, and under `--quiet` only then. */
export function printSummary<T>(
  io: Io,
  { json, quiet }: Pick<JobFlags, "json" | "quiet">,
  value: T,
  format: (value: T) => string,
): void {
  if (json || !quiet) printResult(io, json, value, format);
}

/** Prints a result, as JSON if that is wanted. */
export function printResult<T>(
  { stdout }: Io,
  json: boolean | undefined,
  value: T,
  format: (value: T) => string,
): void {
  stdout.write(json === true ? JSON.stringify(value, null, 2) + "\n" : format(value));
}

/**
 * Does work whose news are told, and in which the user may be asked something or press Ctrl-C.
 *
 * @param folder The run folder, if it is known.
 * @throws {Stop} On Ctrl-C, with how to go on.
 */
export async function tellNews<T>(
  io: Io,
  quiet: boolean,
  folder: string | undefined,
  work: (tell: Tell, ask: Ask) => Promise<T>,
): Promise<T> {
  const reporter = await makeReporter(io, quiet);
  const { ask } = io;
  try {
    return await work(
      (news) => reporter.tell(news),
      ask && (async (question) => {
        const release = reporter.hold();
        try {
          return await ask(question);
        } finally {
          release();
        }
      }),
    );
  } catch (error) {
    throw await whyItEnded(error, io.signal, folder);
  } finally {
    reporter.stop();
  }
}

/** The error to tell: on Ctrl-C that, whatever the work died of, and how to go on. */
async function whyItEnded(
  error: unknown,
  signal: AbortSignal,
  folder: string | undefined,
): Promise<unknown> {
  const expected = !(error instanceof SirenError) || error instanceof InterruptedError ||
    error instanceof ConnectionError;
  if (!(signal.reason instanceof Stop) || !expected) return error;
  const isBegun = folder !== undefined &&
    (await isFile(join(folder, "run.json")) || await isFile(join(folder, "network.json")));
  if (!isBegun) return signal.reason;
  const run = quoteForShell(folder);
  return new Stop(
    signal.reason.by,
    await isThere(join(folder, "slurm", "site.json"))
      ? `What is done is kept, and jobs on the cluster go on. \`siren resume ${run}\` goes on with them; ` +
        `\`siren cancel ${run}\` stops them.`
      : `What is done is kept. Go on with: siren resume ${run}`,
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
