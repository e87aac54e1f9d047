import assert from "node:assert";
import { formatPlan } from "./plan.ts";

const plan = {
  profile: "big",
  where: "me@login",
  stage: "sketch",
  shards: 1600,
  tasks: 1200,
  jobs: 2,
  pairsPerTask: [10_000_000, 12_345_678],
  cpus: 4,
  gpus: 0,
  memory_MiB: 2048,
  minutes: 90,
  seconds: 240,
  bytes: 3_500_000,
  script: "#!/bin/bash\nsiren worker\n",
  command: ["sbatch", "--comment=two words", "my script.sh"],
  notes: [],
} as const;

Deno.test("formatPlan tells tasks, what they ask for, command line and script", () => {
  assert.strictEqual(
    formatPlan(plan),
    `Nothing was submitted. To the cluster big (me@login) would go, for stage sketch:

shards           1,600
tasks            1,200 in 2 array jobs
pairs per task   10,000,000 to 12,345,678
a task asks for  4 CPUs, 2.0 GiB of memory, 1 h 30 min
a task takes     about 4 min
work file        3.3 MiB

Command line of the first job:
  sbatch '--comment=two words' 'my script.sh'

Batch script:

#!/bin/bash
siren worker
`,
  );
});

Deno.test("formatPlan tells what is special", () => {
  const text = formatPlan({
    ...plan,
    pairsPerTask: [5, 5],
    jobs: 1,
    gpus: 1,
    minutes: undefined,
    notes: ["MaxArraySize could not be asked for."],
  });
  assert.match(text, /\npairs per task {3}5\n/);
  assert.match(text, /in 1 array job\n/);
  assert.match(text, /4 CPUs, 1 GPU, 2\.0 GiB of memory, the site's time limit\n/);
  assert.match(text, /\n\nMaxArraySize could not be asked for\.\n\nCommand line/);
});
