/**
 * The densities of atomic models' chains, as maps in a folder: what `siren molmap` does.
 *
 * @module
 */
import { basename, join } from "node:path";
import {
  atomDensity,
  atomsOutside,
  type Chain,
  chainFileNames,
  modelStem,
  readModel,
  resampledAtomDensity,
  sumDensities,
} from "../core/atoms/mod.ts";
import { InputError, UsageError } from "../core/errors.ts";
import { isThere, makeFolder } from "../core/files.ts";
import { type Grid, writeMap } from "../core/mrc/mod.ts";
import { suggest } from "../core/suggest.ts";
import { VERSION } from "../core/version.ts";
import { chooseGrid, type GridChoice } from "./model_grid.ts";
import type { MolmapOptions } from "./molmap_options.ts";
import { checkOutFolder } from "./out_folder.ts";
import type { Surroundings } from "./progress.ts";

/** What is put on a grid. */
export interface ModelParts {
  /** PDB or mmCIF files, gzipped or not. */
  readonly models: readonly string[];
  /** Identifiers of the chains to take; all if absent. */
  readonly chains?: readonly string[] | undefined;
  readonly options: MolmapOptions;
}

/** Atoms whose density is one map. */
export interface ModelPart {
  /** File name without ending: `prots1_chaina`. */
  readonly name: string;
  /** The model's file. */
  readonly model: string;
  /** The chain's identifier; absent where it is the chains of a model together. */
  readonly chain?: string;
  readonly atoms: Chain["atoms"];
}

/** A part and its density. */
export interface PartDensity extends ModelPart {
  /** Density by (z, y, x) in electrons per Å^3: box^3 values. */
  readonly data: Float32Array;
  /** Atoms outside the box, whose density is missing at least in part. */
  readonly outside: number;
}

/** How {@linkcode molmap} is called. */
export interface MolmapCall extends ModelParts {
  readonly grid: GridChoice;
  readonly outdir: string;
  /** Whether maps that are there are replaced. */
  readonly force?: boolean;
}

/** What {@linkcode molmap} has written. */
export interface MolmapSummary {
  readonly outdir: string;
  readonly resolution: number;
  readonly sampling: "direct" | "resampled";
  readonly box: number;
  readonly apix: number;
  /** Atoms of water left out. */
  readonly water: number;
  readonly maps: readonly {
    readonly map: string;
    readonly model: string;
    readonly chain: string | null;
    readonly atoms: number;
    readonly outside: number;
    /** Largest density, in electrons per Å^3. */
    readonly max: number;
  }[];
}

type Watch = Pick<Surroundings, "signal" | "tell">;

/**
 * Writes the density of each chain of atomic models on a map's grid, as ChimeraX's `molmap` computes it.
 *
 * @throws {UsageError} The options do not go together, or the maps are there already.
 * @throws {InputError} A model cannot be read, a chain is not there, or all atoms lie outside the box.
 * @example
 * ```ts ignore
 * import { molmap } from "./molmap.ts";
 * import { MolmapOptionsSchema } from "./molmap_options.ts";
 *
 * const options = MolmapOptionsSchema.parse({ res: 10 });
 * await molmap(
 *   { models: ["prots1.pdb"], options, grid: { map: "vol_000.mrc" }, outdir: "chains" },
 *   { signal: new AbortController().signal, tell: (news) => console.error(news) },
 * );
 * ```
 */
export async function molmap(call: MolmapCall, watch: Watch): Promise<MolmapSummary> {
  const { options, outdir, force = false } = call;
  await checkOutFolder(outdir);
  const grid = await chooseGrid(call.grid, watch);
  const { parts, water } = await readParts(call, watch);
  const pathOf = (part: ModelPart) => join(outdir, `${part.name}.mrc`);
  if (!force) await refuseToReplace(parts.map(pathOf), "densities");
  const maps: MolmapSummary["maps"][number][] = [];
  for (const part of partDensities(parts, grid, options, watch)) {
    const { model, chain, atoms, data, outside } = part;
    const map = pathOf(part);
    await makeFolder(outdir); // now that there is something to write
    await writeMap(
      map,
      data,
      grid,
      `siren ${VERSION} molmap: ${basename(model)}${chain === undefined ? "" : ` chain ${chain}`}`,
      `${options.res} A, ${samplingOf(options, grid)}${options.water ? ", with water" : ""}`,
    );
    const max = data.reduce((most, density) => Math.max(most, density), 0);
    maps.push({ map, model, chain: chain ?? null, atoms: atoms.length, outside, max });
  }
  const sampling = samplingOf(options, grid);
  return { outdir, resolution: options.res, sampling, box: grid.box, apix: grid.apix, water, maps };
}

/** How densities come onto a grid; see {@linkcode MolmapOptions.sampling}. */
function samplingOf({ res, sampling }: MolmapOptions, { apix }: Grid): "direct" | "resampled" {
  return sampling ?? (apix > res / 3 ? "resampled" : "direct");
}

/**
 * Refuses to write where files are.
 *
 * @param what What they are, in the plural.
 * @throws {UsageError} One of the files is there.
 */
