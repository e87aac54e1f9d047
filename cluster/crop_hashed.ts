/**
 * Maps brought into other boxes, and what tells whether their files are still what they were.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "../core/errors.ts";
import { cropMap, type CroppedMaps } from "../core/threshold_cnn/normalised_maps.ts";

/** What tells that a file was written to. */
export interface FileState {
  readonly bytes: number;
  /** When it was last written to, in milliseconds since 1970. */
  readonly written: number;
}

/** A map in several boxes, and the file that it was read from. */
export interface HashedMaps extends CroppedMaps {
  readonly source: FileState & { readonly sha256: string };
}

/**
 * Reads a map once, brings it into other boxes, and hashes its file.
 *
 * @param boxes Edges of the boxes in voxels.
 * @param bytes What the file's size must be, if that is known.
 * @throws {InputError} The file is no cubic map, cannot be normalised, or was written to in the meantime.
 */
export async function cropHashed(
  path: string,
  boxes: readonly number[],
  bytes?: number,
): Promise<HashedMaps> {
  const before = await fileState(path);
  const hash = createHash("sha256");
  const cropped = await cropMap(path, boxes, (bytes) => {
    hash.update(bytes);
  });
  const after = await fileState(path);
  const isSame = before.bytes === (bytes ?? before.bytes) && after.bytes === before.bytes &&
    after.written === before.written;
  if (isSame) return { ...cropped, source: { ...after, sha256: hash.digest("hex") } };
  throw new InputError(
    `Cannot use ${path}: it was written to meanwhile`,
    "Let nothing write to the maps, and give the same command again.",
  );
}

/**
 * Says what a map's file is now.
 *
 * @throws {InputError} It is gone.
 */
export async function fileState(path: string): Promise<FileState> {
  try {
    const { size, mtime } = await Deno.stat(path);
    return { bytes: size, written: mtime?.getTime() ?? 0 };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new InputError(`Cannot use ${path}: it is not there any more`, undefined, { cause });
  }
}
