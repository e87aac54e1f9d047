/** Runs on a real Slurm by way of SSH, through real sshd's: equal to the byte to runs computed here. */
import assert from "node:assert";
import { exists } from "../surroundings.ts";
import { eventually, needsSsh, slurmTest, startSsh } from "./cluster.ts";
import { ended, fdr, hashRun, makeUser } from "./runs.ts";

/** Ends the SSH sessions of a test's sshd's, as when the network goes away. */
async function cutSessions(root: string): Promise<number> {
  let count = 0;
  for await (const { name } of Deno.readDir(`${root}/run`)) {
    if (!/^sshd-.*\.pid$/.test(name)) continue;
    const pid = (await Deno.readTextFile(`${root}/run/${name}`)).trim();
    const { stdout } = await new Deno.Command("pgrep", { args: ["-P", pid] }).output();
    for (
      const child of new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "")
    ) {
      Deno.kill(Number(child), "SIGKILL");
      count++;
    }
  }
  return count;
}

const NAME = "runs by SSH are runs computed here, to the byte";
if (needsSsh !== undefined) {
  Deno.test({ name: `${NAME} (needs sshd; ${needsSsh})`, ignore: true, fn: () => {} });
} else {
  slurmTest(NAME, {}, async (cluster, t) => {
    const { folder } = await startSsh(cluster.root);
    const { root, work } = cluster;
    const user = await makeUser(cluster);
    const here = await user.expected("here", ...fdr(user));
    const profile = (host: string, lines = "") =>
      user.profile(
        `scratch = "${work}/scratch"\ninstall = "${work}/install"\n${lines}\n` +
          `[test.ssh]\nhost = "${host}"\nconfig = "${folder}/config"`,
      );

    await t.step("without siren there, the remedy is told and nothing is left behind", async () => {
      await profile("login");
      const { code, stderr } = await user.siren(
        ...fdr(user),
        "--on",
        "test",
        "--outdir",
        `${work}/early`,
      );
      assert.strictEqual(code, 5);
      assert.match(stderr, /siren is not installed there\nRun siren cluster install test/);
      assert.ok(!exists(`${work}/early`));
    });

    await t.step("siren is installed by one command, and a second changes nothing", async () => {
      const { stdout } = await user.well("cluster", "install", "test");
      assert.ok(stdout.includes(`${work}/install`));
      await user.well("cluster", "install", "test");
    });

    for (const host of ["login", "behind"]) {
      const way = host === "login" ? "to a login node" : "through a jump host";
      await t.step(`a run ${way}`, async () => {
        await profile(host);
        const run = `${work}/run ${host}`;
        await user.well(...fdr(user), "--on", "test", "--outdir", run);
        assert.deepStrictEqual(await hashRun(run), here);
        // What it needed there is gone; what tasks said is here.
        assert.deepStrictEqual([...Deno.readDirSync(`${work}/scratch`)], []);
        const { stdout } = await user.well("logs", run, "count-1/0");
        assert.match(stdout, /all 1 shards are whole/);
        assert.match((await user.well("status", run)).stdout, /The run is done/);
      });
    }

    await t.step("step by step, from one terminal after the other", async () => {
      await profile("behind");
      const run = `${work}/steps`;
      await user.well("submit", ...fdr(user).slice(1), "--on", "test", "--outdir", run);
      for (let gathers = 0; !exists(`${run}/02_expand/files.json`); gathers++) {
        assert.ok(gathers < 10);
        await user.well("watch", run);
        await user.well("gather", run);
      }
      assert.deepStrictEqual(await hashRun(run), here);
      assert.deepStrictEqual([...Deno.readDirSync(`${work}/scratch`)], []);
    });

    await t.step("connections that break are made again", async () => {
      await profile("login", 'setup = ["sleep 3"]');
      const run = `${work}/cut`;
      const child = user.start(...fdr(user), "--on", "test", "--outdir", run);
      const first = `${run}/shards/count/000000.arrow`;
      await eventually("a shard arrives", () => Promise.resolve(exists(first) || undefined));
      assert.ok(await cutSessions(root) > 0);
      const said = await ended(child);
      assert.strictEqual(said.code, 0, said.stderr);
      assert.deepStrictEqual(await hashRun(run), here);
    });
  });
}
