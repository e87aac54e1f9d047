/**
 * How well the order of assembly and exclusive pairs are found: simulated assemblies with known trees, from
 * maps to blocks to dependencies, against the truth.
 *
 *     deno task bench:dependencies [SEEDS] [PDB_FOLDER]
 *
 * SEEDS is the number of ensembles of each row, by default 3; PDB_FOLDER holds the PDB files of one model,
 * all in one frame. A found block is the true block that it is most like, one to one, from a Jaccard index of
 * 0.5 on; what is found between other blocks counts as wrong. A true dependency is one of a block on any of
 * those below it in the tree (closure) or on its parent (direct), among blocks that are in some volumes and
 * not in all. Exclusive are two blocks that the tree never lets be together.
 */
import { runAll, writeAnalysis } from "../cluster/mod.ts";
import { readBlocks } from "../core/score/mod.ts";
import { simulate, simulateOptions, type Truth, writeEnsemble } from "../core/simulate/mod.ts";
import { readPdbs } from "./pdb_folder.ts";
import { surroundings } from "./surroundings.ts";

const VOLUMES = [200, 300, 500] as const;
const BLOCKS = [6, 10, 14] as const;
const TREES = ["random", "chain", "star"] as const;

/** Seeds below were used to choose the defaults. */
const FIRST_SEED = 101;

/** Right, found, and true. */
type Counts = [right: number, found: number, truth: number];

const [seeds = "3", folder] = Deno.args;
const pdbs = folder === undefined ? [] : await readPdbs(folder);

/** What the truth says, as texts: closure, direct, exclusive. */
function truths(
  { parents, presence, exclusive = [] }: Truth,
): [Set<string>, Set<string>, Set<string>] {
  const frequency = parents.map((_, b) => presence.filter((row) => row[b] === 1).length);
  const varies = (b: number) => frequency[b]! > 0 && frequency[b]! < presence.length;
  const below = (block: number) => {
    const all = [];
    for (let b = parents[block]!; b !== -1; b = parents[b]!) all.push(b);
    return all;
  };
  const closure = new Set<string>(), direct = new Set<string>(), apart = new Set<string>();
  for (let b = 0; b < parents.length; b++) {
    const needed = varies(b) ? below(b).filter(varies) : [];
    for (const other of needed) closure.add(`${b} ${other}`);
    if (needed[0] !== undefined) direct.add(`${b} ${needed[0]}`);
    for (let c = 0; c < b; c++) {
      const inPair = (m: number, n: number) =>
        [b, ...below(b)].includes(m) && [c, ...below(c)].includes(n);
      const isApart = exclusive.some(([m, n]) => inPair(m, n) || inPair(n, m));
      if (isApart && varies(b) && varies(c)) apart.add(`${c} ${b}`);
    }
  }
  return [closure, direct, apart];
}

/** The true block that each found block is, or undefined. */
function match(truth: Truth, found: readonly ArrayLike<number>[]): (number | undefined)[] {
  const pairs = found.flatMap((voxels, f) => {
    const own = new Set(Array.from(voxels));
    return truth.blocks.map((block, t) => {
      const both = block.filter((voxel) => own.has(voxel)).length;
      return { f, t, jaccard: both / (own.size + block.length - both) };
    });
  }).filter(({ jaccard }) => jaccard >= 0.5).sort((p, q) => q.jaccard - p.jaccard);
  const matched: (number | undefined)[] = found.map(() => undefined);
  for (const { f, t } of pairs) {
    if (matched[f] === undefined && !matched.includes(t)) matched[f] = t;
  }
  return matched;
}

function add(counts: Counts, found: readonly string[], truth: ReadonlySet<string>): void {
  counts[0] += found.filter((one) => truth.has(one)).length;
  counts[1] += found.length;
  counts[2] += truth.size;
}

const share = (part: number, whole: number) => whole === 0 ? "-" : (part / whole).toFixed(3);
const cells = ([right, found, truth]: Counts) =>
  `${share(right, found)} / ${share(right, truth)} (${right} of ${truth})`;

console.log(
  "| model | tree | noise | dependencies: precision / recall | direct ones | exclusive pairs |\n" +
    "| --- | --- | --- | --- | --- | --- |",
);
for (const model of folder === undefined ? ["phantom"] : ["phantom", "atoms"]) {
  for (const tree of TREES) {
    for (const noise of [0.04, 0.1]) {
      const closure: Counts = [0, 0, 0], direct: Counts = [0, 0, 0], apart: Counts = [0, 0, 0];
      for (let i = 0; i < Number(seeds); i++) {
        const work = await Deno.makeTempDir({ prefix: "siren_bench_" });
        try {
          const options = simulateOptions.parse({
            seed: FIRST_SEED + i + (noise === 0.1 ? 1000 : 0),
            tree,
            noise,
            volumes: VOLUMES[i % VOLUMES.length],
            blocks: BLOCKS[i % BLOCKS.length],
            ...(tree === "star" ? { exclusive: 2 } : tree === "random" ? { exclusive: 1 } : {}),
            ...(model === "phantom" ? { box: 32 } : {}),
          });
          const ensemble = simulate(options, model === "phantom" ? [] : pdbs);
          const { truth } = await writeEnsemble(ensemble, `${work}/maps`);
          const run = `${work}/run`;
          const sketch = {
            voldir: `${work}/maps`,
            bin: truth.thresholds[0]!,
            rule: "phi",
          } as const; // one for each map
          await runAll(sketch, {}, run, surroundings);
          const { blocks } = await readBlocks(run);
          const of = match(truth, [...blocks.values()]);
          const { analysis } = await writeAnalysis({ run }, {}, {}, surroundings);
          const [T, D, E] = truths(truth);
          const name = (block: number) => of[block] ?? `?${block}`;
          const told = analysis.dependencies.map(({ region, needs, direct }) => ({
            text: `${name(region)} ${name(needs)}`,
            direct,
          }));
          add(closure, told.map(({ text }) => text), T);
          add(direct, told.filter((one) => one.direct).map(({ text }) => text), D);
          const exclusive = analysis.pairs.filter((pair) => pair.exclusive)
            .map(({ a, b }) => [name(a), name(b)].sort((x, y) => Number(x) - Number(y)).join(" "));
          add(apart, exclusive, E);
        } finally {
          await Deno.remove(work, { recursive: true });
        }
      }
      console.log(
        `| ${model} | ${tree} | ${noise} | ${cells(closure)} | ${cells(direct)} | ${
          cells(apart)
        } |`,
      );
    }
  }
}