export async function refuseToReplace(paths: readonly string[], what: string): Promise<void> {
  for (const path of paths) {
    if (!await isThere(path)) continue;
    throw new UsageError(
      `Cannot write the ${what}: there are others already (${path})`,
      "Give another folder, or --force to replace them.",
    );
  }
}

/**
 * Reads models and parts them into what becomes a map each.
 *
 * @returns The parts, in the order of the models and of their chains, and how many atoms of water were left
 *   out.
 * @throws {InputError} A model cannot be read, or a chain is not there.
 * @throws {UsageError} Two models would give files of one name.
 */
export async function readParts(
  { models, chains, options }: ModelParts,
  { signal, tell }: Watch,
): Promise<{ readonly parts: ModelPart[]; readonly water: number }> {
  const parts: ModelPart[] = [];
  const found = new Set<string>();
  let water = 0;
  const stems = new Map<string, string>();
  for (const model of models) {
    signal.throwIfAborted();
    const stem = modelStem(model);
    const twin = stems.get(stem.toLowerCase());
    if (twin !== undefined) {
      throw new UsageError(
        `Cannot write the maps of ${twin} and ${model}: they would have the same names (${stem})`,
        "Rename one of the files, or give them to siren one after the other, with a folder each.",
      );
    }
    stems.set(stem.toLowerCase(), model);
    const read = await readModel(model, { water: options.water, chainNames: options.chain_names });
    water += read.water;
    const names = chainFileNames(read.chains.map(({ id }) => id));
    for (const { id } of read.chains) found.add(id);
    const taken = read.chains.filter(({ id }) => chains?.includes(id) ?? true);
    if (options.by === "chain") {
      for (const { id, atoms } of taken) {
        parts.push({ name: `${stem}_chain${names.get(id)!}`, model, chain: id, atoms }); // all are named
      }
    } else if (taken.length > 0) {
      parts.push({ name: stem, model, atoms: taken.flatMap(({ atoms }) => atoms) });
    }
  }
  const missing = chains?.find((id) => !found.has(id));
  if (missing !== undefined) {
    const meant = suggest(missing, found);
    throw new InputError(
      `Cannot take chain ${missing}: the model has none of this name (${list(found)})`,
      meant === undefined ? undefined : `Did you mean ${meant}?`,
    );
  }
  if (water > 0) {
    const [are, them] = water === 1 ? ["is", "it"] : ["are", "them"];
    tell({
      kind: "note",
      text: `${countAtoms(water)} of water ${are} left out; --water keeps ${them}`,
    });
  }
  return { parts, water };
}

/** Most chains that a message names. */
const NAMED = 60;

function list(ids: ReadonlySet<string>): string {
  const named = [...ids].slice(0, NAMED).map((id) => id === " " ? "one without a name" : id);
  const more = ids.size > NAMED ? `, and ${ids.size - NAMED} more` : "";
  return named.join(", ") + more;
}

/**
 * The densities of parts, one after the other.
 *
 * Parts that lie outside the box as a whole are warned of and left out; so are atoms.
 *
 * @throws {InputError} All parts lie outside the box, or the resolution is too fine for the grid.
 */
export function* partDensities(
  parts: readonly ModelPart[],
  grid: Grid,
  options: MolmapOptions,
  { signal, tell }: Watch,
): Generator<PartDensity, void> {
  const { res } = options;
  const outside = parts.map(({ atoms }) => atomsOutside(atoms, grid));
  if (parts.every(({ atoms }, i) => outside[i] === atoms.length)) {
    const { box, apix } = grid;
    throw new InputError(
      `Cannot place the atoms: all ${
        sum(outside)
      } lie outside the box of ${box} voxels of ${apix} Å`,
      "See that model and map are in one frame; --apix and --origin correct what a header says wrongly.",
    );
  }
  const density = samplingOf(options, grid) === "direct" ? atomDensity : resampledAtomDensity;
  for (const [i, part] of parts.entries()) {
    signal.throwIfAborted();
    const { atoms, name } = part;
    if (outside[i]! > 0) {
      const all = outside[i] === atoms.length;
      tell({
        kind: "warning",
        text: all
          ? `${name} lies outside the box (${countAtoms(atoms.length)}): it has no map`
          : `${outside[i]} of ${atoms.length} atoms of ${name} lie outside the box`,
      });
      if (all) continue;
    }
    const sparse = density(atoms, grid, res);
    if (sparse.voxels.length === 0) {
      throw new InputError(
        `Cannot compute the density of ${name}: no voxel is near enough to an atom (${res} Å)`,
        `Give a resolution that suits voxels of ${grid.apix} Å.`,
      );
    }
    yield { ...part, data: sumDensities([sparse], grid.box), outside: outside[i]! };
    tell({
      kind: "progress",
      stage: "Computing densities",
      done: i + 1,
      total: parts.length,
      unit: "maps",
    });
  }
}

function countAtoms(count: number): string {
  return `${count} ${count === 1 ? "atom" : "atoms"}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
