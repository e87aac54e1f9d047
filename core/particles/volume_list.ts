/**
 * Lists of volumes, as users write them: names, numbers, or a file of these. A name or a list that can be
 * taken in two ways is refused, as the wrong volume gives the particles of another structure.
 *
 * @module
 */
import { basename } from "node:path";
import { InputError, UsageError } from "../errors.ts";
import { told } from "../told.ts";
import { parseCsv } from "../volumes/csv_text.ts";
import { isMapName, mapStem } from "../volumes/find_maps.ts";

/** Longest range of numbers: far more volumes than anyone makes. */
const MOST_NUMBERS = 1_000_000;

/** A volume that was asked for. */
export interface NamedVolume {
  /** As it was written: `vol_003.mrc`, or `3`. */
  readonly name: string;
  /** The number in its name. */
  readonly number: number;
}

/** The number of a name that says so, `vol_003`, and what would make another number of it: `vol_3-7`, `vol_3.5`. */
const NUMBERED = /(?<![a-z])vol_?(\d+)(?!\d|[-.:\u2013]+\d)/gi;

/** A whole number, also as NumPy writes it as a float: `3.000e+00`. */
const WHOLE = /^\d+(?:\.\d*(?:e[+-]?\d+)?)?$/i;

/** `3-7`, or `vol_003-vol_007`. */
const RANGE = /^(\d+)\s*-\s*(\d+)$|^vol_?(\d+)\s*-\s*vol_?(\d+)$/i;

/** A cell of a list that is a volume's name for sure. */
const NAME = /^(?:.*[/\\])?vol_?\d+$/i;

/** Names of columns that name volumes. */
const COLUMN = /^(volume|map)s?(_file|_id)?$/i;

/**
 * The number in a volume's name: that after `vol_` where there is one, otherwise the only one there is.
 *
 * @returns Undefined where the name has no number, or several, of which none comes after `vol_`.
 * @example
 * ```ts
 * import { volumeNumber } from "./volume_list.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(volumeNumber("kmeans20/vol_007.mrc"), 7);
 * assert.strictEqual(volumeNumber("vol_007_box64.mrc"), 7);
 * assert.strictEqual(volumeNumber("state_7_box64.mrc"), undefined);
 * assert.strictEqual(volumeNumber("mean.mrc"), undefined);
 * ```
 */
export function volumeNumber(name: string): number | undefined {
  const stem = mapStem(basename(name.replaceAll("\\", "/")));
  const numbered = [...stem.matchAll(NUMBERED)].map(([, digits]) => digits!);
  const all = stem.match(/\d+/g) ?? [];
  const digits = WHOLE.test(stem)
    ? stem
    : /(?<![a-z])vol_?\d/i.test(stem)
    ? only(numbered)
    : /\p{L}/u.test(stem)
    ? only(all)
    : undefined;
  const number = Number(digits);
  return digits === undefined || !Number.isSafeInteger(number) ? undefined : number;
}

function only(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined;
}

/**
 * The volumes of these names, such as those of a run's maps.
 *
 * @returns In the order of the names.
 * @throws {UsageError} A name has no number or several, or two have the same one.
 */
