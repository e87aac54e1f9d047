/** Runs on a real Slurm: as users start them, and equal to the byte to runs computed here. */
import assert from "node:assert";
import { slurmTest } from "./cluster.ts";
import { fdr, hashRun, makeUser } from "./runs.ts";

slurmTest("a run on Slurm is a run computed here, to the byte", {}, async (cluster) => {
  const user = await makeUser(cluster);
  const here = await user.expected("here", ...fdr(user));
  const { stderr } = await user.well(
    ...fdr(user),
    "--on",
    "test",
    "--outdir",
    `${user.work}/there`,
  );
  assert.deepStrictEqual(await hashRun(`${user.work}/there`), here, stderr);
  const jobs = await cluster.slurm("squeue", "-h", "-t", "all", "-r", "-o", "%j");
  assert.ok(
    jobs.split("\n").filter((name) => /^siren-[0-9a-f]{8}-count-1-1$/.test(name)).length === 4,
  );
  // A second look changes nothing and submits nothing.
  const calls = (await cluster.calls("sbatch")).length;
  await user.well("resume", `${user.work}/there`);
  assert.strictEqual((await cluster.calls("sbatch")).length, calls);
  assert.deepStrictEqual(await hashRun(`${user.work}/there`), here);
});
