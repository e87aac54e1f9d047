/**
 * What siren needs to know of the machine it runs on to reach a cluster from there, taken from the
 * environment. Only command lines that go to a cluster look at it.
 *
 * @module
 */
import type { clientEnvironment } from "./environment.ts";
import { fileURLToPath } from "node:url";
import type { Client } from "../cluster/slurm/choice.ts";
import { UsageError } from "../core/errors.ts";
import { IS_BUNDLE, MAIN_PROGRAM, programFile } from "../core/program_files.ts";
import type { Io, Question } from "./io.ts";

/** A variable of the environment; an empty one is as good as none. */
export function variable(io: Io, name: typeof clientEnvironment[number]): string | undefined {
  return io.env(name) || undefined;
}

/**
 * Describes this machine to the cluster's side.
 *
 * @param ask How the user is asked; undefined where nobody can be.
 * @throws {UsageError} The environment does not say who the user is.
 */
export async function makeClient(
  io: Io,
  ask: ((question: Question) => Promise<string | undefined>) | undefined,
): Promise<Client> {
  const { WORKER_PERMISSIONS } = await import("../cluster/slurm/install.ts");
  const home = variable(io, "HOME");
  const user = variable(io, "USER") ?? variable(io, "LOGNAME") ?? await io.userName();
  if (home === undefined || user === undefined) {
    throw new UsageError(
      `Cannot go to a cluster: the environment does not say who you are (${
        home === undefined ? "HOME" : "USER"
      } is not set)`,
      "Set HOME and USER.",
    );
  }
  const denoDir = variable(io, "DENO_DIR");
  return {
    home,
    user,
    agent: variable(io, "SSH_AUTH_SOCK"),
    siren: sirenWords(WORKER_PERMISSIONS),
    environment: {
      ...(denoDir === undefined ? {} : { DENO_DIR: denoDir }),
      DENO_NO_UPDATE_CHECK: "1",
    },
    ...(ask === undefined ? {} : { ask }),
    now: () => new Date(),
    sleep,
  };
}

/**
 * The words that start siren as a worker does, with no more permissions than that takes.
 *
 * @param permissions Those of a worker, as flags of Deno.
 */
function sirenWords(permissions: readonly string[]): [string, ...string[]] {
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    "--cached-only",
    ...(IS_BUNDLE ? ["--no-config"] : ["--config", fileURLToPath(programFile("deno.json"))]),
    ...permissions,
    fileURLToPath(MAIN_PROGRAM),
  ];
}

/** A pause that ends early when the signal is aborted. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const timer = setTimeout(wake, milliseconds);
  signal.addEventListener("abort", wake);
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", wake);
}
