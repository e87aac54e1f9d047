/**
 * The text of CSV files: their rows as cells, and numbers and texts as cells.
 *
 * @module
 */
import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { InputError } from "../errors.ts";

/** A cell that holds a finite number. */
export const numberCell = z.string().trim().regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)
  .transform(Number).pipe(z.number());

/** The text of a CSV file, cell by cell. */
export interface Csv {
  readonly columns: readonly string[];
  /** Each with the line that it ends on, counted from 1. */
  readonly rows: readonly { readonly record: readonly string[]; readonly line: number }[];
}

/**
 * Reads comma-separated text with a row of column names; quoted fields, a byte order mark and either kind
 * of line end are fine.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} Where it is not such a file.
 */
export function parseCsv(text: string, name: string): Csv {
  try {
    const records = parse(text, { bom: true, info: true, skip_empty_lines: true, trim: true });
    // With `info`, each record comes with the line that it ends on; the types do not tell.
    const [header, ...rows] =
      (records as unknown as { record: string[]; info: { lines: number } }[]).map((
        { record, info },
      ) => ({ record, line: info.lines }));
    return { columns: header?.record ?? [], rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(
      `Cannot read ${name}: ${error.message}`,
      "Separate columns by commas, and write numbers with a decimal point.",
      { cause: error },
    );
  }
}

/** The shortest decimal number that gives a 32-bit float again, written as Python writes it. */
export function float32Text(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  let digits = 1;
  while (Math.fround(Number(value.toPrecision(digits))) !== Math.fround(value)) digits++;
  const short = Number(value.toPrecision(digits));
  const size = Math.abs(short);
  if (size === 0 || (size >= 1e-4 && size < 1e16)) return String(short);
  return short.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

/** A text as a field of a CSV file; blanks at its ends, which readers may drop, are kept by quotes. */
export function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
