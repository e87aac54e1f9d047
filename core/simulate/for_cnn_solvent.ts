/**
 * What surrounds a simulated particle: noise, and masks that take it away.
 *
 * @module
 */
import { sigmaPerResolution } from "../atoms/density.ts";
import type { Random } from "../random.ts";
import type { Drawn } from "./for_cnn_options.ts";
import { addNoise } from "./noise.ts";

/**
 * What a voxel of the particle gives to a close mask where it begins, and where it is 1: shares of what it
 * gives at its own place, so that thin parts are kept like thick ones.
 */
const BEGINS = 0.05, FULL = 0.5;

/**
 * Adds noise: part of it white, the rest filtered to about the map's resolution, more of it where the
 * particle is, and less towards the corners of the box.
 *
 * @param map box^3 voxels, changed in place.
 * @param level The map's level: noise is a share of it, and the particle is where the map nears it.
 * @param resolution Of the map, in voxels.
 */
export function addSolventNoise(
  map: Float32Array,
  box: number,
  level: number,
  resolution: number,
  { noise, noiseInside, noiseOutside, whiteNoise, noiseResolution }: Drawn,
  rng: Random,
): void {
  const field = new Float32Array(map.length);
  const sd = noise * level;
  const blur = sigmaPerResolution * resolution * noiseResolution;
  addNoise(field, box, sd * Math.sqrt(1 - whiteNoise), blur, rng);
  addNoise(field, box, sd * Math.sqrt(whiteNoise), 0, rng);
  const middle = (box - 1) / 2;
  const squares = Float64Array.from({ length: box }, (_, i) => ((i - middle) / middle) ** 2 / 3);
  for (let z = 0, v = 0; z < box; z++) {
    for (let y = 0; y < box; y++) {
      const square = squares[z]! + squares[y]!;
      for (let x = 0; x < box; x++, v++) {
        const inside = Math.min(1, Math.max(0, map[v]! / level));
        const outside = 1 - (1 - noiseOutside) * Math.sqrt(square + squares[x]!);
        map[v]! += field[v]! * (outside + noiseInside * inside);
      }
    }
  }
}

/**
 * A soft mask around the particle: 1 in and near it, 0 beyond, with a soft edge.
 *
 * @param map Density without noise, box^3 voxels.
 * @param level The map's level.
 * @returns box^3 values, 0 to 1; undefined for none.
 */
export function solventMask(
  map: Float32Array,
  box: number,
  level: number,
  { mask, maskGap, maskEdge }: Drawn,
): Float32Array | undefined {
  if (mask === "none") return undefined;
  return mask === "ball"
    ? ballMask(map, box, level, maskGap, maskEdge)
    : closeMask(map, box, level, maskGap);
}

/** A ball about the middle of the box that the particle fits into. */
function ballMask(map: Float32Array, box: number, level: number, gap: number, edge: number) {
  const result = new Float32Array(map.length);
  let farthest = 0;
  const middle = (box - 1) / 2;
  for (let z = 0, v = 0; z < box; z++) {
    for (let y = 0; y < box; y++) {
      for (let x = 0; x < box; x++, v++) {
        const distance = Math.sqrt((x - middle) ** 2 + (y - middle) ** 2 + (z - middle) ** 2);
        result[v] = distance;
        if (map[v]! > level / 2 && distance > farthest) farthest = distance;
      }
    }
  }
  for (let v = 0; v < result.length; v++) {
    const t = Math.min(1, Math.max(0, (farthest + gap + edge - result[v]!) / edge));
    result[v] = (1 - Math.cos(Math.PI * t)) / 2;
  }
  return result;
}

/** Around the particle at half its level: as far as its voxels reach when they are blurred. */
function closeMask(map: Float32Array, box: number, level: number, gap: number) {
  let result = new Float32Array(map.length);
  for (let v = 0; v < map.length; v++) if (map[v]! > level / 2) result[v] = 1;
  for (let pass = 0; pass < 2; pass++) {
    for (const stride of [1, box, box * box]) result = meanAlong(result, box, stride, gap);
  }
  const peak = (1 / (2 * gap + 1)) ** 3; // two means over neighbours are a triangle
  for (let v = 0; v < result.length; v++) {
    const t = Math.min(1, Math.max(0, (result[v]! / peak - BEGINS) / (FULL - BEGINS)));
    result[v] = (1 - Math.cos(Math.PI * t)) / 2;
  }
  return result;
}

/** The mean over 2 * reach + 1 neighbours along an axis, of which the last on either side count in part. */
function meanAlong(from: Float32Array, box: number, stride: number, reach: number) {
  const result = new Float32Array(from.length);
  const whole = Math.floor(reach), part = reach - whole;
  const line = new Float64Array(box);
  const sums = new Float64Array(box + 1);
  for (let outer = 0; outer < from.length; outer += stride * box) {
    for (let start = outer; start < outer + stride; start++) {
      for (let i = 0; i < box; i++) {
        line[i] = from[start + i * stride]!;
        sums[i + 1] = sums[i]! + line[i]!;
      }
      for (let i = 0; i < box; i++) {
        const first = i - whole, last = i + whole;
        const ends = (first > 0 ? line[first - 1]! : 0) + (last < box - 1 ? line[last + 1]! : 0);
        const middle = sums[Math.min(box, last + 1)]! - sums[Math.max(0, first)]!;
        result[start + i * stride] = (middle + part * ends) / (2 * reach + 1);
      }
    }
  }
  return result;
}
