/**
 * `siren cluster init`: a file of profiles to begin with.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { dirname } from "node:path";
import { z } from "zod";
import { RunError, UsageError } from "../core/errors.ts";
import { refusal } from "../core/refusal.ts";
import { quoteForShell } from "../core/shell.ts";
import { textReader } from "./arguments.ts";
import { profilesPath } from "./choose_cluster.ts";
import { clustersFlag } from "./cluster_flags.ts";
import { type Context, forceFlag } from "./job.ts";
import { needPermissions } from "./permissions.ts";

/** The profile's name if none is given. */
const NAME = "cluster";

const FlagsSchema = z.object({
  clusters: z.string().optional(),
  force: z.boolean().default(false),
});

/** Makes the command. */
export function clusterInit(context: Context): CommandUnknownOpts {
  const { io, cluster } = context;
  const command = new Command("init")
    .summary("write a commented file of profiles to fill in")
    .description(
      "Writes a file of profiles with one profile in it, in which every key is explained. A file that is " +
        "there already is left alone.",
    )
    .argument("[name]", `name of the profile; default ${NAME}`, textReader("the name"))
    .addOption(clustersFlag())
    .addOption(forceFlag("write over a file that is there"))
    .addHelpText(
      "after",
      `
Examples:
  siren cluster init bigcluster
  siren cluster init bigcluster --clusters clusters.toml`,
    );
  needPermissions(command, () => ["env"]);
  return command.action(async (name = NAME) => {
    const { clusters, force } = FlagsSchema.parse(command.opts());
    const text = await cluster.profilesText(name);
    const path = clusters ?? await profilesPath(context);
    await writeNew(path, text, force);
    const which = clusters === undefined ? "" : ` --clusters ${quoteForShell(clusters)}`;
    io.stdout.write(
      `Wrote ${path}\nNext: describe the cluster there, then: siren cluster check ${name}${which}\n`,
    );
  });
}

async function writeNew(path: string, text: string, force: boolean): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw inWords(cause, path);
  }
  try {
    await Deno.writeTextFile(path, text, force ? {} : { createNew: true });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw inWords(cause, path);
    throw new UsageError(
      `Cannot write ${path}: it is there already`,
      "Add a profile to it by hand, or give --force to write over it.",
    );
  }
}

function inWords(cause: unknown, path: string): unknown {
  const reason = refusal(cause);
  return reason === undefined
    ? cause
    : new RunError(`Cannot write ${path}: ${reason}`, undefined, { cause });
}
