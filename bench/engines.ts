/**
 * Speed of the co-occupancy engines on one thread, in billion pairs per CPU-second:
 *
 *     deno task bench
 *
 * Every engine counts the same voxels, and what they find is compared.
 *
 * @module
 */
import assert from "node:assert";
import process from "node:process";
import { type BitMatrix, bitMatrix, takeVoxels, totals } from "../core/cooccupancy/bit_matrix.ts";
import type { LeastCounts, SyncEngineFactory, Tile } from "../core/cooccupancy/engine.ts";
import { referenceEngine } from "../core/cooccupancy/reference.ts";
import { wasmEngine } from "../core/cooccupancy/wasm.ts";
import { random } from "../core/random.ts";

/** Voxels occupied at random, sorted by total; `density` of the volumes, or any density where undefined. */
function ensemble(voxels: number, volumes: number, density: number | undefined): BitMatrix {
  const rng = random(1);
  const matrix = bitMatrix(voxels, volumes);
  for (let v = 0; v < voxels; v++) {
    const chance = density ?? rng.uniform();
    for (let k = 0; k < volumes; k++) {
      if (rng.uniform() < chance) {
        matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
      }
    }
  }
  const found = totals(matrix);
  return takeVoxels(matrix, Array.from(found.keys()).sort((u, v) => found[u]! - found[v]!));
}

/** Least counts that about 1 % of the pairs of independent voxels reach: 2.33 standard deviations up. */
function onePercent(matrix: BitMatrix): LeastCounts {
  const { volumes } = matrix;
  const size = volumes + 1;
  const classes = Uint16Array.from(totals(matrix));
  const least = Uint16Array.from({ length: size * size }, (_, i) => {
    const [f1, f2] = [Math.floor(i / size), i % size];
    const mean = f1 * f2 / volumes;
    const deviation = Math.sqrt(mean * (1 - f1 / volumes) * (1 - f2 / volumes));
    return Math.ceil(mean + 2.33 * deviation + 0.5);
  });
  return { rowClasses: classes, columnClasses: classes, columnClassCount: size, least };
}

/** CPU seconds of the whole process, compiler threads included. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Billion pairs per CPU-second of `work` on `pairs` pairs, over at least `seconds`. */
function rate(pairs: number, seconds: number, work: () => void): number {
  work();
  const start = cpuSeconds();
  let times = 0;
  do {
    work();
    times++;
  } while (cpuSeconds() - start < seconds);
  return pairs * times / (cpuSeconds() - start) / 1e9;
}

const square = (side: number): Tile => ({
  rowStart: 0,
  rowEnd: side,
  columnStart: 0,
  columnEnd: side,
});

/** Per-row least counts of the same table, for `tally`. */
function perRow({ rowClasses, columnClassCount, least }: LeastCounts, side: number): Uint16Array {
  const result = new Uint16Array(side * columnClassCount);
  for (let row = 0; row < side; row++) {
    const from = rowClasses[row]! * columnClassCount;
    result.set(least.subarray(from, from + columnClassCount), row * columnClassCount);
  }
  return result;
}

function measure(factory: SyncEngineFactory, matrix: BitMatrix, side: number, seconds: number) {
  const engine = factory(matrix, matrix);
  const thresholds = onePercent(matrix);
  const tile = square(side);
  const blocks = {
    starts: Uint32Array.of(0, side),
    classes: thresholds.columnClasses,
    classCounts: [thresholds.columnClassCount],
  };
  const least = perRow(thresholds, side);
  const pairs = side * side;
  return {
    links: rate(pairs, seconds, () => engine.links([tile], thresholds, false)),
    tally: rate(pairs, seconds, () => engine.tally(0, side, blocks, least)),
    counts: rate(pairs, seconds, () => engine.counts(tile)),
  };
}

function compare(matrix: BitMatrix, side: number): number {
  const [a, b] = [referenceEngine(matrix, matrix), wasmEngine(matrix, matrix)];
  const thresholds = onePercent(matrix);
  const tile = square(side);
  const links = a.links([tile], thresholds, false);
  assert.deepStrictEqual(b.links([tile], thresholds, false), links);
  assert.deepStrictEqual(b.counts(tile).slice(), a.counts(tile).slice());
  return links.rows.length / side ** 2;
}

/**
 * Billion pairs per second of wall time of a thread that has run nothing yet, compiling included: in its
 * first `milliseconds`, tiles of 1024 x 1024 voxels, as a shard has them.
 */
function fromTheStart(matrix: BitMatrix, milliseconds: number): number {
  const thresholds = onePercent(matrix);
  const tile = square(1024);
  const start = performance.now();
  const engine = wasmEngine(matrix, matrix);
  let times = 0;
  do {
    engine.links([tile], thresholds, false);
    times++;
  } while (performance.now() - start < milliseconds);
  return times * 1024 ** 2 / (performance.now() - start) / 1e6;
}

if (import.meta.main) {
  // Before anything else has warmed the compiler up.
  const first = fromTheStart(ensemble(2048, 512, undefined), 100);
  console.log(`wasm, 512 volumes, links in the first 100 ms: ${first.toFixed(3)} (wall time)`);
  const table = [];
  for (const volumes of [512, 1024, 2048]) {
    for (const density of [undefined, 0.5]) {
      const matrix = ensemble(2048, volumes, density);
      const linked = compare(matrix, 256);
      for (const [factory, side] of [[referenceEngine, 256], [wasmEngine, 2048]] as const) {
        const found = measure(factory, matrix, side, 0.5);
        table.push({
          volumes,
          occupancy: density ?? "any",
          linked: `${(100 * linked).toFixed(1)} %`,
          engine: factory(matrix, matrix).name,
          links: found.links.toFixed(3),
          tally: found.tally.toFixed(3),
          counts: found.counts.toFixed(3),
        });
      }
    }
  }
  console.table(table);
}
