/**
 * Writes zip archives as PyTorch does: entries stored as they are, their bytes at multiples of 64.
 *
 * Follows PKWARE's APPNOTE 6.3: local headers (4.3.7), central directory (4.3.12) and its end (4.3.16).
 *
 * @module
 */
import { crc32 } from "node:zlib";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
/** Version 1.0 of the format. */
const VERSION = 10;
const UTF8_FLAG = 0x0800;
/** 1 January 1980, the first day that a zip archive can tell. */
const DATE = 0x0021;
/** The extra field with which PyTorch moves an entry's bytes. */
const PADDING = 0x4246;
const ALIGNMENT = 64;
const MOST_BYTES = 2 ** 32 - 1;
const MOST_ENTRIES = 2 ** 16 - 1;

/**
 * Writes an archive of stored entries. The bytes of each start at a multiple of 64, as PyTorch has them, and
 * nothing tells when or where it was made: the same entries give the same bytes.
 *
 * @param entries Bytes by name, below 4 GiB together.
 * @throws {RangeError} They are more.
 * @example
 * ```ts
 * import { readZip } from "./zip_reader.ts";
 * import { writeZip } from "./zip_writer.ts";
 * import assert from "node:assert";
 *
 * const entries = new Map([["a/version", new TextEncoder().encode("3\n")]]);
 * assert.deepStrictEqual(readZip(writeZip(entries), "a.zip"), entries);
 * ```
 */
export function writeZip(entries: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, data] of entries) {
    const encoded = new TextEncoder().encode(name);
    const checksum = crc32(data);
    const bare = at + LOCAL_BYTES + encoded.length + 4;
    const padding = new Uint8Array(4 + (ALIGNMENT - bare % ALIGNMENT) % ALIGNMENT).fill(0x5a);
    new DataView(padding.buffer).setUint16(0, PADDING, true);
    new DataView(padding.buffer).setUint16(2, padding.length - 4, true);
    // What the local header and the directory say alike: version to extract, flags, method, time, date,
    // checksum, sizes, length of the name.
    const shared = [
      ...[VERSION, UTF8_FLAG, 0, 0, DATE].flatMap((value) => little(value, 2)),
      ...[checksum, data.length, data.length].flatMap((value) => little(value, 4)),
      ...little(encoded.length, 2),
    ];
    const local = [...little(LOCAL, 4), ...shared, ...little(padding.length, 2)];
    // By which version it was made; lengths of extra field and comment; disk; attributes; place.
    directory.push(
      Uint8Array.from([
        ...[...little(CENTRAL, 4), ...little(VERSION, 2), ...shared],
        ...[...little(0, 2 + 2 + 2 + 2 + 4), ...little(at, 4)],
      ]),
      encoded,
    );
    parts.push(Uint8Array.from(local), encoded, padding, data);
    at += LOCAL_BYTES + encoded.length + padding.length + data.length;
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const count = entries.size;
  if (at + directoryBytes >= MOST_BYTES || count >= MOST_ENTRIES) {
    throw new RangeError(`Cannot write a zip archive of ${at} bytes: it must stay below 4 GiB`);
  }
  const end = Uint8Array.from([
    ...[...little(END, 4), ...little(0, 4), ...little(count, 2), ...little(count, 2)],
    ...[...little(directoryBytes, 4), ...little(at, 4), ...little(0, 2)],
  ]);
  const bytes = new Uint8Array(at + directoryBytes + end.length);
  let filled = 0;
  for (const part of [...parts, ...directory, end]) {
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}

/** The bytes of an unsigned number, the lowest first. */
function little(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
}
