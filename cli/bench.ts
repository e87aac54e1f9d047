/**
 * `siren bench`: how fast every engine is on this machine, beside what it could be.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { BenchLine } from "../cluster/bench.ts";
import { cannotUse } from "../core/cooccupancy/choose_engine.ts";
import { allEngines } from "../core/cooccupancy/engines.ts";
import { UsageError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { choiceReader, countReader, numberReader } from "./arguments.ts";
import type { Context } from "./job.ts";
import { enginePermissions, needPermissions } from "./permissions.ts";
import { formatTable } from "./table.ts";

const MOST_VOXELS = 8192, MOST_VOLUMES = 65534;

/** Makes the command. */
export function bench({ io }: Context): CommandUnknownOpts {
  const command = new Command("bench")
    .summary("measure how fast every engine is on this machine")
    .description(
      "Compares random voxels, each occupied in any share of the volumes, with every engine, and prints billions " +
        "of pairs a second, finding and writing down about 1 % of them as links included. The limit is what " +
        "the engine's way of counting could reach if it did nothing but add, on one thread or device. A run " +
        "is faster where its rule can pass over pairs uncounted.",
    )
    .option("--volumes <count>", "volumes; default 512", countReader("--volumes", 1, MOST_VOLUMES))
    .option(
      "--voxels <count>",
      "voxels, all of whose pairs are compared; default 2048",
      countReader("--voxels", 2, MOST_VOXELS),
    )
    .addOption(
      new Option("--engine <name>", `measure only this one of ${allEngines.join(", ")}`)
        .choices(allEngines).argParser(choiceReader("--engine", allEngines)),
    )
    .option(
      "--threads <count>",
      `threads to count with; default ${io.threads}, all of this machine`,
      countReader("--threads", 1, io.threads),
    )
    .option("--seconds <time>", "how long each counts; default 0.5", secondsReader)
    .option("--json", "print the figures as JSON")
    .addHelpText(
      "after",
      `
Examples:
  siren bench
  siren bench --volumes 1024 --engine native`,
    );
  needPermissions(command, ({ engine }) => enginePermissions(engine));
  return command.action(async (flags) => {
    const { volumes = 512, voxels = 2048, seconds = 0.5, threads = io.threads } = flags;
    const { benchEngines } = await import("../cluster/bench.ts");
    const lines: BenchLine[] = [];
    const engines = allEngines.filter((name) => name === flags.engine);
    const milliseconds = seconds * 1000;
    const { signal } = io;
    const options = { threads, volumes, voxels, milliseconds, signal };
    const asked = engines.length === 0 ? options : { ...options, engines };
    await benchEngines(asked, (line) => {
      lines.push(line);
      if (io.stderr.isTerminal) io.stderr.write(`${line.name}: ${tell(line)}\n`);
    });
    const [only] = lines;
    if (engines.length > 0 && only?.works === false) throw cannotUse(only);
    io.stdout.write(
      flags.json
        ? JSON.stringify({ siren: VERSION, volumes, voxels, threads, engines: lines }, null, 2) +
          "\n"
        : formatBench(lines, volumes, threads),
    );
  });
}

/** Most seconds that each engine may be measured. */
const MOST_SECONDS = 60;

function secondsReader(text: string): number {
  const seconds = numberReader("--seconds")(text);
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new UsageError(
    `Cannot use --seconds: it must be more than 0 and at most ${MOST_SECONDS} (${text})`,
  );
}

/** One line of news while others are measured. */
function tell(line: BenchLine): string {
  return line.works ? `${(line.together / 1e9).toFixed(3)} billion pairs/s` : line.reason;
}

/** The figures as they are printed, the fastest first. */
export function formatBench(lines: readonly BenchLine[], volumes: number, threads: number): string {
  const speed = (line: BenchLine) => line.works ? line.together : 0;
  const sorted = lines.toSorted((a, b) => speed(b) - speed(a));
  const billions = (pairs: number | undefined) =>
    pairs === undefined ? "" : (pairs / 1e9).toFixed(3);
  const table = formatTable(
    [
      { title: "engine", align: "left" },
      { title: "one", align: "right" },
      { title: "limit of one", align: "right" },
      { title: "share", align: "right" },
      { title: "all", align: "right" },
      { title: "computes on", align: "left" },
    ],
    sorted.map((line) => {
      if (!line.works) return [line.name, "", "", "", "", `does not work here: ${line.reason}`];
      const { name, pairsPerSecond, limit, together, what, software } = line;
      const share = limit === undefined ? "" : `${(100 * pairsPerSecond / limit).toFixed(0)} %`;
      const where = software === true ? `${what}, in software` : what;
      return [name, billions(pairsPerSecond), billions(limit), share, billions(together), where];
    }),
  );
  const remedies = sorted.flatMap((line) =>
    line.works || line.remedy === undefined ? [] : [`${line.name}: ${line.remedy}\n`]
  );
  return `Billions of voxel pairs a second, ${volumes} volumes; one: one thread or device; all: ` +
    `${threads === 1 ? "1 thread" : `${threads} threads`} or one device\n\n${table}${
      remedies.length === 0 ? "" : `\n${remedies.join("")}`
    }`;
}
