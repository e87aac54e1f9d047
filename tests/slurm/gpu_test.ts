/** Runs on a real Slurm whose nodes have GPUs, as far as Slurm knows; a driver without a card computes. */
import assert from "node:assert";
import { readBatches } from "../../cluster/slurm/files.ts";
import { readReports } from "../../cluster/slurm/reports.ts";
import { buildDriverWithoutCard, whyNoDriver } from "../cuda/driver_without_card.ts";
import { eventually, slurmTest } from "./cluster.ts";
import { begin, endsWell, makeUser, tasksIn } from "./runs.ts";

/** A profile whose tasks each take a GPU; its nodes have two. */
const profile = (...lines: string[]) => ['engine = "cuda"', 'gres = "gpu:1"', ...lines].join("\n");

const CARDS = 'SIREN_TEST_GPUS = "2", SIREN_TEST_CUDA_NAMES = "card A,card B"';

async function driverIn(work: string): Promise<string> {
  await Deno.mkdir(`${work}/driver`);
  await buildDriverWithoutCard(`${work}/driver`);
  return `${work}/driver`;
}

async function reportsOf(folder: string, stage: string) {
  const reports = [];
  for (const batch of await readBatches(folder)) {
    if (batch.stage === stage) reports.push(...await readReports(folder, batch));
  }
  return reports;
}

if (whyNoDriver() === undefined) {
  slurmTest(
    "tasks compute on the GPUs that they were granted, no two on the same one",
    { nodes: 2, gpus: 2 },
    async (cluster) => {
      const driver = await driverIn(cluster.work);
      const environment = `environment = { LD_LIBRARY_PATH = "${driver}", ${CARDS} }`;
      const user = await makeUser(cluster, profile(environment, "waiting"));
      await user.hold();
      const run = begin(user);
      // All four of the first stage at the same time, two on each node.
      await tasksIn(cluster, "RUNNING", 4);
      await user.release();
      const { stderr } = await endsWell(user, run);
      assert.doesNotMatch(stderr, /Warning/);
      const reports = await reportsOf(run.folder, "count");
      const places = reports.map(({ host, device }) => `${host} ${device}`).sort();
      assert.deepStrictEqual(places, [
        "n1 gpu 0: card A",
        "n1 gpu 1: card B",
        "n2 gpu 0: card A",
        "n2 gpu 1: card B",
      ]);
      assert.ok(reports.every(({ engine }) => engine === "cuda"));
      const { stdout } = await user.well("status", run.folder);
      assert.match(stdout, /gpu \d: card [AB] \(cuda\)/);
    },
  );

  slurmTest(
    "a node whose GPU does not work computes on the CPU, loudly",
    { nodes: 2, gpus: 2 },
    async (cluster) => {
      const driver = await driverIn(cluster.work);
      const find =
        `export LD_LIBRARY_PATH=${driver}; [ $SLURMD_NODENAME != n2 ] || unset LD_LIBRARY_PATH`;
      const user = await makeUser(
        cluster,
        profile(`environment = { ${CARDS} }`, `setup = ["${find}"]`),
      );
      const run = begin(user);
      const { stderr } = await endsWell(user, run);
      const reports = await eventually("tasks on both nodes", async () => {
        const found = await reportsOf(run.folder, "count");
        return new Set(found.map(({ host }) => host)).size === 2 ? found : undefined;
      });
      for (const { host, device, fallback } of reports) {
        assert.strictEqual(device.startsWith("gpu"), host === "n1");
        assert.strictEqual(fallback === undefined, host === "n1");
      }
      assert.match(
        stderr,
        /Warning: \d+ tasks? on n2: engine \w+ computes on the CPU, though a GPU was granted \(Cannot use engine cuda: no NVIDIA driver \(libcuda\.so\.1\)\)/,
      );
    },
  );
} else {
  Deno.test({
    name: `runs on a Slurm with GPUs (skipped: ${whyNoDriver()})`,
    ignore: true,
    fn() {},
  });
}
