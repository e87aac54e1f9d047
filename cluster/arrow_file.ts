/**
 * Arrow IPC files that carry their own checksum: the way every table of a run folder is kept.
 *
 * The schema's metadata holds `siren.checksum` = `sha256:` and 64 hex digits: the SHA-256 of the whole
 * file with those digits set to zero. Any change of any byte is noticed; other readers (pyarrow, polars)
 * see an ordinary Arrow file.
 *
 * @module
 */
import {
  type Data,
  type DataType,
  Field,
  FixedSizeBinary,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Uint16,
  Uint32,
} from "apache-arrow";
import { Buffer } from "node:buffer";
import { InputError } from "../core/errors.ts";
import { sha256 } from "./hashes.ts";

/** A column of numbers, or of rows of `width` bytes each. */
export type Column =
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float64Array
  | { readonly width: number; readonly bytes: Uint8Array };

/** What a file holds: columns of equal length by name, and text metadata by key. */
export interface ArrowContent {
  readonly columns: Readonly<Record<string, Column>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const CHECKSUM = "siren.checksum";
const PREFIX = "sha256:";
const ZEROS = "0".repeat(64);
/** At a file's end: the footer's length as int32, then "ARROW1". */
const TRAILER_BYTES = 10;

function columnData(column: Column): Data<DataType> {
  if (column instanceof Uint16Array) return makeData({ type: new Uint16(), data: column });
  if (column instanceof Uint32Array) return makeData({ type: new Uint32(), data: column });
  if (column instanceof Int32Array) return makeData({ type: new Int32(), data: column });
  if (column instanceof Float64Array) return makeData({ type: new Float64(), data: column });
  const type = new FixedSizeBinary(column.width);
  return makeData({ type, length: column.bytes.length / column.width, data: column.bytes });
}

/** Where the footer begins, which holds the schema; the start of the file if there is none. */
function footerStart(bytes: Uint8Array): number {
  if (bytes.length < TRAILER_BYTES) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getInt32(bytes.length - TRAILER_BYTES, true);
  return Math.max(0, bytes.length - TRAILER_BYTES - Math.max(0, length));
}

/** Sets the digits of the checksum in the footer to `to`. */
function stamp(bytes: Uint8Array, from: string, to: string): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  buffer.write(to, buffer.indexOf(PREFIX + from, footerStart(bytes)) + PREFIX.length, "latin1");
}

/**
 * Encodes a table as an Arrow IPC file with its checksum.
 *
 * @param content Columns of equal length and metadata. The same content gives the same bytes.
 */
export function encodeArrow(content: ArrowContent): Uint8Array<ArrayBuffer> {
  const metadata = new Map(Object.entries(content.metadata)).set(CHECKSUM, PREFIX + ZEROS);
  const names = Object.keys(content.columns);
  const data = Object.values(content.columns).map(columnData);
  const fields = names.map((name, i) => new Field(name, data[i]!.type, false));
  const schema = new Schema(fields, metadata);
  const length = data[0]?.length ?? 0;
  const struct = makeData({ type: new Struct(fields), length, nullCount: 0, children: data });
  const bytes = tableToIPC(new Table(schema, [new RecordBatch(schema, struct)]), "file");
  // A copy of its own: the library may hand out a view of a larger buffer.
  const file = Uint8Array.from(bytes);
  stamp(file, ZEROS, sha256(file));
  return file;
}

/**
 * Decodes a file that {@linkcode encodeArrow} wrote, after checking every byte of it.
 *
 * @param bytes The whole file. Its checksum's digits are set to zero and back in place.
 * @param name How to call the file in errors.
 * @throws {InputError} The file is truncated, altered or was not written by siren.
 */
export function decodeArrow(bytes: Uint8Array<ArrayBuffer>, name: string): ArrowContent {
  // The schema lies in the footer, after all data.
  const footer = new TextDecoder("latin1").decode(bytes.subarray(footerStart(bytes)));
  const digits = /sha256:([0-9a-f]{64})/.exec(footer)?.[1];
  if (digits === undefined) throw damaged(name, "it holds no checksum");
  stamp(bytes, digits, ZEROS);
  const actual = sha256(bytes);
  stamp(bytes, ZEROS, digits);
  if (actual !== digits) throw damaged(name, "its checksum does not match its content");

  const table = tableFromIPC(bytes);
  const columns: Record<string, Column> = {};
  for (const field of table.schema.fields) {
    const data = table.getChild(field.name)?.data[0];
    if (data === undefined) throw damaged(name, `column ${field.name} is missing`);
    const values: unknown = data.values;
    columns[field.name] = field.type instanceof FixedSizeBinary
      ? {
        width: field.type.byteWidth,
        bytes: (values as Uint8Array).subarray(0, data.length * field.type.byteWidth),
      }
      : (values as Uint16Array | Uint32Array | Int32Array | Float64Array).subarray(0, data.length);
  }
  return { columns, metadata: Object.fromEntries(table.schema.metadata) };
}

function damaged(name: string, reason: string): InputError {
  return new InputError(`Cannot read ${name}: ${reason}`, "The file is damaged or was altered.");
}

/**
 * The columns of a file as typed arrays, checked against the kinds expected.
 *
 * @throws {InputError} A column is missing or of another type.
 */
export function expectColumns<K extends Record<string, ColumnKind>>(
  content: ArrowContent,
  kinds: K,
  name: string,
): { [N in keyof K]: ColumnOf<K[N]> } {
  for (const [column, kind] of Object.entries(kinds)) {
    const found = content.columns[column];
    const actual = found === undefined ? "missing" : kindOf(found);
    if (actual !== kind) throw damaged(name, `column ${column} is ${actual}, not ${kind}`);
  }
  return content.columns as { [N in keyof K]: ColumnOf<K[N]> };
}

/** Name of a column's type. */
export type ColumnKind = "uint16" | "uint32" | "int32" | "float64" | "binary";
/** Typed array of a column kind. */
export type ColumnOf<K> = K extends "uint16" ? Uint16Array<ArrayBuffer>
  : K extends "uint32" ? Uint32Array<ArrayBuffer>
  : K extends "int32" ? Int32Array<ArrayBuffer>
  : K extends "float64" ? Float64Array<ArrayBuffer>
  : { readonly width: number; readonly bytes: Uint8Array };

function kindOf(column: Column): ColumnKind {
  if (column instanceof Uint16Array) return "uint16";
  if (column instanceof Uint32Array) return "uint32";
  if (column instanceof Int32Array) return "int32";
  if (column instanceof Float64Array) return "float64";
  return "binary";
}
