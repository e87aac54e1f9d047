/**
 * Soft masks as maps in a folder: what `siren mask` does.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { InputError, UsageError } from "../core/errors.ts";
import { isThere, makeFolder } from "../core/files.ts";
import {
  otherGrid,
  sameVolumeIn,
  type SoftMask,
  softMask,
  voxelsAbove,
  voxelsAboveIn,
} from "../core/masks/mod.ts";
import { firstVoxel, type Grid, sameApix, writeMap } from "../core/mrc/mod.ts";
import { shortNumber } from "../core/short_number.ts";
import { VERSION } from "../core/version.ts";
import type { MaskOptions } from "./mask_options.ts";
import { type MaskDensities, maskMakers, type MaskSource } from "./mask_sources.ts";
import { refuseToReplace } from "./molmap.ts";
import { checkOutFolder } from "./out_folder.ts";
import type { Surroundings } from "./progress.ts";

/** How {@linkcode makeMasks} is called. */
export interface MaskCall {
  readonly source: MaskSource;
  readonly options: MaskOptions;
  readonly outdir: string;
  /** Whether masks that are there are replaced. */
  readonly force?: boolean;
}

/** A mask that was written. */
export interface MaskLine {
  readonly mask: string;
  /** Threshold of what it was made of; null where they differ. */
  readonly threshold: number | null;
  readonly box: number;
  readonly apix: number;
  /** Voxels above one half. */
  readonly voxels: number;
  /** Their volume in Å^3. */
  readonly volume: number;
  /** Their share of the box, 0 to 1. */
  readonly share: number;
  /** Whether the mask, before it was inverted, reaches a face of the box. */
  readonly touchesEdge: boolean;
}

/** What {@linkcode makeMasks} has written. */
export interface MaskSummary {
  readonly outdir: string;
  readonly extend: number;
  readonly soft: number;
  readonly masks: readonly MaskLine[];
}

/** A mask that fills more than this share of its box is not told from no mask. */
const FULL = 0.8;

const UNION = "union";

/**
 * Writes masks of maps, of blocks, or of models: 1 up to so many Å beyond what is above the threshold, then
 * falling to 0 over so many Å. Where they are for another box, what they are made of is brought there first,
 * so that distances and edges are right at its voxel size.
 *
 * @throws {UsageError} The options do not go together, the masks are there already, or would replace what they
 *   are made of.
 * @throws {InputError} The source cannot be used, or one of the masks would be empty.
 * @example
 * ```ts ignore
 * import { makeMasks } from "./masks.ts";
 * import { MaskOptionsSchema } from "./mask_options.ts";
 *
 * const options = MaskOptionsSchema.parse({ extend: 6, soft: 12, box: 256 });
 * await makeMasks(
 *   { source: { kind: "blocks", path: "out", which: ["b3"] }, options, outdir: "masks" },
 *   { signal: new AbortController().signal, tell: (news) => console.error(news) },
 * );
 * ```
 */
export async function makeMasks(
  { source, options, outdir, force = false }: MaskCall,
  { signal, tell }: Pick<Surroundings, "signal" | "tell">,
): Promise<MaskSummary> {
  await checkOutFolder(outdir);
  // What models' densities tell of their progress is not that of the masks.
  const makers = await maskMakers(source, options, {
    signal,
    tell: (news) => news.kind === "progress" ? undefined : tell(news),
  });
  if (makers.length === 0) {
    throw new InputError("Cannot make masks: there is nothing to make them of (0 maps or blocks)");
  }
  const names = options.union ? [UNION] : makers.map(({ name }) => name);
  const paths = names.map((name) => join(outdir, maskName(name)));
  refuseTwins(paths, makers.map(({ path }) => path));
  if (!force) await refuseToReplace(paths, "masks");
  await refuseOwnSources(paths, makers.map(({ path }) => path));

  const masks: MaskLine[] = [];
  let union: { inside: Uint8Array<ArrayBuffer>; grid: Grid; threshold: number | null } | undefined;
  let lastEmpty: InputError | undefined;
  for (const [i, maker] of makers.entries()) {
    signal.throwIfAborted();
    const densities = await maker.read();
    if (densities !== undefined) {
      const { inside, grid, threshold, empty } = insideOf(densities, options, maker.path);
      if (empty !== undefined) {
        // Of a model's chains a few atoms may be thin air at this resolution.
        if (source.kind !== "models") throw emptyError(maker.path, empty);
        tell({ kind: "warning", text: `${maker.name} has no mask: ${empty}` });
        lastEmpty = emptyError(maker.path, empty);
      } else if (!options.union) {
        masks.push(await write(paths[i]!, inside, grid, threshold, options, tell)); // one for each
      } else if (union === undefined) union = { inside, grid, threshold };
      else {
        checkSameGrid(union.grid, grid, maker.path);
        const all = union.inside;
        for (let v = 0; v < all.length; v++) all[v]! |= inside[v]!;
        if (union.threshold !== threshold) union.threshold = null;
      }
    }
    tell({
      kind: "progress",
      stage: "Making masks",
      done: i + 1,
      total: makers.length,
      unit: "masks",
    });
  }
  if (union !== undefined) {
    const { inside, grid, threshold } = union;
    masks.push(await write(paths[0]!, inside, grid, threshold, options, tell)); // the only one
  }
  if (masks.length === 0 && lastEmpty !== undefined) throw lastEmpty;
  return { outdir, extend: options.extend, soft: options.soft, masks };
}

