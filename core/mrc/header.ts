/**
 * The 1024-byte header of MRC2014 (Cheng et al., "MRC2014: Extensions to the MRC format header for
 * electron cryo-microscopy and tomography", J. Struct. Biol. 2015;
 * https://www.ccpem.ac.uk/mrc_format/mrc2014.php).
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { MODES } from "./modes.ts";

/** Length of the header in bytes. */
export const HEADER_BYTES = 1024;

/** The longest side that is believed. No number from 1 to 65535 stays in that range with its bytes reversed. */
export const MAX_SIDE = 0xffff;

/** Number and length of the labels. */
const LABELS = 10;
const LABEL_BYTES = 80;

/** Where a header field lies and what it means. */
export interface Field {
  /** Offset of its first byte. */
  readonly byte: number;
  /** `text4` is four ASCII characters, `hex4` four bytes written as hexadecimal, `labels` 10 texts of 80 characters. */
  readonly type: "int32" | "float32" | "text4" | "hex4" | "labels";
  readonly meaning: string;
}

/** Every field that MRC2014 defines. Bytes 96-103 and 112-195 are free for other uses and written as zeros. */
export const FIELDS = {
  nx: { byte: 0, type: "int32", meaning: "columns: voxels along the fastest axis" },
  ny: { byte: 4, type: "int32", meaning: "rows" },
  nz: { byte: 8, type: "int32", meaning: "sections: voxels along the slowest axis" },
  mode: { byte: 12, type: "int32", meaning: "what a voxel is stored as" },
  nxstart: { byte: 16, type: "int32", meaning: "index of the first column in the unit cell" },
  nystart: { byte: 20, type: "int32", meaning: "index of the first row in the unit cell" },
  nzstart: { byte: 24, type: "int32", meaning: "index of the first section in the unit cell" },
  mx: { byte: 28, type: "int32", meaning: "intervals along x of the unit cell" },
  my: { byte: 32, type: "int32", meaning: "intervals along y of the unit cell" },
  mz: { byte: 36, type: "int32", meaning: "intervals along z; sections of one volume in a stack" },
  cellaX: { byte: 40, type: "float32", meaning: "unit cell along x, Angstrom" },
  cellaY: { byte: 44, type: "float32", meaning: "unit cell along y, Angstrom" },
  cellaZ: { byte: 48, type: "float32", meaning: "unit cell along z, Angstrom" },
  alpha: { byte: 52, type: "float32", meaning: "cell angle between y and z, degrees" },
  beta: { byte: 56, type: "float32", meaning: "cell angle between x and z, degrees" },
  gamma: { byte: 60, type: "float32", meaning: "cell angle between x and y, degrees" },
  mapc: { byte: 64, type: "int32", meaning: "axis of the columns: 1 x, 2 y, 3 z" },
  mapr: { byte: 68, type: "int32", meaning: "axis of the rows" },
  maps: { byte: 72, type: "int32", meaning: "axis of the sections" },
  dmin: { byte: 76, type: "float32", meaning: "least density" },
  dmax: { byte: 80, type: "float32", meaning: "greatest density; below dmin where unknown" },
  dmean: { byte: 84, type: "float32", meaning: "mean density; below dmin and dmax where unknown" },
  ispg: {
    byte: 88,
    type: "int32",
    meaning: "space group: 0 images, 1 volume, 401 stack of volumes",
  },
  nsymbt: { byte: 92, type: "int32", meaning: "bytes of the extended header" },
  exttyp: { byte: 104, type: "text4", meaning: "kind of the extended header" },
  nversion: { byte: 108, type: "int32", meaning: "format version: year times 10, plus a counter" },
  originX: { byte: 196, type: "float32", meaning: "x of the first voxel, Angstrom" },
  originY: { byte: 200, type: "float32", meaning: "y of the first voxel, Angstrom" },
  originZ: { byte: 204, type: "float32", meaning: "z of the first voxel, Angstrom" },
  map: { byte: 208, type: "text4", meaning: '"MAP ": says that this is an MRC file' },
  machst: {
    byte: 212,
    type: "hex4",
    meaning: "machine stamp: 44 44 or 44 41 little-endian, 11 11 big",
  },
  rms: {
    byte: 216,
    type: "float32",
    meaning: "rms deviation from the mean; negative where unknown",
  },
  nlabl: { byte: 220, type: "int32", meaning: "labels in use" },
  labels: { byte: 224, type: "labels", meaning: "ten texts of 80 characters" },
} as const satisfies Record<string, Field>;

/** Byte order of the numbers in a file. */
export type ByteOrder = "little" | "big";

/** The values of {@linkcode FIELDS}, and the byte order that they were read in or are to be written in. */
export type MrcHeader =
  & {
    readonly [K in keyof typeof FIELDS]: (typeof FIELDS)[K]["type"] extends "int32" | "float32"
      ? number
      : (typeof FIELDS)[K]["type"] extends "labels" ? readonly string[]
      : string;
  }
  & { readonly byteOrder: ByteOrder };

/** The byte order that a machine stamp (as `machst` holds it) stands for, or undefined for an unknown one. */
export function stampByteOrder(machst: string): ByteOrder | undefined {
  if (machst.startsWith("44 44") || machst.startsWith("44 41")) return "little";
  return machst.startsWith("11 11") ? "big" : undefined;
}

/**
 * Makes a valid header for the given fields: little-endian, mode 2, axes in order x, y, z, right
 * angles, statistics unknown, and whatever is given in place of those.
 *
 * @example
 * ```ts
 * import { encodeHeader, makeHeader, parseHeader } from "./header.ts";
 * import assert from "node:assert";
 *
 * const header = makeHeader({ nx: 64, ny: 64, nz: 64, labels: ["a map"] });
 * assert.deepStrictEqual(parseHeader(encodeHeader(header), "a.mrc"), header);
 * ```
 */
