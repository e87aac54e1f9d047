/** Preprocessing on a real Slurm: equal to the byte to what is computed here. */
import assert from "node:assert";
import { slurmTest } from "./cluster.ts";
import { makeUser } from "./runs.ts";
import { hashFolder } from "../surroundings.ts";

slurmTest("preprocessing on Slurm is preprocessing here, to the byte", {}, async (cluster) => {
  const user = await makeUser(cluster, "shards_per_task = 30", 80);
  const given = ["preprocess", "--voldir", user.maps, "--box", "32"];
  const here = `${user.work}/here`, there = `${user.work}/there`;
  await user.well(...given, "--outdir", here);
  const onCluster = [...given, "--outdir", there, "--on", "test"];
  const detached = await user.well(...onCluster, "--detach");
  assert.match(
    detached.stdout,
    /^On the cluster test \(this machine\): 3 tasks in 1 job \(\d+\)$/m,
  );
  assert.match(detached.stdout, /^Next: {5}siren preprocess .* --on test --detach$/m);
  const { stdout } = await user.well(...onCluster);
  assert.match(stdout, /^Normalised: +.*\/there\/normalized \(80 maps of 64\^3\)$/m);
  const hashes = (folder: string) => hashFolder(`${folder}/normalized`);
  assert.deepStrictEqual(await hashes(there), await hashes(here));
  assert.strictEqual(
    (await cluster.calls("sbatch")).filter((call) => !call.includes("--test-only")).length,
    1,
  );
  const logs = await user.well("logs", `${there}/preprocess`);
  assert.match(logs.stdout, /preprocess-1\/0/);
  const { code, stderr } = await user.siren("status", `${there}/preprocess`);
  assert.strictEqual(code, 4, stderr);
});
