/**
 * siren finds structural blocks in ensembles of cryo-EM maps: which parts come and go together, with no
 * atomic model. All that the program does can be done from here.
 *
 * @example Find the blocks of an ensemble
 * ```ts ignore
 * import { runAll } from "./mod.ts";
 *
 * const { expand } = await runAll({ voldir: "maps", bin: 0.7, rule: "phi" }, {}, "out", {
 *   threads: 2,
 *   engine: "auto",
 *   host: Deno.hostname(),
 *   command: "my program",
 *   signal: new AbortController().signal,
 *   tell: (news) => console.error(news),
 * });
 * console.log(expand?.blocks);
 * ```
 *
 * @example Tell from a table of occupancies which block needs which, and select volumes
 * ```ts
 * import { analyse, selectVolumes } from "./mod.ts";
 * import assert from "node:assert";
 *
 * // 60 volumes: a third has neither block, a third b0 alone, a third both.
 * const shares = [[0, 0], [0.9, 0.1], [1, 0.8]];
 * const table = {
 *   volumes: Array.from({ length: 60 }, (_, i) => `vol_${String(i).padStart(3, "0")}.mrc`),
 *   regions: [{ name: "b0", voxels: 40 }, { name: "b1", voxels: 25 }],
 *   values: Float64Array.from({ length: 120 }, (_, i) => shares[(i >> 1) % 3]![i % 2]!),
 * };
 * const analysis = analyse(table);
 * assert.deepStrictEqual(
 *   analysis.dependencies.map(({ region, needs, exceptions }) => ({ region, needs, exceptions })),
 *   [{ region: 1, needs: 0, exceptions: 0 }],
 * );
 * assert.strictEqual(selectVolumes(analysis, "b0 > 0.5 && absent(b1)").length, 20);
 * ```
 *
 * @module
 */
export * from "./cluster/mod.ts";
export * from "./cluster/slurm/mod.ts";
export * from "./core/analysis/mod.ts";
export * from "./core/atoms/mod.ts";
export * from "./core/blocks/mod.ts";
export * from "./core/compare/mod.ts";
export * from "./core/cooccupancy/mod.ts";
export * from "./core/errors.ts";
export * from "./core/graph/mod.ts";
export * from "./core/id_blocks/mod.ts";
export * from "./core/masks/mod.ts";
export * from "./core/mrc/mod.ts";
export * from "./core/null_model/mod.ts";
export * from "./core/occupancy/mod.ts";
export * from "./core/particles/mod.ts";
export * from "./core/pickle/mod.ts";
export * from "./core/random.ts";
export * from "./core/report/mod.ts";
export * from "./core/score/mod.ts";
export * from "./core/simulate/mod.ts";
export * from "./core/stability/mod.ts";
export * from "./core/threshold_cnn/mod.ts";
export * from "./core/version.ts";
export * from "./core/volumes/levels/mod.ts";
export * from "./core/volumes/mod.ts";