function emptyError(path: string, why: string): InputError {
  return new InputError(`Cannot make a mask of ${path}: ${why}`, "Give a lower --threshold.");
}

/** A mask's file, as MAVEn names it. */
function maskName(name: string): string {
  return `${name.startsWith("Mask_") ? "" : "Mask_"}${name}.mrc`;
}

function refuseTwins(paths: readonly string[], sources: readonly string[]): void {
  const seen = new Map<string, number>();
  for (const [i, path] of paths.entries()) {
    const twin = seen.get(path.toLowerCase());
    if (twin !== undefined) {
      throw new UsageError(
        `Cannot make masks of ${sources[twin]} and ${sources[i]}: they would be one file (${path})`,
        "Rename one of them, or make one mask of all with --union.",
      );
    }
    seen.set(path.toLowerCase(), i);
  }
}

/** Refuses to replace maps that the masks are made of, by whatever names they go: they would be lost. */
async function refuseOwnSources(
  paths: readonly string[],
  sources: readonly string[],
): Promise<void> {
  const own = new Set<string>();
  // Blocks and chains are no files of their own.
  for (const source of sources) if (await isThere(source)) own.add(await Deno.realPath(source));
  for (const path of paths) {
    if (!await isThere(path) || !own.has(await Deno.realPath(path))) continue;
    throw new UsageError(
      `Cannot write the masks: they would replace what they are made of (${path})`,
      "Give another folder.",
    );
  }
}

/** Voxels that a mask is made of. */
interface Inside {
  /** 1 for those, 0 for the others: box^3 values. */
  readonly inside: Uint8Array<ArrayBuffer>;
  readonly grid: Grid;
  readonly threshold: number;
  /** Why there are none, if so. */
  readonly empty?: string;
}

/** The voxels that a mask is made of, on the mask's grid. */
function insideOf(
  { data, grid, threshold, isSet }: MaskDensities,
  options: MaskOptions,
  path: string,
): Inside {
  const to = otherGrid(grid, options, path);
  const isHere = to.box === grid.box && sameApix(to.apix * to.box, grid.apix * grid.box);
  let inside: Uint8Array<ArrayBuffer>;
  if (isHere) inside = voxelsAbove(data, threshold);
  else {
    const keepsVolume = isSet && threshold >= 0 && threshold < 1 && data.includes(1);
    inside = keepsVolume ? sameVolumeIn(data, grid, to) : voxelsAboveIn(data, grid, to, threshold);
  }
  if (inside.includes(1)) return { inside, grid: to, threshold };
  const greatest = data.reduce((most, density) => Math.max(most, density), -Infinity);
  const where = to.box === grid.box ? "" : ` in a box of ${to.box}`;
  const empty = `no voxel is above ${threshold}${where} (the greatest is ${shortNumber(greatest)})`;
  return { inside, grid: to, threshold, empty };
}

function checkSameGrid(one: Grid, other: Grid, path: string): void {
  const [a, b] = [firstVoxel(one), firstVoxel(other)];
  const near = (x: number, y: number) => Math.abs(x - y) <= 0.01 * one.apix;
  const isSame = one.box === other.box && sameApix(one.apix, other.apix) &&
    near(a.x, b.x) && near(a.y, b.y) && near(a.z, b.z);
  if (isSame) return;
  throw new InputError(
    `Cannot make one mask of all: ${path} lies on another grid than those before (${
      [other, one].map(({ box, apix }) => `${box} voxels of ${apix} Å`).join("; ")
    })`,
    "Make a mask of each, or bring the maps onto one grid.",
  );
}

async function write(
  path: string,
  inside: Uint8Array,
  grid: Grid,
  threshold: number | null,
  { extend, soft, invert }: MaskOptions,
  tell: Surroundings["tell"],
): Promise<MaskLine> {
  const made = softMask(inside, grid, { extend, soft });
  const { data, touchesEdge } = made;
  const { voxels } = invert ? inverted(made) : made;
  const share = voxels / grid.box ** 3;
  const width = extend + soft;
  const warn = (text: string) => tell({ kind: "warning", text: `${path} ${text}` });
  if (width > 0 && width < grid.apix) {
    warn(`is not wider for ${extend} + ${soft} Å: its voxels are of ${grid.apix} Å`);
  }
  if (touchesEdge) warn("reaches a face of the box: the molecule is cut, or the mask is too wide");
  if (share > FULL) {
    warn(`fills ${Math.round(100 * share)} % of the box: the threshold may be too low`);
  }
  if (invert && voxels === 0) warn("is empty");
  await makeFolder(dirname(path));
  await writeMap(
    path,
    data,
    grid,
    `siren ${VERSION} mask${threshold === null ? "" : `: above ${threshold}`}${
      invert ? ", inverted" : ""
    }`,
    `extended by ${extend} A, edge of ${soft} A`,
  );
  return {
    mask: path,
    threshold,
    box: grid.box,
    apix: grid.apix,
    voxels,
    volume: voxels * grid.apix ** 3,
    share,
    touchesEdge,
  };
}

/** Turns a mask inside out. */
function inverted({ data }: SoftMask): { voxels: number } {
  let voxels = 0;
  for (let v = 0; v < data.length; v++) {
    data[v] = 1 - data[v]!;
    if (data[v]! > 0.5) voxels++;
  }
  return { voxels };
}
