/**
 * What `siren info` says about a map.
 *
 * @module
 */
import { axisOrder, nstartOf, originOf, sizeOf, type Vector, voxelSizeOf } from "../mrc/grid.ts";
import { MODES } from "../mrc/modes.ts";
import { readHeaderSync, readVoxelsSync } from "../mrc/read.ts";
import { type ByteOrder, promisedBytes } from "../mrc/header.ts";
import { type Statistics, statistics } from "../mrc/statistics.ts";
import { type Finding, validateHeader, validateStatistics } from "../mrc/validate.ts";

/** A map in words and numbers; goes into JSON as it is. */
export interface MapDescription {
  readonly file: string;
  /** Length of the file on the disk. */
  readonly fileBytes: number;
  readonly gzipped: boolean;
  /** Voxels along x, y and z. */
  readonly size: Vector;
  readonly mode: number;
  /** What a voxel is stored as. */
  readonly modeMeaning: string;
  readonly byteOrder: ByteOrder;
  /** Bytes 212-215, hexadecimal. */
  readonly machineStamp: string;
  /** Axes from the fastest to the slowest, such as `xyz`. */
  readonly axisOrder: string;
  /** Side of a voxel along x, y and z in Angstrom, or null where the header does not tell. */
  readonly voxelSize: Vector | null;
  /** Position of the first voxel in Angstrom. */
  readonly origin: Vector;
  /** Index of the first voxel in the unit cell. */
  readonly nstart: Vector;
  readonly spaceGroup: number;
  readonly version: number;
  readonly extendedHeaderBytes: number;
  readonly labels: readonly string[];
  /** Statistics of the data, or null where the data cannot be read. */
  readonly statistics: Statistics | null;
  /** Rules of MRC2014 that the file breaks. */
  readonly findings: readonly Finding[];
}

/**
 * Describes a map of any box.
 *
 * @throws {InputError} Where the file cannot be read or is no MRC file. Where only its data cannot be
 *   used, the findings say why.
 */
export function describeMap(path: string): Promise<MapDescription> {
  return Promise.try(() => {
    const { header, fileBytes, gzipped } = readHeaderSync(path);
    // What a gzip file expands to is known, and checked, when its data is read.
    const findings = validateHeader(header, gzipped ? promisedBytes(header) : fileBytes);
    let actual: Statistics | null = null;
    if (findings.every(({ severity }) => severity !== "error")) {
      actual = statistics(readVoxelsSync(path).data);
      findings.push(...validateStatistics(header, actual));
    }
    return {
      file: path,
      fileBytes,
      gzipped,
      size: sizeOf(header),
      mode: header.mode,
      modeMeaning: MODES.get(header.mode)?.meaning ?? "unknown",
      byteOrder: header.byteOrder,
      machineStamp: header.machst,
      axisOrder: axisOrder(header).map((axis) => "xyz"[axis] ?? "?").join(""),
      voxelSize: voxelSizeOf(header) ?? null,
      origin: originOf(header),
      nstart: nstartOf(header),
      spaceGroup: header.ispg,
      version: header.nversion,
      extendedHeaderBytes: header.nsymbt,
      labels: header.labels,
      statistics: actual,
      findings,
    };
  });
}
