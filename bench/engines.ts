/**
 * Speed of the co-occupancy engines on one thread, in billion pairs per CPU-second (for a device: per
 * second), beside what each way of counting could reach at most, and what this machine could do by
 * counting bits:
 *
 *     deno task bench [PDB_FOLDER]
 *
 * Every engine counts the same voxels, and what they find is compared. With PDB_FOLDER (the PDB files of
 * one model) it also sketches a simulated ensemble of it, where many pairs need not be counted: pairs of
 * the sample over the time.
 *
 * @module
 */
import assert from "node:assert";
import process from "node:process";
import {
  allEngines,
  type BitMatrix,
  type Engine,
  findEngine,
  liveTiles,
  type OneEngine,
  onePercent,
  referenceEngine,
  takeVoxels,
  totals,
  triangularTiles,
  type WorkingEngine,
} from "../core/cooccupancy/mod.ts";
import { phiLeastCounts, totalClasses } from "../core/null_model/mod.ts";
import { PHI_BOUND } from "../core/blocks/phi_modes.ts";
import { phiTailLevel } from "../core/blocks/phi_seeds.ts";
import { loadUnion } from "../core/score/mod.ts";
import { random, sample } from "../core/random.ts";
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { benchVoxels } from "../cluster/bench.ts";
import { limitVolumes, measureLimits } from "./limits/limits.ts";
import { readPdbs } from "./pdb_folder.ts";

function sorted(matrix: BitMatrix): BitMatrix {
  const found = totals(matrix);
  return takeVoxels(matrix, Array.from(found.keys()).sort((u, v) => found[u]! - found[v]!));
}

/** CPU seconds of the whole process, compiler threads included. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Billion pairs a second of `work` on `pairs` pairs: the best of some tries of `seconds` each. */
async function rate(
  clock: () => number,
  pairs: number,
  seconds: number,
  work: () => unknown,
): Promise<number> {
  await work();
  let best = 0;
  for (let i = 0; i < 5; i++) {
    const start = clock();
    let times = 0;
    do {
      await work();
      times++;
    } while (clock() - start < seconds);
    best = Math.max(best, pairs * times / (clock() - start) / 1e9);
  }
  return best;
}

const square = (side: number) => ({ rowStart: 0, rowEnd: side, columnStart: 0, columnEnd: side });

/** The engine's links of a tile, against the reference's. */
async function compare(engine: Engine, matrix: BitMatrix): Promise<void> {
  const thresholds = onePercent(matrix);
  const tile = square(256);
  const expected = referenceEngine(matrix, matrix);
  assert.deepStrictEqual(
    await engine.links([tile], thresholds, false),
    expected.links([tile], thresholds, false),
  );
  assert.deepStrictEqual((await engine.counts(tile)).slice(), expected.counts(tile).slice());
}

/** Measures an engine on all pairs of a matrix's first `side` voxels. */
async function measure(found: WorkingEngine, matrix: BitMatrix, side: number, seconds: number) {
  const clock = found.on === "cpu" ? cpuSeconds : () => performance.now() / 1000;
  const engine = await found.open(0)(matrix, matrix);
  try {
    await compare(engine, matrix);
    const thresholds = onePercent(matrix);
    const { rowClasses, columnClassCount, least } = thresholds;
    const blocks = {
      starts: Uint32Array.of(0, side),
      classes: thresholds.columnClasses,
      classCounts: [columnClassCount],
    };
    const perRow = new Uint16Array(side * columnClassCount);
    for (let row = 0; row < side; row++) {
      const from = rowClasses[row]! * columnClassCount;
      perRow.set(least.subarray(from, from + columnClassCount), row * columnClassCount);
    }
    const tile = square(side), pairs = side * side;
    return {
      links: await rate(clock, pairs, seconds, () => engine.links([tile], thresholds, false)),
      tally: await rate(clock, pairs, seconds, () => engine.tally(0, side, blocks, perRow)),
      counts: await rate(clock, pairs, seconds, () => engine.counts(tile)),
    };
  } finally {
    engine.close();
  }
}

/** Side of the square of pairs: what takes an engine a moment. */
const sides: Readonly<Partial<Record<OneEngine, number>>> = { reference: 256 };

