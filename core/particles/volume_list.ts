/**
 * Lists of volumes, as users write them: names, numbers, or a file of these.
 *
 * @module
 */
import { InputError, UsageError } from "../errors.ts";
import { told } from "../told.ts";
import { mapNumber } from "../volumes/map_table.ts";

/** Longest range of numbers: far more volumes than anyone makes. */
const MOST_NUMBERS = 1_000_000;

/** A volume that was asked for. */
export interface NamedVolume {
  /** As it was written: `vol_003.mrc`, or `3`. */
  readonly name: string;
  /** The number in its name. */
  readonly number: number;
}

/**
 * The number in a volume's name: that after `vol_` where there is one, otherwise the last one.
 *
 * @returns Undefined where the name has no number.
 * @example
 * ```ts
 * import { volumeNumber } from "./volume_list.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(volumeNumber("kmeans20/vol_007.mrc"), 7);
 * assert.strictEqual(volumeNumber("vol_007_box64.mrc"), 7);
 * assert.strictEqual(volumeNumber("mean.mrc"), undefined);
 * ```
 */
export function volumeNumber(name: string): number | undefined {
  const digits = name.match(/(?:^|[^a-z])vol_?(\d+)[^/\\]*$/i)?.[1] ?? mapNumber(name);
  const number = Number(digits);
  return digits === undefined || !Number.isSafeInteger(number) ? undefined : number;
}

/**
 * Reads a list: names of volumes, with or without folder and ending, numbers, and ranges of these such as
 * `3-7`. A number is the one in a volume's name: 3 is `vol_003.mrc`, whatever the first one is.
 *
 * @param entries What was written between commas or on lines.
 * @returns In the order of the list.
 * @throws {UsageError} One is no volume, or two are the same one.
 * @example
 * ```ts
 * import { parseVolumes } from "./volume_list.ts";
 * import assert from "node:assert";
 *
 * const numbers = parseVolumes(["vol_003.mrc", "vol_010", "12-14"]).map(({ number }) => number);
 * assert.deepStrictEqual(numbers, [3, 10, 12, 13, 14]);
 * ```
 */
export function parseVolumes(entries: readonly string[]): NamedVolume[] {
  const refuse = (reason: string, remedy?: string) =>
    new UsageError(`Cannot select volumes: ${reason}`, remedy);
  const volumes = entries.flatMap((entry): NamedVolume[] => {
    const [, from, to] = entry.match(/^(\d+)-(\d+)$/) ?? [];
    if (from !== undefined && to !== undefined) {
      const [first, last] = [Number(from), Number(to)];
      if (last < first || last - first >= MOST_NUMBERS || !Number.isSafeInteger(last)) {
        throw refuse(`there is no such range (${told(entry)})`, "Write the lower number first.");
      }
      return Array.from({ length: last - first + 1 }, (_, i) => {
        return { name: String(first + i), number: first + i };
      });
    }
    const number = volumeNumber(entry);
    if (number === undefined) {
      throw refuse(
        `there is no number in a name (${told(entry)})`,
        "Give names as vol_003.mrc, or the numbers in them.",
      );
    }
    return [{ name: entry, number }];
  });
  const seen = new Map<number, string>();
  for (const { name, number } of volumes) {
    const other = seen.get(number);
    if (other !== undefined) {
      throw refuse(`two are the same one (${told(other)}, ${told(name)})`, "Give each once.");
    }
    seen.set(number, name);
  }
  return volumes;
}

/**
 * The entries of a file of volumes: the first word or cell of each line, such as the names that
 * `siren volumes` prints. Empty lines, and those that begin with `#`, are passed over, and so is a first line
 * that names columns.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} It has none.
 */
export function volumeEntries(text: string, name: string): string[] {
  const entries = text.replace(/^\ufeff/, "").split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/[\s,]/, 1)[0]!.replace(/^"(.*)"$/, "$1"));
  if (/^(volume|map)s?(_file|_id)?$/i.test(entries[0] ?? "")) entries.shift();
  if (entries.length === 0) {
    throw new InputError(`Cannot read ${name}: it lists no volumes`, "Write one on each line.");
  }
  return entries;
}
