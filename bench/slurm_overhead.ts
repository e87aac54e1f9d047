/**
 * What a 200-task array costs the process that submits and watches it, on a real Slurm started here:
 * `deno task bench:slurm [TASKS]`. The tasks do nothing but write their shard. Beside it, the same number
 * of jobs submitted one by one.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bitMatrix } from "../core/cooccupancy/mod.ts";
import { completeShards, type ShardedStage } from "../cluster/shards.ts";
import { clusterPlace } from "../cluster/slurm/place.ts";
import { readProfile } from "../cluster/slurm/profile.ts";
import { sleep } from "../cli/client.ts";
import { startSlurm } from "../tests/slurm/cluster.ts";

const tasks = Number(Deno.args[0] ?? 200);
await using cluster = await startSlurm({ nodes: 3, cpus: 4 });
for (const [name, value] of Object.entries(cluster.environment)) Deno.env.set(name, value);

const file = `${cluster.work}/clusters.toml`, folder = `${cluster.work}/run`;
await Deno.writeTextFile(file, "[bench]\ncpus = 1\nmemory = 300\nshards_per_task = 1\n");
await Deno.mkdir(folder);

const stage: ShardedStage<"expandPhi"> = {
  name: "expand",
  key: "bench",
  job: "expandPhi",
  work: () => ({
    matrix: bitMatrix(tasks, 32, true),
    profiles: [{ words: Uint32Array.of(1), total: 1 }],
    options: { level: 0.01 },
  }),
  inputs: Array.from({ length: tasks }, (_, i) => ({ start: i, end: i + 1 })),
  pairs: new Array<number>(tasks).fill(1),
};
const signal = new AbortController().signal;
const surroundings = {
  threads: 1,
  engine: "auto",
  host: "bench",
  command: "bench",
  signal,
  tell: () => {},
} as const;
const main = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const client = {
  home: cluster.work,
  user: "root",
  agent: undefined,
  siren: [Deno.execPath(), "run", "--cached-only", "-A", main] as const,
  environment: {},
  now: () => new Date(),
  sleep,
};
const choice = { profile: await readProfile(file, "bench"), client, mode: "wait" } as const;

/** CPU-seconds of the programs that this process has started and that have ended. */
async function childrenSeconds(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100; // clock ticks
}

const began = performance.now(), before = process.cpuUsage(), children = await childrenSeconds();
{
  await using place = clusterPlace(folder, choice, surroundings);
  await place.check();
  await completeShards(folder, stage, place.executor, surroundings);
}
const { user, system } = process.cpuUsage(before);
const ofChildren = await childrenSeconds() - children;
const seconds = (performance.now() - began) / 1000;
const calls: string[] = [];
for (const program of ["sbatch", "squeue", "sacct", "scontrol", "scancel"] as const) {
  calls.push(`${(await cluster.calls(program)).length} ${program}`);
}
console.log(`${tasks} tasks as siren submits them: ${seconds.toFixed(1)} s`);
console.log(`  CPU of the submitting process  ${((user + system) / 1e6).toFixed(2)} s`);
console.log(`  CPU of Slurm's programs        ${ofChildren.toFixed(2)} s`);
console.log(`  calls                          ${calls.join(", ")}`);

const one = await childrenSeconds();
for (let task = 0; task < tasks; task++) {
  await new Deno.Command("sbatch", {
    args: ["--parsable", "--output=/dev/null", "--wrap=true"],
    stdout: "null",
  }).output();
}
console.log(
  `${tasks} jobs submitted one by one: CPU of sbatch ${
    (await childrenSeconds() - one).toFixed(2)
  } s`,
);
