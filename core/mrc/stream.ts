/**
 * Reading files of any length with the memory of a piece.
 *
 * @module
 */
import { asInputError, checked, openFile, readBytes } from "./file.ts";
import { checkRatio, gunzipPieces, isGzip, wrongLength } from "./gzip.ts";
import { HEADER_BYTES, type MrcHeader, parseHeader, promisedBytes } from "./header.ts";

/** Takes the voxels of a map as they come. */
export interface VoxelSink<T> {
  /**
   * Takes the next voxels.
   *
   * @param raw The bytes as the file has them, a multiple of 128 but for the last piece's; they are
   *   overwritten after the call.
   */
  add(raw: Uint8Array): void;
  /** Called once the file was read to its end and is whole. */
  end(): T;
}

/** How a file is read in pieces. */
export interface StreamOptions {
  /** Memory to read into, 1024 bytes or more, for this file alone until it is read. 1 MiB unless given. */
  readonly buffer?: Uint8Array;
  /** Sees every byte of the file as it lies on the disk, in order; bytes are overwritten after the call. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

const BUFFER = 1 << 20;
/** Bytes of a gzip file that are unpacked at once. */
const PACKED = 1 << 14;
/** Pieces of voxels are a multiple of this. */
const UNIT = 128;

/**
 * Reads any file in pieces. Synchronous: call it in a worker.
 *
 * @param onBytes Sees every byte, in order; bytes are overwritten after the call.
 * @param buffer Memory to read into.
 * @returns Length of the file in bytes.
 * @throws {InputError} Where the file cannot be read.
 */
export function streamFileSync(
  path: string,
  onBytes: (bytes: Uint8Array) => void,
  buffer: Uint8Array = new Uint8Array(BUFFER),
): number {
  try {
    using open = openFile(path);
    return tapped(open.file, onBytes).rest(buffer);
  } catch (error) {
    throw asInputError(error, path);
  }
}

/**
 * Reads the voxels of a file of any box in pieces. Plain files are read synchronously, which is much
 * faster for the many small files of an ensemble: call it in a worker.
 *
 * @param path The file. Whether it is gzipped is told from its bytes.
 * @param begin Is given the header, which has no errors, and gives what takes the voxels.
 * @returns What `end` of that gives, and the length of the file on the disk.
 * @throws {InputError} Where the file cannot be read, is no map that siren reads (see
 *   `validateHeader`), or holds less than its header promises, or, gzipped, more.
 * @example
 * ```ts
 * import { streamMap } from "./stream.ts";
 * import { encodeMap } from "./write.ts";
 * import assert from "node:assert";
 *
 * const zero = { x: 0, y: 0, z: 0 };
 * const path = await Deno.makeTempFile();
 * const map = encodeMap(new Float32Array(64), { box: 4, apix: 2, origin: zero, nstart: zero });
 * await Deno.writeFile(path, map);
 * let bytes = 0;
 * const { result } = await streamMap(path, () => ({
 *   add: (raw) => bytes += raw.length,
 *   end: () => bytes,
 * }));
 * assert.strictEqual(result, 256);
 * await Deno.remove(path);
 * ```
 */
export async function streamMap<T>(
  path: string,
  begin: (header: MrcHeader) => VoxelSink<T>,
  { buffer = new Uint8Array(BUFFER), onBytes = () => {} }: StreamOptions = {},
): Promise<{ fileBytes: number; result: T }> {
  try {
    using open = openFile(path);
    const file = tapped(open.file, onBytes);
    let start = file.fill(buffer.subarray(0, HEADER_BYTES));
    const packed = isGzip(start);
    await using content = packed ? unpacked(file, start.slice(), path) : file;
    if (packed) start = await content.fill(buffer.subarray(0, HEADER_BYTES));
    const header = parseHeader(start, path);
    const promised = promisedBytes(header);
    checked(header, packed ? promised : open.size, path);
    if (packed) checkRatio(open.size, promised, path);
    const sink = begin(header);

    let done = HEADER_BYTES;
    const next = async (end: number) => {
      const length = Math.min(piece, end - done);
      const raw = await content.fill(buffer.subarray(0, length));
      done += raw.length;
      if (raw.length === length) return raw;
      // A plain file was longer a moment ago: another program is writing it.
      if (!packed) checked(header, done, path);
      throw wrongLength(promised, `${done}`, path);
    };
    const piece = Math.floor(buffer.length / UNIT) * UNIT;
    while (done < HEADER_BYTES + header.nsymbt) await next(HEADER_BYTES + header.nsymbt);
    while (done < promised) sink.add(await next(promised));
    // Asked for one byte more than there should be, a gzip stream also checks itself.
    if (packed && (await content.fill(buffer.subarray(0, 1))).length > 0) {
      throw wrongLength(promised, "more", path);
    }
    return { fileBytes: file.rest(buffer), result: sink.end() };
  } catch (error) {
    throw asInputError(error, path);
  }
}

/** What a file holds, from its beginning to its end. */
interface Content extends AsyncDisposable {
  /** Fills `bytes` with what comes next; fewer come back where there are no more. */
  fill(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A file whose every byte is shown to `onBytes` when it is read. */
interface TappedFile extends Content {
  fill(bytes: Uint8Array): Uint8Array;
  /** Reads what is left, and gives the number of bytes read in all. */
  rest(buffer: Uint8Array): number;
}

function tapped(file: Deno.FsFile, onBytes: (bytes: Uint8Array) => void): TappedFile {
  let length = 0;
  const fill = (bytes: Uint8Array): Uint8Array => {
    const read = readBytes(file, bytes);
    length += read.length;
    if (read.length > 0) onBytes(read);
    return read;
  };
  return {
    fill,
    rest(buffer) {
      while (fill(buffer).length > 0);
      return length;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** What a gzip file holds; `start` was read from it before. */
function unpacked(file: TappedFile, start: Uint8Array, path: string): Content {
  function* packed() {
    yield start;
    for (;;) {
      // Memory of its own, for it is unpacked while the next piece is read.
      const piece = file.fill(new Uint8Array(PACKED));
      if (piece.length === 0) return;
      yield piece;
    }
  }
  const pieces = gunzipPieces(packed(), path);
  let left: Uint8Array = new Uint8Array();
  return {
    async fill(bytes) {
      let length = 0;
      while (length < bytes.length) {
        if (left.length === 0) {
          const { done, value } = await pieces.next();
          if (done) break;
          left = value;
        }
        const part = left.subarray(0, bytes.length - length);
        bytes.set(part, length);
        length += part.length;
        left = left.subarray(part.length);
      }
      return bytes.subarray(0, length);
    },
    async [Symbol.asyncDispose]() {
      await pieces.return();
    },
  };
}
