/**
 * What the program says when it cannot do what was asked, and the exit code that goes with it.
 *
 * @module
 */
import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { styleText } from "node:util";
import { SirenError, UsageError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { type Io, Stop } from "./io.ts";
import { withoutControls } from "./table.ts";

/** Exit codes that no error class carries. */
const EXIT = { usage: 2, defect: 70, system: 74, brokenPipe: 141 } as const;

/** How a command is called, from the program's name on: "siren run". */
export function commandPath(command: CommandUnknownOpts): string {
  return command.parent === null
    ? command.name()
    : `${commandPath(command.parent)} ${command.name()}`;
}

/** Where help for a command is. */
function helpPointer(command: CommandUnknownOpts): string {
  return `See ${commandPath(command)} --help.`;
}

/**
 * Says in our words what commander found wrong with a command line.
 *
 * @param command The command whose line it is.
 */
export function usageError(error: CommanderError, command: CommandUnknownOpts): UsageError {
  const [reason, suggestion] = error.message.replace(/^error: /, "").split("\n") as [
    string,
    string?,
  ];
  const quoted = /'(.*)'/.exec(reason)?.[1] ?? "";
  const guess = suggestion?.replace(/^\((.*)\)$/, "$1");
  const cannot = (what: string, remedy?: string) =>
    new UsageError(`Cannot understand ${commandPath(command)}: ${what}`, remedy);
  switch (error.code) {
    case "commander.unknownCommand":
      return cannot(`there is no such command (${quoted})`, guessCommand(quoted, command) ?? guess);
    case "commander.unknownOption":
      return cannot(`there is no such option (${quoted})`, guess);
    case "commander.optionMissingArgument":
      return cannot(`an option needs a value (${quoted})`);
    case "commander.missingArgument":
      return cannot(`it must be told what to work on (<${quoted}>)`);
    case "commander.excessArguments":
      return cannot(`too many words (${/got \d+: (.*)\.$/.exec(reason)?.[1]})`);
    default:
      return cannot(reason);
  }
}

/** Commander compares whole names; a name may also be long and only begun. */
function guessCommand(word: string, program: CommandUnknownOpts): string | undefined {
  const begun = program.createHelp().visibleCommands(program).map((command) => command.name())
    .filter((name) => word.length >= 3 && name.startsWith(word.slice(0, 3)));
  return begun.length === 0 ? undefined : `Did you mean ${begun.join(" or ")}?`;
}

/**
 * Tells an error that ended the program, on standard error. Parts of it may be a cluster's words: what
 * could meddle with the terminal is left out.
 *
 * @param command The command that it ended; the help of it is pointed to where the command line is wrong.
 * @returns The exit code.
 */
export function tellError(error: unknown, io: Io, command?: CommandUnknownOpts): number {
  const write = (text: string) => io.stderr.write(withoutControls(text));
  const say = (message: string, ...remedies: (string | undefined)[]) => {
    const remedy = remedies.filter((text) => text !== undefined).join(" ");
    const label = io.stderr.color
      ? styleText(["red", "bold"], "Error:", { validateStream: false })
      : "Error:";
    const text = `${message}\n${remedy === "" ? "" : `${remedy}\n`}`;
    io.stderr.write(`${label} ${withoutControls(text)}`);
  };
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof Stop) {
    write(`${error.message}.\n${error.remedy === undefined ? "" : `${error.remedy}\n`}`);
    return error.exitCode;
  }
  if (error instanceof SirenError) {
    const isUsage = error instanceof UsageError && command !== undefined;
    say(error.message, error.remedy, isUsage ? helpPointer(command) : undefined);
    return error.exitCode;
  }
  if (error instanceof Deno.errors.BrokenPipe) return EXIT.brokenPipe;
  if (error instanceof Deno.errors.NotCapable) {
    say(
      `Cannot go on: Deno was not given a permission (${error.message})`,
      "Start siren as the README says: it needs to read and write files, and for clusters to start Slurm's " +
        "programs, which must be on the PATH, or to reach the network.",
    );
    return EXIT.system;
  }
  if (error instanceof Error && "code" in error && /\(os error \d+\)/.test(error.message)) {
    say(
      `Cannot go on: the system refused (${error.message})`,
      "What is done is kept. Mend the cause, then siren resume goes on with a run.",
    );
    return EXIT.system;
  }
  say(
    `This is a defect of siren, not of your data (siren ${VERSION}, Deno ${Deno.version.deno}, ${Deno.build.target})`,
    "Please report it with the lines below.",
  );
  write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  return EXIT.defect;
}
