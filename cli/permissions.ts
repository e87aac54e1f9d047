/**
 * Permissions that a command line does not need are given up before it does anything. siren is started with
 * those that a cluster takes; the others, which are most, then run without the network, without other
 * programs and without the environment.
 *
 * @module
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ClusterPermission } from "./io.ts";

/** All of them. */
export const clusterPermissions: readonly ClusterPermission[] = ["net", "run", "env"];

const needs = new WeakMap<
  CommandUnknownOpts,
  (flags: Readonly<Record<string, unknown>>) => readonly ClusterPermission[]
>();

/** Says which permissions a command may need, given its flags; of those that say nothing it is none. */
export function needPermissions(
  command: CommandUnknownOpts,
  of: (flags: Readonly<Record<string, unknown>>) => readonly ClusterPermission[],
): void {
  needs.set(command, of);
}

/** The permissions that a command line does not need. */
export function needlessPermissions(command: CommandUnknownOpts): ClusterPermission[] {
  const needed = needs.get(command)?.(command.opts()) ?? [];
  return clusterPermissions.filter((name) => !needed.includes(name));
}
