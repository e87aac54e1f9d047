/**
 * `siren status`: where a run stands.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { RunStatus, StageStatus } from "../cluster/summary.ts";
import { textReader } from "./arguments.ts";
import type { Context } from "./job.ts";
import { formatCount, formatCounted, formatTable } from "./table.ts";

/** Makes the command. */
export function status({ io }: Context): CommandUnknownOpts {
  return new Command("status")
    .summary("tell where a run stands")
    .description(
      "Tells how far a run is, who works on it, and what to type next. It reads only, so it can be asked " +
        "at any time.",
    )
    .argument("<folder>", "run folder: what --outdir was", textReader("the run folder"))
    .option("--json", "print the status as JSON")
    .addHelpText(
      "after",
      `
Examples:
  siren status out
  siren status out --json`,
    )
    .action(async (folder, flags) => {
      const { runStatus } = await import("../cluster/mod.ts");
      const status = await runStatus(folder);
      io.stdout.write(flags.json ? JSON.stringify(status, null, 2) + "\n" : formatStatus(status));
    });
}

const STATES = {
  done: "The run is done",
  running: "The run is under way",
  interrupted: "The run was interrupted",
} as const;

/** The status as it is printed. */
export function formatStatus({ folder, state, holder, volumes, rule, stages, next }: RunStatus) {
  const table = formatTable(
    [
      { title: "stage", align: "left" },
      { title: "state", align: "left" },
      { title: "pieces done", align: "left" },
    ],
    stages.map((stage) => [stage.name, stage.state, shardsText(stage.shards)]),
  );
  return [
    `${STATES[state]}: ${folder}`,
    `${formatCounted(volumes, "map")}, rule ${rule}`,
    ...(holder === undefined
      ? []
      : [`Process ${holder.pid} on ${holder.host} works on it (${holder.command})`]),
    "",
    table + (next === undefined ? "" : `\nNext: ${next}\n`),
  ].join("\n");
}

function shardsText(shards: StageStatus["shards"]): string {
  if (shards === undefined) return "";
  const damaged = shards.damaged === 0
    ? ""
    : `, ${formatCount(shards.damaged)} damaged and to be done again`;
  return `${formatCount(shards.done)} of ${formatCount(shards.total)}${damaged}`;
}
