/**
 * How good thresholds without a network are: what the network has to beat.
 *
 *     deno run --allow-read bench/levels.ts PDB_FOLDER [VOLUMES] [MAP_FOLDER LEVEL]
 *
 * PDB_FOLDER holds the PDB files of one model, all in one frame. As many maps with known levels as
 * VOLUMES says are simulated, and each method's levels compared with the known ones. With MAP_FOLDER, also
 * its levels in real maps whose users take the same LEVEL for all.
 *
 * @module
 */
import { statistics } from "../core/mrc/mod.ts";
import { type KnownMap, simulateForCnn } from "../core/simulate/for_cnn.ts";
import { forCnnOptions } from "../core/simulate/for_cnn_options.ts";
import { mapRange, normaliseLevel } from "../core/threshold_cnn/normalise.ts";
import { findLevels } from "../core/threshold_cnn/map_levels.ts";
import { findLevel, type LevelOptions } from "../core/volumes/levels/mod.ts";
import { findMaps } from "../core/volumes/mod.ts";
import { readPdbs } from "./pdb_folder.ts";

const [pdbFolder, volumes = "200", mapFolder, userLevel = "0.7"] = Deno.args;
if (pdbFolder === undefined) {
  console.error("Give the folder of a model's PDB files.");
  Deno.exit(2);
}

const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.round(q * (values.length - 1))]!;
const row = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(" | ")} |`);
const table = (titles: readonly string[]) => {
  row(titles);
  row(titles.map(() => "---"));
};

/** Methods for a map of a known molecule. */
const METHODS: readonly [string, (map: KnownMap) => number][] = [
  ["otsu", (map) => levelOf(map, { method: "otsu" })],
  ...[2, 2.5, 3].map((sigmas): [string, (map: KnownMap) => number] => [
    `sigma ${sigmas}`,
    (map) => levelOf(map, { method: "sigma", sigmas }),
  ]),
  ["volume, of the true mass", (map) => levelOf(map, volumeOf(map, 1))],
  ["volume, of 1.3 times the mass", (map) => levelOf(map, volumeOf(map, 1.3))],
  ["a seventh of the greatest density", ({ data }) => statistics(data).max / 7],
];

function levelOf({ data, grid }: KnownMap, options: LevelOptions): number {
  return findLevel({ data, apix: grid.apix, name: "a simulated map" }, options);
}

function volumeOf({ particle }: KnownMap, factor: number): LevelOptions {
  const density = particle.mass * 1000 / (particle.volume * 0.602214076);
  return { method: "volume", mass: particle.mass * factor, density };
}

const pdbs = await readPdbs(pdbFolder);
const options = forCnnOptions.parse({ volumes: Number(volumes), seed: 1 });
const maps = simulateForCnn(options, pdbs);
const results = METHODS.map(() => ({ inside: 0, ratios: [] as number[], errors: [] as number[] }));
let seconds = 0;
const known: number[] = [];
for (let k = 0; k < options.volumes; k++) {
  const start = performance.now();
  const map = maps.map(k);
  seconds += (performance.now() - start) / 1000;
  const range = mapRange(map.data, "a simulated map");
  known.push(normaliseLevel(map.level, range));
  METHODS.forEach(([, method], i) => {
    const level = method(map);
    const result = results[i]!;
    if (level >= map.lower && level <= map.upper) result.inside++;
    result.ratios.push(level / map.level);
    result.errors.push(Math.abs(normaliseLevel(level, range) - known.at(-1)!));
  });
}
// The best that can be done without looking at the map: the network's own baseline.
const middle = quantile(known, 0.5);
const constant = known.map((level) => Math.abs(level - middle));

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const range = (values: readonly number[]) =>
  [0.1, 0.5, 0.9].map((q) => quantile(values, q).toFixed(2)).join(", ");
console.log(
  `${options.volumes} simulated maps, ${
    (options.volumes / seconds).toFixed(1)
  } a second; known levels, ` +
    `normalised to [-1, 1]: ${range(known)} (10th percentile, median, 90th)\n`,
);
table([
  "method",
  "inside the bounds",
  "level over the known one (10th percentile, median, 90th)",
  "median error, share of the level",
  "mean error, normalised",
]);
METHODS.forEach(([name], i) => {
  const { inside, ratios, errors } = results[i]!;
  row([
    name,
    `${(100 * inside / options.volumes).toFixed(0)} %`,
    range(ratios),
    quantile(ratios.map((ratio) => Math.abs(ratio - 1)), 0.5).toFixed(2),
    mean(errors).toFixed(3),
  ]);
});
row(["the same normalised level for all", "", "", "", mean(constant).toFixed(3)]);

if (mapFolder !== undefined) {
  const paths = await findMaps(mapFolder);
  console.log(`\n${paths.length} real maps, whose users take ${userLevel}\n`);
  table([
    "method",
    "levels (least, median, greatest)",
    "median occupied, %",
    "median over the users'",
  ]);
  for (
    const options of [
      { method: "otsu" },
      { method: "sigma", sigmas: 2 },
      { method: "sigma", sigmas: 3 },
      { method: "volume", mass: 1350, density: 1.6 },
    ] as const
  ) {
    const found = await findLevels(paths, options);
    const levels = found.map(({ level }) => level);
    row([
      Object.values(options).join(" "),
      [0, 0.5, 1].map((q) => quantile(levels, q).toFixed(2)).join(", "),
      (100 * quantile(found.map(({ occupied }) => occupied), 0.5)).toFixed(1),
      (quantile(levels, 0.5) / Number(userLevel)).toFixed(2),
    ]);
  }
}