export function namedVolumes(names: readonly string[]): NamedVolume[] {
  const volumes = names.map((name) => ({ name, number: numberOf(name) }));
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

function numberOf(name: string): number {
  const number = volumeNumber(name);
  if (number !== undefined) return number;
  const count = name.match(/\d+/g)?.length ?? 0;
  throw refuse(
    count > 1
      ? `which number is meant in a name cannot be told (${told(name)})`
      : `there is no number in a name (${told(name)})`,
    "Give names as vol_003.mrc, or the numbers in them, with commas between.",
  );
}

function refuse(reason: string, remedy?: string): UsageError {
  return new UsageError(`Cannot select volumes: ${reason}`, remedy);
}

/**
 * Reads a list: names of volumes, with or without folder and ending, numbers, and ranges of these such as
 * `3-7` or `vol_003-vol_007`. A number is the one in a volume's name: 3 is `vol_003.mrc`, whatever the first
 * one is.
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
  return namedVolumes(entries.flatMap((entry) => {
    const ends = entry.match(RANGE)?.slice(1).filter((end) => end !== undefined).map(Number);
    if (ends === undefined) return [entry];
    const [first, last] = ends as [number, number];
    if (last < first || last - first >= MOST_NUMBERS || !Number.isSafeInteger(last)) {
      throw refuse(`there is no such range (${told(entry)})`, "Write the lower number first.");
    }
    return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
  }));
}

/**
 * Takes apart what was written in one piece: entries with commas, semicolons, blanks or line ends between, as
 * `$(siren volumes ...)` gives them. Names may have blanks in them.
 *
 * @returns Entries for {@linkcode parseVolumes}.
 * @example
 * ```ts
 * import { splitVolumes } from "./volume_list.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(splitVolumes("vol_003.mrc\nvol_004.mrc\n"), ["vol_003.mrc", "vol_004.mrc"]);
 * assert.deepStrictEqual(splitVolumes("3, 5 - 7;9"), ["3", "5 - 7", "9"]);
 * assert.deepStrictEqual(splitVolumes("my maps/vol_003.mrc"), ["my maps/vol_003.mrc"]);
 * ```
 */
export function splitVolumes(text: string): string[] {
  return text.split(/[,;\r\n]/).map((piece) => piece.trim()).filter((piece) => piece !== "")
    .flatMap((piece) => {
      const words = piece.split(/\s+/);
      return words.every((word) => isEntry(word)) ? words : [piece];
    });
}

function isEntry(word: string): boolean {
  return RANGE.test(word) || volumeNumber(word) !== undefined;
}

/**
 * The entries of a file of volumes: one on each line, such as the names that `siren volumes` prints, or several
 * names; or a table, with the names in a column that its first line names (`map_file`, `volume`), or in the
 * only cell of a line that is a name. Empty lines, and those that begin with `#`, are passed over.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} It has none, or a line can be taken in more than one way.
 */
export function volumeEntries(text: string, name: string): string[] {
  const refuseFile = (reason: string, remedy: string) =>
    new InputError(`Cannot read ${name}: ${reason}`, remedy);
  if (/[\0\ufffd]/.test(text)) throw refuseFile("it is no text", "Write one volume on each line.");
  if (/^\s*[[{]/.test(text)) {
    throw refuseFile("it is no list of volumes", "siren volumes writes one without --json.");
  }
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)
    .map((line, i) => ({ text: line.trim(), line: i + 1 }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"));
  const columns = (lines[0]?.text ?? "").split(/[,;\t]/).map(unquoted);
  const column = columns.findIndex((cell) => COLUMN.test(cell));
  const entries = column < 0
    ? lines.flatMap(({ text, line }) => {
      const entries = entriesOfLine(text);
      if (entries !== undefined) return entries;
      throw refuseFile(
        `line ${line} has several values, and which is the volume cannot be told (${told(text)})`,
        "Write one volume on each line, or name the columns in the first line: map_file.",
      );
    })
    : cellsOf(lines.map(({ text }) => text), column, name);
  if (entries.length === 0) {
    throw refuseFile("it lists no volumes", "Write one on each line.");
  }
  return entries;
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, "$1");
}

/** A column of a table. */
function cellsOf(lines: readonly string[], column: number, name: string): string[] {
  const separator = lines[0]!.match(/[;\t]/)?.[0];
  const text = lines.map((line) => separator ? line.replaceAll(separator, ",") : line).join("\n");
  return parseCsv(text, name).rows.map(({ record }) => record[column]!); // all are of one length
}

/** The volumes of a line of a list without columns; undefined where they cannot be told. */
function entriesOfLine(line: string): string[] | undefined {
  if (RANGE.test(line)) return [line];
  const cells = line.split(/[\s,;]+/).map(unquoted).filter((cell) => cell !== "");
  if (cells.length === 1) return cells;
  const names = cells.filter((cell) => isMapName(basename(cell)) || NAME.test(cell));
  return names.length === 1 || names.length === cells.length ? names : undefined;
}
