/**
 * A map's threshold without a network: from its densities alone, or from the mass of the molecule.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { type Statistics, statistics } from "../../mrc/statistics.ts";
import { otsu } from "./otsu.ts";
import { levelAbove, molecularDensities, molecularVolume } from "./volume.ts";

/** How a threshold is found: see {@linkcode findLevel}. */
export const levelMethods = ["otsu", "sigma", "volume"] as const;

/** Standard deviations above the mean, unless others are asked for. */
export const SIGMAS = 3;

/** Options of {@linkcode findLevel}. */
export const levelOptions = z.strictObject({
  method: z.enum(levelMethods),
  /** Of method sigma: standard deviations above the mean; {@linkcode SIGMAS} unless given. */
  sigmas: z.number().optional(),
  /** Of method volume, which needs it: mass of the molecule in kDa. */
  mass: z.number().positive().optional(),
  /** Of method volume: density of the molecule in g/cm^3, or what it consists of; protein unless given. */
  density: z.union([z.literal(["protein", "nucleic"]), z.number().positive()]).optional(),
  /** Of method volume: voxel size in Å, instead of that in the maps' headers. */
  apix: z.number().positive().optional(),
}).check(({ value, issues }) => {
  const complain = (message: string) => issues.push({ code: "custom", message, input: value });
  if (value.method === "volume" && value.mass === undefined) {
    complain("method volume needs the mass of the molecule (--mass)");
  }
  for (const [name, method] of Object.entries(METHOD_OF)) {
    if (value[name as keyof typeof METHOD_OF] !== undefined && value.method !== method) {
      complain(`--${name} is for method ${method}, not ${value.method}`);
    }
  }
});

const METHOD_OF = { sigmas: "sigma", mass: "volume", density: "volume", apix: "volume" } as const;

/** Options of {@linkcode findLevel}, complete. */
export type LevelOptions = z.output<typeof levelOptions>;

/** A map whose threshold is sought. */
export interface MapToThreshold {
  /** Finite or not; box^3 densities. */
  readonly data: Float32Array;
  /** Voxel size in Å, where its file tells. */
  readonly apix: number | undefined;
  /** What to call it in messages. */
  readonly name: string;
}

/**
 * Finds a map's threshold: a voxel is occupied where its density exceeds it.
 *
 * - `otsu`: parts the densities into two classes (see {@linkcode otsu}). On maps of assembling ribosomes
 *   at 13 Å it lies some 50 % above what their users take, so it encloses the dense parts alone.
 * - `sigma`: the mean and some standard deviations, both over all voxels. It depends on how much of the
 *   box is empty, and on a mask. In the same maps 2 of them are what users take, 3 are as high as Otsu's.
 * - `volume`: the level that encloses the volume of the molecule's mass, exact to a voxel (see
 *   {@linkcode levelAbove}). Every map gets its full mass, so it is right for complete particles only, not
 *   for those that lack parts.
 *
 * @throws {InputError} Where the densities are not all finite, or all the same, no level can be told, or
 *   no voxel or only solvent is above it.
 */
export function findLevel(map: MapToThreshold, options: LevelOptions): number {
  const { data, name } = map;
  const facts = statistics(data);
  if (facts.nans + facts.infinities > 0) {
    throw impossible(name, `${facts.nans + facts.infinities} of its voxels are not finite numbers`);
  }
  if (facts.min === facts.max) throw impossible(name, `all its voxels are the same (${facts.min})`);
  if (!(facts.max > 0)) throw impossible(name, `none of its voxels is positive (${facts.max})`);
  const level = levelBy(map, options, facts);
  if (!(level < facts.max)) {
    throw impossible(
      name,
      `no voxel is above the level (${level}; the greatest density is ${facts.max})`,
      "Take fewer standard deviations.",
    );
  }
  return level;
}

function levelBy(map: MapToThreshold, options: LevelOptions, facts: Statistics): number {
  switch (options.method) {
    case "otsu": {
      const level = otsu(map.data);
      if (Number.isNaN(level)) {
        throw impossible(map.name, "nearly all its voxels are the same", "Take another method.");
      }
      return level;
    }
    case "sigma":
      return facts.mean + (options.sigmas ?? SIGMAS) * facts.rms;
    case "volume":
      return levelOfMass(map, options);
  }
}

function levelOfMass({ data, apix: own, name }: MapToThreshold, options: LevelOptions): number {
  const { mass = NaN, density = "protein", apix = own } = options;
  if (apix === undefined) {
    throw impossible(name, "its header does not tell the voxel size", "Give it with --apix.");
  }
  const volume = molecularVolume(
    mass,
    typeof density === "number" ? density : molecularDensities[density],
  );
  const count = Math.round(volume / apix ** 3);
  const told = `${mass} kDa are ${count} voxels of ${apix} Å`;
  if (count < 1) {
    throw impossible(name, `the molecule is smaller than a voxel (${told})`, CHECK_MASS);
  }
  if (count >= data.length) {
    throw impossible(name, `the molecule is larger than the box (${told})`, CHECK_MASS);
  }
  const level = levelAbove(data, count);
  if (!(level > 0)) {
    throw impossible(
      name,
      `the molecule is larger than what is positive in the map (${told})`,
      CHECK_MASS,
    );
  }
  return level;
}

const CHECK_MASS = "Check the mass, which is in kDa, and the voxel size, which is in Å.";

function impossible(name: string, reason: string, remedy?: string): InputError {
  return new InputError(`Cannot find a threshold for ${name}: ${reason}`, remedy);
}
