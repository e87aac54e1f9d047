/**
 * `deno task demo`: an ensemble with known blocks is simulated, its blocks are found, scored and reported.
 *
 * @module
 */
import { type Io, systemIo } from "./io.ts";
import { main } from "./main.ts";

const ENSEMBLE = "demo/ensemble";
const RUN = "demo/run";

/** The demonstration, step by step: what a user would type, and why. */
const STEPS = [
  {
    why: "200 maps of a particle with six blocks, in which later blocks need earlier ones:",
    words: ["simulate", "--outdir", ENSEMBLE, "--box", "32", "--volumes", "200", "--blocks", "6"],
  },
  {
    why: "The blocks, from the maps alone:",
    words: ["run", "--voldir", ENSEMBLE, "--bin", "0.22", "--outdir", RUN],
  },
  {
    why:
      "What was found, beside what is true (the ceiling is what anyone who knew which block is in " +
      "which map could make of these voxels):",
    words: ["score", ENSEMBLE, RUN],
  },
  {
    why: "All of it on one page, with the order in which the blocks come:",
    words: ["report", RUN],
  },
];

/** Steps that write to a folder of their own, over an earlier one. */
const MAKERS = ["simulate", "run"];

/**
 * Runs the demonstration, over an earlier one if there is one.
 *
 * @returns The exit code of the first step that fails, else 0.
 */
export async function demo(io: Io): Promise<number> {
  for (const [i, { why, words }] of STEPS.entries()) {
    io.stdout.write(`${i === 0 ? "" : "\n"}${why}\n$ siren ${words.join(" ")}\n\n`);
    const code = await main(MAKERS.includes(words[0]!) ? [...words, "--force"] : words, io);
    if (code !== 0) return code;
  }
  io.stdout.write(
    `\nOpen ${RUN}/report.html in a browser, or ${RUN}/02_expand/open_blocks.cxc in ChimeraX.\n`,
  );
  return 0;
}

if (import.meta.main) Deno.exit(await demo(systemIo(new AbortController().signal)));
