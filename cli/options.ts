/**
 * From an option's schema to its flag, and from the flags that were given back to checked options. A
 * flag's kind, choices and default are the schema's, so that help and library cannot disagree.
 *
 * @module
 */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { choiceReader, numberReader, textReader } from "./arguments.ts";
import { commandPath } from "./messages.ts";

/**
 * A flag that must be given. Commander's own mandatory options are complained of before misspelt ones,
 * which hides why they are missing; these are looked for last.
 */
export class NeededOption extends Option<string> {}

/**
 * Looks for the flags that must be given.
 *
 * @throws {UsageError} Naming those that were not.
 */
export function checkNeeded(command: CommandUnknownOpts): void {
  const missing = command.options.filter((option) =>
    option instanceof NeededOption && command.getOptionValue(option.attributeName()) === undefined
  ).map((option) => option.long);
  if (missing.length === 0) return;
  throw new UsageError(
    `Cannot understand ${commandPath(command)}: ${
      missing.length === 1 ? "an option is" : "options are"
    } missing (${missing.join(", ")})`,
  );
}

/** What a flag's schema does not say. */
export interface FlagText {
  /** What stands for the value in help; `folder` and `file` are also what completion offers. */
  readonly value?: string;
  /** What it means, in a few words. */
  readonly help: string;
  /** Name without dashes, where it differs from the schema's key. */
  readonly name?: string;
  /** Overrides whether the flag must be given; the schema says so otherwise. */
  readonly mandatory?: boolean;
  /** Overrides the default that help tells; `false` tells none. */
  readonly fallback?: string | false;
}

/**
 * Makes the flags of a schema's keys, in the order of `texts`.
 *
 * @param shape The schema's shape; every key named in `texts` must be in it.
 * @param group Heading in help.
 */
export function schemaFlags(
  shape: z.core.$ZodLooseShape,
  texts: Readonly<Record<string, FlagText>>,
  group: string,
): Option[] {
  return Object.entries(texts).map(([key, text]) => schemaFlag(key, shape[key], text, group));
}

function schemaFlag(key: string, field: unknown, text: FlagText, group: string): Option {
  const { schema, fallback } = unwrap(field);
  const flag = `--${text.name ?? key}`;
  const choices = schema instanceof z.ZodEnum ? schema.options.map(String) : undefined;
  const mandatory = text.mandatory ??
    !(field instanceof z.ZodOptional || field instanceof z.ZodDefault);
  const told = text.fallback ?? (fallback === undefined ? false : String(fallback));
  const isSwitch = schema instanceof z.ZodBoolean;
  const help = [
    choices === undefined ? text.help : `${text.help}: ${choices.join(", ")}`,
    ...(mandatory ? ["required"] : []),
    ...(isSwitch || told === false ? [] : [`default ${told}`]),
  ].join("; ");
  const OptionClass = mandatory ? NeededOption : Option;
  const option = new OptionClass(isSwitch ? flag : `${flag} <${text.value ?? "value"}>`, help)
    .helpGroup(group);
  if (schema instanceof z.ZodNumber) option.argParser(numberReader(flag));
  else if (schema instanceof z.ZodUnion) option.argParser(numberOrWordReader(flag, schema));
  else if (choices !== undefined) option.choices(choices).argParser(choiceReader(flag, choices));
  else if (!isSwitch) option.argParser(textReader(flag));
  return option;
}

/** Reads a number, or one of the words that a schema takes in its place. */
function numberOrWordReader(flag: string, schema: z.ZodUnion): (text: string) => number | string {
  const words = schema.options.flatMap((option) =>
    option instanceof z.ZodLiteral ? [...option.values].map(String) : []
  );
  const read = numberReader(flag);
  return (text) => {
    if (words.includes(text)) return text;
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof UsageError) || /\d/.test(text)) throw error;
      throw new UsageError(error.message, `Give a number, or ${words.join(", ")}.`);
    }
  };
}

function unwrap(field: unknown): { schema: unknown; fallback?: unknown } {
  if (field instanceof z.ZodDefault) {
    return { schema: field.unwrap(), fallback: field.def.defaultValue };
  }
  if (field instanceof z.ZodOptional) return unwrap(field.unwrap());
  return { schema: field };
}

/**
 * Checks flags against a schema.
 *
 * @param schema An object schema whose keys are options.
 * @param values Option values by key; other keys are left alone.
 * @param what What cannot be done if an option as a whole is wrong, as in "Cannot <what>: ...".
 * @param names Flags whose names differ from their keys.
 * @throws {UsageError} With one line for each thing wrong, naming flag and value.
 */
export function checkOptions<S extends z.ZodObject>(
  schema: S,
  values: Readonly<Record<string, unknown>>,
  what: string,
  names: Readonly<Record<string, string>> = {},
): z.output<S> {
  const own = Object.fromEntries(
    Object.keys(schema.shape).filter((key) => values[key] !== undefined)
      .map((key) => [key, values[key]]),
  );
  const result = schema.safeParse(own);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const key = issue.path[0];
    if (key === undefined) return `Cannot ${what}: ${issue.message}`;
    const flag = `--${names[String(key)] ?? String(key)}`;
    return `Cannot use ${flag}: ${complaint(issue)} (${String(own[String(key)])})`;
  });
  throw new UsageError(lines.join("\n"));
}

function complaint(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return `it must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `it must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    case "invalid_value":
      return `it must be one of ${issue.values.join(", ")}`;
    case "invalid_type":
      return issue.expected === "int"
        ? "it must be a whole number"
        : `it must be a ${issue.expected}`;
    default:
      return issue.message;
  }
}
