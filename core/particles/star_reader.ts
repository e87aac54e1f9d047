/**
 * STAR files, line by line: which lines are the particles. Nothing is taken apart that need not be, so that
 * what is kept of a file is kept as it was written.
 *
 * The format: Hall, J. Chem. Inf. Comput. Sci. 31 (1991), as RELION writes it: blocks (`data_particles`), in
 * them tables (`loop_`, the names of the columns, a line for each row, and an empty line at the end) or
 * single items (`_name value`). RELION until 3.0 has one block for all; since 3.1, `data_optics` comes first.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { told } from "../told.ts";

const SPACE = 0x20, TAB = 0x09, RETURN = 0x0d, NEWLINE = 0x0a;
const HASH = 0x23, SEMICOLON = 0x3b, UNDERSCORE = 0x5f, QUOTE = 0x22, APOSTROPHE = 0x27;

/** What a line is. */
export type StarLine = "row" | "other";

/** A table of a STAR file. */
export interface StarTable {
  /** Name of its block after `data_`: `particles`, or nothing. */
  readonly block: string;
  /** Names of its columns, with their `_`. */
  readonly columns: string[];
  /** How many rows it has. */
  rows: number;
  /** What is wrong with it, if it were the table of particles. */
  wrong: string | undefined;
}

/** Takes a STAR file line by line, and tells which lines are rows of tables. */
export class StarReader {
  /** All tables so far. */
  readonly tables: StarTable[] = [];
  /** The line that was read last, counted from 1. */
  line = 0;
  #block: string | undefined;
  #state: "block" | "columns" | "rows" | "after rows" | "text" = "block";
  #textWithin: "block" | "columns" | "rows" | "after rows" = "block";
  readonly #decoder = new TextDecoder();

  /** @param name What to call the file in messages. */
  constructor(readonly name: string) {}

  /** The table that the line read last belongs to, where it is a row. */
  get table(): StarTable {
    return this.tables.at(-1)!; // there is one where a row was read
  }

  /**
   * Reads a line.
   *
   * @param bytes Where it is, from `from` up to `to`, with its line end.
   * @throws {InputError} It is of no STAR file.
   */
  read(bytes: Uint8Array, from: number, to: number): StarLine {
    this.line++;
    if (this.#state === "text") {
      if (bytes[from] === SEMICOLON) this.#state = this.#textWithin;
      return "other";
    }
    let start = from;
    while (start < to && isBlank(bytes[start]!)) start++;
    if (start === to) {
      if (this.#state === "rows") this.#state = "after rows";
      return "other";
    }
    const first = bytes[start]!;
    if (first === HASH) return "other";
    if (bytes[from] === SEMICOLON) {
      if (this.#state === "rows" || this.#state === "columns") {
        this.#wrong("has a value of several lines");
      }
      [this.#textWithin, this.#state] = [this.#state, "text"];
      return "other";
    }
    const word = this.#wordAt(bytes, start, to);
    if (word !== undefined && !this.#isRow(bytes, start, to)) return this.#keyword(word);
    if (this.#block === undefined) {
      throw new InputError(
        `Cannot read ${this.name}: it is no STAR file (line ${this.line} comes before any data_)`,
        "Give the .star file of the particles.",
      );
    }
    if (first === UNDERSCORE) return this.#name(bytes, start, to);
    if (this.#state === "columns" || this.#state === "rows") {
      this.#state = "rows";
      const { table } = this;
      table.rows++;
      const values = countValues(bytes, start, to);
      if (values !== table.columns.length) {
        this.#wrong(
          `has ${values} values in line ${this.line}, and ${table.columns.length} columns`,
        );
      }
      return "row";
    }
    if (this.#state === "after rows") {
      this.#wrong(`goes on after an empty line (line ${this.line})`);
    }
    return "other"; // the value of a single item, on a line of its own
  }

  /** Whether a line that begins with what has a meaning of its own is a row: names of files may begin so. */
  #isRow(bytes: Uint8Array, start: number, to: number): boolean {
    if (this.#state !== "columns" && this.#state !== "rows") return false;
    const { length } = this.table.columns;
    return length > 1 && countValues(bytes, start, to) === length;
  }

  /** A word that has a meaning of its own. */
  #wordAt(bytes: Uint8Array, start: number, to: number): string | undefined {
    const letter = bytes[start]! | 0x20;
    // d, l, s, g: data_, loop_, save_, stop_, global_
    if (letter !== 0x64 && letter !== 0x6c && letter !== 0x73 && letter !== 0x67) return undefined;
    const word = this.#decoder.decode(bytes.subarray(start, valueEnd(bytes, start, to)));
    return /^(data_|loop_$|save_|stop_$|global_$)/i.test(word) ? word : undefined;
  }

  #keyword(word: string): StarLine {
    const lower = word.toLowerCase();
    if (lower.startsWith("data_")) {
      this.#block = word.slice(5);
      this.#state = "block";
    } else if (lower === "loop_" && this.#block !== undefined) {
      this.tables.push({ block: this.#block, columns: [], rows: 0, wrong: undefined });
      this.#state = "columns";
    } else {
      throw new InputError(
        `Cannot read ${this.name}: ${
          told(word)
        } is not of the STAR files of particles (line ${this.line})`,
      );
    }
    return "other";
  }

  #name(bytes: Uint8Array, start: number, to: number): StarLine {
    if (this.#state === "columns") {
      const name = this.#decoder.decode(bytes.subarray(start, valueEnd(bytes, start, to)));
      this.table.columns.push(name);
    } else if (this.#state === "rows") {
      this.#wrong(`has a name among its rows (line ${this.line})`);
    }
    return "other";
  }

  #wrong(what: string): void {
    const table = this.tables.at(-1);
    if (table !== undefined) table.wrong ??= what;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN || byte === NEWLINE;
}

/** Where the value ends that begins at `start`; quotes hold blanks together. */
function valueEnd(bytes: Uint8Array, start: number, to: number): number {
  const quote = bytes[start]!;
  let end = start + 1;
  if (quote === QUOTE || quote === APOSTROPHE) {
    // A quote ends a value only where a blank comes after it.
    while (end < to) {
      if (bytes[end] === quote && (end + 1 === to || isBlank(bytes[end + 1]!))) return end + 1;
      end++;
    }
    return to;
  }
  while (end < to && !isBlank(bytes[end]!)) end++;
  return end;
}

function countValues(bytes: Uint8Array, start: number, to: number): number {
  let values = 0;
  for (let at = start; at < to;) {
    if (isBlank(bytes[at]!)) {
      at++;
      continue;
    }
    if (bytes[at] === HASH) break; // a comment, up to the line's end
    values++;
    at = valueEnd(bytes, at, to);
  }
  return values;
}

/**
 * One value of a row, without quotes.
 *
 * @param place The column, counted from 0.
 */
export function valueOf(bytes: Uint8Array, from: number, to: number, place: number): string {
  let at = from;
  for (let passed = 0; at < to; passed++) {
    while (at < to && isBlank(bytes[at]!)) at++;
    const end = at < to ? valueEnd(bytes, at, to) : to;
    if (passed === place) {
      const text = new TextDecoder().decode(bytes.subarray(at, end));
      return text.replace(/^(["'])(.*)\1$/s, "$2");
    }
    at = end;
  }
  return "";
}
