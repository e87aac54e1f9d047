/**
 * How the words of a command line are read: underscores and hyphens in names mean the same, and numbers
 * are taken strictly.
 *
 * @module
 */
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "../core/errors.ts";

/**
 * Spells the names of commands and flags as the program knows them: `sketch-communities --exp-frac 0.2`
 * becomes `sketch_communities --exp_frac 0.2`, and `help run` becomes `run --help`. Values, unknown
 * names and all after `--` stay as they are.
 *
 * @param args The words after the program's name.
 * @param program The command tree, which tells names from values.
 */
export function normaliseArguments(
  args: readonly string[],
  program: CommandUnknownOpts,
): string[] {
  if (args[0] === "help") return helpArguments(args.slice(1), program);
  const normal: string[] = [];
  let command = program;
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (word === "--") return [...normal, ...args.slice(i)];
    if (!word.startsWith("--")) {
      const child = childOf(command, word);
      normal.push(child?.name() ?? word);
      command = child ?? command;
      continue;
    }
    const equals = word.indexOf("=");
    const flag = equals < 0 ? word : word.slice(0, equals);
    const option = command.options.find((option) => sameName(option.long ?? "", flag));
    normal.push((option?.long ?? flag) + word.slice(flag.length));
    if (option !== undefined && takesNextWord(option, equals) && i + 1 < args.length) {
      normal.push(args[++i]!);
    }
  }
  return normal;
}

/** `help`, `help run` and `help cluster init` as flags; an unknown command is left to be complained of. */
function helpArguments(words: readonly string[], program: CommandUnknownOpts): string[] {
  const names: string[] = [];
  let command = program;
  for (const word of words) {
    const child = childOf(command, word);
    if (child === undefined) {
      return command.commands.length > 0 ? [...names, word] : [...names, "--help"];
    }
    names.push(child.name());
    command = child;
  }
  return [...names, "--help"];
}

/** The command that a line begins with: the program itself, or one below it. */
export function findCommand(
  program: CommandUnknownOpts,
  [word, ...rest]: readonly string[],
): CommandUnknownOpts {
  const child = word === undefined ? undefined : childOf(program, word);
  return child === undefined ? program : findCommand(child, rest);
}

function childOf(parent: CommandUnknownOpts, word: string): CommandUnknownOpts | undefined {
  return parent.commands.find((command) =>
    [command.name(), ...command.aliases()].some((name) => sameName(name, word))
  );
}

function sameName(a: string, b: string): boolean {
  return a.replaceAll("-", "_") === b.replaceAll("-", "_");
}

function takesNextWord(option: Option, equals: number): boolean {
  return option.required && equals < 0;
}

/**
 * Makes the reader of a flag's number: decimal, with or without sign and exponent, finite.
 *
 * @param flag The flag as help spells it, for the message.
 */
export function numberReader(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
      throw new UsageError(
        `Cannot use ${flag}: it is not a number (${text})`,
        /^[+-]?\d+,\d+$/.test(text) ? "Write the decimal mark as a point." : undefined,
      );
    }
    if (!Number.isFinite(value)) {
      throw new UsageError(`Cannot use ${flag}: the number is too large (${text})`);
    }
    return value;
  };
}

/** Makes the reader of a flag's whole number, from `least` to `most`. */
export function countReader(
  flag: string,
  least: number,
  most: number,
): (text: string) => number {
  const read = numberReader(flag);
  return (text) => {
    const value = read(text);
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new UsageError(
        `Cannot use ${flag}: it must be a whole number from ${least} to ${most} (${text})`,
      );
    }
    return value;
  };
}

/** Makes the reader of a flag's text. A flag in its place means that the value was forgotten. */
export function textReader(flag: string): (text: string) => string {
  return (text) => {
    if (text === "") throw new UsageError(`Cannot use ${flag}: its value is empty`);
    if (text.startsWith("--")) {
      throw new UsageError(
        `Cannot use ${flag}: its value is missing (next is ${text})`,
        `If that is a name, write it as ./${text}.`,
      );
    }
    return text;
  };
}

/** Makes the reader of a flag that takes one of a few words. */
export function choiceReader(
  flag: string,
  choices: readonly string[],
): (text: string) => string {
  return (text) => {
    if (choices.includes(text)) return text;
    throw new UsageError(
      `Cannot use ${flag}: no such choice (${text})`,
      `It is one of ${choices.join(", ")}.`,
    );
  };
}
