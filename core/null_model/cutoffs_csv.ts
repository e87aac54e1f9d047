/**
 * Cutoffs as a table of text, in the reference's format: one row for each unordered pair of totals,
 * `freq_min,freq_max,pos_cutoff,neg_cutoff`.
 *
 * @module
 */
import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { InputError } from "../errors.ts";
import type { Cutoffs } from "./cutoffs.ts";

const COLUMNS = ["freq_min", "freq_max", "pos_cutoff", "neg_cutoff"] as const;
const REMEDY = `The file must have the columns ${
  COLUMNS.join(",")
}, one row for each pair of totals.`;

const numeric = z.string().trim().regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, "is not a number")
  .transform(Number);
const total = numeric.pipe(z.int("is not an integer").min(0, "is negative"));
const cutoff = numeric.pipe(z.number("is not finite").min(0, "is negative"));
const Row = z.object({
  freq_min: total,
  freq_max: total,
  pos_cutoff: cutoff,
  neg_cutoff: cutoff,
}).refine((row) => row.freq_min <= row.freq_max, {
  path: ["freq_min"],
  message: "is above freq_max",
});

/**
 * Reads a table of cutoffs.
 *
 * @param text Contents of the file. Columns are found by name; further columns and totals that are not
 *   asked for are passed over.
 * @param file Name of the file, for messages.
 * @param totals The totals that occur, ascending: cutoffs of all their pairs must be there.
 * @throws {InputError} If a row is damaged, a pair stands twice, or a pair of `totals` is missing.
 * @example
 * ```ts
 * import { parseCutoffsCsv } from "./cutoffs_csv.ts";
 * import assert from "node:assert";
 *
 * const text = "freq_min,freq_max,pos_cutoff,neg_cutoff\n5,5,2.0,97.5\n";
 * assert.strictEqual(parseCutoffsCsv(text, "cutoffs.csv", [5]).negative[0], 97.5);
 * ```
 */
export function parseCutoffsCsv(
  text: string,
  file: string,
  totals: ArrayLike<number>,
): Cutoffs {
  const classes = Uint32Array.from(totals);
  const count = classes.length;
  const index = new Map(Array.from(classes, (total, i) => [total, i]));
  const positive = new Float64Array(count * count).fill(NaN);
  const negative = new Float64Array(count * count).fill(NaN);
  const lines = new Map<number, number>();

  for (const { record, info } of records(text, file)) {
    const line = info.lines;
    const checked = Row.safeParse(record);
    if (!checked.success) {
      const { path, message } = checked.error.issues[0]!;
      const column = String(path[0]);
      throw new InputError(
        `Cannot read cutoffs from ${file}: line ${line}: ${column} ${message} (${record[column]})`,
        REMEDY,
      );
    }
    const { freq_min, freq_max, pos_cutoff, neg_cutoff } = checked.data;
    const i = index.get(freq_min);
    const j = index.get(freq_max);
    if (i === undefined || j === undefined) continue;
    const before = lines.get(i * count + j);
    if (before !== undefined) {
      throw new InputError(
        `Cannot read cutoffs from ${file}: line ${line}: the pair of totals stands on line ${before} already (${freq_min}, ${freq_max})`,
        REMEDY,
      );
    }
    lines.set(i * count + j, line);
    positive[i * count + j] = positive[j * count + i] = pos_cutoff;
    negative[i * count + j] = negative[j * count + i] = neg_cutoff;
  }

  const missing = positive.findIndex(Number.isNaN);
  if (missing >= 0) {
    const pair = `${classes[Math.floor(missing / count)]}, ${classes[missing % count]}`;
    throw new InputError(
      `Cannot use the cutoffs of ${file}: a pair of totals that occurs is missing (${pair})`,
      "Compute the cutoffs from the same volumes and thresholds, or leave the file away.",
    );
  }
  return { totals: classes, positive, negative };
}

interface CsvRecord {
  readonly record: Record<string, string>;
  readonly info: { readonly lines: number };
}

/** The rows of the table by column name, with their line numbers. */
function records(text: string, file: string): CsvRecord[] {
  let header: string[] = [];
  try {
    const rows = parse(text, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
      columns: (names: string[]) => header = names,
    });
    const missing = COLUMNS.filter((column) => !header.includes(column));
    if (missing.length > 0) {
      throw new InputError(
        `Cannot read cutoffs from ${file}: line 1: columns are missing (${missing.join(",")})`,
        REMEDY,
      );
    }
    // The library types a row with its `info` as a plain row.
    return rows as unknown as CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(
      `Cannot read cutoffs from ${file}: line ${error.lines}: it is not a table (${error.code})`,
      REMEDY,
      { cause: error },
    );
  }
}

/**
 * Writes cutoffs as a table, pairs in ascending order; {@linkcode parseCutoffsCsv} gets the same numbers
 * back to the last bit.
 */
export function formatCutoffsCsv({ totals, positive, negative }: Cutoffs): string {
  const count = totals.length;
  const lines = [COLUMNS.join(",")];
  for (let i = 0; i < count; i++) {
    for (let j = i; j < count; j++) {
      const at = i * count + j;
      lines.push(
        `${totals[i]},${totals[j]},${float(positive[at]!)},${float(negative[at]!)}`,
      );
    }
  }
  return lines.join("\n") + "\n";
}

/** Shortest text that reads back the same, with a decimal point even for whole numbers. */
function float(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
