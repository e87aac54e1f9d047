/**
 * JSON files in folders that siren keeps: checked as they come in.
 *
 * @module
 */
import { z } from "zod";
import { InputError, RunError } from "../core/errors.ts";
import { readIfThere } from "../core/files.ts";
import { refusal } from "../core/refusal.ts";

/**
 * Reads a JSON file that siren wrote.
 *
 * @param schema What it holds.
 * @param remedy What to do where it does not: one sentence.
 * @returns Undefined where there is none.
 * @throws {InputError} It is damaged, or of another version of siren; the message says why.
 * @throws {RunError} The system refuses to read it.
 */
export async function readJsonFile<T extends z.ZodType>(
  path: string,
  schema: T,
  remedy: string,
): Promise<z.output<T> | undefined> {
  const bytes = await readBytes(path);
  return bytes === undefined
    ? undefined
    : parseJson(new TextDecoder().decode(bytes), schema, `read ${path}`, remedy);
}

/**
 * Reads JSON that siren wrote.
 *
 * @param what What cannot be done where it is damaged, as in "read run.json".
 * @throws {InputError} As {@linkcode readJsonFile}.
 */
export function parseJson<T extends z.ZodType>(
  text: string,
  schema: T,
  what: string,
  remedy: string,
): z.output<T> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const isOther = cause instanceof z.ZodError;
    if (!isOther && !(cause instanceof SyntaxError)) throw cause;
    const reason = isOther ? z.prettifyError(cause).replaceAll("\n", " ") : "it is not JSON";
    throw new InputError(
      `Cannot ${what}: ${reason}`,
      `Was it edited, or written by another version of siren? ${remedy}`,
      { cause },
    );
  }
}

async function readBytes(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readIfThere(path);
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new RunError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
}
