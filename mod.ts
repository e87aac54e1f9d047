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
