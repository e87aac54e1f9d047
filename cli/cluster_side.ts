/**
 * What the commands need of the cluster's side, loaded when it is first called: most command lines never
 * leave this machine. Tests put others in its place.
 *
 * @module
 */
import type { ClusterChoice, Submission } from "../cluster/slurm/choice.ts";
import type { Profile } from "../cluster/slurm/profile.ts";
import type { TaskLine } from "../cluster/slurm/status.ts";
import type { Seen } from "../cluster/slurm/tasks.ts";
import type { News } from "../cluster/progress.ts";
import type { WorkerOptions } from "../cluster/worker.ts";
import type { Check } from "./doctor.ts";

/** Tells news. */
export type Tell = (news: News) => void;

/** Who is told what happens, and who may interrupt it. */
export interface Telling {
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** See the functions of the same names in `cluster/slurm` and `cluster/worker.ts`. */
export interface ClusterSide {
  readProfile(file: string, name: string, home?: string): Promise<Profile>;
  defaultProfilesPath(environment: Readonly<Record<string, string | undefined>>): Promise<string>;
  profilesText(name: string): Promise<string>;
  watchRun(
    folder: string,
    choice: ClusterChoice,
    telling: Telling,
  ): Promise<Submission | undefined>;
  cancelRun(folder: string, choice: ClusterChoice, telling: Telling): Promise<readonly string[]>;
  runTasks(folder: string, seen?: Seen): Promise<readonly TaskLine[]>;
  taskLog(
    folder: string,
    choice: ClusterChoice,
    task: string,
    telling: Telling,
  ): Promise<{ readonly path: string; readonly text: string }>;
  refreshRun(folder: string, choice: ClusterChoice, telling: Telling): Promise<Seen>;
  installSiren(
    choice: ClusterChoice,
    options: { readonly deno?: string; readonly force: boolean },
    telling: Telling,
  ): Promise<Installation>;
  checkCluster(choice: ClusterChoice, telling: Telling): AsyncIterable<Check>;
  work(options: WorkerOptions): Promise<number>;
}

/** Where siren is on a cluster. */
export interface Installation {
  readonly folder: string;
  readonly deno: string;
  readonly siren: string;
}

const slurm = () => import("../cluster/slurm/mod.ts");
const profiles = () => import("../cluster/slurm/profile.ts");

/** The cluster's side itself. */
export const clusterSide: ClusterSide = {
  readProfile: async (...args) => await (await profiles()).readProfile(...args),
  defaultProfilesPath: async (...args) => (await profiles()).defaultProfilesPath(...args),
  profilesText: async (name) =>
    (await import("../cluster/slurm/profile_init.ts")).profilesText(name),
  watchRun: async (...args) => await (await slurm()).watchRun(...args),
  cancelRun: async (...args) => await (await slurm()).cancelRun(...args),
  runTasks: async (...args) => await (await slurm()).runTasks(...args),
  taskLog: async (...args) => await (await slurm()).taskLog(...args),
  refreshRun: async (...args) => await (await slurm()).refreshRun(...args),
  async installSiren(choice, options, telling) {
    const { installSiren } = await import("../cluster/slurm/install.ts");
    const { transport, profile } = await (await slurm()).openCluster(choice, telling);
    try {
      return await installSiren(transport, profile, { ...options, tell: telling.tell });
    } finally {
      transport.close();
    }
  },
  checkCluster: async function* (choice, telling) {
    const { checkCluster } = await import("../cluster/slurm/check.ts");
    const open = async () => await (await slurm()).openCluster(choice, telling);
    // Runs are kept where siren is called, as a rule.
    yield* checkCluster({ ...choice, open, folder: Deno.cwd(), ...telling });
  },
  work: async (...args) => await (await import("../cluster/worker.ts")).work(...args),
};
