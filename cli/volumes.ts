/**
 * `siren volumes`: the volumes that meet a condition.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { OccupancySource } from "../cluster/analysis.ts";
import type { Analysis } from "../core/analysis/analysis.ts";
import { chooseVolumes } from "../core/analysis/choose_volumes.ts";
import { UsageError } from "../core/errors.ts";
import { isThere, writeWhole } from "../core/files.ts";
import { quoteForShell } from "../core/shell.ts";
import { sourceOf } from "./analyse.ts";
import { countReader, textReader } from "./arguments.ts";
import { type Context, forceFlag, OutputFlagsSchema, tellNews } from "./job.ts";
import { choiceOfFlags, selectionFlags } from "./selection_flags.ts";
import { formatCount, formatCounted } from "./table.ts";

const WHICH = "Which volumes:";
const OUTPUT = "Output:";

/** No ensemble has more. */
const MOST_CLUSTERS = 65534;

const FlagsSchema = OutputFlagsSchema.extend({
  ...selectionFlags,
  out: z.string().optional(),
});

type Flags = z.output<typeof FlagsSchema>;

/** Makes the command. */
export function volumes({ io }: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("volumes")
    .summary("list the volumes that meet a condition")
    .description(
      "Prints the file names of the volumes that meet a condition on the occupancies of blocks or masks, one " +
        "to a line, and their number on standard error. A volume must meet all that is given; without " +
        "anything, all volumes are listed.",
    )
    .argument("[run]", "run folder with blocks", textReader("run"))
    .addHelpText(
      "after",
      `
Examples:
  siren volumes out --where 'b3 > 0.8 && b5 < 0.1'
  siren volumes out --where 'present(b3) && !present(b5)' --no_junk
  siren volumes out --cluster 2 --out cluster_2.txt
  siren volumes --occupancy occupancies/occupancy.csv --where '"mask L2" >= 0.5 || b1 > b2'

A condition compares (< <= > >= == !=) regions by name, cluster, and the scores pc1, pc2, ... with
numbers or with each other; present(b3), absent(b3) and junk are as in siren analyse. Join
conditions by && and ||, turn them round by !, group them by ( ). Quote names that are no single
word. Clusters and presence are those of RUN/03_analysis where siren analyse has been run, else
those of its defaults.`,
    );
  const flags = [
    new Option("--occupancy <file>", "instead of a run: occupancy table, CSV or Arrow")
      .argParser(textReader("--occupancy")),
    new Option("--where <condition>", "condition that a volume must meet")
      .argParser(textReader("--where")).helpGroup(WHICH),
    new Option("--cluster <number>", "volumes of this cluster")
      .argParser(countReader("--cluster", 1, MOST_CLUSTERS)).helpGroup(WHICH),
    new Option("--junk", "volumes unlike all others").helpGroup(WHICH),
    new Option("--no_junk", "volumes that are not").helpGroup(WHICH),
    new Option("--not", "the other volumes: those that do not meet all of it").helpGroup(WHICH),
    new Option("--out <file>", "write the names to a file instead")
      .argParser(textReader("--out")).helpGroup(OUTPUT),
    forceFlag("replace the file"),
    new Option("--json", "print the volumes with their occupancies as JSON").helpGroup(OUTPUT),
    new Option("--quiet", "nothing on standard error but warnings and errors").helpGroup(OUTPUT),
  ];
  for (const flag of flags) command.addOption(flag);
  return command.action(async () => {
    const flags = FlagsSchema.parse(command.opts());
    const { occupancy, out, force, json, quiet } = flags;
    const source = sourceOf(command.processedArgs[0], occupancy, "list volumes");
    const choice = choiceOfFlags(flags, "list volumes");
    if (out !== undefined && !force && await isThere(out)) {
      throw new UsageError(
        `Cannot write the names: there is such a file already (${out})`,
        "Give another name, or --force to replace it.",
      );
    }
    const { loadAnalysis } = await import("../cluster/analysis.ts");
    const analysis = await tellNews(io, quiet, undefined, (tell) => loadAnalysis(source, { tell }));
    const selected = chooseVolumes(analysis, { ...choice, not: flags.not });
    const { table } = analysis;
    const names = selected.map((volume) => table.volumes[volume]!);
    const text = json
      ? JSON.stringify(selectionJson(analysis, selected), null, 2) + "\n"
      : names.map((name) => `${name}\n`).join("");
    if (out === undefined) io.stdout.write(text);
    else await writeWhole(out, text);
    if (quiet) return;
    const from = "run" in source
      ? quoteForShell(source.run)
      : `--occupancy ${quoteForShell(source.occupancy)}`;
    io.stderr.write(
      `${formatCount(names.length)} of ${formatCounted(table.volumes.length, "volume")}` +
        (out === undefined ? "\n" : `: ${out}\n`) +
        `Their particles: siren particles ${[from, ...conditionFlags(flags)].join(" ")} ` +
        `--cryodrgn ${await drgnFolder(source)} --outdir particles\n`,
    );
  });
}

/** cryoDRGN's folder, where the run's maps lie in one; else what stands for it. */
async function drgnFolder(source: OccupancySource): Promise<string> {
  if (!("run" in source)) return "FOLDER";
  const { readRun } = await import("../cluster/run_file.ts");
  const { sketch: { voldir } } = await readRun(source.run);
  const { workdirOf } = await import("../core/particles/drgn_folder.ts");
  const workdir = workdirOf(voldir);
  return workdir === undefined ? "FOLDER" : quoteForShell(workdir);
}

function conditionFlags({ where, cluster, junk, no_junk, not }: Flags): string[] {
  return [
    ...(where === undefined ? [] : [`--where ${quoteForShell(where)}`]),
    ...(cluster === undefined ? [] : [`--cluster ${cluster}`]),
    ...(junk ? ["--junk"] : []),
    ...(no_junk ? ["--no_junk"] : []),
    ...(not ? ["--not"] : []),
  ];
}

function selectionJson({ table, clusters, junk }: Analysis, selected: readonly number[]) {
  const regions = table.regions.length;
  const junkOf = new Map(junk.map((one) => [one.volume, one]));
  return selected.map((volume) => ({
    map_file: table.volumes[volume]!,
    cluster: clusters[volume]!,
    occupancies: Object.fromEntries(
      table.regions.map(({ name }, k) => [name, table.values[volume * regions + k]!]),
    ),
    ...(junkOf.has(volume) ? { junk: junkOf.get(volume)!.kind } : {}),
  }));
}
