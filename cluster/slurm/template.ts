/**
 * Batch scripts from templates. A template is Jinja2 with the variables of cryoSPARC's `cluster_script.sh`
 * and some of our own; values are quoted for bash where they stand.
 *
 * @module
 */
import { InputError } from "../../core/errors.ts";
import { readInput } from "../../core/files.ts";
import { programFile } from "../../core/program_files.ts";
import { isPlainWord, quoteForShell } from "../../core/shell.ts";
import { type JinjaValue, linesUsing, renderJinja, told } from "./jinja.ts";
import { formatTime, type Profile, type Skippable } from "./profile.ts";
import { type Filling, fillShell, type Misfit, quoteForSbatch } from "./shell_context.ts";

const TEMPLATE = programFile("templates/sbatch.sh");

/** What a task asks Slurm for, as far as it changes from one batch to another. */
export interface Resources {
  readonly cpus: number;
  /** MiB of a task; undefined leaves it to the cluster. */
  readonly memory?: number | undefined;
  /** Time limit of a task; undefined leaves it to the cluster. */
  readonly minutes?: number | undefined;
}

/** What a batch script is for. Folders and files are absolute, as the cluster's nodes see them. */
export interface ScriptJob extends Resources {
  /** Words of the worker's command; the first is the program. */
  readonly command: readonly [string, ...string[]];
  readonly gpus: number;
  readonly runFolder: string;
  readonly batchFolder: string;
  /** Where the log goes; may hold `%A_%a`. */
  readonly logPath: string;
  /** Where the script will be. */
  readonly scriptPath: string;
  readonly jobName: string;
  /** Who submits. */
  readonly user: string;
  /** siren's version. */
  readonly version: string;
}

/** A template's text and what to call it in messages. */
export interface Template {
  readonly name: string;
  readonly text: string;
}

/** A batch script. */
export interface Script {
  readonly script: string;
  /** Whether the worker takes the shell's place, so that a signal to the shell reaches it. */
  readonly execs: boolean;
}

/**
 * Reads a profile's template, or siren's own.
 *
 * @throws {InputError} It cannot be read.
 */
export async function readTemplate(profile: Pick<Profile, "template">): Promise<Template> {
  if (profile.template === undefined) {
    return { name: "sbatch.sh of siren", text: await Deno.readTextFile(TEMPLATE) };
  }
  return {
    name: profile.template,
    text: new TextDecoder().decode(await readInput(profile.template)),
  };
}

/**
 * The options of sbatch by which siren asks for a task's resources, without those that the profile skips.
 *
 * @returns Names without dashes, and values.
 */
export function sbatchOptions(profile: Profile, resources: Resources): [Skippable, string][] {
  const { minutes, memory, cpus } = resources;
  const options: [Skippable, string | undefined][] = [
    ["partition", profile.partition],
    ["account", profile.account],
    ["qos", profile.qos],
    ["constraint", profile.constraint],
    ["time", minutes === undefined ? undefined : formatTime(minutes)],
    ["mem", memory === undefined ? undefined : `${memory}M`],
    ["cpus-per-task", String(cpus)],
    ["gres", profile.gres],
  ];
  return options.flatMap(([name, value]) =>
    value === undefined || profile.skip.includes(name) ? [] : [[name, value]]
  );
}

/**
 * Makes a batch script. Values in it are data, whatever they hold; the template, the profile's set-up
 * lines and its further directives are the user's own code.
 *
 * @throws {InputError} The template is wrong, or wants a value where it cannot be quoted.
 */
