/**
 * `volumes.arrow`: the occupancy of the union's voxels, one row a voxel.
 *
 * @module
 */
import { type BitMatrix, bitMatrix } from "../core/cooccupancy/mod.ts";
import { InputError } from "../core/errors.ts";
import { decodeArrow, encodeArrow, expectColumns } from "./arrow_file.ts";

/** The union of an ensemble and the voxels sampled from it. */
export interface SampledUnion {
  /** Side of the box in voxels. */
  readonly box: number;
  /** Flat index (z * box + y) * box + x of each union voxel, ascending: length M. */
  readonly flat: Uint32Array;
  /** In how many volumes each is occupied: length M. */
  readonly totals: Uint32Array;
  /** Occupancy, M x N bits, over shared memory. */
  readonly matrix: BitMatrix;
  /** Rows of the sampled voxels, in the order drawn. */
  readonly sampled: Uint32Array;
}

/** Encodes the union as the file `volumes.arrow`. */
export function encodeVolumes(union: SampledUnion, key: string): Uint8Array {
  const { box, flat, totals, matrix, sampled } = union;
  const z = new Uint16Array(flat.length), y = z.slice(), x = z.slice();
  flat.forEach((voxel, row) => {
    z[row] = Math.floor(voxel / box / box);
    y[row] = Math.floor(voxel / box) % box;
    x[row] = voxel % box;
  });
  const place = new Int32Array(flat.length).fill(-1);
  sampled.forEach((row, i) => place[row] = i);
  const bits = Uint8Array.from(
    new Uint8Array(matrix.words.buffer, matrix.words.byteOffset, matrix.words.byteLength),
  );
  return encodeArrow({
    columns: {
      voxel: Uint32Array.from(flat),
      z,
      y,
      x,
      total: Uint32Array.from(totals),
      place,
      bits: { width: matrix.wordsPerVoxel * 4, bytes: bits },
    },
    metadata: {
      "siren.key": key,
      "siren.box": String(box),
      "siren.volumes": String(matrix.volumes),
    },
  });
}

/**
 * Decodes `volumes.arrow`.
 *
 * @throws {InputError} The file is damaged, or belongs to another run.
 */
export function decodeVolumes(
  bytes: Uint8Array<ArrayBuffer>,
  key: string,
  name: string,
): SampledUnion {
  const content = decodeArrow(bytes, name);
  if (content.metadata["siren.key"] !== key) {
    throw new InputError(`Cannot use ${name}: it belongs to other maps or options`);
  }
  const kinds = { voxel: "uint32", total: "uint32", place: "int32", bits: "binary" } as const;
  const columns = expectColumns(content, kinds, name);
  const volumes = Number(content.metadata["siren.volumes"]);
  const matrix = bitMatrix(columns.voxel.length, volumes, true);
  new Uint8Array(matrix.words.buffer).set(columns.bits.bytes);
  const rows = Array.from(columns.place.keys()).filter((row) => columns.place[row]! >= 0);
  const sampled = new Uint32Array(rows.length);
  for (const row of rows) sampled[columns.place[row]!] = row;
  return {
    box: Number(content.metadata["siren.box"]),
    flat: columns.voxel,
    totals: columns.total,
    matrix,
    sampled,
  };
}
