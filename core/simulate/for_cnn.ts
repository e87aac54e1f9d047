/**
 * Maps with known good levels, to train the network that predicts thresholds.
 *
 * @module
 */
import { sigmaPerResolution } from "../atoms/density.ts";
import { type ModelText, parseModel } from "../atoms/read_model.ts";
import { InputError, UsageError } from "../errors.ts";
import type { Grid } from "../mrc/grid.ts";
import { type Random, random } from "../random.ts";
import { mapRange } from "../threshold_cnn/normalise.ts";
import { filteredDensity, FINER, transfer } from "./for_cnn_density.ts";
import { addSpot, changeContrast } from "./for_cnn_contrast.ts";
import { goodVolume, type KnownLevel, knownLevel } from "./for_cnn_level.ts";
import { type Drawn, drawProperties, type ForCnnOptions } from "./for_cnn_options.ts";
import { orient, place } from "./for_cnn_orientation.ts";
import {
  type CompactChain,
  compactChain,
  drawParticle,
  type Particle,
} from "./for_cnn_particle.ts";
import { addSolventNoise, solventMask } from "./for_cnn_solvent.ts";
import { type Waves, waves } from "./for_cnn_waves.ts";

/** How often a map is drawn anew where its level cannot be told. */
const ATTEMPTS = 100;
/** Voxels that a particle has at least, at its level. */
const LEAST_VOXELS = 100;
/**
 * Bounds of a level that somebody might choose, as shares of the level: where the bounds are farther
 * apart, the level is in the solvent, or the volume hardly depends on it.
 */
const LEAST_LOWER = 0.1, GREATEST_UPPER = 2.5;
/** Share of the box that the particle and its blur take at most. */
const FULLEST = 0.98;
/** Standard deviations of the blur that are kept within that. */
const BLUR = 2;
/** A particle is at least so many resolutions long. */
const LEAST_RESOLUTIONS = 4;

/** A map and what is known about it. */
export interface KnownMap extends KnownLevel {
  /** box^3 voxels, C order (z, y, x). */
  readonly data: Float32Array<ArrayBuffer>;
  readonly grid: Grid;
  /** Voxels that the level encloses without noise, mask and amplitude. */
  readonly voxels: number;
  readonly particle: Particle;
  readonly drawn: Drawn;
}

/** Maps that are made when asked for. */
export interface KnownMaps {
  readonly options: ForCnnOptions;
  /** Makes map k, the same whenever and among however many it is asked for. */
  map(k: number): KnownMap;
}

/**
 * Simulates maps with known good levels. Each is of some neighbouring chains of a model (see
 * {@linkcode drawParticle}), in any orientation, and differs from the others in resolution, B-factor,
 * contrast, noise, mask and scale (see {@linkcode Drawn}). Its level is that which, without noise,
 * encloses a volume that follows from the chains' mass (see {@linkcode goodVolume}).
 *
 * @param pdbs At least one file; all of one model in one frame, or each a model of its own.
 * @throws {UsageError} Where there is no file.
 * @throws {InputError} Where a file cannot be read.
 * @example
 * ```ts
 * import { simulateForCnn } from "./for_cnn.ts";
 * import { forCnnOptions } from "./for_cnn_options.ts";
 * import assert from "node:assert";
 *
 * const text = Array.from({ length: 300 }, (_, i) => {
 *   const [x, y, z] = [15 * Math.cos(i), 15 * Math.sin(i), i / 5].map((p) => p.toFixed(3).padStart(8));
 *   return `ATOM  ${String(i).padStart(5)}  CA  ALA A${String(i).padStart(4)}    ${x}${y}${z}`;
 * }).join("\n");
 * const options = forCnnOptions.parse({ box: 24, leastMass: 0 });
 * const { data, level } = simulateForCnn(options, [{ name: "helix.pdb", text }]).map(0);
 * assert.ok(data.some((density) => density > level));
 * ```
 */
