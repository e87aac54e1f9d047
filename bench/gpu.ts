/**
 * Speed of the engines that compute on a device, in billion pairs a second of wall time: what a thread
 * gets that asks for many tiles at once, everything included but opening the device.
 *
 *     deno task bench:gpu [VOLUMES...]
 *
 * 512, 1024 and 4096 volumes unless told. The voxels are independent of each other, so that a least count
 * says what share of their pairs is linked: none, or about one in a hundred.
 *
 * @module
 */
import { findCuda } from "../core/cooccupancy/cuda.ts";
import { type BitMatrix, bitMatrix } from "../core/cooccupancy/bit_matrix.ts";
import type { LeastCounts } from "../core/cooccupancy/engine.ts";
import type { Found } from "../core/cooccupancy/found.ts";
import { findNative } from "../core/cooccupancy/native.ts";
import { triangularTiles } from "../core/cooccupancy/pruning.ts";
import { findWebgpu } from "../core/cooccupancy/webgpu.ts";

/** Voxels, all of whose pairs are compared; fewer where about one pair in a hundred is linked. */
const VOXELS = 131072, FEWER = 32768;
/** Sides of tiles: that of a run's, and one that leaves the device more of a choice. */
const SIDES = [1024, 8192];

/** Voxels occupied in half of the volumes each, at random. */
function halves(voxels: number, volumes: number): BitMatrix {
  const matrix = bitMatrix(voxels, volumes);
  const { words, wordsPerVoxel } = matrix;
  let state = 12345;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13, state ^= state >>> 17, state ^= state << 5;
    words[i] = state;
  }
  const rest = volumes % 32;
  for (let v = 1; rest > 0 && v <= voxels; v++) words[v * wordsPerVoxel - 1]! &= 2 ** rest - 1;
  return matrix;
}

const findings: readonly [string, () => Found | Promise<Found>][] = [
  ["cuda, popcount", () => findCuda(undefined, { linkKernel: "popcount" })],
  ["cuda, tensor", () => findCuda(undefined, { linkKernel: "tensor" })],
  ["webgpu", findWebgpu],
  ["native, one thread", findNative],
];

if (import.meta.main) {
  const given = Deno.args.map(Number);
  console.log("| volumes | engine | computes on | linked | tile side | billion pairs/s |");
  console.log("| ---: | --- | --- | ---: | ---: | ---: |");
  for (const volumes of given.length > 0 ? given : [512, 1024, 4096]) {
    const matrix = halves(VOXELS, volumes);
    const classes = new Uint16Array(VOXELS);
    // Counts are binomial with mean N / 4 and variance 3 N / 16.
    const deviation = Math.sqrt(3 * volumes / 16);
    for (const [name, find] of findings) {
      const found = await find();
      if (!found.works || found.software === true) {
        console.log(
          `| ${volumes} | ${name} | ${found.works ? "only in software" : found.reason} |||`,
        );
        continue;
      }
      const engine = await found.open(0)(matrix, matrix);
      const onCpu = found.on === "cpu";
      for (const [voxels, deviations] of [[onCpu ? FEWER : VOXELS, 8], [FEWER, 2.4]] as const) {
        const thresholds: LeastCounts = {
          rowClasses: classes,
          columnClasses: classes,
          columnClassCount: 1,
          least: Uint16Array.of(Math.ceil(volumes / 4 + deviations * deviation)),
        };
        for (const side of SIDES) {
          const tiles = triangularTiles(voxels, side);
          await engine.links(tiles.slice(0, 4), thresholds, true);
          const start = performance.now();
          const { rows } = await engine.links(tiles, thresholds, true);
          const seconds = (performance.now() - start) / 1000;
          const pairs = voxels * (voxels - 1) / 2;
          console.log(
            `| ${volumes} | ${name} | ${found.what} | ${
              (100 * rows.length / pairs).toFixed(1)
            } % | ` +
              `${side} | ${(pairs / seconds / 1e9).toFixed(1)} |`,
          );
        }
      }
      engine.close();
    }
  }
}
