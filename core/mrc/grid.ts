/**
 * Where the voxels of a map lie in space.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import type { MrcHeader } from "./header.ts";

/** One number along each axis. */
export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** The grid of a cubic map, as its file gives it. */
export interface MapGrid {
  /** Voxels along each side of the cube. */
  readonly box: number;
  /** Side of a voxel in Angstrom, or undefined where the file does not tell. */
  readonly apix: number | undefined;
  /** Position of the first voxel in Angstrom. */
  readonly origin: Vector;
  /** Index of the first voxel in the unit cell. */
  readonly nstart: Vector;
}

/** A grid whose voxel size is known. */
export interface Grid extends MapGrid {
  /** Side of a voxel in Angstrom. */
  readonly apix: number;
}

/** Voxel sizes that differ by more than this share are different. */
const SAME_SIZE = 1e-3;

/**
 * The axis (0 x, 1 y, 2 z) of the columns, rows and sections of a file. MAPC, MAPR, MAPS that are all
 * zero stand for 1, 2, 3.
 */
export function axisOrder({ mapc, mapr, maps }: MrcHeader): readonly [number, number, number] {
  return mapc === 0 && mapr === 0 && maps === 0 ? [0, 1, 2] : [mapc - 1, mapr - 1, maps - 1];
}

/** Voxels along x, y and z. */
export function sizeOf(header: MrcHeader): Vector {
  return byAxis(header, header.nx, header.ny, header.nz);
}

/** Index of the first voxel along x, y and z. */
export function nstartOf(header: MrcHeader): Vector {
  return byAxis(header, header.nxstart, header.nystart, header.nzstart);
}

/** Position of the first voxel in Angstrom. */
export function originOf({ originX, originY, originZ }: MrcHeader): Vector {
  return { x: originX, y: originY, z: originZ };
}

/**
 * Where the first voxel lies, in Angstrom: at the map's origin, or, where that is zero, at its start index,
 * as ChimeraX has it.
 */
export function firstVoxel({ origin, nstart, apix }: Grid): Vector {
  const hasOrigin = origin.x !== 0 || origin.y !== 0 || origin.z !== 0;
  return hasOrigin ? origin : { x: nstart.x * apix, y: nstart.y * apix, z: nstart.z * apix };
}

/**
 * The size of a voxel along x, y and z in Angstrom: CELLA / M, as the shortest decimal number that gives
 * the cell's 32-bit float again, so that 6.55 comes back as it was written.
 *
 * @returns undefined where the header does not tell (a cell or an interval count of zero).
 */
export function voxelSizeOf(header: MrcHeader): Vector | undefined {
  const { cellaX, cellaY, cellaZ, mx, my, mz } = header;
  const size = { x: shortest(cellaX, mx), y: shortest(cellaY, my), z: shortest(cellaZ, mz) };
  const known = [size.x, size.y, size.z].every((side) => side > 0 && side < Infinity);
  return known && mx > 0 && my > 0 && mz > 0 ? size : undefined;
}

function shortest(cell: number, intervals: number): number {
  const size = cell / intervals;
  // Nine digits tell any two 32-bit floats apart.
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(size.toPrecision(digits));
    if (Math.fround(short * intervals) === cell) return short;
  }
  return size;
}

/**
 * The side of a voxel in Angstrom, or undefined where the header does not tell.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} Where voxels are not cubes.
 */
export function apixOf(header: MrcHeader, name: string): number | undefined {
  const size = voxelSizeOf(header);
  if (size !== undefined && !(sameApix(size.x, size.y) && sameApix(size.x, size.z))) {
    throw new InputError(
      `Cannot use ${name}: its voxels are not cubes (${size.x} x ${size.y} x ${size.z} Angstrom)`,
      "Resample the map to cubic voxels, or correct its header.",
    );
  }
  return size?.x;
}

/** Whether two voxel sizes in Angstrom agree to 0.1 %. */
export function sameApix(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_SIZE * Math.max(a, b);
}

/**
 * Voxels along each side of a cubic map.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} Where the box is not a cube, or the file is a stack of volumes.
 */
export function boxOf(header: MrcHeader, name: string): number {
  const { x, y, z } = sizeOf(header);
  if (header.ispg >= 401 && header.ispg <= 630 && header.mz > 0 && header.nz > header.mz) {
    throw new InputError(
      `Cannot use ${name}: it is a stack of volumes (${header.nz} sections, ${header.mz} to a volume)`,
      "Write each volume to a file of its own.",
    );
  }
  if (x !== y || x !== z) {
    throw new InputError(
      `Cannot use ${name}: its box is not a cube (${x} x ${y} x ${z} voxels)`,
      "Crop or pad the map to a cube.",
    );
  }
  return x;
}

/**
 * The grid of a cubic map.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} Where the box or the voxels are not cubes.
 */
export function gridOf(header: MrcHeader, name: string): MapGrid {
  return {
    box: boxOf(header, name),
    apix: apixOf(header, name),
    origin: originOf(header),
    nstart: nstartOf(header),
  };
}

function byAxis(header: MrcHeader, column: number, row: number, section: number): Vector {
  const result = [0, 0, 0];
  const [c, r, s] = axisOrder(header);
  result[c] = column;
  result[r] = row;
  result[s] = section;
  return { x: result[0]!, y: result[1]!, z: result[2]! };
}
