/**
 * `siren worker`: what an array task runs. Slurm starts it; it is not in the help.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { countReader, textReader } from "./arguments.ts";
import type { Context } from "./job.ts";
import { NeededOption } from "./options.ts";
import { needPermissions } from "./permissions.ts";

/** Most tasks of a batch. */
const MOST_TASKS = 2 ** 31;

const FlagsSchema = z.object({ tasks: z.string(), first: z.number().default(0) });

/** Makes the command. */
export function worker({ io, cluster, end }: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("worker")
    .summary("compute the shards of an array task")
    .description(
      "Computes the shards of an array task of Slurm, which starts it in the jobs that siren submits. At " +
        "SIGUSR2 or SIGTERM it finishes the shards under way and leaves.",
    )
    .addOption(
      new NeededOption("--tasks <file>", "tasks.json of the batch; required")
        .argParser(textReader("--tasks")),
    )
    .addOption(
      new Option("--first <count>", "place in the batch of the job's task 0; default 0")
        .argParser(countReader("--first", 0, MOST_TASKS)),
    )
    .addHelpText(
      "after",
      `
Example:
  siren worker --tasks out/slurm/sketch-1/tasks.json --first 1000`,
    );
  needPermissions(command, () => ["env", "ffi"]);
  return command.action(async () => {
    const { tasks, first } = FlagsSchema.parse(command.opts());
    const notice = new AbortController();
    const leave = () => notice.abort();
    Deno.addSignalListener("SIGUSR2", leave);
    try {
      const { workerEnvironment } = await import("../cluster/worker.ts");
      const code = await cluster.work({
        tasksFile: tasks,
        first,
        threads: io.threads,
        environment: Object.fromEntries(
          workerEnvironment.flatMap((name) => {
            const value = io.env(name);
            return value === undefined ? [] : [[name, value]];
          }),
        ),
        host: io.hostname(),
        // SIGTERM, too.
        leave: AbortSignal.any([io.signal, notice.signal]),
        log: (line) => io.stdout.write(`${line}\n`),
        now: () => new Date(),
      });
      end(code);
    } finally {
      Deno.removeSignalListener("SIGUSR2", leave);
    }
  });
}
