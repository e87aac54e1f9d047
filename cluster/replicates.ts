/**
 * Replicates: the blocks of an ensemble drawn again, found in the memory of one thread. The code is that
 * of runs; only what it computes is not kept in shards.
 *
 * @module
 */
import type { Block } from "../core/blocks/block.ts";
import { takeVoxels, totals } from "../core/cooccupancy/mod.ts";
import type { PairCounts } from "../core/null_model/mod.ts";
import { random, sample } from "../core/random.ts";
import { takeVolumes } from "../core/stability/mod.ts";
import { completeExpansion } from "./expand.ts";
import { keepLinked } from "./keep_linked.ts";
import { countSample, type LinkRule, ruleOf } from "./link_rule.ts";
import type { Run } from "./run_file.ts";
import type { CompleteStage } from "./shards.ts";
import { findBlocks, linkSample } from "./sketch.ts";
import { sortSample } from "./sorted_sample.ts";
import type { SampledUnion } from "./volumes_file.ts";
import type { Draw, ReplicateWork, Setting } from "./work.ts";

/** Blocks of some replicates, a row for each voxel of each block. */
export interface ReplicateBlocks {
  readonly replicate: Uint32Array<ArrayBuffer>;
  /** Place of the setting in the list. */
  readonly setting: Uint16Array<ArrayBuffer>;
  /** Number of the block. */
  readonly block: Uint32Array<ArrayBuffer>;
  /** Row of the voxel in the union. */
  readonly row: Uint32Array<ArrayBuffer>;
}

/**
 * Random streams: of the volumes that a replicate draws, of its sample, and of how the volumes are parted in
 * two, from these on. A run's own streams lie below.
 */
const VOLUME_STREAM = 2 ** 24, SAMPLE_STREAM = 2 ** 25, HALF_STREAM = 2 ** 26;

/** Fewer voxels hold no pair. */
const FEWEST_SAMPLED = 2;

/**
 * Finds the blocks of replicates.
 *
 * @param complete Computes stages here.
 */
export async function computeReplicates(
  { matrix, flat, sampled, grid, before, seed, size, draw, settings }: ReplicateWork,
  start: number,
  end: number,
  complete: CompleteStage,
): Promise<ReplicateBlocks> {
  const union = { box: grid.box, flat, totals: totals(matrix), matrix, sampled };
  const found: { replicate: number; setting: number; block: number; rows: Uint32Array }[] = [];
  for (let replicate = start; replicate < end; replicate++) {
    const drawn = drawReplicate(union, { before, seed, size, draw }, replicate);
    if (drawn.union.sampled.length < FEWEST_SAMPLED) continue;
    const bySetting = await blocksUnder(drawn.union, grid, settings, complete);
    for (const [setting, blocks] of bySetting.entries()) {
      for (const { id, members } of blocks) {
        const rows = members.map((row) => drawn.rows[row]!);
        found.push({ replicate, setting, block: id, rows });
      }
    }
  }
  const length = found.reduce((sum, { rows }) => sum + rows.length, 0);
  const columns = {
    replicate: new Uint32Array(length),
    setting: new Uint16Array(length),
    block: new Uint32Array(length),
    row: new Uint32Array(length),
  };
  let at = 0;
  for (const { replicate, setting, block, rows } of found) {
    columns.replicate.fill(replicate, at, at + rows.length);
    columns.setting.fill(setting, at, at + rows.length);
    columns.block.fill(block, at, at + rows.length);
    columns.row.set(rows, at);
    at += rows.length;
  }
  return columns;
}

/** A replicate's union and sample, and the row in the whole union of each of its voxels. */
interface Drawn {
  readonly union: SampledUnion;
  readonly rows: Uint32Array;
}

/**
 * Draws a replicate. Its union are the voxels of the whole union that are occupied in more than 1 % of the
 * volumes drawn, as in a run of these volumes; its sample is the run's own as far as it is in that, or
 * another.
 */