/** Engines that work here, but for those that only stand in for a device. */
async function working(): Promise<[OneEngine, WorkingEngine][]> {
  const result: [OneEngine, WorkingEngine][] = [];
  for (const name of allEngines) {
    const found = await findEngine(name);
    if (found.works && found.software !== true) result.push([name, found]);
  }
  return result;
}

async function table(seconds: number) {
  const rows = [];
  for (const volumes of [512, 1024, 2048]) {
    for (const density of [undefined, 0.5]) {
      const matrix = benchVoxels(4096, volumes, density);
      for (const [name, found] of await working()) {
        const side = Math.min(sides[name] ?? 4096, 4096);
        const { links, tally, counts } = await measure(found, matrix, side, seconds);
        const limit = found.limit === undefined ? undefined : found.limit(matrix) / 1e9;
        rows.push({
          volumes,
          occupancy: density ?? "any",
          engine: `${name} (${found.what})`,
          links: links.toFixed(3),
          tally: tally.toFixed(3),
          counts: counts.toFixed(3),
          limit: limit === undefined ? "" : limit.toFixed(2),
          share: limit === undefined ? "" : `${(100 * links / limit).toFixed(0)} %`,
        });
      }
    }
  }
  console.table(rows);
}

/** Pairs of a simulated ensemble's sample a second: most need not be counted to know that they are not linked. */
async function effective(folder: string) {
  const pdbs = await readPdbs(folder);
  if (pdbs.length === 0) throw new Error(`There are no PDB files in ${folder}`);
  const maps = await Deno.makeTempDir({ prefix: "siren_bench_" });
  try {
    const options = simulateOptions.parse({ volumes: 500, seed: 1 });
    const { truth } = await writeEnsemble(simulate(options, pdbs), maps);
    const { matrix: union } = await loadUnion(truth, maps);
    const sampled = sample(union.voxels, Math.floor(union.voxels / 2), random(0));
    const matrix = sorted(takeVoxels(union, sampled));
    const own = totals(matrix);
    const { totals: distinct, classes } = totalClasses(own);
    const least = phiLeastCounts({
      totals: distinct,
      volumes: matrix.volumes,
      bound: PHI_BOUND,
      tailLevel: phiTailLevel(matrix.voxels, 6, 0.01),
    });
    const thresholds = {
      rowClasses: classes,
      columnClasses: classes,
      columnClassCount: distinct.length,
      least,
    };
    const tiles = triangularTiles(matrix.voxels, 1024);
    const pairs = matrix.voxels * (matrix.voxels - 1) / 2;
    const rows = [];
    for (const [name, found] of await working()) {
      if (name === "reference") continue;
      const engine = await found.open(0)(matrix, matrix);
      const clock = found.on === "cpu" ? cpuSeconds : () => performance.now() / 1000;
      let linked = 0;
      const speed = await rate(clock, pairs, 0.3, async () => {
        const live = liveTiles(tiles, thresholds, own, own);
        linked = (await engine.links(live, thresholds, true)).rows.length;
      });
      engine.close();
      rows.push({
        volumes: matrix.volumes,
        sampled: matrix.voxels,
        linked: `${(100 * linked / pairs).toFixed(1)} %`,
        engine: `${name} (${found.what})`,
        "pairs of the sample": speed.toFixed(3),
      });
    }
    console.table(rows);
  } finally {
    await Deno.remove(maps, { recursive: true });
  }
}

/** What counting bits pair by pair could do at most on this machine, to compare bit-sliced adding with. */
async function counting() {
  const limits = await measureLimits();
  if (limits === undefined) return console.log("No C compiler: limits were not measured.");
  const { popcountVectors, popcountScalar } = limits;
  console.table(limitVolumes.map((volumes, i) => ({
    volumes,
    "bare AVX-512 popcount": ((popcountVectors?.[i] ?? NaN) / 1e9).toFixed(2),
    "bare 64-bit popcount": (popcountScalar[i]! / 1e9).toFixed(2),
  })));
}

if (import.meta.main) {
  const [folder] = Deno.args;
  if (folder !== undefined) await effective(folder);
  await table(0.2);
  await counting();
}
