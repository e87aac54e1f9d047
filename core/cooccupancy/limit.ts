/**
 * How fast engines could be at best.
 *
 * @module
 */
import { type BitMatrix, totals } from "./bit_matrix.ts";

/**
 * Volumes that counting bit-sliced adds up for a pair, on average: those in which the listed voxel is
 * occupied or, if these are more than half, those in which it is empty.
 */
function meanListed(matrix: BitMatrix): number {
  const { voxels, volumes } = matrix;
  let sum = 0;
  for (const total of totals(matrix)) sum += Math.min(total, volumes - total);
  return sum / Math.max(voxels, 1);
}

/**
 * Measures how many full adders a second there can be at most.
 *
 * @param run Does 8 full adders of a register's width so many times, all from registers.
 * @param now Gives milliseconds.
 */
export function fullAddersPerSecond(
  run: (rounds: number) => void,
  now: () => number = () => performance.now(),
): number {
  let best = 0;
  run(1000); // compilers
  for (let i = 0; i < 5; i++) {
    const start = now();
    run(100_000);
    best = Math.max(best, 8 * 100_000 / Math.max(now() - start, 1e-3) * 1000);
  }
  return best;
}

/** Pairs a second of an engine that does so many full adders a second, each of so many voxels. */
export function bitSlicedLimit(matrix: BitMatrix, lanes: number, adders: number): number {
  return lanes * adders / Math.max(meanListed(matrix), 1);
}
