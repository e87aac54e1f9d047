/**
 * The flags that send a command to a cluster.
 *
 * @module
 */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { textReader } from "./arguments.ts";
import type { Target } from "./choose_cluster.ts";
import { NeededOption } from "./options.ts";
import {
  clusterPermissions,
  enginePermissions,
  needPermissions,
  networkPermissions,
} from "./permissions.ts";

const CLUSTER = "Cluster:";

/** `--clusters`, the user's own file if it is not given, or the one that the run was begun with. */
export function clustersFlag(isOfRun = false): Option {
  const fallback = isOfRun ? "the one the run began with" : "~/.config/siren/clusters.toml";
  return new Option("--clusters <file>", `file of profiles; default ${fallback}`)
    .argParser(textReader("--clusters")).helpGroup(CLUSTER);
}

/**
 * Adds `--on` and what goes with it. Without `--on` the command stays on this machine.
 *
 * @param estimates Whether `--dry-run` without `--on` tells what the run would take here.
 */
export function addClusterFlags(command: CommandUnknownOpts, estimates = false): void {
  command
    .addOption(onFlag(Option, "profile of the cluster to compute on; default none, this machine"))
    .addOption(clustersFlag())
    .addOption(detachFlag())
    .addOption(dryRunFlag(estimates ? " or, without --on, time, memory and disk" : ""));
  needPermissions(
    command,
    ({ on, engine, weights }) => [
      ...(on === undefined ? enginePermissions(engine) : clusterPermissions),
      ...(weights === undefined ? [] : networkPermissions("onnx")),
    ],
  );
}

/** Adds those of `siren submit`, which goes to a cluster always and never waits. */
export function addSubmitFlags(command: CommandUnknownOpts): void {
  command
    .addOption(onFlag(NeededOption, "profile of the cluster to compute on; required"))
    .addOption(clustersFlag())
    .addOption(dryRunFlag());
  needPermissions(
    command,
    ({ weights }) => [
      ...clusterPermissions,
      ...(weights === undefined ? [] : networkPermissions("onnx")),
    ],
  );
}

/** Adds those of `siren resume`, which goes on where the run is. */
export function addResumeFlags(command: CommandUnknownOpts): void {
  command
    .addOption(onFlag(Option, "profile of the cluster to go on on; default the run's own, if any"))
    .addOption(clustersFlag(true))
    .addOption(
      new Option("--here", "compute what is left on this machine").helpGroup(CLUSTER),
    )
    .addOption(detachFlag())
    .addOption(dryRunFlag());
  needPermissions(
    command,
    ({ engine }) => [
      ...clusterPermissions,
      ...enginePermissions(engine),
      ...networkPermissions("onnx"), // the run's thresholds may be still to be predicted
    ],
  );
}

/**
 * Adds `--clusters` to a command that goes to a cluster always.
 *
 * @param isOfRun Whether it is the cluster that a run is on.
 */
export function addClustersFlag(command: CommandUnknownOpts, isOfRun = true): void {
  command.addOption(clustersFlag(isOfRun));
  needPermissions(command, () => clusterPermissions);
}

function onFlag(OptionClass: typeof Option, help: string): Option {
  return new OptionClass("--on <profile>", help).argParser(textReader("--on")).helpGroup(CLUSTER);
}

function detachFlag(): Option {
  return new Option("--detach", "submit and return, without waiting for the jobs")
    .helpGroup(CLUSTER);
}

function dryRunFlag(here = ""): Option {
  return new Option("--dry-run", `print plan and batch script${here}; submit nothing`)
    .helpGroup(CLUSTER);
}

const ClusterFlagsSchema = z.object({
  on: z.string().optional(),
  clusters: z.string().optional(),
  here: z.boolean().default(false),
  detach: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});

/** The flags as they were given. */
export interface ClusterFlags {
  readonly on: string | undefined;
  readonly clusters: string | undefined;
  readonly here: boolean;
  readonly mode: Target["mode"];
}

/**
 * Reads the flags of {@linkcode addClusterFlags} or one of its like.
 *
 * @throws {UsageError} They do not go together.
 */
export function readClusterFlags(command: CommandUnknownOpts): ClusterFlags {
  const { on, clusters, here, detach, dryRun } = ClusterFlagsSchema.parse(command.opts());
  const given = [
    ...(on === undefined ? [] : ["--on"]),
    ...(clusters === undefined ? [] : ["--clusters"]),
    ...(detach ? ["--detach"] : []),
    ...(dryRun ? ["--dry-run"] : []),
  ];
  if (here && given.length > 0) {
    throw new UsageError(`Cannot use --here with ${given[0]}: here nothing goes to a cluster`);
  }
  if (detach && dryRun) {
    throw new UsageError("Cannot use --detach with --dry-run: nothing is submitted then");
  }
  return { on, clusters, here, mode: dryRun ? "plan" : detach ? "submit" : "wait" };
}

/** Whether a command is only to tell what it would take on this machine. */
export function isEstimate(command: CommandUnknownOpts): boolean {
  const { on, clusters, mode } = readClusterFlags(command);
  return on === undefined && clusters === undefined && mode === "plan";
}

/**
 * Where a command of {@linkcode addClusterFlags} goes; undefined for this machine.
 *
 * @throws {UsageError} A flag needs `--on`.
 */
export function readTarget(command: CommandUnknownOpts): Target | undefined {
  const { on, clusters, mode } = readClusterFlags(command);
  if (on !== undefined) return { name: on, file: clusters, mode };
  const flag = mode === "plan" ? "--dry-run" : mode === "submit" ? "--detach" : clusters;
  if (flag === undefined) return undefined;
  throw new UsageError(
    `Cannot use ${flag === clusters ? "--clusters" : flag}: it needs --on`,
    "Name the profile of the cluster with --on.",
  );
}
