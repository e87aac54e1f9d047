/**
 * The level that encloses the volume of a molecule.
 *
 * @module
 */
import { select } from "./select.ts";

/** Avogadro's number in Å^3 per cm^3 of matter that holds a gram of daltons: 1 g/cm^3 = 0.6022 Da/Å^3. */
const DALTONS = 0.602214076;

/**
 * Densities of molecules in g/cm^3, the inverse of their partial specific volumes: 0.73 cm^3/g for
 * proteins (Harpaz, Gerstein & Chothia, Structure 2:641, 1994), 0.577 cm^3/g for RNA (Voss & Gerstein,
 * J. Mol. Biol. 346:477, 2005).
 */
export const molecularDensities = { protein: 1 / 0.73, nucleic: 1 / 0.577 } as const;

/**
 * The volume of a molecule in Å^3: 1.21 Å^3 per Da of protein.
 *
 * @param mass In kDa.
 * @param density In g/cm^3.
 * @example
 * ```ts
 * import { molecularDensities, molecularVolume } from "./volume.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(Math.round(molecularVolume(100, molecularDensities.protein)), 121219);
 * ```
 */
export function molecularVolume(mass: number, density: number): number {
  return 1000 * mass / (density * DALTONS);
}

/**
 * The level that just so many voxels are above: halfway between the density of the last of them and the
 * next. Where these two are the same, as in the solvent of a masked map, no level does that; the one
 * that is given has fewer voxels above it.
 *
 * @param voxels Finite densities.
 * @param count Voxels that shall be above the level, 1 to `voxels.length - 1`.
 * @example
 * ```ts
 * import { levelAbove } from "./volume.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(levelAbove(Float32Array.of(0, 3, 1, 7), 2), 2);
 * ```
 */
export function levelAbove(voxels: Float32Array, count: number): number {
  const [next, last] = select(voxels, [voxels.length - count - 1, voxels.length - count]) as [
    number,
    number,
  ];
  return next + (last - next) / 2;
}
