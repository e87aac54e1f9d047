/**
 * Small ensembles for the tests of rule `phi`.
 *
 * @module
 */
import { type BitMatrix, bitMatrix, takeVoxels, totals } from "../cooccupancy/bit_matrix.ts";
import type { Links } from "../cooccupancy/engine.ts";
import { referenceEngine } from "../cooccupancy/reference.ts";
import { phiLeastCounts } from "../null_model/phi.ts";
import { type Random, random, sample } from "../random.ts";
import { PHI_BOUND } from "./phi_modes.ts";
import { phiTailLevel } from "./phi_seeds.ts";

/** In which of N volumes something is present. */
export type Pattern = readonly boolean[];

/** Present in exactly `count` of the volumes, drawn at random. */
export function patternOf(volumes: number, count: number, rng: Random): boolean[] {
  const pattern = new Array<boolean>(volumes).fill(false);
  for (const k of sample(volumes, count, rng)) pattern[k] = true;
  return pattern;
}

/** A pattern with the given volumes the other way round. */
export function flipped(pattern: Pattern, volumes: readonly number[]): boolean[] {
  return pattern.map((present, k) => present !== volumes.includes(k));
}

/** Each pattern as a voxel; every bit is wrong with probability `noise`. */
export function voxelsOf(
  patterns: readonly Pattern[],
  noise = 0,
  rng: Random = random(0),
): BitMatrix {
  const matrix = bitMatrix(patterns.length, patterns[0]!.length);
  patterns.forEach((pattern, v) =>
    pattern.forEach((present, k) => {
      const isWrong = noise > 0 && rng.uniform() < noise;
      if (present !== isWrong) {
        matrix.words[v * matrix.wordsPerVoxel + (k >>> 5)]! |= 1 << (k & 31);
      }
    })
  );
  return matrix;
}

/** `count` times the same. */
export function times<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value);
}

/** The links that rule `phi` makes. */
export function linksOf(matrix: BitMatrix, minBlockSize = 6, alpha = 0.01): Links {
  const each = totals(matrix);
  const distinct = [...new Set(each)].sort((a, b) => a - b);
  const classes = Uint16Array.from(each, (total) => distinct.indexOf(total));
  const least = phiLeastCounts({
    totals: distinct,
    volumes: matrix.volumes,
    bound: PHI_BOUND,
    tailLevel: phiTailLevel(matrix.voxels, minBlockSize, alpha),
  });
  const all = matrix.voxels;
  return referenceEngine(matrix, matrix).links(
    [{ rowStart: 0, rowEnd: all, columnStart: 0, columnEnd: all }],
    { rowClasses: classes, columnClasses: classes, columnClassCount: distinct.length, least },
    true,
  );
}

/** The voxels of a matrix in another order: voxel i of the result is voxel `order[i]`. */
export function reordered(matrix: BitMatrix, order: ArrayLike<number>): BitMatrix {
  return takeVoxels(matrix, order);
}
