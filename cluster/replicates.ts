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
import { type ArrowContent, expectColumns } from "./arrow_file.ts";
import { completeExpansion } from "./expand.ts";
import { keepLinked } from "./keep_linked.ts";
import { countSample, type LinkRule, ruleOf } from "./link_rule.ts";
import type { ReadRun } from "./read_volumes.ts";
import type { Run } from "./run_file.ts";
import type { CompleteStage, ShardedStage } from "./shards.ts";
import { findBlocks, linkSample } from "./sketch.ts";
import { sortSample } from "./sorted_sample.ts";
import type { SampledUnion } from "./volumes_file.ts";
import type { Draw, ReplicateWork, Setting } from "./work.ts";

/** Blocks of a replicate under some settings, a row for each voxel of each block. */
export interface ReplicateBlocks {
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
 * Finds the blocks of a replicate.
 *
 * @param complete Computes stages here.
 */
export async function computeReplicate(
  { matrix, flat, sampled, grid, before, seed, size, draw, settings }: ReplicateWork,
  replicate: number,
  complete: CompleteStage,
): Promise<ReplicateBlocks> {
  const union = { box: grid.box, flat, totals: totals(matrix), matrix, sampled };
  const drawn = drawReplicate(union, { before, seed, size, draw }, replicate);
  const found = drawn.union.sampled.length < FEWEST_SAMPLED
    ? []
    : await blocksUnder(drawn.union, grid, settings, complete);
  const all = found.flatMap((blocks, setting) => blocks.map((block) => ({ setting, ...block })));
  const length = all.reduce((sum, { members }) => sum + members.length, 0);
  const setting = new Uint16Array(length);
  const block = new Uint32Array(length), row = new Uint32Array(length);
  let at = 0;
  for (const { members, ...own } of all) {
    setting.fill(own.setting, at, at + members.length);
    block.fill(own.id, at, at + members.length);
    row.set(members.map((place) => drawn.rows[place]!), at);
    at += members.length;
  }
  return { setting, block, row };
}

/** What is told of a stage of replicates. */
interface ReplicateStage
  extends
    Pick<ShardedStage, "name" | "key" | "unit">,
    Pick<ReplicateWork, "seed" | "size" | "draw" | "settings"> {
  /** Number of replicates. */
  readonly count: number;
}

/** The stage that computes replicates of a run's ensemble, each a shard. */
export function replicateStage(
  { run, union: { matrix, flat, sampled } }: ReadRun,
  { count, seed, size, draw, settings, ...stage }: ReplicateStage,
): ShardedStage<"replicates"> {
  return {
    ...stage,
    job: "replicates",
    work: () => ({
      matrix,
      flat,
      sampled,
      grid: run.grid,
      before: run.volumes.length,
      seed,
      size,
      draw,
      settings,
    }),
    inputs: Array.from({ length: count }, (_, replicate) => ({ replicate })),
    // Every replicate opens its engine anew, so that devices are worth it only if one alone has much to
    // compare: all together count as one.
    pairs: new Array<number>(count).fill(size * (size - 1) / 2 / count),
  };
}

/** The blocks that a replicate's shard holds. */
export function replicateOf(content: ArrowContent): ReplicateBlocks {
  const kinds = { setting: "uint16", block: "uint32", row: "uint32" } as const;
  return expectColumns(content, kinds, "a replicate's shard");
}

/** The blocks of a setting, in their order: rows of the union. */
export function blocksOfSetting(found: ReplicateBlocks, setting: number): Block[] {
  const blocks: Block[] = [];
  for (let i = 0; i < found.row.length;) {
    const own = found.setting[i]!, id = found.block[i]!;
    const start = i;
    while (i < found.row.length && found.setting[i] === own && found.block[i] === id) i++;
    if (own === setting) blocks.push({ id, members: found.row.subarray(start, i) });
  }
  return blocks;
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
async function blocksUnder(
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
