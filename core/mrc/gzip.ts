/**
 * Gzip (RFC 1952) with a bound on what comes out.
 *
 * @module
 */
import { pipeline, Readable } from "node:stream";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { InputError } from "../errors.ts";
import { refusal } from "../refusal.ts";

/** Deflate expands no byte to more than this many. */
const MAX_RATIO = 1032;

/** Whether the bytes start as a gzip file does, whatever its name says. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The beginning of what a gzip file holds.
 *
 * @param bytes The beginning of the file. What comes out is at most 1032 times as long.
 * @param name What to call the file in messages.
 * @throws {InputError} Where the bytes are no gzip.
 */
export function gunzipStart(bytes: Uint8Array, name: string): Uint8Array {
  return gunzip(bytes, name, { finishFlush: constants.Z_SYNC_FLUSH });
}

/**
 * Unpacks a gzip file whose length is known.
 *
 * @param bytes The file.
 * @param length Bytes that should come out. Memory stays within twice this, and within what the file
 *   really expands to.
 * @param name What to call the file in messages.
 * @throws {InputError} Where the file is damaged or more or fewer bytes come out.
 */
export function gunzipExactly(bytes: Uint8Array, length: number, name: string): Uint8Array {
  // Also before zlib is asked for a length that it refuses to consider.
  checkRatio(bytes.length, length, name);
  const result = gunzip(bytes, name, { maxOutputLength: length, chunkSize: CHUNK }, length);
  if (result.length < length) throw wrongLength(length, `${result.length}`, name);
  return result;
}

/**
 * Unpacks a gzip file whose length is not known.
 *
 * @param bytes The file.
 * @param most Bytes that may come out.
 * @param name What to call the file in messages.
 * @throws {InputError} Where the file is damaged or more bytes come out.
 */
export function gunzipAtMost(bytes: Uint8Array, most: number, name: string): Uint8Array {
  try {
    return gunzip(bytes, name, { maxOutputLength: most, chunkSize: CHUNK });
  } catch (error) {
    if (!(error instanceof InputError && error.cause instanceof RangeError)) throw error;
    throw new InputError(
      `Cannot read ${name}: its gzip stream holds more than ${most} bytes`,
      "See that it is the file that you mean.",
      { cause: error },
    );
  }
}

/**
 * Refuses what can be told to be too short before it is unpacked.
 *
 * @param packed Length of the file in bytes.
 * @param length Bytes that should come out of it.
 */
export function checkRatio(packed: number, length: number, name: string): void {
  if (length > MAX_RATIO * packed) throw wrongLength(length, "fewer", name);
}

const CHUNK = 1 << 18;
/** Small, for each is new memory, which is given back only now and then. */
const PIECE = 1 << 16;

/**
 * Unpacks a gzip file piece by piece; no more than a piece is unpacked ahead.
 *
 * @param pieces The file, in order. Each piece stays as it is.
 * @param name What to call the file in messages.
 * @throws {InputError} Where the file is damaged. What reading a piece throws is thrown as it is.
 */
export async function* gunzipPieces(
  pieces: Iterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip({ chunkSize: PIECE });
  // What fails on the way destroys `gunzip`, and so is thrown by the loop.
  pipeline(Readable.from(pieces, { objectMode: false }), gunzip, () => {});
  try {
    for await (const piece of gunzip) yield piece;
  } catch (error) {
    throw error instanceof Error && refusal(error) === undefined ? damaged(error, name) : error;
  }
}

function gunzip(
  bytes: Uint8Array,
  name: string,
  options: NonNullable<Parameters<typeof gunzipSync>[1]>,
  promised?: number,
): Uint8Array {
  try {
    const { buffer, byteOffset, length } = gunzipSync(bytes, options);
    // As a plain array: a Buffer's methods differ.
    return new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (promised !== undefined && error instanceof RangeError) {
      throw wrongLength(promised, "more", name);
    }
    throw damaged(error, name);
  }
}

function damaged(cause: Error, name: string): InputError {
  return new InputError(
    `Cannot read ${name}: its gzip stream is damaged (${cause.message})`,
    "Copy or make the file anew.",
    { cause },
  );
}

/** The error for a gzip file that holds another number of bytes than its content's header promises. */
export function wrongLength(promised: number, got: string, name: string): InputError {
  return new InputError(
    `Cannot read ${name}: its header promises ${promised} bytes, its gzip stream holds ${got}`,
    "The file is cut short or its header is damaged: copy or make it anew.",
  );
}
