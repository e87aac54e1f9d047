/**
 * `siren score`: found blocks against the truth of a simulated ensemble.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { join } from "node:path";
import type { Score } from "../core/score/score.ts";
import { textReader } from "./arguments.ts";
import { type Context, isFile } from "./job.ts";
import { formatCount, formatTable } from "./table.ts";

/** Makes the command. */
export function score({ io }: Context): CommandUnknownOpts {
  return new Command("score")
    .summary("score found blocks against the truth of a simulated ensemble")
    .description(
      "Prints how well each true block was found (Jaccard index of the best match), the adjusted Rand index, " +
        "and the ceiling: what one who knows which block is in which map could reach with these maps. The " +
        "ceiling needs the maps to lie beside the truth.",
    )
    .argument("<truth>", "truth.json that siren simulate wrote, or its folder", textReader("truth"))
    .argument("<blocks>", "blocks.json, its folder, or a run folder", textReader("blocks"))
    .option("--json", "print the score as JSON")
    .addHelpText(
      "after",
      `
Examples:
  siren score simulated out
  siren score simulated/truth.json out/00_sketch/blocks.json --json`,
    )
    .action(async (truthPath, blocksPath, { json }) => {
      const { loadUnion, readBlocks, score } = await import("../core/score/mod.ts");
      const { readTruth } = await import("../core/simulate/truth.ts");
      const { truth, path, folder } = await readTruth(truthPath);
      const { blocks: found, path: foundPath } = await readBlocks(blocksPath);
      const hasMaps = await isFile(join(folder, truth.maps[0]!));
      if (!hasMaps) {
        io.stderr.write(`Without the ceiling: the truth's maps are not beside it (${folder}).\n`);
      }
      io.signal.throwIfAborted();
      const result = score(truth, found, hasMaps ? await loadUnion(truth, folder) : undefined);
      if (json) {
        io.stdout.write(
          JSON.stringify({ truth: path, found: foundPath, ...result }, null, 2) + "\n",
        );
      } else io.stdout.write(formatScore(result, path, foundPath));
    });
}

/** A score as it is printed. */
export function formatScore(score: Score, truth: string, found: string): string {
  const { adjustedRandIndex, meanJaccard, blocks, unscored, ceiling } = score;
  const overall = formatTable(
    ["", "found", "ceiling", "ratio"].slice(0, ceiling === undefined ? 2 : 4)
      .map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    [
      ["adjusted Rand index", fixed(adjustedRandIndex), fixed(ceiling?.adjustedRandIndex)],
      ["mean best Jaccard", fixed(meanJaccard), fixed(ceiling?.meanJaccard), fixed(ceiling?.ratio)],
    ].map((row) => ceiling === undefined ? row.slice(0, 2) : row),
  );
  const each = formatTable(
    ["block", "voxels", "found as", "Jaccard", "ceiling"]
      .slice(0, ceiling === undefined ? 4 : 5)
      .map((title) => ({ title, align: "right" })),
    blocks.map((block) =>
      [
        String(block.block),
        formatCount(block.voxels),
        block.match ?? "-",
        fixed(block.jaccard),
        fixed(block.ceiling),
      ].slice(0, ceiling === undefined ? 4 : 5)
    ),
  );
  const left = unscored.length === 0
    ? ""
    : `\nNot scored, for they are in every map or in none, or own no voxel: ${
      unscored.join(", ")
    }\n`;
  return `Truth: ${truth}\nFound: ${found}\n\n${overall}\n${each}${left}`;
}

function fixed(value: number | undefined): string {
  return value === undefined ? "" : Number.isNaN(value) ? "-" : value.toFixed(3);
}
