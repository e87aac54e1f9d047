/**
 * A look at a few sections of a map, without reading the rest of it.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { asInputError, openFile, readBytes } from "../mrc/file.ts";
import { HEADER_BYTES, type MrcHeader } from "../mrc/header.ts";
import { voxelBytes } from "../mrc/modes.ts";
import { wordsFor } from "./binarise.ts";
import { comparer } from "./compare.ts";

/** Words of 32 bits that the bits of a section take: each section begins at a word of its own. */
export function wordsOfSection({ nx, ny }: Pick<MrcHeader, "nx" | "ny">): number {
  return wordsFor(nx * ny);
}

/**
 * Binarises some sections of a map that is not gzipped. Sections are as the file has them.
 *
 * @param header The file's header, without errors (see `validateHeader`).
 * @param sections Numbers of sections, each 0 to `nz - 1`.
 * @param threshold Finite.
 * @param bits Where the bits go: `wordsOfSection(header)` words for each section.
 * @throws {InputError} Where the file cannot be read, or a density is not finite.
 */
export function binariseSections(
  path: string,
  header: MrcHeader,
  sections: readonly number[],
  threshold: number,
  bits: Uint32Array,
): void {
  const { nx, ny, mode, nsymbt } = header;
  const raw = new Uint8Array(nx * ny * voxelBytes(mode));
  const words = wordsOfSection(header);
  const { compare } = comparer();
  try {
    using open = openFile(path);
    sections.forEach((section, i) => {
      open.file.seekSync(HEADER_BYTES + nsymbt + section * raw.length, Deno.SeekMode.Start);
      const read = readBytes(open.file, raw);
      if (read.length < raw.length) {
        throw new InputError(`Cannot read ${path}: it ends within section ${section}`);
      }
      const own = bits.subarray(i * words, (i + 1) * words);
      if (compare(header, raw, threshold, own) < 0) {
        throw new InputError(
          `Cannot binarise ${path}: a density of section ${section} is not a finite number`,
          "Make the map anew, or take it out of the folder.",
        );
      }
    });
  } catch (error) {
    throw asInputError(error, path);
  }
}
