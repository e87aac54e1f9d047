/**
 * What a simulated particle is made of: a core that is always there and blocks that come and go, each
 * a density on one grid.
 *
 * @module
 */
import type { SparseDensity } from "../atoms/sparse_density.ts";
import type { Grid } from "../mrc/grid.ts";

/** A core and K blocks whose densities can be had at any resolution. */
export interface Model {
  readonly grid: Grid;
  /** Number of blocks, K. */
  readonly blocks: number;
  /**
   * The densities of the parts.
   *
   * @param resolution In Å, above 0.
   * @returns K + 1 densities: the core's, then those of blocks 0 to K - 1.
   */
  render(resolution: number): readonly SparseDensity[];
}
