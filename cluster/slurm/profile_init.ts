/**
 * The file that `siren cluster init` writes: every key of a profile, each with a line that says what it is.
 *
 * @module
 */
import { UsageError } from "../../core/errors.ts";
import { isProfileName } from "./profile.ts";

/**
 * A commented file of profiles with one that works on a cluster whose defaults are good enough. Keys
 * that it does not need are comments without a space after the `#`.
 *
 * @param name The profile's name: letters, digits, `_`, `-` and `.`.
 * @throws {UsageError} The name is none.
 */
export function profilesText(name: string): string {
  if (!isProfileName(name)) {
    throw new UsageError(
      `Cannot name a profile so: it must be of letters, digits, _, - and . (${name})`,
    );
  }
  // A dot in a bare key would begin a table of its own.
  const table = name.includes(".") ? `"${name}"` : name;
  return `\
# Clusters that siren can run on: one table each, used as in: siren run --on ${name} ...
# Take away the # before what you need; keys that are left out have the value shown, or none.
# Then see that all of it works: siren cluster check ${name}

[${table}]

# --- What a task asks Slurm for. Left out, the cluster's own defaults hold.

# Partition (queue); several by comma. sinfo lists them. Needed where there is no default partition.
#partition = "gpu"
# Account that is charged. sacctmgr show associations user=$USER lists yours. Some clusters insist.
#account = "my_lab"
# Quality of service, where the cluster has several.
#qos = "normal"
# Features that a node must have, where nodes differ.
#constraint = "icelake|cascadelake"
# Time limit of a task: minutes, or "HH:MM:SS", "D-HH:MM:SS". Some clusters insist.
#time = "01:00:00"
# Memory of a task: MiB, or "8G", "500M".
#memory = "4G"
# Cap when memory is raised after a task ran out of it. Needed where it should stay below a node's.
#max_memory = "64G"
# CPUs of a task.
#cpus = 4
# GPUs of a task, as kind:type:count. Leave out to use CPUs alone.
#gres = "gpu:a100:1"
# Most tasks that run at once, for clusters that ask to leave room for others.
#max_tasks = 100

# --- What else goes into the batch script.

# Lines of bash before the command. With one here the script is run by a login shell, which knows module.
#setup = ["module load cuda/12.2"]
# Further options of sbatch.
#directives = ["--mail-type=END", "--mail-user=me@example.org"]
# Options that siren must not give, where the cluster refuses them: partition, account, qos, constraint,
# time, mem, cpus-per-task, gres, exclude, open-mode, signal.
#skip = ["mem", "cpus-per-task"]
# A batch script of your own instead of siren's, beside this file; cryoSPARC's cluster_script.sh will do.
#template = "sbatch.sh"

# --- Where things are on the cluster.

# Folder on the shared disk where runs are kept. With SSH ~/siren-scratch if left out; without, needed only
# where compute nodes do not see the run folder.
#scratch = "~/siren-scratch"
# Folder on the shared disk for siren cluster install. With SSH ~/siren if left out.
#install = "~/siren"
# Folder that holds sbatch, where a login does not find it. With SSH only; without, put it on the PATH.
#slurm_bin = "/opt/slurm/bin"

# --- How siren goes about it.

# What computes: auto, wasm or reference.
#engine = "auto"
# How many minutes one task should take.
#task_minutes = 5
# How many shards one task takes, instead.
#shards_per_task = 8
# How many seconds a finished task's file may take to be seen. More where the shared disk is slow.
#grace = 60
# Most seconds between two looks at the cluster.
#poll = 30

# Variables that the tasks get.
#[${table}.environment]
#OMP_NUM_THREADS = "1"

# How to reach the login node. Leave out where sbatch is on this machine.
# ~/.ssh/config is obeyed, so that a Host of it is often all that is needed.
#[${table}.ssh]
# Name of the login node, or a Host of ~/.ssh/config. Needed.
#host = "login.cluster.example.org"
# Your name there.
#user = "me"
# Port of its SSH server.
#port = 22
# Private key, where neither the agent nor ~/.ssh/config has it.
#identity = "~/.ssh/id_ed25519"
# Machines to go through, as host or user@host:port; several by comma.
#proxy_jump = "me@gate.example.org"
# An ssh config in another place.
#config = "~/.ssh/config"
# Known hosts in another place.
#known_hosts = "~/.ssh/known_hosts"
`;
}
