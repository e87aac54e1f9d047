import assert from "node:assert";
import { exists } from "../surroundings.ts";
import { eventually, isAlive, slurmTest, startSlurm, startSsh } from "./cluster.ts";

async function call(program: string, args: string[], env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, env: { ...env } })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

slurmTest(
  "a program of Slurm is broken and mended, and its calls are counted",
  {},
  async (cluster) => {
    const { environment } = cluster;
    const squeue = (...args: string[]) => call(`${cluster.root}/bin/squeue`, args, environment);
    assert.deepStrictEqual(await squeue("-h"), { code: 0, stdout: "", stderr: "" });
    await cluster.break("squeue", { stderr: "no\nanswer", code: 3 });
    assert.deepStrictEqual(await squeue("-h", "a b\nc"), {
      code: 3,
      stdout: "",
      stderr: "no\nanswer\n",
    });
    await cluster.mend("squeue");
    assert.strictEqual((await squeue()).code, 0);
    assert.deepStrictEqual(await cluster.calls("squeue"), ["-h", "-h $'a b\\nc'", "''"]);

    await cluster.break("sbatch", { stderr: "timed out", after: true });
    const lost = await call(
      "sbatch",
      ["--wrap=true", "-J", "kept", "-o", "/dev/null"],
      environment,
    );
    assert.deepStrictEqual(lost, { code: 1, stdout: "", stderr: "timed out\n" });
    assert.strictEqual(await cluster.slurm("squeue", "-h", "-t", "all", "-o", "%j"), "kept\n");
  },
);

slurmTest("two clusters and their sshd's stand side by side and leave nothing", {}, async (one) => {
  let root: string, home: string;
  {
    await using two = await startSlurm({ nodes: 1 });
    root = two.root;
    const [a, b] = await Promise.all([startSsh(one.root), startSsh(two.root)]);
    assert.notStrictEqual(a.user, b.user);
    assert.notStrictEqual(a.ports.login, b.ports.login);
    home = `/home/${b.user}`;
    assert.ok(exists(home));
    for (const [ssh, nodes] of [[a, "n1\nn2\n"], [b, "n1\n"]] as const) {
      const answer = await call("ssh", [
        "-F",
        `${ssh.folder}/config`,
        "behind",
        "sinfo -hNo %N -p main",
      ], {});
      assert.deepStrictEqual(answer, { code: 0, stdout: nodes, stderr: "" });
    }
    assert.deepStrictEqual(await two.calls("sinfo"), ["-hNo %N -p main"]);
  }
  assert.ok(!exists(root) && !exists(home));
});

slurmTest("a cluster goes with the process that started it, however that ends", {}, async () => {
  const module = new URL("./cluster.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const script = `
    const { startSlurm } = await import(${JSON.stringify(module)});
    console.log((await startSlurm({ nodes: 1 })).root);
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", `--config=${config}`, script],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const root = new TextDecoder().decode((await reader.read()).value).trim();
  const pid = Number(await Deno.readTextFile(`${root}/run/slurmctld.pid`));
  assert.ok(await isAlive(pid));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  const goes = async () => exists(root) || await isAlive(pid) ? undefined : true;
  await eventually("the cluster is gone", goes);
});
