/**
 * The cluster as one run sees it: the way there, its scheduler, and the run's folder on it.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { RunError, UsageError } from "../../core/errors.ts";
import { quoteForShell } from "../../core/shell.ts";
import { expandHome } from "../transport/expand_home.ts";
import { localTransport } from "../transport/local.ts";
import type { Transport } from "../transport/transport.ts";
import type { ClusterChoice } from "./choice.ts";
import { type SlurmClient, slurmClient } from "./client.ts";
import { openTasks } from "./batches.ts";
import { readBatches, readSiteFile, type SiteFile } from "./files.ts";
import { requireInstalled, workerCommand } from "./install.ts";
import type { Profile } from "./profile.ts";

/** A cluster, reached. */
export interface Cluster {
  readonly profile: Profile;
  readonly transport: Transport;
  readonly slurm: SlurmClient;
}

/** A cluster with a run on it. */
export interface Site extends Cluster {
  /** What site.json says, or shall say. */
  readonly file: SiteFile;
  /** How tasks start siren: words, and the environment these need. */
  readonly worker: {
    readonly command: readonly [string, ...string[]];
    readonly environment: Readonly<Record<string, string>>;
  };
}

/** Who is told what happens on the way, and who may interrupt it. */
export interface Telling {
  tell(news: { readonly kind: "note" | "warning"; readonly text: string }): void;
  readonly signal: AbortSignal;
}

/** Reaches a profile's cluster; close its transport when done. */
export async function openCluster(
  { profile, client }: Pick<ClusterChoice, "profile" | "client">,
  { tell, signal }: Telling,
): Promise<Cluster> {
  const transport = profile.ssh === undefined ? localTransport() : await connect(profile.ssh);
  async function connect(ssh: NonNullable<Profile["ssh"]>): Promise<Transport> {
    const { connectSsh } = await import("../ssh/mod.ts"); // who does not need it does not load it
    return await connectSsh(ssh, {
      home: client.home,
      user: client.user,
      agent: client.agent,
      ...(client.ask === undefined ? {} : { ask: client.ask }),
      tell: (text) => tell({ kind: "note", text }),
      signal,
    });
  }
  const slurm = slurmClient(
    transport,
    profile.slurm_bin === undefined ? {} : { bin: profile.slurm_bin },
  );
  return { profile, transport, slurm };
}

/**
 * Reaches the cluster of a run: the one it is on, or a new one.
 *
 * @param folder The run folder; it need not be there yet.
 * @param isNew Whether a run that is there counts for nothing.
 * @throws {RunError} The run is on another cluster than the profile's.
 * @throws {ClusterError} The cluster cannot be reached, or siren is not installed there.
 */
export async function openSite(
  folder: string,
  choice: ClusterChoice,
  telling: Telling,
  isNew = false,
): Promise<Site> {
  const cluster = await openCluster(choice, telling);
  try {
    const known = isNew ? undefined : await readSiteFile(folder);
    const file = known === undefined || known.cleared === true
      ? await newSite(folder, cluster)
      : await sameSite(known, folder, cluster);
    if (file.folder.includes("\\")) {
      throw new UsageError(
        `Cannot run jobs in ${file.folder}: Slurm gives a backslash in a path a meaning of its own`,
        "Give another --outdir, or a scratch folder in the profile.",
      );
    }
    return { ...cluster, file, worker: await workerOf(cluster, choice) };
  } catch (error) {
    cluster.transport.close();
    throw error;
  }
}

async function newSite(folder: string, cluster: Cluster): Promise<SiteFile> {
  const { profile, transport } = cluster;
  const id = newId();
  return {
    format: 1,
    id,
    run: resolve(folder),
    profile: { file: profile.file, name: profile.name },
    where: transport.where,
    ...await placeOf(folder, id, cluster),
  };
}

/** The run's folder on the cluster. */
async function placeOf(folder: string, id: string, { profile, transport }: Cluster) {
  const { scratch } = profile;
  if (scratch === undefined) return { folder: resolve(folder), shared: true };
  const name = basename(resolve(folder)).replaceAll(/[^\w.-]/g, "_");
  return { folder: `${await expandHome(scratch, transport)}/${name}-${id}`, shared: false };
}

async function sameSite(known: SiteFile, folder: string, cluster: Cluster): Promise<SiteFile> {
  const { profile, transport } = cluster;
  const { shared, folder: place } = await placeOf(folder, known.id, cluster);
  // A run folder that was moved takes its site with it if that lies in it. It may have been copied: then its
  // new jobs must not have the names of the other's.
  const isMoved = known.shared && shared && place !== known.folder;
  const isCopy = known.run !== resolve(folder) && (await readSiteFile(known.run))?.id === known.id;
  // Two runs with one folder on the cluster would clear it under each other.
  if (isCopy && !known.shared) return await newSite(folder, cluster);
  const isElsewhere = !shared && dirname(place) !== dirname(known.folder);
  if (known.where !== transport.where || known.shared !== shared || isElsewhere) {
    // Where no task is left, the run may go to another cluster.
    if (openTasks(await readBatches(folder)).length === 0) return await newSite(folder, cluster);
    throw new RunError(
      `Cannot go on with ${folder} by profile ${profile.name}: its jobs are on ${known.where} in ` +
        `${known.folder}, and the profile leads to ${transport.where}, ${place}`,
      `Go on by the profile it began with, or finish it here: siren resume ${
        quoteForShell(folder)
      } --here`,
    );
  }
  return {
    ...known,
    ...(isMoved ? { folder: place, id: newId() } : {}),
    run: resolve(folder),
    profile: { file: profile.file, name: profile.name },
  };
}

const newId = () => crypto.randomUUID().slice(0, 8);

async function workerOf(cluster: Cluster, { client }: ClusterChoice): Promise<Site["worker"]> {
  const { profile, transport } = cluster;
  if (profile.install === undefined) {
    return { command: client.siren, environment: client.environment };
  }
  return workerCommand(await requireInstalled(transport, profile));
}