export function drawReplicate(
  union: SampledUnion,
  { before, seed, size, draw }: Pick<ReplicateWork, "before" | "seed" | "size" | "draw">,
  replicate: number,
): Drawn {
  const { volumes } = union.matrix;
  const drawn = volumesOf(draw, volumes, seed, replicate);
  const sampleRandom = random(seed, SAMPLE_STREAM + replicate);
  if (drawn === undefined) {
    const sampled = draw === "samples"
      ? sample(union.flat.length, Math.min(size, union.flat.length), sampleRandom)
      : union.sampled;
    return { union: { ...union, sampled }, rows: Uint32Array.from(union.flat.keys()) };
  }
  const all = takeVolumes(union.matrix, drawn);
  const own = totals(all);
  // Volumes that a run's filter left out count among those that 1 % is of.
  const bound = Math.floor(before * drawn.length / volumes / 100);
  const rows = Uint32Array.from(union.flat.keys()).filter((row) => own[row]! > bound);
  const placeOf = new Int32Array(union.flat.length).fill(-1);
  rows.forEach((row, place) => placeOf[row] = place);
  const sampled = draw === "both"
    ? sample(rows.length, Math.min(size, rows.length), sampleRandom)
    : union.sampled.filter((row) => placeOf[row]! >= 0).map((row) => placeOf[row]!);
  return {
    union: {
      box: union.box,
      flat: rows.map((row) => union.flat[row]!),
      totals: rows.map((row) => own[row]!),
      matrix: rows.length === union.flat.length ? all : takeVoxels(all, rows),
      sampled,
    },
    rows,
  };
}

/** The volumes of a replicate; undefined where they are all of them, as they are. */
function volumesOf(
  draw: Draw,
  volumes: number,
  seed: number,
  replicate: number,
): Uint32Array | undefined {
  switch (draw) {
    case "volumes":
    case "both": {
      const rng = random(seed, VOLUME_STREAM + replicate);
      return Uint32Array.from({ length: volumes }, () => rng.integer(volumes));
    }
    case "halves": {
      // Replicates 2 i + 1 and 2 i + 2 are the halves of one parting; 0 is the ensemble itself.
      if (replicate === 0) return undefined;
      const parting = Math.floor((replicate - 1) / 2);
      const order = sample(volumes, volumes, random(seed, HALF_STREAM + parting));
      const middle = Math.ceil(volumes / 2);
      return (replicate % 2 === 1 ? order.slice(0, middle) : order.slice(middle)).sort();
    }
    case "samples":
      return undefined;
  }
}

/**
 * The blocks of one ensemble under several settings. Pairs of sampled voxels are counted once, under the
 * loosest of the settings; for each it is then decided which of them are linked.
 *
 * @param union At least two voxels are sampled.
 * @returns For each setting its blocks: rows of the union.
 */
export async function blocksUnder(
  union: SampledUnion,
  grid: Run["grid"],
  settings: readonly Setting[],
  complete: CompleteStage,
): Promise<(readonly Block[])[]> {
  const sorted = sortSample(union);
  const of = {
    totals: sorted.totals,
    volumes: union.matrix.volumes,
    sampled: union.sampled.length,
  };
  let counts: Promise<PairCounts> | undefined;
  const count = () => counts ??= countSample({ union, complete }, sorted);
  // Settings that differ in their expansion alone have one sketch.
  const sketches = new Map<string, { sketch: Setting["sketch"]; rule: LinkRule; at: number[] }>();
  for (const [at, { sketch }] of settings.entries()) {
    const key = JSON.stringify(sketch);
    const known = sketches.get(key);
    if (known !== undefined) known.at.push(at);
    else sketches.set(key, { sketch, rule: await ruleOf({ sketch, grid }, of, count), at: [at] });
  }
  const rules = [...sketches.values()].map(({ rule }) => rule);
  const links = await linkSample({ union, complete }, sorted, loosest(rules));
  const found = new Array<readonly Block[]>(settings.length).fill([]);
  for (const { sketch, rule, at } of sketches.values()) {
    const edges = rules.length === 1 ? links : keepLinked(links, union, sorted, rule);
    const seeds = findBlocks({ sketch }, union, edges);
    for (const place of at) {
      const options = settings[place]!.expand;
      const expanding = { run: { sketch, grid }, options, union, seeds, complete };
      found[place] = (await completeExpansion(expanding, rule.pBound)).blocks;
    }
  }
  return found;
}

/** A rule that links whatever any of the rules links; the only rule itself. */
function loosest(rules: readonly LinkRule[]): Pick<LinkRule, "least" | "byDistance"> {
  const [first, ...others] = rules;
  if (first === undefined) throw new Error("There is no rule");
  if (others.length === 0) return first;
  const least = first.least.slice();
  for (const { least: own } of others) {
    for (let i = 0; i < least.length; i++) least[i] = Math.min(least[i]!, own[i]!);
  }
  return { least };
}
