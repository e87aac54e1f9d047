/**
 * A .cs file of cryoSPARC with some of its particles.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { writeParts } from "../files.ts";
import { refusal } from "../refusal.ts";
import { NPY_HEAD_BYTES, type NpyHeader, readNpyHeader } from "./npy_header.ts";

const PART_BYTES = 1 << 22;

/** The particles of a .cs file. */
export interface CsParticles {
  readonly path: string;
  readonly header: NpyHeader;
  readonly rows: number;
}

/**
 * Finds the particles of a .cs file.
 *
 * @throws {InputError} It cannot be read, or is not a whole file of rows of numbers and text.
 */
export async function readCsParticles(path: string): Promise<CsParticles> {
  return await withFile(path, async (file) => {
    const head = new Uint8Array(NPY_HEAD_BYTES);
    const { size } = await file.stat();
    const header = readNpyHeader(head.subarray(0, await fill(file, head)), path);
    const { offset, rows, rowBytes } = header;
    if (size !== offset + rows * rowBytes) {
      throw new InputError(
        `Cannot read ${path}: it says that it has ${rows} particles of ${rowBytes} bytes, and has ` +
          `${size - offset} bytes of them`,
        "Copy or export it again.",
      );
    }
    return { path, header, rows };
  });
}

/**
 * Writes a .cs file with some of its particles; their bytes stay as they are.
 *
 * @param isKept Says whether a particle, counted from 0, is kept.
 * @param progress Called now and then; what it throws is thrown on, and nothing is left behind.
 * @returns How many particles were written.
 * @throws {InputError} The file changed since it was read.
 * @throws {RunError} The system refuses to write.
 */
export async function writeCsSubset(
  { path, header, rows }: CsParticles,
  isKept: (row: number) => boolean,
  to: string,
  progress: () => void = () => {},
): Promise<number> {
  const { offset, rowBytes, withRows } = header;
  let kept = 0;
  for (let row = 0; row < rows; row++) if (isKept(row)) kept++;
  const perPart = Math.max(1, Math.floor(PART_BYTES / rowBytes));
  const parts = async function* (file: Deno.FsFile) {
    yield withRows(kept);
    await file.seek(offset, Deno.SeekMode.Start);
    const buffer = new Uint8Array(perPart * rowBytes);
    for (let first = 0; first < rows; first += perPart) {
      progress();
      const part = buffer.subarray(0, Math.min(perPart, rows - first) * rowBytes);
      if (await fill(file, part) < part.length) {
        throw new InputError(`Cannot read ${path}: it was changed meanwhile`, "Start again.");
      }
      let length = 0;
      for (let at = 0; at < part.length; at += rowBytes) {
        if (!isKept(first + at / rowBytes)) continue;
        part.copyWithin(length, at, at + rowBytes);
        length += rowBytes;
      }
      yield part.subarray(0, length);
    }
  };
  await withFile(path, (file) => writeParts(to, parts(file)));
  return kept;
}

/** Reads until a buffer is full or the file ends; gives the number of bytes read. */
async function fill(file: Deno.FsFile, buffer: Uint8Array): Promise<number> {
  let at = 0;
  while (at < buffer.length) {
    const read = await file.read(buffer.subarray(at));
    if (read === null) break;
    at += read;
  }
  return at;
}

async function withFile<T>(path: string, use: (file: Deno.FsFile) => Promise<T>): Promise<T> {
  try {
    using file = await Deno.open(path);
    return await use(file);
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
}
