/** The commands of a run on a cluster as users give them: each in a process of its own, on a real Slurm. */
import assert from "node:assert";
import { type Cluster, slurmTest } from "../tests/slurm/cluster.ts";
import { sirenIn } from "../tests/processes.ts";
import { hashFolder } from "../tests/surroundings.ts";

/** Types command lines in the cluster's folder for work. */
function terminal(cluster: Cluster) {
  const { HOME = "/root", PATH: _, ...deno } = Deno.env.toObject();
  const env = {
    ...cluster.environment,
    HOME,
    ...(deno["DENO_DIR"] === undefined ? {} : { DENO_DIR: deno["DENO_DIR"] }),
    SIREN_CLUSTERS: `${cluster.work}/clusters.toml`,
  };
  return async (...args: string[]) => {
    const { code, stdout, stderr } = await sirenIn(env, ...args).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  };
}

const PROFILE = `[big]
cpus = 1
memory = 100
time = 5
poll = 0.5
grace = 5
`;

slurmTest(
  "a run is planned, submitted, watched, gathered and cancelled from one terminal after the other",
  { nodes: 1 },
  async (cluster) => {
    const type = terminal(cluster);
    const run = `${cluster.work}/my run`, here = `${cluster.work}/here`;
    const maps = `${cluster.work}/maps`;
    const what = ["--voldir", maps, "--bin", "0.22"];
    const simulation = ["--outdir", maps, "--volumes", "60", "--box", "16", "--blocks", "3"];
    assert.strictEqual((await type("simulate", ...simulation)).code, 0);
    await Deno.writeTextFile(`${cluster.work}/clusters.toml`, PROFILE);

    const plan = await type("submit", ...what, "--outdir", run, "--on", "big", "--dry-run");
    assert.strictEqual(plan.code, 0, plan.err);
    assert.match(
      plan.out,
      /^Nothing was submitted\. [^]*\n {2}sbatch --parsable [^]*#!\/bin\/bash\n/,
    );
    assert.deepStrictEqual(await cluster.slurm("squeue", "-h"), "");

    const submitted = await type("submit", ...what, "--outdir", run, "--on", "big");
    assert.strictEqual(submitted.code, 0, submitted.err);
    assert.match(
      submitted.out,
      /^On the cluster big \(this machine\): stage sketch, 1 task in 1 job/,
    );
    assert.match(submitted.out, /\nNext: {5}siren gather '.*my run'\n$/);

    const watched = await type("watch", run);
    assert.strictEqual(watched.code, 0, watched.err);
    assert.match(watched.out, /^All shards of stage sketch are there\.\nNext: siren gather /);

    const tasks: unknown = JSON.parse((await type("logs", run, "--json")).out);
    assert.ok(Array.isArray(tasks) && tasks.length === 1);
    const log = await type("logs", run, "sketch-1/0", "--tail", "1");
    assert.match(log.out, /^task sketch-1\/0: all 1 shards are whole\n$/);

    const gathered = await type("gather", run);
    assert.strictEqual(gathered.code, 0, gathered.err);
    assert.match(gathered.out, /^On the cluster big \(this machine\): stage expand/);

    const cancelled = await type("cancel", run, "--json");
    assert.strictEqual(cancelled.code, 0, cancelled.err);
    const status = JSON.parse((await type("status", run, "--json")).out);
    assert.strictEqual(status.cluster.profile, "big");
    assert.notStrictEqual(status.state, "on the cluster");

    const resumed = await type("resume", run, "--quiet");
    assert.deepStrictEqual([resumed.code, resumed.out], [0, ""], resumed.err);
    assert.match((await type("status", run)).out, /^The run is done: /);

    assert.strictEqual((await type("run", ...what, "--outdir", here, "--quiet")).code, 0);
    for (const results of ["00_sketch", "02_expand"]) {
      assert.deepStrictEqual(
        await hashFolder(`${run}/${results}`),
        await hashFolder(`${here}/${results}`),
      );
    }
  },
);