export function simulateForCnn(options: ForCnnOptions, pdbs: readonly ModelText[]): KnownMaps {
  if (pdbs.length === 0) {
    throw new UsageError(
      "Cannot simulate maps for the network: there is no model",
      "Give PDB files: the levels follow from the mass of their atoms.",
    );
  }
  const files = pdbs.map((pdb) => parseModel(pdb).chains.map(compactChain));
  const models = options.models === "one" ? [files.flat()] : files;
  const box = options.box;
  const transforms = waves(2 * Math.ceil(FINER * box / 2), box);
  return {
    options,
    map(k) {
      const rng = random(options.seed, k);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const map = drawMap(models[rng.integer(models.length)]!, options, transforms, rng);
        if (map !== undefined) return map;
      }
      throw new InputError(
        `Cannot simulate map ${k}: no particle of the models has a level (${ATTEMPTS} tries)`,
        "Give models of compact molecules, or a larger --box.",
      );
    },
  };
}

function drawMap(
  chains: readonly CompactChain[],
  options: ForCnnOptions,
  transforms: Waves,
  rng: Random,
): KnownMap | undefined {
  const { box, resolution: [best] } = options;
  const particle = drawParticle(chains, options.leastMass, rng);
  const first = drawProperties(options, rng);
  const { atoms, extent } = orient(particle, first, rng);
  const resolution = Math.max(best, Math.min(first.resolution, extent / LEAST_RESOLUTIONS));
  const drawn = { ...first, resolution };

  // What the map shows: the B-factor widens atoms by B / (8 pi^2), and voxels hold no more than two of them.
  const blur = Math.hypot(
    resolution,
    Math.sqrt(Math.max(0, drawn.bFactor) / (8 * Math.PI ** 2)) / sigmaPerResolution,
  );
  const margin = 2 * BLUR * sigmaPerResolution * blur;
  const apix = Math.fround(
    Math.max(extent / drawn.fill, (extent + margin) / FULLEST) / box,
  );
  const shown = Math.max(blur, 2 * apix);
  const voxels = Math.round(goodVolume(particle.volume, shown) / apix ** 3);
  if (voxels < LEAST_VOXELS * (box / 64) ** 3) return undefined;

  const free = Math.max(0, FULLEST * box - (extent + margin) / apix) / 2;
  const middle = drawn.shift.map((share) => (box - 1) / 2 + share * free);
  const placed = place(atoms, box, apix, middle);
  const density = filteredDensity(placed, apix, transforms, transfer(drawn, extent));
  const plain = knownLevel(density, voxels);
  if (plain === undefined || !(plain.level > 0)) return undefined;
  if (plain.lower < LEAST_LOWER * plain.level || plain.upper > GREATEST_UPPER * plain.level) {
    return undefined;
  }
  const known = changeContrast(density, plain, drawn.contrast);
  addSpot(density, box, placed.subarray(4 * rng.integer(placed.length / 4)), drawn.spot);

  const mask = solventMask(density, box, known.level, drawn);
  addSolventNoise(density, box, known.level, shown / apix, drawn, rng);
  const { amplitude } = drawn;
  const offset = mask === undefined ? drawn.offset * known.level : 0;
  for (let v = 0; v < density.length; v++) {
    density[v] = amplitude * (density[v]! * (mask?.[v] ?? 1) + offset);
  }
  const scaled = (level: number) => amplitude * (level + offset);
  // The network sees the map clipped to this range.
  const range = mapRange(density, "a simulated map");
  if (!(scaled(known.level) > range.min && scaled(known.level) < range.max)) return undefined;
  const zero = { x: 0, y: 0, z: 0 };
  return {
    data: density,
    grid: { box, apix, origin: zero, nstart: zero },
    level: scaled(known.level),
    lower: scaled(known.lower),
    upper: scaled(known.upper),
    voxels,
    particle,
    drawn,
  };
}
