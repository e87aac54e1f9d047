/**
 * Reads zip archives whose entries are stored as they are, without compression, as PyTorch writes them.
 *
 * Follows PKWARE's APPNOTE 6.3: end of central directory (4.3.16), its 64-bit form (4.3.14), central
 * directory (4.3.12), local headers (4.3.7). Names of entries are only names here, never paths.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { InputError } from "../../errors.ts";
import { told } from "../../told.ts";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const LOCATOR64_BYTES = 20;
const END64_BYTES = 56;
/** A field of 32 bits with this value stands in the 64-bit extra field. */
const ELSEWHERE = 0xffffffff;
const EXTRA64 = 0x0001;
const ENCRYPTED_FLAG = 0x0001;
/** Longest name of an entry in bytes; those of torch.save have some twenty. */
const MAX_NAME_BYTES = 1000;

/**
 * Reads an archive. All sizes and places are held against the bytes, entries share no byte, and each entry's
 * checksum must be right, where it has one: PyTorch can be told to leave it out, as 0. Each byte of the
 * entries is read once at most.
 *
 * @param bytes The whole archive.
 * @param name What to call the file in messages.
 * @returns The entries by name, in their order; they are views of `bytes`.
 * @throws {InputError} It is cut short, damaged, compressed or encrypted, or a name has over 1000 bytes.
 */
export function readZip(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Map<string, Uint8Array<ArrayBuffer>> {
  const refuse = (reason: string, remedy = "Copy or download it again.") =>
    new InputError(`Cannot read ${name}: ${reason}`, remedy);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = findDirectory(view);
  if (directory === undefined) {
    throw refuse("it is cut short: the directory at the end of a zip archive is missing");
  }
  const damaged = (at: number) => refuse(`it is a damaged zip archive (at byte ${at})`);
  const { count, start, end } = directory;
  if (start > end || end > bytes.length || count * CENTRAL_BYTES > end - start) throw damaged(end);

  const found = new Map<string, { header: number; from: number; to: number; checksum: number }>();
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL) throw damaged(at);
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + CENTRAL_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > end) throw damaged(at);
    const nameStart = at + CENTRAL_BYTES;
    const entry = text(bytes.subarray(nameStart, nameStart + nameBytes));
    if (entry === undefined || found.has(entry)) throw damaged(nameStart);
    if (nameBytes > MAX_NAME_BYTES) {
      throw refuse(`it is a zip archive with a name of ${nameBytes} bytes (${told(entry)})`);
    }
    if ((view.getUint16(at + 8, true) & ENCRYPTED_FLAG) !== 0) {
      throw refuse("it is an encrypted zip archive", "Unpack it, and give what is in it.");
    }
    if (view.getUint16(at + 10, true) !== 0) {
      throw refuse(
        "it is a compressed zip archive, which torch.save does not write",
        "If there is a weights file in it, unpack it and give that; else unpack it and pack it again with " +
          "zip -0 -r, or load it in PyTorch and torch.save it again.",
      );
    }
    const extra = new DataView(view.buffer, view.byteOffset + nameStart + nameBytes, extraBytes);
    const place = placeOf(view, at, extra);
    if (place === undefined) throw damaged(at);
    const from = dataStart(view, place.header, start);
    if (from === undefined || place.size > start - from) throw damaged(place.header);
    const checksum = view.getUint32(at + 16, true);
    found.set(entry, { header: place.header, from, to: from + place.size, checksum });
    at = next;
  }
  const places = [...found.values()].sort((a, b) => a.header - b.header);
  places.forEach(({ header }, i) => {
    if (i > 0 && header < places[i - 1]!.to) throw damaged(header); // i - 1 is in the list
  });
  // As entries share no byte, each byte is gone through once at most.
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [entry, { from, to, checksum }] of found) {
    const data = bytes.subarray(from, to);
    if (checksum !== 0 && crc32(data) !== checksum) {
      throw refuse(`it is damaged: a checksum is wrong (of "${told(entry)}")`);
    }
    entries.set(entry, data);
  }
  return entries;
}

/** Where the central directory is, and how many entries it tells of. */
function findDirectory(
  view: DataView,
): { count: number; start: number; end: number } | undefined {
  // Behind it there is at most a comment of 65,535 bytes, as long as it says.
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== END || view.getUint16(at + 20, true) !== last - at) continue;
    const locator = at - LOCATOR64_BYTES;
    if (locator < 0 || view.getUint32(locator, true) !== LOCATOR64) {
      const start = view.getUint32(at + 16, true);
      return {
        count: view.getUint16(at + 10, true),
        start,
        end: start + view.getUint32(at + 12, true),
      };
    }
    const at64 = Number(view.getBigUint64(locator + 8, true));
    if (at64 + END64_BYTES > locator || view.getUint32(at64, true) !== END64) return undefined;
    const start = Number(view.getBigUint64(at64 + 48, true));
    return {
      count: Number(view.getBigUint64(at64 + 32, true)),
      start,
      end: start + Number(view.getBigUint64(at64 + 40, true)),
    };
  }
  return undefined;
}

/** Size of a stored entry and place of its local header, as the central directory has it at `at`. */
function placeOf(
  view: DataView,
  at: number,
  extra: DataView,
): { size: number; header: number } | undefined {
  const fields = [at + 24, at + 20, at + 42].map((field) => view.getUint32(field, true));
  if (fields.includes(ELSEWHERE)) {
    // Those that do not fit follow one another in the extra field, in this order.
    let from = wide(extra);
    for (const [i, field] of fields.entries()) {
      if (field !== ELSEWHERE) continue;
      if (from === undefined || from.byteLength < 8) return undefined;
      fields[i] = Number(from.getBigUint64(0, true));
      from = new DataView(from.buffer, from.byteOffset + 8, from.byteLength - 8);
    }
  }
  const [size, packed, header] = fields as [number, number, number];
  return size === packed ? { size, header } : undefined;
}

/** The 64-bit sizes among extra fields. */
function wide(extra: DataView): DataView | undefined {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (at + 4 + length > extra.byteLength) return undefined;
    if (extra.getUint16(at, true) === EXTRA64) {
      return new DataView(extra.buffer, extra.byteOffset + at + 4, length);
    }
    at += 4 + length;
  }
  return undefined;
}

/** Where the bytes of an entry start, given its local header; they end before `limit`. */
function dataStart(view: DataView, header: number, limit: number): number | undefined {
  if (header + LOCAL_BYTES > limit || view.getUint32(header, true) !== LOCAL) return undefined;
  const start = header + LOCAL_BYTES + view.getUint16(header + 26, true) +
    view.getUint16(header + 28, true);
  return start <= limit ? start : undefined;
}

function text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}
