/**
 * Time, memory and disk of whole runs against the box, beside what `--dry-run` expects:
 *
 *     deno task bench:scale [VOLUMES] [BOX...]
 *
 * 300 volumes and boxes 32, 64, 96 and 128 unless told. The ensembles are phantoms, made in the temporary
 * folder and removed: 300 maps of 128^3 take 2.5 GB, of 256^3 20 GB. With --plot the boxes are drawn to
 * docs/scale.svg.
 *
 * It takes all permissions, for Deno lets nothing less look at another process under /proc.
 */
import { z } from "zod";
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { siren } from "../tests/processes.ts";
import { watchMemory } from "./process_memory.ts";

const words = Deno.args.filter((word) => word !== "--plot");
const [volumes = 300, ...given] = words.map(Number);
const boxes = given.length > 0 ? given : [32, 64, 96, 128];

const EstimateSchema = z.object({
  seconds: z.object({ total: z.number() }),
  memory: z.number(),
  disk: z.number(),
});
const SummarySchema = z.object({
  union: z.number(),
  sampled: z.number(),
  engine: z.string(),
  sketch: z.object({ edges: z.number(), blocks: z.array(z.unknown()) }),
});

interface Measured {
  readonly box: number;
  readonly seconds: number;
  readonly memory: number;
}

/** Runs siren and gives what it prints, with the seconds it took and the memory it needed. */
async function run(...args: string[]) {
  const began = performance.now();
  const child = siren(...args, "--json", "--quiet");
  const watching = watchMemory(child.pid);
  const { success, stdout, stderr } = await child.output();
  const seconds = (performance.now() - began) / 1000;
  const memory = await watching();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return { json: JSON.parse(new TextDecoder().decode(stdout)), seconds, memory };
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    bytes += isDirectory ? await bytesIn(path) : (await Deno.stat(path)).size;
  }
  return bytes;
}

const gibibytes = (bytes: number) => (bytes / 2 ** 30).toFixed(2);
const measured: Measured[] = [];
console.log(
  `${volumes} volumes, ${navigator.hardwareConcurrency} threads; expected values in brackets\n`,
);
console.log(
  "| box | maps (GiB) | union | sample | links | blocks | seconds | memory (GiB) | disk (GiB) | engine |",
);
console.log("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
for (const box of boxes) {
  const work = await Deno.makeTempDir({ prefix: "siren_scale_" });
  try {
    const options = simulateOptions.parse({ volumes, box, seed: 1 });
    const { truth } = await writeEnsemble(simulate(options, []), `${work}/maps`);
    const flags = ["--voldir", `${work}/maps`, "--bin", `${truth.thresholds[0]}`];
    const line = ["run", ...flags, "--outdir", `${work}/run`];
    const expected = EstimateSchema.parse((await run(...line, "--dry-run")).json);
    const { json, seconds, memory } = await run(...line);
    const { union, sampled, engine, sketch } = SummarySchema.parse(json);
    const disk = await bytesIn(`${work}/run`);
    const maps = await bytesIn(`${work}/maps`);
    measured.push({ box, seconds, memory });
    console.log(
      `| ${box} | ${
        gibibytes(maps)
      } | ${union} | ${sampled} | ${sketch.edges} | ${sketch.blocks.length} | ` +
        `${seconds.toFixed(1)} (${expected.seconds.total.toFixed(1)}) | ` +
        `${gibibytes(memory)} (${gibibytes(expected.memory)}) | ` +
        `${gibibytes(disk)} (${gibibytes(expected.disk)}) | ${engine} |`,
    );
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}
if (Deno.args.includes("--plot")) {
  const file = new URL("../docs/scale.svg", import.meta.url);
  await Deno.writeTextFile(file, plot(measured));
  console.log(`\nDrawn: ${file.pathname}`);
}

/** Two plots side by side: seconds and memory against the box. */
function plot(points: readonly Measured[]): string {
  const panels = [
    { title: "seconds", values: points.map(({ seconds }) => seconds) },
    { title: "peak memory (GiB)", values: points.map(({ memory }) => memory / 2 ** 30) },
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 300" width="760" height="300" role="img" aria-label="Time and peak memory of a run of ${volumes} volumes against the box">`,
    `<style>text{font-family:Helvetica,Arial,sans-serif;font-size:12px;fill:#20262b}.h{font-size:14px;font-weight:bold}</style>`,
    `<rect width="760" height="300" fill="#ffffff"/>`,
    ...panels.map((panel, i) => drawPanel(panel.title, points, panel.values, 40 + 380 * i)),
    "</svg>\n",
  ].join("\n");
}

/** A panel of 320 x 200, linear from zero in the values, in proportion to the box. */
function drawPanel(
  title: string,
  points: readonly Measured[],
  values: readonly number[],
  left: number,
): string {
  const [width, height, top] = [310, 200, 46];
  const widest = Math.max(...points.map(({ box }) => box)),
    highest = niceAbove(Math.max(...values));
  const x = (box: number) => left + width * box / widest;
  const y = (value: number) => top + height * (1 - value / highest);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * highest);
  const line = points.map(({ box }, i) => `${x(box).toFixed(1)},${y(values[i]!).toFixed(1)}`);
  return [
    `<text x="${left}" y="26" class="h">${title}, ${volumes} volumes</text>`,
    ...ticks.map((tick) =>
      `<path d="M${left} ${y(tick)}H${left + width}" stroke="#d9dfe3"/><text x="${left - 6}" y="${
        y(tick) + 4
      }" text-anchor="end">${Number(tick.toPrecision(3))}</text>`
    ),
    ...points.map(({ box }) =>
      `<text x="${x(box)}" y="${top + height + 18}" text-anchor="middle">${box}</text>`
    ),
    `<text x="${left + width / 2}" y="${
      top + height + 38
    }" text-anchor="middle">box (voxels)</text>`,
    `<polyline points="${line.join(" ")}" fill="none" stroke="#1f77b4" stroke-width="2"/>`,
    ...line.map((place, i) => {
      const [cx, cy] = place.split(",");
      return `<circle cx="${cx}" cy="${cy}" r="4" fill="#1f77b4"/><text x="${Number(cx) - 6}" y="${
        Number(cy) - 8
      }" text-anchor="end">${values[i]!.toPrecision(2)}</text>`;
    }),
  ].join("\n");
}

/** The next of 1, 2, 4, 5 or 8 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10);
}