export function makeHeader(
  fields: Partial<MrcHeader> & Pick<MrcHeader, "nx" | "ny" | "nz">,
): MrcHeader {
  return {
    byteOrder: "little",
    mode: 2,
    nxstart: 0,
    nystart: 0,
    nzstart: 0,
    mx: fields.nx,
    my: fields.ny,
    mz: fields.nz,
    cellaX: 0,
    cellaY: 0,
    cellaZ: 0,
    alpha: 90,
    beta: 90,
    gamma: 90,
    mapc: 1,
    mapr: 2,
    maps: 3,
    dmin: 0,
    dmax: -1,
    dmean: -2,
    ispg: 1,
    nsymbt: 0,
    exttyp: "\0\0\0\0",
    nversion: 20141,
    originX: 0,
    originY: 0,
    originZ: 0,
    map: "MAP ",
    machst: fields.byteOrder === "big" ? "11 11 00 00" : "44 44 00 00",
    rms: -1,
    nlabl: Math.min(LABELS, fields.labels?.length ?? 0),
    labels: [],
    ...fields,
  };
}

/**
 * Reads a header. The byte order is that of the machine stamp; where the stamp is unknown (old cryoDRGN
 * writes zeros) or at odds with the sizes, it is the one in which all three sizes make sense, which at
 * most one can be. The other fields are taken as they are: `validateHeader` judges them.
 *
 * @param bytes The file, or at least its first 1024 bytes.
 * @param name What to call the file in messages.
 * @throws {InputError} Where the bytes are too few, or the sizes make sense in neither byte order.
 */
export function parseHeader(bytes: Uint8Array, name: string): MrcHeader {
  if (bytes.length < HEADER_BYTES) {
    throw new InputError(
      `Cannot read ${name}: an MRC header has ${HEADER_BYTES} bytes, the file has ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const stamped = stampByteOrder(hex(bytes, FIELDS.machst.byte)) ?? "little";
  for (const byteOrder of [stamped, stamped === "little" ? "big" : "little"] as const) {
    if (sizes(view, byteOrder).every((n) => n >= 1 && n <= MAX_SIDE)) {
      return readFields(bytes, view, byteOrder);
    }
  }
  throw new InputError(
    `Cannot read ${name}: it is no MRC map, for its sizes are not 1 to ${MAX_SIDE} (${
      sizes(view, stamped).join(" x ")
    })`,
  );
}

/**
 * Writes a header in its own byte order. Labels past the tenth and characters past the 80th are cut.
 *
 * @returns 1024 bytes.
 */
export function encodeHeader(header: MrcHeader): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const little = header.byteOrder === "little";
  for (const [key, { byte, type }] of Object.entries(FIELDS)) {
    const value = header[key as keyof typeof FIELDS];
    if (type === "int32") view.setInt32(byte, value as number, little);
    else if (type === "float32") view.setFloat32(byte, value as number, little);
    else if (type === "text4") setText(bytes, byte, 4, value as string);
    else if (type === "hex4") {
      bytes.set((value as string).split(" ").map((pair) => parseInt(pair, 16)), byte);
    } else {
      header.labels.slice(0, LABELS).forEach((label, i) =>
        setText(bytes, byte + i * LABEL_BYTES, LABEL_BYTES, label)
      );
    }
  }
  return bytes;
}

/** Length of the voxels in bytes, or NaN where the mode is unknown. */
export function dataBytes({ nx, ny, nz, mode }: MrcHeader): number {
  return Math.ceil(nx * ny * nz * (MODES.get(mode)?.bits ?? NaN) / 8);
}

/** Length in bytes that the header promises for the file, or NaN where the mode is unknown. */
export function promisedBytes(header: MrcHeader): number {
  return HEADER_BYTES + header.nsymbt + dataBytes(header);
}

function sizes(view: DataView, byteOrder: ByteOrder): number[] {
  return [FIELDS.nx, FIELDS.ny, FIELDS.nz].map(({ byte }) =>
    view.getInt32(byte, byteOrder === "little")
  );
}

function readFields(bytes: Uint8Array, view: DataView, byteOrder: ByteOrder): MrcHeader {
  const little = byteOrder === "little";
  const header: Record<string, number | string | readonly string[]> = { byteOrder };
  for (const [key, { byte, type }] of Object.entries(FIELDS)) {
    if (type === "int32") header[key] = view.getInt32(byte, little);
    else if (type === "float32") header[key] = view.getFloat32(byte, little);
    else if (type === "text4") header[key] = text(bytes, byte, 4);
    else if (type === "hex4") header[key] = hex(bytes, byte);
    else {
      const used = Math.max(0, Math.min(LABELS, view.getInt32(FIELDS.nlabl.byte, little)));
      header[key] = Array.from(
        { length: used },
        (_, i) => text(bytes, byte + i * LABEL_BYTES, LABEL_BYTES).replace(/[\0 ]+$/, ""),
      );
    }
  }
  // The loop has set every key of FIELDS to a value of its type.
  return header as unknown as MrcHeader;
}

function text(bytes: Uint8Array, byte: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(byte, byte + length));
}

function setText(bytes: Uint8Array, byte: number, length: number, value: string): void {
  for (let i = 0; i < Math.min(length, value.length); i++) bytes[byte + i] = value.charCodeAt(i);
}

function hex(bytes: Uint8Array, byte: number): string {
  return Array.from(bytes.subarray(byte, byte + 4), (b) => b.toString(16).padStart(2, "0")).join(
    " ",
  );
}
