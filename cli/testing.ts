/**
 * Surroundings for tests: what is written is kept, and the clock stands still until it is set.
 *
 * @module
 */
import { writeSiteFile } from "../cluster/slurm/files.ts";
import { type Profile, ProfileSchema } from "../cluster/slurm/profile.ts";
import type { ClusterSide } from "./cluster_side.ts";
import type { Context } from "./job.ts";
import type { Io, Permission, Stop, Stream } from "./io.ts";

/** Surroundings that a test holds in its hands. */
export interface FakeIo extends Io {
  /** All that was written to standard output. */
  readonly out: () => string;
  /** All that was written to standard error. */
  readonly err: () => string;
  /** Sets the clock, in milliseconds. */
  readonly setNow: (now: number) => void;
  /** Presses Ctrl-C, or has the system ask for the end. */
  readonly stop: (reason: Stop) => void;
  /** The permissions that were given up. */
  readonly dropped: () => Permission[];
}

/** Makes surroundings of 8 threads without colour. */
export function fakeIo(
  stderr: Partial<Stream> = {},
  environment: Readonly<Record<string, string>> = {},
  stdin = "",
): FakeIo {
  const dropped = new Set<Permission>();
  const out: string[] = [];
  const err: string[] = [];
  let now = 0;
  const abort = new AbortController();
  const stream = (texts: string[]): Stream => ({
    write: (text) => {
      texts.push(text);
    },
    isTerminal: false,
    color: false,
    columns: 100,
  });
  return {
    stdout: stream(out),
    stderr: { ...stream(err), ...stderr },
    now: () => now,
    signal: abort.signal,
    threads: 8,
    hostname: () => "here",
    env: (name) => environment[name],
    userName: () => Promise.resolve("me"),
    readStdin: () => Promise.resolve(new TextEncoder().encode(stdin)),
    drop: (names) => {
      for (const name of names) dropped.add(name);
    },
    dropped: () => [...dropped],
    out: () => out.join(""),
    err: () => err.join(""),
    setNow: (value) => now = value,
    stop: (reason) => abort.abort(reason),
  };
}

/** A cluster's side of which a test gives what it means to be called; the rest fails. */
export function fakeCluster(functions: Partial<ClusterSide> = {}): ClusterSide {
  const fail = (name: string) => () => {
    throw new Error(`${name} was called`);
  };
  return {
    readProfile: fail("readProfile"),
    defaultProfilesPath: fail("defaultProfilesPath"),
    profilesText: fail("profilesText"),
    watchRun: fail("watchRun"),
    cancelRun: fail("cancelRun"),
    runTasks: fail("runTasks"),
    taskLog: fail("taskLog"),
    refreshRun: fail("refreshRun"),
    installSiren: fail("installSiren"),
    checkCluster: fail("checkCluster"),
    work: fail("work"),
    ...functions,
  };
}

/** What a command is made with. */
export function fakeContext(
  io: Io,
  args: readonly string[] = [],
  cluster: ClusterSide = fakeCluster(),
): Context {
  return { io, args, cluster, end: () => {} };
}

/** A profile, with defaults for all that is not given. */
export function fakeProfile(name = "big", input: Record<string, unknown> = {}): Profile {
  return { ...ProfileSchema.parse(input), name, file: "clusters.toml" };
}

/** What a user's environment has at least. */
export const home = { HOME: "/home/me" } as const;

/** The folder of a run that is on the cluster of profile big; it goes with its scope. */
export async function clusterRun(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "siren_run_" });
  await writeSiteFile(folder, {
    format: 1,
    run: folder,
    id: "0123abcd",
    profile: { file: "/its/clusters.toml", name: "big" },
    where: "this machine",
    folder,
    shared: true,
  });
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}
