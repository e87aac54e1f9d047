/**
 * Simulated ensembles: volumes of one model in which blocks come and go.
 *
 * @module
 */
import { z } from "zod";
import { sigmaPerResolution } from "../atoms/density.ts";
import { addDensity, type SparseDensity, sumDensities } from "../atoms/sparse_density.ts";
import { UsageError } from "../errors.ts";
import type { Grid } from "../mrc/grid.ts";
import { quantileOf } from "../quantile.ts";
import { type Random, random } from "../random.ts";
import { type AssemblyTree, checkTree, drawPresence } from "./assembly_tree.ts";
import type { Model } from "./model.ts";
import { addNoise } from "./noise.ts";

/** Streams of the seed. Each volume has two of its own, so that any of them can be made alone. */
export const streams = { tree: 0, phantom: 1, firstVolume: 2, exclusive: 2 ** 31 } as const;

/** Best and worst resolution in Å. */
export const resolutionRange = z.tuple([z.number().positive(), z.number().positive()]).refine(
  ([best, worst]) => best <= worst,
  "the best resolution comes first",
);

/** How the volumes of an ensemble differ. */
export const ensembleOptions = z.strictObject({
  /** Number of volumes, N. */
  volumes: z.int().min(1).max(65534).default(300),
  /** Integer, 0 to 2^53 - 1. */
  seed: z.int().min(0).default(0),
  /** Each volume's resolution is drawn from equal steps between these. */
  resolution: resolutionRange.default([10, 14]),
  /** Number of resolutions to draw from, the ends included. */
  resolutionSteps: z.int().min(1).default(5),
  /** Standard deviation of the noise, as a share of the reference density. */
  noise: z.number().min(0).default(0.04),
  /** Resolution in Å to which the noise is low-passed; 0 for white noise. */
  noiseResolution: z.number().min(0).default(0),
  /** Threshold of the volumes, as a share of the reference density. */
  threshold: z.number().positive().default(0.22),
  /** Each volume and its threshold are multiplied by a number drawn evenly from 1 - amplitude to 1 + amplitude. */
  amplitude: z.number().min(0).lt(1).default(0),
});

/** Options of {@linkcode simulateEnsemble}, complete. */
export type EnsembleOptions = z.output<typeof ensembleOptions>;

/** What is drawn for one volume, but for its noise. */
export interface VolumeState {
  /** 1 for each block that is present, else 0: length K. */
  readonly presence: Uint8Array;
  /** In Å. */
  readonly resolution: number;
  /** What the volume is multiplied by. */
  readonly amplitude: number;
  /** A voxel is occupied where the volume exceeds this. */
  readonly threshold: number;
}

/** An ensemble whose volumes are made when asked for. */
export interface Ensemble {
  readonly grid: Grid;
  readonly tree: AssemblyTree;
  readonly options: EnsembleOptions;
  /** The density, in the model's own unit, that is 1 in the volumes. */
  readonly reference: number;
  /** One for each volume. */
  readonly states: readonly VolumeState[];
  /**
   * What each voxel of the full model belongs to: box^3 numbers, -1 for nothing, 0 for the core, k + 1 for block k.
   */
  readonly labels: Int32Array;
  /**
   * Makes volume k, 0 to N - 1, the same whenever it is asked for.
   *
   * @returns box^3 voxels, C order (z, y, x).
   */
  volume(k: number): Float32Array<ArrayBuffer>;
}

/** Gives each voxel above the threshold in the full model to the part that is densest there; of equals, to the first. */
function labelVoxels(
  parts: readonly SparseDensity[],
  full: Float32Array,
  threshold: number,
): Int32Array {
  const labels = new Int32Array(full.length).fill(-1);
  const densest = new Float32Array(full.length);
  parts.forEach(({ voxels, values }, part) => {
    for (let i = 0; i < voxels.length; i++) {
      const v = voxels[i]!;
      if (values[i]! > densest[v]! && full[v]! > threshold) {
        densest[v] = values[i]!;
        labels[v] = part;
      }
    }
  });
  return labels;
}

