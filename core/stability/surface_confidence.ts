/**
 * Confidences to colour a surface with.
 *
 * @module
 */

/**
 * Confidences that reach one voxel further than the blocks. Programs colour a surface by what lies around
 * it, and half of what lies around the surface of a block is outside: there each voxel gets the mean of its
 * neighbours (up to 26) within blocks.
 *
 * @param confidence By flat index (z * box + y) * box + x: box^3 values.
 * @param inBlocks Whether each voxel is in a block: box^3 values, 0 or 1.
 * @returns box^3 values; 0 where no neighbour is in a block.
 * @example
 * ```ts
 * import { surfaceConfidence } from "./surface_confidence.ts";
 * import assert from "node:assert";
 *
 * const confidence = Float32Array.of(0.5, 0, 0, 0, 0, 0, 0, 1);
 * const filled = surfaceConfidence(confidence, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1), 2);
 * assert.deepStrictEqual([...filled], [0.5, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75, 1]);
 * ```
 */
export function surfaceConfidence(
  confidence: Float32Array,
  inBlocks: Uint8Array,
  box: number,
): Float32Array<ArrayBuffer> {
  const result = Float32Array.from(confidence);
  const sums = new Float32Array(confidence.length), counts = new Uint8Array(confidence.length);
  const around = (at: number) => [at - 1, at, at + 1].filter((one) => one >= 0 && one < box);
  for (let voxel = 0; voxel < inBlocks.length; voxel++) {
    if (inBlocks[voxel] === 0) continue;
    const x = voxel % box, y = Math.floor(voxel / box) % box, z = Math.floor(voxel / box / box);
    for (const k of around(z)) {
      for (const j of around(y)) {
        for (const i of around(x)) {
          const to = (k * box + j) * box + i;
          if (inBlocks[to] === 1) continue;
          sums[to]! += confidence[voxel]!;
          counts[to]!++;
        }
      }
    }
  }
  counts.forEach((count, voxel) => {
    if (count > 0) result[voxel] = sums[voxel]! / count;
  });
  return result;
}
