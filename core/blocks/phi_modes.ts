/**
 * Modes: patterns of presence that many voxels share, found from the links between sampled voxels.
 *
 * @module
 */
import type { BitMatrix } from "../cooccupancy/bit_matrix.ts";
import type { Links } from "../cooccupancy/engine.ts";
import { phi } from "../null_model/phi.ts";
import { majorityProfile, phiWithProfile, type Profile } from "./phi_profile.ts";

/**
 * The scales on which modes are looked for, tightest first. On clean maps the voxels of a block are
 * nearly identical and the first scale finds it apart from its likes; with noise the phi of two voxels of
 * one block falls, to about 0.6 for a rare block at the worst noise that leaves it visible.
 */
const SCALES = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65];

/** The phi a pair of voxels needs to be linked: the widest scale on which modes are looked for. */
export const PHI_BOUND = 0.65;

/**
 * Finds modes by peeling, scale by scale: the voxel with the most links of at least that phi to voxels
 * not yet explained, and those voxels, vote for a profile; every voxel that follows the profile at that
 * phi is explained; and so on while a voxel has `fewest - 1` such links. One block may give several
 * modes.
 *
 * @param matrix Bits of the sampled voxels.
 * @param totals Totals of the sampled voxels.
 * @param links Linked pairs of sampled voxels, row < column.
 * @param fewest Fewest voxels of a mode.
 */
export function findModes(
  matrix: BitMatrix,
  totals: Uint32Array,
  links: Links,
  fewest: number,
): Profile[] {
  const { starts, neighbours, scales } = neighbourLists(matrix, totals, links);
  const modes: Profile[] = [];
  const explained = new Uint8Array(matrix.voxels);
  const degrees = new Uint32Array(matrix.voxels);
  for (let scale = 0; scale < SCALES.length; scale++) {
    degrees.fill(0);
    for (let v = 0; v < matrix.voxels; v++) {
      if (explained[v]) continue;
      for (let i = starts[v]!; i < starts[v + 1]!; i++) {
        if (scales[i]! <= scale && !explained[neighbours[i]!]) degrees[v]!++;
      }
    }
    const explain = (v: number) => {
      if (explained[v]) return;
      explained[v] = 1;
      for (let i = starts[v]!; i < starts[v + 1]!; i++) {
        if (scales[i]! <= scale) degrees[neighbours[i]!]!--;
      }
    };
    while (true) {
      let hub = -1;
      for (let v = 0, most = fewest - 2; v < matrix.voxels; v++) {
        if (!explained[v] && degrees[v]! > most) {
          most = degrees[v]!;
          hub = v;
        }
      }
      if (hub < 0) break;
      const voters = [hub];
      for (let i = starts[hub]!; i < starts[hub + 1]!; i++) {
        if (scales[i]! <= scale && !explained[neighbours[i]!]) voters.push(neighbours[i]!);
      }
      let mode = majorityProfile(matrix, voters);
      const followers = (phi: number) => {
        const rows: number[] = [];
        for (let v = 0; v < matrix.voxels; v++) {
          if (!explained[v] && phiWithProfile(matrix, v, mode) >= phi) rows.push(v);
        }
        return rows;
      };
      let rows = followers(SCALES[scale]!);
      for (let round = 0; round < 2 && rows.length >= fewest; round++) {
        mode = majorityProfile(matrix, rows);
        rows = followers(SCALES[scale]!);
      }
      rows.forEach(explain);
      voters.forEach(explain);
      modes.push(mode);
    }
  }
  return modes;
}

/** Both directions of every link, with the tightest scale it holds on. */
function neighbourLists(matrix: BitMatrix, totals: Uint32Array, links: Links) {
  const { rows, columns, both } = links;
  const starts = new Uint32Array(matrix.voxels + 1);
  for (let i = 0; i < rows.length; i++) {
    starts[rows[i]! + 1]!++;
    starts[columns[i]! + 1]!++;
  }
  for (let v = 0; v < matrix.voxels; v++) starts[v + 1]! += starts[v]!;
  const next = starts.slice();
  const neighbours = new Uint32Array(2 * rows.length);
  const scales = new Uint8Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    const u = rows[i]!, v = columns[i]!;
    const value = phi(matrix.volumes, totals[u]!, totals[v]!, both[i]!);
    let scale = 0;
    while (scale < SCALES.length && value < SCALES[scale]!) scale++;
    const at = next[u]!++, back = next[v]!++;
    neighbours[at] = v;
    neighbours[back] = u;
    scales[at] = scales[back] = scale;
  }
  return { starts, neighbours, scales };
}
