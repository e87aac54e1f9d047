/**
 * Reading maps: `.mrc`, `.map` and `.ccp4` files, plain or gzipped.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { decodeVoxels } from "./decode.ts";
import { asInputError, checked, openFile, readBytes } from "./file.ts";
import { gridOf, type MapGrid } from "./grid.ts";
import { gunzipExactly, gunzipStart, isGzip } from "./gzip.ts";
import { dataBytes, HEADER_BYTES, type MrcHeader, parseHeader, promisedBytes } from "./header.ts";

/** The voxels of a file, of any box. */
export interface MrcVoxels {
  readonly header: MrcHeader;
  /** Density by (z, y, x), x fastest. */
  readonly data: Float32Array;
}

/** A cubic map. */
export interface MrcMap extends MrcVoxels {
  readonly grid: MapGrid;
}

/** A header and the length of the file that it stands in. */
export interface HeaderOfFile {
  readonly header: MrcHeader;
  /** Length of the file in bytes, as it lies on the disk. */
  readonly fileBytes: number;
  readonly gzipped: boolean;
}

/** Bytes of a gzip file that hold the first 1024 of its content; the second try is for a long comment before it. */
const GZIP_STARTS = [1 << 12, 1 << 16];

/**
 * Reads a cubic map.
 *
 * @param path The file. Whether it is gzipped is told from its bytes.
 * @throws {InputError} Where the file cannot be read, is no map that siren reads (see
 *   `validateHeader`), or its box or voxels are not cubes.
 */
export function readMap(path: string): Promise<MrcMap> {
  return Promise.try(() => asMap(readVoxelsSync(path), path));
}

/**
 * Decodes a cubic map from the bytes of its file.
 *
 * @param bytes The file, plain or gzipped; it is not changed, but the data may be a view of it.
 * @param name What to call the file in messages.
 * @throws {InputError} As {@linkcode readMap}.
 */
export function decodeMap(bytes: Uint8Array, name: string): MrcMap {
  return asMap(decodeFile(bytes, name), name);
}

/**
 * Reads the header of a file, and no more of the file than that takes.
 *
 * @throws {InputError} Where the file cannot be read or is no MRC file. A header with errors is returned.
 */
export function readHeader(path: string): Promise<MrcHeader> {
  return Promise.try(() => readHeaderSync(path).header);
}

/**
 * Reads the header of a map, and no more of the file than that takes.
 *
 * @throws {InputError} Where the file cannot be read or is no map that siren reads (see `validateHeader`).
 */
export function readMapHeader(path: string): Promise<MrcHeader> {
  return Promise.try(() => {
    const { header, fileBytes, gzipped } = readHeaderSync(path);
    return checked(header, gzipped ? promisedBytes(header) : fileBytes, path);
  });
}

/** As {@linkcode readHeader}, with the length of the file. */
export function readHeaderSync(path: string): HeaderOfFile {
  return withFile(path, (file, fileBytes) => {
    const { start, gzipped } = readStart(file, path);
    return { header: parseHeader(start, path), fileBytes, gzipped };
  });
}

/**
 * Reads the voxels of a file of any box. Synchronous, because that is five times as fast for the many
 * small files of an ensemble: call it in a worker.
 *
 * @param path The file. Whether it is gzipped is told from its bytes.
 * @param scratch Memory to read into where it is large enough; the data may then be a view of it,
 *   overwritten by the next call.
 * @throws {InputError} Where the file cannot be read or is no map that siren reads (see `validateHeader`).
 */
export function readVoxelsSync(path: string, scratch?: ArrayBuffer): MrcVoxels {
  return withFile(path, (file, fileBytes) => {
    const { start, gzipped } = readStart(file, path);
    if (gzipped) {
      file.seekSync(0, Deno.SeekMode.Start);
      return decodeFile(readBytes(file, allocate(fileBytes, path)), path);
    }
    const header = checked(parseHeader(start, path), fileBytes, path);
    file.seekSync(HEADER_BYTES + header.nsymbt, Deno.SeekMode.Start);
    const raw = readBytes(file, allocate(dataBytes(header), path, scratch));
    // Shorter than its length a moment ago: another program is writing it.
    checked(header, HEADER_BYTES + header.nsymbt + raw.length, path);
    return { header, data: decodeVoxels(header, raw) };
  });
}

/**
 * Decodes the voxels of any box from the bytes of a file.
 *
 * @param bytes The file, plain or gzipped; it is not changed, but the data may be a view of it.
 * @param name What to call the file in messages.
 * @throws {InputError} As {@linkcode readVoxelsSync}.
 */
export function decodeFile(bytes: Uint8Array, name: string): MrcVoxels {
  let file = bytes;
  let header: MrcHeader;
  if (isGzip(bytes)) {
    header = parseHeader(startOfGzip((length) => bytes.subarray(0, length), name), name);
    // The stream is bounded by what the header promises, so that must make sense first.
    checked(header, promisedBytes(header), name);
    file = gunzipExactly(bytes, promisedBytes(header), name);
  } else {
    header = checked(parseHeader(bytes, name), bytes.length, name);
  }
  const from = HEADER_BYTES + header.nsymbt;
  const raw = file.subarray(from, from + dataBytes(header));
  return { header, data: decodeVoxels(header, raw) };
}

function asMap({ header, data }: MrcVoxels, name: string): MrcMap {
  return { header, grid: gridOf(header, name), data };
}

/** The first 1024 bytes of a file, or of what a gzip file holds; fewer where there are no more. */
function readStart(file: Deno.FsFile, name: string): { start: Uint8Array; gzipped: boolean } {
  const start = readBytes(file, new Uint8Array(HEADER_BYTES));
  if (!isGzip(start)) return { start, gzipped: false };
  const read = (length: number) => {
    file.seekSync(0, Deno.SeekMode.Start);
    return readBytes(file, new Uint8Array(length));
  };
  return { start: startOfGzip(read, name), gzipped: true };
}

function startOfGzip(read: (length: number) => Uint8Array, name: string): Uint8Array {
  let start = new Uint8Array();
  for (const length of GZIP_STARTS) {
    start = new Uint8Array(gunzipStart(read(length), name).subarray(0, HEADER_BYTES));
    if (start.length === HEADER_BYTES) break;
  }
  return start;
}

function allocate(length: number, name: string, scratch?: ArrayBuffer): Uint8Array {
  if (scratch !== undefined && scratch.byteLength >= length) {
    return new Uint8Array(scratch, 0, length);
  }
  try {
    return new Uint8Array(length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(
      `Cannot read ${name}: there is no memory for it (${length} bytes)`,
      undefined,
      { cause: error },
    );
  }
}

function withFile<T>(path: string, use: (file: Deno.FsFile, fileBytes: number) => T): T {
  try {
    using open = openFile(path);
    return use(open.file, open.size);
  } catch (error) {
    throw asInputError(error, path);
  }
}