/**
 * Simulates an ensemble. Volume k is `amplitude * (sum of the parts present / reference + noise)`. The
 * reference is the 99th percentile of the full model's density (core and all blocks, no noise, at the
 * middle of the resolution range) over **all** voxels of the box, so that noise and threshold are
 * numbers on the scale of the volumes themselves.
 *
 * A voxel's true label is the part with the greatest density there at the middle resolution, where the
 * full model exceeds the threshold.
 *
 * @param tree Has as many blocks as the model.
 * @throws {UsageError} Where the tree is none or has another number of blocks.
 * @example
 * ```ts
 * import { random } from "../random.ts";
import type { Grid } from "../mrc/grid.ts";
 * import { ensembleOptions, simulateEnsemble } from "./ensemble.ts";
 * import { phantom } from "./phantom.ts";
 * import assert from "node:assert";
 *
 * const zero = { x: 0, y: 0, z: 0 };
 * const grid = { box: 16, apix: 8, origin: zero, nstart: zero };
 * const tree = { parents: [-1, 0], probabilities: [0.7, 0.5] };
 * const options = ensembleOptions.parse({ volumes: 10, seed: 4 });
 * const ensemble = simulateEnsemble(phantom(grid, 2, random(4, 1)), tree, options);
 * assert.strictEqual(ensemble.volume(3).length, 16 ** 3);
 * ```
 */
export function simulateEnsemble(
  model: Model,
  tree: AssemblyTree,
  options: EnsembleOptions,
): Ensemble {
  checkTree(tree, model.blocks);
  const { grid } = model;
  const { volumes, seed, resolutionSteps, amplitude, threshold } = options;
  const [best, worst] = options.resolution;

  const rendered = new Map<number, readonly SparseDensity[]>();
  const partsAt = (resolution: number) => {
    let parts = rendered.get(resolution);
    if (parts === undefined) rendered.set(resolution, parts = model.render(resolution));
    return parts;
  };
  const middle = partsAt((best + worst) / 2);
  const full = sumDensities(middle, grid.box);
  const reference = quantileOf(full, 0.99);
  if (!(reference > 0)) {
    throw new UsageError(
      `Cannot scale the model: it fills less than 1 % of the box (${grid.box} voxels of ${grid.apix} Å)`,
      "Take a smaller box or voxel size.",
    );
  }

  const drawState = (rng: Random): VolumeState => {
    const presence = drawPresence(tree, rng);
    const step = rng.integer(resolutionSteps);
    const resolution = resolutionSteps === 1
      ? (best + worst) / 2
      : best + (worst - best) * step / (resolutionSteps - 1);
    const factor = 1 + amplitude * (2 * rng.uniform() - 1);
    return { presence, resolution, amplitude: factor, threshold: threshold * factor };
  };
  const states = Array.from(
    { length: volumes },
    (_, k) => drawState(random(seed, streams.firstVolume + 2 * k)),
  );

  return {
    grid,
    tree,
    options,
    reference,
    states,
    labels: labelVoxels(middle, full, threshold * reference),
    volume(k) {
      const state = states[k];
      if (state === undefined) throw new RangeError(`Cannot make volume ${k} of ${volumes}`);
      const { presence, resolution } = state;
      const volume = new Float32Array(grid.box ** 3);
      partsAt(resolution).forEach((part, i) => {
        if (i === 0 || presence[i - 1] === 1) addDensity(volume, part);
      });
      for (let v = 0; v < volume.length; v++) volume[v]! /= reference;
      const blur = sigmaPerResolution * options.noiseResolution / grid.apix;
      const rng = random(seed, streams.firstVolume + 2 * k + 1);
      addNoise(volume, grid.box, options.noise, blur, rng);
      if (state.amplitude !== 1) {
        for (let v = 0; v < volume.length; v++) volume[v]! *= state.amplitude;
      }
      return volume;
    },
  };
}
