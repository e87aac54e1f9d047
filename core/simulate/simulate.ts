/**
 * From options to an ensemble: what `siren simulate` does, but for the files.
 *
 * @module
 */
import { z } from "zod";
import { type ModelText, parseModel } from "../atoms/read_model.ts";
import { UsageError } from "../errors.ts";
import type { Grid } from "../mrc/grid.ts";
import { random } from "../random.ts";
import { assemblyTreeSchema, drawExclusive, drawTree, treeKinds } from "./assembly_tree.ts";
import { atomicModel, centredGrid } from "./atomic_model.ts";
import { blocksFromChains } from "./blocks_from_chains.ts";
import {
  type Ensemble,
  ensembleOptions,
  resolutionRange,
  simulateEnsemble,
  streams,
} from "./ensemble.ts";
import type { Model } from "./model.ts";
import { phantom } from "./phantom.ts";

const share = z.number().min(0).max(1);

/** Options of {@linkcode simulate}. */
export const simulateOptions = z.strictObject({
  ...ensembleOptions.shape,
  /** As in {@linkcode ensembleOptions}; by default 10 to 14 Å for atoms, 1.5 to 2.2 voxels for phantoms. */
  resolution: resolutionRange.optional(),
  /** Edge in voxels. */
  box: z.int().min(8).max(1024).default(64),
  /** Voxel size in Å. */
  apix: z.number().positive().default(6.55),
  /** Where the first voxel's centre lies: at 0, or so that the box is centred on the atoms. */
  origin: z.enum(["zero", "centred"]).default("zero"),
  /** Number of blocks, K; by default that of the tree where one is given, else 10. */
  blocks: z.int().min(1).max(1000).optional(),
  /** How the assembly tree is drawn, or the tree itself. */
  tree: z.union([z.enum(treeKinds), assemblyTreeSchema]).default("random"),
  /** Least and greatest share of the volumes that hold a block; for a tree that is drawn. */
  frequencies: z.tuple([share, share]).default([0.15, 0.9]).refine(
    ([least, greatest]) => least <= greatest,
    "the least frequency comes first",
  ),
  /** Number of pairs of blocks that exclude each other; for a tree that is drawn. */
  exclusive: z.int().min(0).max(500).optional(),
  /** Share of the atoms that the core takes. */
  coreShare: z.number().gt(0).lt(1).default(0.2),
  /** How many times more atoms the largest block has than the smallest. */
  sizeRatio: z.number().min(1).default(3),
});

/** Options of {@linkcode simulate}, complete but for what depends on the model. */
export type SimulateOptions = z.output<typeof simulateOptions>;

/** An ensemble and how it was made. */
export interface Simulation {
  readonly ensemble: Ensemble;
  /** Every option, as it was used. */
  readonly options: SimulateOptions;
  /** What each block is made of, where the model is made of chains: K lists. */
  readonly chains: readonly (readonly string[])[] | undefined;
}

/**
 * Simulates an ensemble of an analytic phantom, or of the chains of PDB or mmCIF files grouped into blocks.
 *
 * @param pdbs All files of one model, in one frame; none for a phantom.
 * @throws {InputError} Where a file cannot be read, or its atoms do not fit into the box.
 * @throws {UsageError} Where the options do not go together.
 * @example
 * ```ts
 * import { simulate, simulateOptions } from "./simulate.ts";
 * import assert from "node:assert";
 *
 * const options = simulateOptions.parse({ box: 16, apix: 8, volumes: 20, blocks: 3, tree: "chain" });
 * const { ensemble } = simulate(options, []);
 * assert.strictEqual(ensemble.states.length, 20);
 * ```
 */
export function simulate(options: SimulateOptions, pdbs: readonly ModelText[]): Simulation {
  const { box, apix, seed, tree, frequencies, exclusive } = options;
  const blocks = options.blocks ?? (typeof tree === "string" ? 10 : tree.parents.length);
  const first = { x: 0, y: 0, z: 0 };
  const zero: Grid = { box, apix, origin: first, nstart: first };
  let model: Model;
  let chains: (readonly string[])[] | undefined;
  if (pdbs.length === 0) {
    if (options.origin === "centred") {
      throw new UsageError(
        "Cannot centre the box: a phantom has no atoms to centre it on",
        "Give PDB files, or leave the origin at zero.",
      );
    }
    model = phantom(zero, blocks, random(seed, streams.phantom));
  } else {
    const parts = blocksFromChains(pdbs.flatMap((pdb) => parseModel(pdb).chains), {
      ...options,
      blocks,
    });
    model = atomicModel(
      parts,
      options.origin === "zero" ? zero : centredGrid(parts, box, apix),
    );
    chains = parts.blocks.map((block) => block.pieces);
  }
  const resolution: [number, number] = options.resolution ??
    (pdbs.length === 0 ? [1.5 * apix, 2.2 * apix] : [10, 14]);
  const used = { ...options, blocks, resolution };
  if (exclusive !== undefined && typeof tree !== "string") {
    throw new UsageError(
      "Cannot draw exclusive pairs: the assembly tree is given",
      "Name them in the tree's file, as exclusive.",
    );
  }
  const assembly = typeof tree === "string"
    ? drawExclusive(
      drawTree(tree, blocks, random(seed, streams.tree), frequencies),
      exclusive ?? 0,
      random(seed, streams.exclusive),
    )
    : tree;
  return { ensemble: simulateEnsemble(model, assembly, used), options: used, chains };
}
