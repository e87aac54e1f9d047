/**
 * What maps to learn thresholds from may look like, and what is drawn for each.
 *
 * @module
 */
import { z } from "zod";
import type { Random } from "../random.ts";

const range = (number: z.ZodNumber) =>
  z.tuple([number, number]).refine(
    ([least, greatest]) => least <= greatest,
    "the least comes first",
  );

/** Options of {@linkcode simulateForCnn}. */
export const forCnnOptions = z.strictObject({
  /** Number of maps. */
  volumes: z.int().min(1).max(1_000_000).default(1000),
  /** Edge in voxels; the network takes 64. */
  box: z.int().min(16).max(256).multipleOf(2, "it must be even").default(64),
  /** Integer, 0 to 2^53 - 1. */
  seed: z.int().min(0).default(0),
  /** Whether all files are one model in one frame, or each is a model of its own. */
  models: z.enum(["one", "each"]).default("one"),
  /** Best and worst resolution in Å, drawn evenly on a logarithmic scale. */
  resolution: range(z.number().positive()).default([3, 15]),
  /** Least and greatest share of the box's edge that the particle takes. */
  fill: range(z.number().min(0.2).max(0.95)).default([0.3, 0.9]),
  /** Least mass of a particle in kDa, where the model has it. */
  leastMass: z.number().min(0).default(20),
  /** B-factor in Å^2: below 0, sharpened. */
  bFactor: range(z.number()).default([-50, 300]),
  /** Standard deviation of the noise in the solvent as a share of the level; drawn on a logarithmic scale. */
  noise: range(z.number().positive()).default([0.02, 0.3]),
  /** What the map is multiplied by; drawn on a logarithmic scale. */
  amplitude: range(z.number().positive()).default([0.01, 100]),
  /** Share of the maps whose solvent is masked to zero. */
  masked: z.number().min(0).max(1).default(0.5),
});

/** Options of {@linkcode simulateForCnn}, complete. */
export type ForCnnOptions = z.output<typeof forCnnOptions>;

/** What is drawn for a map, but for its particle and its noise. */
export interface Drawn {
  /** Unit quaternion w, x, y, z: any orientation is as likely as any other. */
  readonly rotation: readonly [number, number, number, number];
  /** In Å. */
  readonly resolution: number;
  /** How the map fades towards its resolution: as `molmap` has it, or at once, as after a low-pass filter. */
  readonly edge: "gaussian" | "sharp";
  /** In Å^2. */
  readonly bFactor: number;
  /** Share of the solvent's density that is taken away where the molecule is, 0 to 1. */
  readonly solvent: number;
  /** Share of the lowest frequencies that is taken away, 0 to 1, and how far it reaches: in particles. */
  readonly highPass: readonly [share: number, length: number];
  /** Density of the chain that is the faintest, and of atoms farthest from the middle, as a share, 0 to 1. */
  readonly occupancy: number;
  readonly rim: number;
  /** Density of the model's other chains, as of parts that few of the particles have: a share, 0 to 1. */
  readonly faint: number;
  /** How dense parts stand out: 1 as they are, below less, as in maps that were scaled locally. */
  readonly contrast: number;
  /** Height of a bright spot in the particle, as a multiple of the greatest density; mostly 0. */
  readonly spot: number;
  /** Share of the box's edge. */
  readonly fill: number;
  /** From the middle of the box to that of the particle: shares of what the particle leaves free. */
  readonly shift: readonly [number, number, number];
  /** Standard deviation in the solvent, as a share of the level; what is added to it, as a share, in the particle. */
  readonly noise: number;
  readonly noiseInside: number;
  /** Noise in the corners of the box over that in the middle, 0 to 1. */
  readonly noiseOutside: number;
  /** Share of the noise's variance that is white, and the resolution of the rest as a multiple of the map's. */
  readonly whiteNoise: number;
  readonly noiseResolution: number;
  /** How the solvent is masked: not, by a ball, or close to the particle. */
  readonly mask: "none" | "ball" | "close";
  /** In voxels: how far the mask is from the particle, and how wide its soft edge is. */
  readonly maskGap: number;
  readonly maskEdge: number;
  readonly amplitude: number;
  /** Density that is added to all voxels of a map without mask, as a share of the level. */
  readonly offset: number;
}

/** Draws the properties of one map. */
export function drawProperties(options: ForCnnOptions, rng: Random): Drawn {
  const even = (least: number, greatest: number) => least + (greatest - least) * rng.uniform();
  const logarithmic = ([least, greatest]: readonly [number, number]) =>
    Math.exp(even(Math.log(least), Math.log(greatest)));
  return {
    rotation: drawRotation(rng),
    resolution: logarithmic(options.resolution),
    edge: rng.uniform() < 0.5 ? "gaussian" : "sharp",
    bFactor: even(...options.bFactor),
    solvent: even(0, 0.7),
    highPass: [even(0, 0.5), even(0.5, 1.5)],
    occupancy: even(0.5, 1),
    rim: even(0.5, 1),
    faint: Math.max(0, even(-0.2, 0.2)),
    contrast: Math.min(1, even(-1, 3)),
    spot: Math.max(0, even(-9, 3)),
    fill: even(...options.fill),
    shift: [even(-0.5, 0.5), even(-0.5, 0.5), even(-0.5, 0.5)],
    noise: logarithmic(options.noise),
    noiseInside: even(0, 2),
    noiseOutside: even(0.1, 1),
    whiteNoise: rng.uniform() ** 2,
    noiseResolution: even(0.7, 1.5),
    mask: rng.uniform() >= options.masked ? "none" : rng.uniform() < 0.4 ? "ball" : "close",
    maskGap: even(1, 3),
    maskEdge: even(1, 6),
    amplitude: logarithmic(options.amplitude),
    offset: even(-0.05, 0.05),
  };
}

/** Four normal numbers, scaled to length 1 (Marsaglia, Annals of Mathematical Statistics 43:645, 1972). */
function drawRotation(rng: Random): [number, number, number, number] {
  const numbers = [rng.normal(), rng.normal(), rng.normal(), rng.normal()] as const;
  const length = Math.hypot(...numbers);
  return numbers.map((x) => x / length) as [number, number, number, number];
}
