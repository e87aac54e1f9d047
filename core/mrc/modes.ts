/**
 * The data modes of MRC2014: what a voxel is stored as.
 *
 * @module
 */

/** One data mode. */
export interface Mode {
  /** What a voxel is stored as, in words. */
  readonly meaning: string;
  /** Bits of a voxel. */
  readonly bits: number;
  /** Why siren does not read it, or undefined where it does. */
  readonly refused?: string;
}

/** The modes by number, after https://www.ccpem.ac.uk/mrc_format/mrc2014.php. */
export const MODES: ReadonlyMap<number, Mode> = new Map<number, Mode>([
  [0, { meaning: "8-bit signed integer", bits: 8 }],
  [1, { meaning: "16-bit signed integer", bits: 16 }],
  [2, { meaning: "32-bit float", bits: 32 }],
  [3, {
    meaning: "complex 16-bit integers",
    bits: 32,
    refused: "mode 3 is a Fourier transform (complex 16-bit integers), not a density",
  }],
  [4, {
    meaning: "complex 32-bit floats",
    bits: 64,
    refused: "mode 4 is a Fourier transform (complex 32-bit floats), not a density",
  }],
  [6, { meaning: "16-bit unsigned integer", bits: 16 }],
  [12, { meaning: "16-bit float", bits: 16 }],
  [101, {
    meaning: "4-bit unsigned integer",
    bits: 4,
    refused: "mode 101 packs two voxels of 4 bits into a byte: it is for raw movies, not for maps",
  }],
]);

/** Bytes of a voxel, or NaN where the mode is unknown. */
export function voxelBytes(mode: number): number {
  return (MODES.get(mode)?.bits ?? NaN) / 8;
}
