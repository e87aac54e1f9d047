import assert from "node:assert";
import type { ClusterUse, StageUse } from "../cluster/slurm/status.ts";
import { formatClusterUse } from "./cluster_use.ts";

const none = { waiting: 0, pending: 0, running: 0, done: 0, left: 0, "ended badly": 0 };

const sketch: StageUse = {
  stage: "sketch",
  batches: 2,
  jobs: ["4711", "4712"],
  tasks: { ...none, done: 1198, running: 2, "ended badly": 1 },
  retries: ["sketch-2: 1 task ran out of memory:\n asks for 4 GiB"],
  cpuHours: 12.3456,
  gpuHours: 0.00001,
  slowest: [{
    task: "sketch-1/12",
    state: "done",
    node: "n3",
    device: "cpu (wasm)",
    seconds: 720,
    shards: 4,
    shardsDone: 4,
  }, { task: "sketch-1/7", state: "running", shards: 1, shardsDone: 0 }],
  fallbacks: ["3 tasks on n1, n2: no adapter\x1b[2J\nwas found"],
};

Deno.test("formatClusterUse tells tasks and hours, warns of fallbacks, and keeps terminals whole", () => {
  const use: ClusterUse = {
    profile: "big",
    where: "me@login",
    folder: "/scratch/run",
    stages: [sketch, {
      ...sketch,
      stage: "expand",
      jobs: [],
      tasks: none,
      cpuHours: 0,
      retries: [],
      slowest: [],
      fallbacks: [],
    }],
  };
  assert.strictEqual(
    formatClusterUse(use),
    `Cluster big (me@login), in /scratch/run
Warning: stage sketch: 3 tasks on n1, n2: no adapter[2J was found

stage   tasks                                 CPU-hours  GPU-hours  in
sketch  2 running, 1,198 done, 1 ended badly       12.3    < 0.001  2 jobs (4711, 4712)
expand  none                                          0    < 0.001  no job

Slowest tasks:
  sketch-1/12 on n3, cpu (wasm): 12 min, 4 of 4 shards
  sketch-1/7, 0 of 1 shards

Submitted again:
  sketch-2: 1 task ran out of memory: asks for 4 GiB
`,
  );
});
