/**
 * What is wanted of which particles.
 *
 * @module
 */
import type { VolumeChoice } from "../core/analysis/choose_volumes.ts";
import type { KmeansChoice } from "../core/particles/mod.ts";
import type { OccupancySource } from "./analysis.ts";

/** Which volumes are meant. */
export type VolumeSelection =
  /** Those of a run or of an occupancy table that are chosen as by `siren volumes`. */
  | { readonly source: OccupancySource; readonly choice: Omit<VolumeChoice, "not"> }
  /** Names of volumes, numbers in such names, and ranges of numbers. */
  | { readonly volumes: readonly string[] }
  /** States of a landscape by number, of one of its folders of states. */
  | { readonly states: readonly number[]; readonly clustering?: string };

/** What is wanted of which particles. */
export interface ParticlesCall {
  /** cryoDRGN's or tomoDRGN's folder, or that of one of its analyses. */
  readonly folder: string;
  readonly program: "cryoDRGN" | "tomoDRGN";
  /** Which of the folder's analyses, where there are several. */
  readonly choice?: KmeansChoice;
  readonly selection: VolumeSelection;
  /** The particles of all other volumes instead. */
  readonly inverse?: boolean;
  /** Labels each particle by the volume that it is nearest to, instead of by labels.pkl. */
  readonly nearest?: boolean;
  /** The number of the first volume, where the files do not tell it. */
  readonly firstVolume?: number;
  /** The training's subset, instead of what its configuration says: a pickle of indices, or none. */
  readonly ind?: string | "none";
  /** What indices count: particles of the stack (by default), or of the training. */
  readonly relativeTo?: "stack" | "training";
  /** A .star file of which the particles are written, too. */
  readonly star?: string;
  /** What a row of `star` is, where the files do not tell: a particle, or an image of a tilt series. */
  readonly starRows?: "particles" | "images";
  /** A .cs file of which the particles are written, too. */
  readonly cs?: string;
}
