/**
 * A validator that names each rule of MRC2014 that a file breaks.
 *
 * @module
 */
import { axisOrder, voxelSizeOf } from "./grid.ts";
import { type MrcHeader, promisedBytes, stampByteOrder } from "./header.ts";
import { MODES } from "./modes.ts";
import type { Statistics } from "./statistics.ts";

/** A broken rule. */
export interface Finding {
  /** Name of the rule, such as `machine-stamp`. */
  readonly rule: string;
  /** An `error` is why siren refuses the file; with a `warning` it is read all the same. */
  readonly severity: "error" | "warning";
  /** What is wrong, with the value. */
  readonly message: string;
  /** What to do about it, as one sentence. */
  readonly remedy?: string;
}

/** Extended headers that MRC2014 knows. */
const EXTENDED_HEADERS = ["CCP4", "MRCO", "SERI", "AGAR", "FEI1", "FEI2", "HDF5"];

/** Statistics in the header may be this far off, in units of the rms deviation. */
const STATISTICS_TOLERANCE = 1e-3;

/**
 * Judges a header.
 *
 * @param fileBytes Length of the file (uncompressed) in bytes.
 * @returns The broken rules, errors first; none for a flawless header.
 * @example
 * ```ts
 * import { makeHeader } from "./header.ts";
 * import { validateHeader } from "./validate.ts";
 * import assert from "node:assert";
 *
 * const header = makeHeader({ nx: 4, ny: 4, nz: 4, cellaX: 4, cellaY: 4, cellaZ: 4, mode: 4 });
 * assert.deepStrictEqual(validateHeader(header, 1024 + 512).map(({ rule }) => rule), ["mode"]);
 * ```
 */
export function validateHeader(header: MrcHeader, fileBytes: number): Finding[] {
  return [...errorsOf(header, fileBytes), ...warningsOf(header, fileBytes)];
}

function* errorsOf(header: MrcHeader, fileBytes: number): Generator<Finding> {
  const error = (rule: string, message: string, remedy?: string): Finding => ({
    rule,
    severity: "error",
    message,
    ...(remedy === undefined ? {} : { remedy }),
  });

  const mode = MODES.get(header.mode);
  if (mode === undefined) {
    yield error("mode", `its mode is none of ${[...MODES.keys()].join(", ")} (${header.mode})`);
  } else if (mode.refused !== undefined) {
    yield error("mode", mode.refused, "Convert it to a map of mode 2 (32-bit float).");
  }
  if ([...axisOrder(header)].sort().join() !== "0,1,2") {
    const { mapc, mapr, maps } = header;
    yield error(
      "axis-order",
      `MAPC, MAPR, MAPS name no order of the axes 1, 2, 3 (${mapc}, ${mapr}, ${maps})`,
    );
  }
  const promised = promisedBytes(header);
  if (header.nsymbt < 0) {
    yield error(
      "extended-header",
      `the length of its extended header is negative (${header.nsymbt})`,
    );
  } else if (promised > fileBytes) {
    yield error(
      "file-size",
      `its header promises ${promised} bytes, the file has ${fileBytes}`,
      "The file is cut short or its header is damaged: copy or make it anew.",
    );
  }
}

function* warningsOf(header: MrcHeader, fileBytes: number): Generator<Finding> {
  const warning = (rule: string, message: string): Finding => ({
    rule,
    severity: "warning",
    message,
  });

  const promised = promisedBytes(header);
  if (header.nsymbt >= 0 && fileBytes > promised) {
    yield warning(
      "file-size",
      `the file is longer than its header promises (${fileBytes} bytes, not ${promised})`,
    );
  }
  if (header.map !== "MAP ") yield warning("map-id", `bytes 208-211 are not "MAP "`);
  const stamped = stampByteOrder(header.machst);
  if (stamped === undefined) {
    yield warning("machine-stamp", `the machine stamp is unknown (${header.machst})`);
  } else if (stamped !== header.byteOrder) {
    yield warning(
      "machine-stamp",
      `the machine stamp says ${stamped}-endian, the file is ${header.byteOrder}-endian (${header.machst})`,
    );
  }
  if (header.nversion !== 20140 && header.nversion !== 20141) {
    yield warning("version", `NVERSION is neither 20140 nor 20141 (${header.nversion})`);
  }
  if (header.mapc === 0 && header.mapr === 0 && header.maps === 0) {
    yield warning("axis-order", "MAPC, MAPR, MAPS are zero; taken as 1, 2, 3");
  }
  if (voxelSizeOf(header) === undefined) {
    const { cellaX, cellaY, cellaZ, mx, my, mz } = header;
    yield warning(
      "voxel-size",
      `the voxel size is unknown (cell ${cellaX} x ${cellaY} x ${cellaZ}, intervals ${mx} x ${my} x ${mz})`,
    );
  }
  const { alpha, beta, gamma } = header;
  if (alpha !== 90 || beta !== 90 || gamma !== 90) {
    yield warning("cell-angles", `the cell is not right-angled (${alpha}, ${beta}, ${gamma})`);
  }
  const { ispg } = header;
  if (!(ispg >= 0 && ispg <= 230) && !(ispg >= 401 && ispg <= 630)) {
    yield warning("space-group", `ISPG is neither 0-230 nor 401-630 (${ispg})`);
  }
  if (ispg >= 401 && ispg <= 630 && (header.mz <= 0 || header.nz % header.mz !== 0)) {
    yield warning(
      "volume-stack",
      `NZ is no multiple of MZ in a stack of volumes (${header.nz}, ${header.mz})`,
    );
  }
  if (header.nsymbt > 0 && !EXTENDED_HEADERS.includes(header.exttyp)) {
    const code = JSON.stringify(header.exttyp);
    yield warning("extended-header", `the kind of extended header is unknown (${code})`);
  }
  if (header.nlabl < 0 || header.nlabl > 10) {
    yield warning("labels", `the number of labels is not 0 to 10 (${header.nlabl})`);
  }
  if (header.labels.includes("")) {
    yield warning("labels", `a label in use is empty (${header.labels.indexOf("") + 1})`);
  }
}

/**
 * Judges the data, and the statistics in the header against the data's own.
 *
 * @returns The broken rules; none where the header's statistics are right or marked as unknown.
 */
export function validateStatistics(header: MrcHeader, actual: Statistics): Finding[] {
  const findings: Finding[] = [];
  for (const [count, what] of [[actual.nans, "NaN"], [actual.infinities, "infinite"]] as const) {
    if (count > 0) {
      findings.push({
        rule: "finite",
        severity: "error",
        message: `voxels are ${what} (${count})`,
      });
    }
  }
  const { dmin, dmax, dmean, rms } = header;
  const wrong = (stated: number, real: number) =>
    !(Math.abs(stated - real) <= STATISTICS_TOLERANCE * Math.max(actual.rms, Math.abs(real)));
  const pairs = [
    ["DMIN", dmin, actual.min, dmax >= dmin],
    ["DMAX", dmax, actual.max, dmax >= dmin],
    ["DMEAN", dmean, actual.mean, dmean >= Math.min(dmin, dmax)],
    ["RMS", rms, actual.rms, !(rms < 0)],
  ] as const;
  for (const [field, stated, real, known] of pairs) {
    if (known && wrong(stated, real)) {
      findings.push({
        rule: "statistics",
        severity: "warning",
        message: `${field} is not that of the data (${stated}, not ${Math.fround(real)})`,
      });
    }
  }
  return findings;
}
