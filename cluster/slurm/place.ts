/**
 * A cluster as the place where a run's shards are computed.
 *
 * @module
 */
import { SirenError } from "../../core/errors.ts";
import { removeTemporaries } from "../../core/files.ts";
import type { Executor } from "../executor.ts";
import type { Surroundings } from "../progress.ts";
import { type ShardedStage, shardsFolder } from "../shards.ts";
import { type ClusterChoice, Planned } from "./choice.ts";
import { driveStage } from "./drive.ts";
import { SlurmRefusal } from "./client.ts";
import { type Batch, readBatches, readSiteFile, removeCancelMark, writeSiteFile } from "./files.ts";
import { leaveCluster, leaveStage } from "./leave.ts";
import { expectedMinutes } from "./packing.ts";
import { copyWords, enginesOf, fallbacksOf } from "./reports.ts";
import { planStage } from "./stage_plan.ts";
import { chunkScript } from "./script.ts";
import { openSite, type Site } from "./site.ts";
import { readTemplate } from "./template.ts";

/** A cluster that a run is computed on; reached when it is first needed. */
export interface Place extends AsyncDisposable {
  readonly executor: Executor;
  /**
   * Tries a job out without submitting it, so that what is wrong with the profile is said before hours of
   * work.
   *
   * @throws {ClusterError} The cluster cannot be reached, or would refuse the jobs.
   */
  check(): Promise<void>;
  /** Ends the run's jobs, as it goes on elsewhere. */
  leave(): Promise<void>;
  /** Takes the run's folder off the cluster when all is in the run folder. */
  finish(): Promise<void>;
}

/**
 * Makes the place.
 *
 * @param folder The run folder.
 * @param isNew Whether a run that is there counts for nothing.
 */
export function clusterPlace(
  folder: string,
  choice: ClusterChoice,
  surroundings: Surroundings,
  isNew = false,
): Place {
  let opened: Promise<Site> | undefined;
  const open = () => opened ??= openSite(folder, choice, surroundings, isNew);
  const { client, mode } = choice;
  const leaving = { folder, client, telling: surroundings, open };
  const driven = new Set<string>();
  const engines = new Set<string>();
  return {
    leave: () => leaveCluster(leaving),
    executor: {
      ownsFolder: false,
      engine: () => engines.size === 0 ? undefined : [...engines].sort().join(", "),
      async compute(_folder, stage, missing, done) {
        const site = await open();
        const own = stage as unknown as ShardedStage; // of some job; which does not matter here
        if (mode === "plan") throw new Planned(await planStage(own, missing, site, choice));
        if (driven.size === 0) await removeCancelMark(folder); // it was for a process that is gone
        driven.add(stage.name);
        await driveStage({ folder, stage, site, choice, surroundings }, missing, done);
      },
      async end(_folder, stage) {
        if (mode === "plan") return;
        await leaveStage(leaving, stage, driven.has(stage.name));
        const batches = (await readBatches(folder)).filter((batch) => batch.stage === stage.name);
        for (const text of await fallbacksOf(folder, batches)) {
          surroundings.tell({ kind: "warning", text });
        }
        for (const engine of await enginesOf(folder, batches)) {
          if (engine !== "phi") engines.add(engine); // which is the rule's own way of expanding
        }
        await removeTemporaries(shardsFolder(folder, stage.name));
      },
    },
    async check() {
      if (mode === "plan") return;
      await tryOut(await open(), choice);
    },
    async finish() {
      const known = await readSiteFile(folder);
      if (known === undefined || known.shared || known.cleared === true) return;
      try {
        const { transport } = await open();
        // On a cluster that the run has left, or not a folder that siren made.
        const isOurs = known.folder.endsWith(`-${known.id}`);
        if (transport.where !== known.where || !isOurs) return;
        await copyWords(folder, { transport, file: known }, await readBatches(folder));
        await transport.remove(known.folder);
        await writeSiteFile(folder, { ...known, cleared: true });
      } catch (error) {
        if (!(error instanceof SirenError)) throw error; // the run is whole all the same
        const text = `${error.message}: ${known.folder} stays on ${known.where}`;
        surroundings.tell({ kind: "note", text });
      }
    },
    async [Symbol.asyncDispose]() {
      const site = await opened?.catch(() => undefined); // whoever opened it was told
      site?.transport.close();
    },
  };
}

/** Has sbatch look at a job like those to come. */
async function tryOut(site: Site, { client }: ClusterChoice): Promise<void> {
  const { profile, transport, slurm, file } = site;
  const batch: Batch = {
    format: 1,
    stage: "try",
    key: "",
    number: 1,
    resources: {
      cpus: profile.cpus,
      ...(profile.skip.includes("mem") || profile.memory === undefined
        ? {}
        : { memory_MiB: profile.memory }),
      ...(profile.skip.includes("time") ? {} : { minutes: profile.time ?? expectedMinutes(0) }),
      exclude: [],
    },
    tasks: [[0]],
    chunks: [{ name: `siren-${file.id}-try-1-1`, first: 0, size: 1 }],
    ended: [],
  };
  const chunk = { name: `siren-${file.id}-try-1-1`, first: 0, size: 1 };
  const { script, options } = chunkScript(
    site,
    batch,
    chunk,
    await readTemplate(profile),
    client.user,
  );
  // sbatch wants a file; the run's folder is not there yet, and need not be if this fails.
  const place = `${await tryFolder(site)}/siren-try-${file.id}.sh`;
  await transport.write(place, script, 0o700);
  try {
    await slurm.tryOut({
      script: place,
      options: options.filter((word) => !word.startsWith("--chdir=")),
    });
  } catch (error) {
    // A full queue is not the profile's fault, and may have room when the first job is ready.
    if (!(error instanceof SlurmRefusal && error.kind === "submit-limit")) throw error;
  } finally {
    await transport.remove(place);
  }
}

async function tryFolder({ transport }: Site): Promise<string> {
  return await transport.list("/tmp") === undefined ? await transport.home() : "/tmp";
}