export function renderScript(
  { template, profile, job }: {
    readonly template: Template;
    readonly profile: Profile;
    readonly job: ScriptJob;
  },
): Script {
  const text = template.text.replaceAll("\r\n", "\n");
  const directives = [
    ...sbatchOptions(profile, job).map(([name, value]) => `--${name}=${quoteForSbatch(value)}`),
    ...profile.directives,
  ].map((option) => `#SBATCH ${option}`);
  const mark = unusedCharacter([text, ...directives, ...profile.setup].join("\n"));
  const fillings: Filling[] = [];
  const hold = (filling: Filling): string => {
    if (filling.words.every(isPlainWord)) return filling.words.join(" ");
    return `${mark}${fillings.push(filling) - 1}${mark}`;
  };
  const value = (variable: string, word: string | undefined) =>
    word === undefined ? undefined : hold({ variable, words: [word], isCommand: false });
  const command = (variable: string, words: readonly string[]) =>
    words.length === 0 ? "" : hold({ variable, words, isCommand: true });

  const variables: Record<string, JinjaValue> = {
    run_cmd: command("run_cmd", job.command),
    num_cpu: job.cpus,
    num_gpu: job.gpus,
    // Whole, and never 0, which sites' templates would hand to Slurm as "all of the node's memory".
    ram_gb: job.memory === undefined ? undefined : Math.ceil(job.memory / 1024),
    job_dir_abs: value("job_dir_abs", job.batchFolder),
    project_dir_abs: value("project_dir_abs", job.runFolder),
    job_log_path_abs: value("job_log_path_abs", job.logPath),
    worker_bin_path: value("worker_bin_path", job.command[0]),
    run_args: command("run_args", job.command.slice(1)),
    project_uid: "siren",
    job_uid: value("job_uid", job.jobName),
    job_creator: value("job_creator", job.user),
    cryosparc_username: value("cryosparc_username", job.user),
    job_type: "siren",
    script_path_abs: value("script_path_abs", job.scriptPath),
    command: command("command", job.command),
    job_name: value("job_name", job.jobName),
    partition: value("partition", profile.partition),
    account: value("account", profile.account),
    qos: value("qos", profile.qos),
    constraint: value("constraint", profile.constraint),
    gres: value("gres", profile.gres),
    time: job.minutes === undefined ? undefined : formatTime(job.minutes),
    memory_MiB: job.memory,
    directives,
    setup: profile.setup,
    environment: Object.entries(profile.environment).map(([name, word]) => ({
      name,
      value: value("environment", word),
    })),
    siren_version: value("siren_version", job.version),
  };
  const runs = ["run_cmd", "command", "run_args"].some((name) => linesUsing(text, name).length > 0);
  const cannot = `Cannot use template ${template.name}: `;
  if (!runs) {
    throw new InputError(
      `${cannot}it never runs the command (run_cmd)`,
      "Put a line {{ run_cmd }} where the work is to be done.",
    );
  }
  const rendered = renderJinja(text, template.name, variables, mark).trim() + "\n";
  const filled = fillShell(rendered, mark, fillings);
  if (filled.misfits.length > 0) throw misfitError(filled.misfits, template.name, text);
  const { script } = filled;
  const shell = /^#!.*?(\w+)(?:\s+-\S+)*\s*$/.exec(script.slice(0, script.indexOf("\n")))?.[1];
  if (shell === undefined) {
    throw new InputError(
      `${cannot}the script does not begin with the shell that runs it`,
      "Make #!/bin/bash its first line.",
    );
  }
  const foreign = fillings.filter(({ words }) =>
    shell !== "bash" && (shell !== "sh" || /\p{Cc}/u.test(words.join("")))
  );
  if (foreign.length > 0) {
    const names = [...new Set(foreign.map(({ variable }) => variable))].join(", ");
    throw new InputError(
      `${cannot}some values need quotes that only bash is sure to know, and ${shell} runs it (${names})`,
      "Make #!/bin/bash its first line, or see that these are of letters, digits and ._/- alone.",
    );
  }
  const line = `exec ${job.command.map(quoteForShell).join(" ")}`;
  return { script, execs: filled.endsInCode && endsWith(script, line) };
}

/** A character for private use that a text does not hold. */
function unusedCharacter(text: string): string {
  for (let code = 0xe000; code < 0xf900; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character)) return character;
  }
  throw new InputError("Cannot use a template that holds all characters for private use");
}

/** Whether a script's last command is this line, and not the rest of another or in a pipe. */
function endsWith(script: string, line: string): boolean {
  const lines = script.split("\n").filter((line) => !/^\s*(?:#.*)?$/.test(line));
  return lines.at(-1)?.trim() === line && !/[\\|]\s*$/.test(lines.at(-2) ?? "");
}

function misfitError(misfits: readonly Misfit[], name: string, template: string): InputError {
  const lines = template.split("\n");
  const messages = misfits.map(({ variable, reason, on }) => {
    if (variable === "") return `Cannot use template ${name}: ${reason}`;
    const using = linesUsing(template, variable);
    const likely = using.filter((number) => {
      const line = lines[number - 1] ?? "";
      const kind = line.startsWith("#SBATCH")
        ? "sbatch"
        : line.startsWith("#")
        ? "comment"
        : "code";
      return kind === on;
    });
    const where = told(likely.length > 0 ? likely : using);
    return `Cannot use template ${name}: {{ ${variable} }}${
      where === "" ? "" : ` on ${where}`
    } needs quotes that cannot be given: ${reason}`;
  });
  return new InputError(
    [...new Set(messages)].join("\n"),
    "Put it where a word of bash may stand, or see that it is of letters, digits and ._/- alone.",
  );
}
