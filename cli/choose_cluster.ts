/**
 * From a profile's name to a cluster that can be reached.
 *
 * @module
 */
import type { ClusterChoice } from "../cluster/slurm/choice.ts";
import { readSiteFile } from "../cluster/slurm/files.ts";
import { RunError, SirenError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { makeClient, variable } from "./client.ts";
import type { Question } from "./io.ts";
import type { Context } from "./job.ts";
import { messageLine } from "./progress.ts";

/** Which cluster a command goes to, and how. */
export interface Target {
  /** Name of the profile. */
  readonly name: string;
  /** File it is in; undefined for the user's own. */
  readonly file: string | undefined;
  readonly mode: ClusterChoice["mode"];
}

/** How the user is asked; absent where nobody can be. */
export type Ask = ((question: Question) => Promise<string | undefined>) | undefined;

/** The file of profiles if none is named. */
export async function profilesPath({ io, cluster }: Pick<Context, "io" | "cluster">) {
  return await cluster.defaultProfilesPath({
    HOME: variable(io, "HOME"),
    XDG_CONFIG_HOME: variable(io, "XDG_CONFIG_HOME"),
    SIREN_CLUSTERS: variable(io, "SIREN_CLUSTERS"),
  });
}

/**
 * Reads the profile, and gives up the permission that the way to its cluster does not take.
 *
 * @throws {SirenError} There is no such profile, or it cannot be used.
 */
export async function chooseCluster(
  context: Pick<Context, "io" | "cluster">,
  { name, file, mode }: Target,
  ask: Ask,
): Promise<ClusterChoice> {
  const { io, cluster } = context;
  const client = await makeClient(io, ask);
  const path = file ?? await profilesPath(context);
  const profile = await cluster.readProfile(path, name, client.home);
  io.drop([profile.ssh === undefined ? "net" : "run"]);
  return { profile, client, mode };
}

/**
 * The cluster that a run is on, or undefined.
 *
 * @param clusters File of profiles in place of the one that the run was begun with.
 */
export async function targetOfRun(
  folder: string,
  clusters: string | undefined,
  mode: ClusterChoice["mode"],
): Promise<Target | undefined> {
  const site = await readSiteFile(folder);
  if (site === undefined) return undefined;
  return { name: site.profile.name, file: clusters ?? site.profile.file, mode };
}

/**
 * The cluster that a run is to leave, or undefined where nothing of it is there, or the way there is not
 * known any more.
 *
 * @param clusters File of profiles in place of the one that the run was begun with.
 */
export async function targetToLeave(
  context: Pick<Context, "io" | "cluster">,
  folder: string,
  clusters: string | undefined,
): Promise<Target | undefined> {
  const target = await targetOfRun(folder, clusters, "here");
  const { hasLeftCluster } = await import("../cluster/slurm/leave.ts");
  if (target === undefined || await hasLeftCluster(folder)) return undefined;
  try {
    await context.cluster.readProfile(target.file ?? "", target.name);
    return target;
  } catch (error) {
    if (!(error instanceof SirenError)) throw error;
    const text = `${error.message}: what is left of the run on its cluster stays there`;
    context.io.stderr.write(messageLine(context.io, { kind: "warning", text }));
    return undefined;
  }
}

/**
 * The cluster that a run is on.
 *
 * @param what What cannot be done elsewhere, as in "Cannot <what>: ...".
 * @throws {RunError} There is no run in the folder, or it is not on a cluster.
 */
export async function targetOfClusterRun(
  folder: string,
  clusters: string | undefined,
  mode: ClusterChoice["mode"],
  what: string,
): Promise<Target> {
  const target = await targetOfRun(folder, clusters, mode);
  if (target !== undefined) return target;
  const { readRun } = await import("../cluster/run_file.ts");
  await readRun(folder);
  throw new RunError(
    `Cannot ${what} ${folder}: the run is not on a cluster`,
    `Go on with it here by \`siren resume ${quoteForShell(folder)}\`, or there with --on.`,
  );
}
