/**
 * Writing maps.
 *
 * @module
 */
import { writeWhole } from "../files.ts";
import type { MapGrid } from "./grid.ts";
import { encodeHeader, HEADER_BYTES, makeHeader } from "./header.ts";
import { statistics } from "./statistics.ts";

/** What MRC2014 writes for statistics that are not known. */
const UNKNOWN = { dmin: 0, dmax: -1, dmean: -2, rms: -1 };

/**
 * Encodes a map as MRC2014: mode 2, little-endian, space group 1, no extended header, with its true
 * statistics (or the marks for unknown ones where a voxel is not finite). The same input gives the
 * same bytes.
 *
 * @param data Density by (z, y, x), x fastest: box^3 values.
 * @param grid Where the voxels lie; a voxel size that is not known is written as a cell of zero.
 * @param labels At most 10 texts of 80 printable ASCII characters: longer ones are cut, other
 *   characters become "?".
 * @throws {RangeError} Where the data is not box^3 values, or the labels are more than 10.
 * @example
 * ```ts
 * import { decodeMap } from "./read.ts";
 * import { encodeMap } from "./write.ts";
 * import assert from "node:assert";
 *
 * const zero = { x: 0, y: 0, z: 0 };
 * const grid = { box: 2, apix: 6.55, origin: zero, nstart: zero };
 * const bytes = encodeMap(Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1), grid, "a mask");
 * assert.deepStrictEqual(decodeMap(bytes, "mask.mrc").grid, grid);
 * ```
 */
export function encodeMap(
  data: Float32Array,
  grid: MapGrid,
  ...labels: string[]
): Uint8Array<ArrayBuffer> {
  const { box, origin, nstart } = grid;
  if (data.length !== box ** 3) {
    throw new RangeError(`Cannot encode a map: box ${box} has ${box ** 3} voxels (${data.length})`);
  }
  if (labels.length > 10) {
    throw new RangeError(`Cannot encode a map: it has more than 10 labels (${labels.length})`);
  }
  const { min, max, mean, rms, nans, infinities } = statistics(data);
  const cell = box * (grid.apix ?? 0);
  const header = makeHeader({
    nx: box,
    ny: box,
    nz: box,
    nxstart: nstart.x,
    nystart: nstart.y,
    nzstart: nstart.z,
    cellaX: cell,
    cellaY: cell,
    cellaZ: cell,
    originX: origin.x,
    originY: origin.y,
    originZ: origin.z,
    labels: labels.map((label) => label.replace(/[^ -~]/g, "?")),
    ...(nans + infinities > 0 ? UNKNOWN : { dmin: min, dmax: max, dmean: mean, rms }),
  });
  const bytes = new Uint8Array(HEADER_BYTES + 4 * data.length);
  bytes.set(encodeHeader(header));
  new Float32Array(bytes.buffer, HEADER_BYTES).set(data);
  return bytes;
}

/**
 * Writes a map so that a file of this name is always whole.
 *
 * @param path The file; one that is there is replaced.
 * @throws {RunError} Where the system refuses.
 * @throws {RangeError} As {@linkcode encodeMap}.
 */
export async function writeMap(
  path: string,
  data: Float32Array,
  grid: MapGrid,
  ...labels: string[]
): Promise<void> {
  await writeWhole(path, encodeMap(data, grid, ...labels));
}
