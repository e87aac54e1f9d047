/**
 * A simulated particle made of atoms.
 *
 * @module
 */
import { atomDensity } from "../atoms/density.ts";
import type { Atom } from "../atoms/chains.ts";
import { InputError } from "../errors.ts";
import type { Grid } from "../mrc/grid.ts";
import type { ChainBlocks } from "./blocks_from_chains.ts";
import type { Model } from "./model.ts";

/**
 * The grid of a given box and voxel size whose middle is the middle of the atoms' extent.
 *
 * @param box Edge in voxels.
 * @param apix Voxel size in Å.
 */
export function centredGrid(parts: ChainBlocks, box: number, apix: number): Grid {
  const first = (position: (atom: Atom) => number) => {
    let low = Infinity, high = -Infinity;
    for (const { atoms } of [parts.core, ...parts.blocks]) {
      for (const atom of atoms) {
        low = Math.min(low, position(atom));
        high = Math.max(high, position(atom));
      }
    }
    return (low + high) / 2 - apix * (box - 1) / 2;
  };
  return {
    box,
    apix,
    origin: { x: first((atom) => atom.x), y: first((atom) => atom.y), z: first((atom) => atom.z) },
    nstart: { x: 0, y: 0, z: 0 },
  };
}

/**
 * A model whose parts are atoms.
 *
 * @throws {InputError} Where atoms lie outside the box.
 */
export function atomicModel(parts: ChainBlocks, grid: Grid): Model {
  const { box, apix, origin } = grid;
  const groups = [parts.core, ...parts.blocks].map((group) => group.atoms);
  const inside = (position: number, from: number) =>
    position >= from && position <= from + apix * (box - 1);
  let outside = 0, all = 0;
  for (const atoms of groups) {
    for (const { x, y, z } of atoms) {
      all++;
      if (!(inside(x, origin.x) && inside(y, origin.y) && inside(z, origin.z))) outside++;
    }
  }
  if (outside > 0) {
    throw new InputError(
      `Cannot place the atoms in a box of ${box} voxels of ${apix} Å: ${outside} of ${all} lie outside it`,
      "Centre the box on the atoms, or take a larger box or voxel size.",
    );
  }
  return {
    grid,
    blocks: parts.blocks.length,
    render: (resolution) => groups.map((atoms) => atomDensity(atoms, grid, resolution)),
  };
}
