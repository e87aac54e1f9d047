/**
 * `siren resume`: a run that was interrupted goes on where it was.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { textReader } from "./arguments.ts";
import { addJobFlags, type Context, doJob } from "./job.ts";

/** Makes the command. */
export function resume(context: Context): CommandUnknownOpts {
  const command = new Command("resume")
    .summary("go on with a run that was interrupted")
    .description(
      "Does what is left of a run: what is there is checked and kept, what is missing or damaged is done " +
        "again. The results are the same, to the byte, as if nothing had happened.",
    )
    .argument("<folder>", "run folder: what --outdir was", textReader("the run folder"))
    .addHelpText(
      "after",
      `
Example:
  siren resume out --threads 8`,
    );
  addJobFlags(command, context.io);
  return command.action(async (folder) => {
    const { resumeRun } = await import("../cluster/mod.ts");
    await doJob(context, command, folder, (surroundings) => resumeRun(folder, surroundings));
  });
}
