import assert from "node:assert";
import { ConnectionError, InterruptedError } from "../../core/errors.ts";
import { VERSION } from "../../core/version.ts";
import { sirenIn } from "../../tests/processes.ts";
import {
  type Cluster as TestCluster,
  needsSsh,
  slurmTest,
  startSsh,
} from "../../tests/slurm/cluster.ts";
import { exists } from "../../tests/surroundings.ts";
import type { News } from "../progress.ts";
import { localTransport } from "../transport/local.ts";
import type { Transport } from "../transport/transport.ts";
import { type Check, checkCluster, type CheckOptions } from "./check.ts";
import { slurmClient } from "./client.ts";
import { installSiren } from "./install.ts";
import { parseProfiles, type Profile } from "./profile.ts";

const client: CheckOptions["client"] = {
  home: "/home/none",
  user: "tester",
  agent: undefined,
  siren: [Deno.execPath(), "eval", "console.log('0.0.0', Deno.args.length)"],
  environment: { DENO_DIR: "/dev/null/deno" },
  now: () => new Date(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

function profileOf(toml: string): Profile {
  const profile = parseProfiles(`[big]\n${toml}`, "clusters.toml").get("big");
  assert.ok(profile !== undefined);
  return profile;
}

/** This machine, as a user of the cluster sees it. */
function transportTo({ environment }: Pick<TestCluster, "environment">): Transport {
  const local = localTransport();
  return {
    ...local,
    exec: (command, options = {}) =>
      local.exec(command, {
        ...options,
        environment: { ...environment, ...options.environment },
      }),
  };
}

function checking(
  { work, environment }: TestCluster,
  toml: string,
  changes: Partial<CheckOptions> & { transport?: Transport } = {},
) {
  const profile = profileOf(`grace = 5\n${toml}`);
  const transport = changes.transport ?? transportTo({ environment });
  const news: News[] = [];
  const options: CheckOptions = {
    profile,
    client,
    open: () =>
      Promise.resolve({
        profile,
        transport,
        slurm: slurmClient(transport),
      }),
    folder: work,
    signal: new AbortController().signal,
    tell: (piece) => void news.push(piece),
    ...changes,
  };
  return { options, news, profile, transport };
}

async function all(checks: AsyncIterable<Check>): Promise<Map<string, Check>> {
  const found = new Map<string, Check>();
  for await (const check of checks) found.set(check.name, check);
  return found;
}

const states = (checks: ReadonlyMap<string, Check>) =>
  Object.fromEntries([...checks].map(([name, { state }]) => [name, state]));

/** Nothing is in the queue, and nothing on the disk. */
async function assertClean(cluster: TestCluster): Promise<void> {
  for (let i = 0; i < 50; i++) {
    if (await cluster.slurm("squeue", "-h") === "") break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.strictEqual(await cluster.slurm("squeue", "-h"), "");
  const left = [...Deno.readDirSync(cluster.work)].map(({ name }) => name)
    .filter((name) => name.startsWith("siren-check-"));
  assert.deepStrictEqual(left, []);
}

slurmTest("a cluster is checked end to end, with siren installed", { gpus: 1 }, async (cluster) => {
  const { options, profile, transport } = checking(
    cluster,
    `gres = "gpu:1"\npartition = "main"\ninstall = "${cluster.work}/it's siren"\ncpus = 1`,
  );
  const before = await all(checkCluster(options));
  assert.strictEqual(before.get("siren")?.state, "missing");
  assert.match(before.get("siren")?.remedy ?? "", /siren cluster install big/);
  assert.ok(!before.has("job"));

  await installSiren(transport, profile, { tell: () => {} });
  const modes: number[] = [];
  const write: Transport["write"] = async (path, content, mode) => {
    if (typeof content === "string" && content.includes("#SBATCH")) modes.push(mode ?? 0o644);
    await transport.write(path, content, mode);
  };
  const open = async () => ({ ...await options.open(), transport: { ...transport, write } });
  const checks = await all(checkCluster({ ...options, open }));
  assert.deepStrictEqual(modes, [0o700], "the script holds the profile's environment");
  assert.deepStrictEqual(states(checks), {
    "connection": "ok",
    "sbatch": "ok",
    "controller": "ok",
    "job limits": "ok",
    "accounting": "slow",
    "folder for runs": "ok",
    "siren": "ok",
    "request": "ok",
    "job": "ok",
    "shared disk": "ok",
    "siren on the node": "ok",
    // The nodes' GPUs are no real ones.
    "GPU": exists("/dev/nvidia0") ? "ok" : "slow",
  });
  const says = (name: string) => checks.get(name)?.finding ?? "";
  assert.match(says("sbatch"), /^slurm[ -]/);
  assert.match(says("controller"), /^Slurm \d.*up to 1001 tasks/);
  assert.match(says("request"), /partition main, gres gpu:1, 1 CPUs/);
  assert.match(says("job"), /^job \d+ ran on n\d, after about \d+ s/);
  assert.match(says("siren on the node"), new RegExp(`^${VERSION}, glibc \\d`));
  assert.match(says("GPU"), /^granted \(0\)/);
  await assertClean(cluster);
});

slurmTest("an installed siren checks a cluster over SSH, by itself", {}, async (cluster, t) => {
  if (needsSsh !== undefined) {
    return void await t.step({ name: `over SSH (needs sshd; ${needsSsh})`, ignore: true, fn() {} });
  }
  const ssh = await startSsh(cluster.root);
  const file = `${cluster.root}/clusters.toml`;
  await Deno.writeTextFile(
    file,
    `[big.ssh]\nhost = "login"\nuser = "${ssh.user}"\nconfig = "${ssh.folder}/config"\n`,
  );
  const environment = { SIREN_CLUSTERS: file, USER: "root" };
  const install = await sirenIn(environment, "cluster", "install", "big").output();
  assert.ok(install.success, new TextDecoder().decode(install.stderr));
  const { code, stdout, stderr } = await new Deno.Command(`/home/${ssh.user}/siren/bin/siren`, {
    args: ["cluster", "check", "big"],
    clearEnv: true,
    env: { ...environment, PATH: "/usr/bin:/bin", HOME: cluster.root },
    cwd: cluster.root,
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.strictEqual(code, 0, text + new TextDecoder().decode(stderr));
  assert.match(text, /ok +connection: \S+@login answers/);
  assert.match(text, new RegExp(`ok +siren on the node: ${VERSION}, glibc`));
});

slurmTest("what is wrong with a cluster is told with its remedy", {}, async (cluster, t) => {
  const cases: [string, string, (checks: ReadonlyMap<string, Check>) => void][] = [
    ["sbatch that fails", "", (checks) => {
      assert.match(checks.get("sbatch")?.finding ?? "", /is there but fails \(no configuration\)/);
      assert.match(checks.get("sbatch")?.remedy ?? "", /login node/);
    }],
    ["no such partition", `partition = "nope"`, (checks) => {
      assert.strictEqual(checks.get("request")?.state, "missing");
      assert.match(checks.get("request")?.finding ?? "", /partition/);
      assert.ok(!checks.has("job"));
    }],
    ["a folder that cannot be", `scratch = "${cluster.root}/etc/slurm.conf/x"`, (checks) => {
      assert.strictEqual(checks.get("folder for runs")?.state, "missing");
      assert.ok(!checks.has("request"));
    }],
    ["set-up that fails", `setup = ["echo no such module >&2; exit 3"]`, (checks) => {
      assert.strictEqual(checks.get("job")?.state, "missing");
      assert.match(checks.get("job")?.finding ?? "", /ended .*without its answer: no such module/);
    }],
    ["siren that does not start", `cpus = 1`, (checks) => {
      assert.strictEqual(checks.get("siren on the node")?.state, "missing");
      assert.match(checks.get("siren on the node")?.finding ?? "", /exit code 1\d\d/);
    }],
  ];
  for (const [name, toml, verify] of cases) {
    await t.step(name, async () => {
      const { options } = checking(cluster, "");
      const profile = profileOf(`grace = 3\n${toml}`);
      const own: CheckOptions = {
        ...options,
        profile,
        client: name.startsWith("siren") ? { ...client, siren: ["/no/such/deno"] } : client,
        open: async () => ({ ...await options.open(), profile }),
      };
      const isBroken = name === "sbatch that fails";
      if (isBroken) await cluster.break("sbatch", { stderr: "no configuration" });
      verify(await all(checkCluster(own)));
      if (isBroken) await cluster.mend("sbatch");
      await assertClean(cluster);
    });
  }
});

slurmTest("a check that is stopped takes its job with it", {}, async (cluster, t) => {
  // As many CPUs as there are, taken by another.
  await cluster.slurm("sbatch", "-N2", "--exclusive", "-o/dev/null", "--wrap=sleep 300");
  const ours = async () => (await cluster.slurm("squeue", "-h", "-o", "%j")).match(/siren\S*/g);

  await t.step("by Ctrl-C", async () => {
    const stop = new AbortController();
    const { options } = checking(cluster, "", {
      signal: stop.signal,
      tell: (news) => {
        if (news.kind === "progress") stop.abort();
      },
    });
    await assert.rejects(all(checkCluster(options)), InterruptedError);
    assert.strictEqual(await ours(), null);
  });
  await t.step("by its patience", async () => {
    const { options } = checking(cluster, "", { patience: 1 });
    const checks = await all(checkCluster(options));
    assert.strictEqual(checks.get("job")?.state, "unknown");
    assert.match(checks.get("job")?.finding ?? "", /pending.* after \d+ s; it was cancelled/);
    assert.strictEqual(await ours(), null);
  });
  await t.step("when sbatch's answer is lost", async () => {
    const { options } = checking(cluster, "");
    let lost = 0;
    const open = async () => {
      const site = await options.open();
      const submit: typeof site.slurm.submit = async (job) => {
        await site.slurm.submit(job);
        lost++;
        throw new ConnectionError("Cannot reach the cluster: the line is cut");
      };
      return { ...site, slurm: { ...site.slurm, submit } };
    };
    const checks = await all(checkCluster({ ...options, open }));
    assert.match(checks.get("job")?.finding ?? "", /the line is cut/);
    assert.strictEqual(lost, 1);
    assert.strictEqual(await ours(), null);
  });
  await cluster.slurm("scancel", "-u", "root");
  await assertClean(cluster);
});

Deno.test("where sbatch is not found, the remedy is one that helps: the PATH here, slurm_bin over SSH", async () => {
  const remedy = async (toml: string, place: string) => {
    const profile = profileOf(toml);
    const transport: Transport = {
      ...localTransport(),
      exec: ([program]) =>
        Promise.resolve(
          program === "id"
            ? { code: 0, stdout: "me\n", stderr: "" }
            : program === "bash"
            ? { code: 0, stdout: place, stderr: "" }
            : { code: 127, stdout: "", stderr: `${program}: command not found\n` },
        ),
    };
    const checks = await all(checkCluster({
      profile,
      client,
      open: () => Promise.resolve({ profile, transport, slurm: slurmClient(transport) }),
      folder: "/tmp",
      signal: new AbortController().signal,
      tell: () => {},
    }));
    assert.deepStrictEqual(states(checks), { connection: "ok", sbatch: "missing" });
    return checks.get("sbatch")?.remedy ?? "";
  };
  const here = await remedy("", "/opt/slurm/bin/sbatch\n");
  assert.match(here, /PATH/);
  assert.doesNotMatch(here, /slurm_bin/);
  const ssh = 'ssh = { host = "h" }';
  assert.match(await remedy(ssh, "/opt/slurm/bin/sbatch\n"), /slurm_bin = "\/opt\/slurm\/bin"/);
  assert.match(await remedy(ssh, ""), /login node.*slurm_bin/);
});

Deno.test("a cluster that cannot be reached is a finding, and a defect is not", async () => {
  const profile = profileOf("");
  const options = {
    profile,
    client,
    folder: "/tmp",
    signal: new AbortController().signal,
    tell: () => {},
  };
  const error = new ConnectionError("Cannot reach x: it is off", "Turn it on.");
  assert.deepStrictEqual(
    await all(checkCluster({ ...options, open: () => Promise.reject(error) })),
    new Map([["connection", {
      name: "connection",
      state: "missing",
      finding: error.message,
      remedy: error.remedy,
    }]]),
  );
  const defect = new TypeError("a defect");
  await assert.rejects(
    all(checkCluster({ ...options, open: () => Promise.reject(defect) })),
    defect,
  );
});
