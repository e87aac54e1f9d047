/**
 * Voxels as the pieces that hang together.
 *
 * @module
 */
import { position } from "../blocks/block.ts";

/**
 * Parts voxels into pieces that hang together: two voxels do where they share a face, an edge or a corner (26
 * neighbours).
 *
 * @param voxels Flat indices (z * box + y) * box + x, none twice.
 * @param box Edge in voxels.
 * @returns The pieces, the largest first, of equals the one with the least index first; indices ascending.
 * @example
 * ```ts
 * import { connectedPieces } from "./connected_pieces.ts";
 * import assert from "node:assert";
 *
 * // Of a box of 4: 0 and 21 touch at a corner, 63 is far.
 * const pieces = connectedPieces([63, 21, 0], 4);
 * assert.deepStrictEqual(pieces.map((piece) => [...piece]), [[0, 21], [63]]);
 * ```
 */
export function connectedPieces(voxels: ArrayLike<number>, box: number): Uint32Array[] {
  const left = new Set(Uint32Array.from(voxels).sort());
  const pieces: Uint32Array[] = [];
  for (const first of left) {
    left.delete(first);
    const piece = [first];
    for (let i = 0; i < piece.length; i++) {
      const { x, y, z } = position(piece[i]!, box);
      for (let dz = -1; dz <= 1; dz++) {
        if (z + dz < 0 || z + dz >= box) continue;
        for (let dy = -1; dy <= 1; dy++) {
          if (y + dy < 0 || y + dy >= box) continue;
          for (let dx = -1; dx <= 1; dx++) {
            if (x + dx < 0 || x + dx >= box) continue;
            const neighbour = ((z + dz) * box + y + dy) * box + x + dx;
            if (left.delete(neighbour)) piece.push(neighbour);
          }
        }
      }
    }
    pieces.push(Uint32Array.from(piece).sort());
  }
  return pieces.sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}
