/**
 * Which volume belongs to which label. cryoDRGN counted volumes from 0 until 3.4, and from 1 since, or from
 * wherever `--vol-start-index` says; labels count from 0 in some files and from 1 in others. A volume that is
 * off by one gives the particles of another structure, so nothing here is taken for granted: what cannot be
 * decided from the files is refused.
 *
 * @module
 */
import { InputError } from "../errors.ts";

/** What a folder of volumes tells about its numbers. */
export interface NumberingEvidence {
  /** The folder, for messages. */
  readonly folder: string;
  /** How many volumes were made, K: one for each centre. */
  readonly centres: number;
  /** Numbers in the names of the folder's volumes, each once, ascending. */
  readonly numbers: readonly number[];
  /** The number of the first volume, where the user says so. */
  readonly firstVolume?: number;
}

/** What labels tell about their numbers. */
export interface LabelEvidence {
  readonly folder: string;
  readonly centres: number;
  /** The label of each particle: length P. */
  readonly labels: Int32Array;
  /** The particle that each centre is, 0 to P - 1: length K, where it is known. */
  readonly centreParticles?: Int32Array;
}

/** A number that was found out, and how. */
export interface Detected {
  readonly first: number;
  /** Why, as a sentence without its full stop. */
  readonly because: string;
}

/** Share of the centres whose particles must agree; the nearest particle to a centre may have another label. */
const AGREEING = 0.8;

/**
 * Finds out the label of the first centre.
 *
 * Each centre is a particle itself, whose label must be the centre's: where it is known which, that decides.
 * Otherwise the labels must tell themselves, by holding the least or the greatest there can be.
 *
 * @returns 0 or 1.
 * @throws {InputError} The labels do not belong to the centres, or cannot tell.
 * @example
 * ```ts
 * import { detectFirstLabel } from "./numbering.ts";
 * import assert from "node:assert";
 *
 * const labels = Int32Array.of(2, 1, 1, 3, 2);
 * const evidence = { folder: "kmeans3", centres: 3, labels };
 * assert.strictEqual(
 *   detectFirstLabel({ ...evidence, centreParticles: Int32Array.of(1, 4, 3) }).first,
 *   1,
 * );
 * ```
 */
export function detectFirstLabel(
  { folder, centres, labels, centreParticles }: LabelEvidence,
): Detected {
  const refuse = (reason: string, remedy: string) =>
    new InputError(`Cannot use the labels of ${folder}: ${reason}`, remedy);
  let least = Infinity, greatest = -Infinity;
  for (const label of labels) {
    least = Math.min(least, label);
    greatest = Math.max(greatest, label);
  }
  if (labels.length === 0) throw refuse("there is none", "Run cryodrgn analyze again.");
  const firsts = [0, 1].filter((first) => least >= first && greatest < first + centres);
  if (firsts.length === 0) {
    throw refuse(
      `they are ${least} to ${greatest}, which ${centres} volumes do not have`,
      "They are of another analysis; run cryodrgn analyze again.",
    );
  }
  if (centreParticles !== undefined) {
    const agree = [0, 1].map((first) =>
      centreParticles.reduce(
        (sum, particle, k) => sum + (labels[particle] === k + first ? 1 : 0),
        0,
      )
    );
    const found = firsts.filter((first) => agree[first]! >= AGREEING * centres);
    if (found.length !== 1) {
      throw refuse(
        "the particles that the centres are have other labels " +
          `(${Math.max(...agree)} of ${centres} agree)`,
        "Labels and centres are of different analyses; run cryodrgn analyze again.",
      );
    }
    const [first] = found as [number];
    return {
      first,
      because: `the particles of ${agree[first]} of ${centres} centres have the centre's label`,
    };
  }
  if (firsts.length > 1) {
    throw refuse(
      `they may count from 0 or from 1 (${least} to ${greatest}, of ${centres} volumes), and ` +
        "there are no centres to compare them with",
      "Copy centers_ind.txt from where the analysis was made, or give --nearest.",
    );
  }
  return {
    first: firsts[0]!,
    because: `labels are ${least} to ${greatest}, of ${centres} volumes`,
  };
}

/**
 * Finds out the number in the name of the first centre's volume.
 *
 * @throws {InputError} The numbers do not fit the centres, or cannot tell.
 * @example
 * ```ts
 * import { detectFirstVolume } from "./numbering.ts";
 * import assert from "node:assert";
 *
 * const evidence = { folder: "kmeans3", centres: 3 };
 * assert.strictEqual(detectFirstVolume({ ...evidence, numbers: [1, 2, 3] }).first, 1);
 * assert.throws(() => detectFirstVolume({ ...evidence, numbers: [1, 2] }), /from 0 or from 1/);
 * ```
 */
export function detectFirstVolume(
  { folder, centres, numbers, firstVolume }: NumberingEvidence,
): Detected {
  const [least, greatest] = [numbers[0], numbers.at(-1)];
  const given = "Give --first_volume, the number of the first one.";
  const refuse = (reason: string, remedy = given) =>
    new InputError(`Cannot tell the volumes of ${folder} from their numbers: ${reason}`, remedy);
  if (least === undefined || greatest === undefined) {
    if (firstVolume !== undefined) return { first: firstVolume, because: "--first_volume says so" };
    throw refuse("no volume is there", `${given} It is 0 until cryoDRGN 3.4, and 1 since.`);
  }
  const range = least === greatest ? `${least}` : `${least} to ${greatest}`;
  const volumes = centres === 1 ? "1 centre" : `${centres} centres`;
  const fits = (first: number) => first <= least && greatest < first + centres;
  if (firstVolume !== undefined) {
    if (fits(firstVolume)) return { first: firstVolume, because: "--first_volume says so" };
    throw refuse(
      `they are ${range}, which ${volumes} from ${firstVolume} do not have`,
      "Give another --first_volume, or remove the volumes of another analysis.",
    );
  }
  if (greatest - least >= centres) {
    throw refuse(
      `they are ${range}, more than the ${volumes}`,
      "Analyses of different versions may lie in one folder; remove the older volumes.",
    );
  }
  if (numbers.length === centres) {
    return { first: least, because: `volumes are ${range}, one for each of ${volumes}` };
  }
  // Some are missing: only a start at 0 or 1 is considered, and only where the other is impossible.
  const firsts = [0, 1].filter(fits);
  if (firsts.length !== 1) {
    throw refuse(
      firsts.length === 0
        ? `they are ${range}, of ${volumes}`
        : `they are ${range}, ${numbers.length} of ${centres}, and may count from 0 or from 1`,
      `${given} It is 0 until cryoDRGN 3.4 and in tomoDRGN, and 1 since cryoDRGN 3.5.`,
    );
  }
  return {
    first: firsts[0]!,
    because: firsts[0] === 0
      ? `there is a volume 0 (${range}, ${numbers.length} of ${centres})`
      : `there is a volume ${centres} of ${centres}, and no volume 0`,
  };
}
