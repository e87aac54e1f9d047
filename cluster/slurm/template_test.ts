/**
 * Batch scripts are compared with those in `testdata`. When a change is meant, write them anew with
 * `deno test -A cluster/slurm/template_test.ts -- --update` and read the difference.
 */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { InputError } from "../../core/errors.ts";
import { parseProfiles, type Profile } from "./profile.ts";
import { readTemplate, renderScript, sbatchOptions, type ScriptJob } from "./template.ts";

const testdata = (name: string) => fileURLToPath(new URL(`./testdata/${name}`, import.meta.url));

const profileOf = (lines: string): Profile => {
  const profile = parseProfiles(`[lab]\n${lines}`, "clusters.toml").get("lab");
  assert.ok(profile);
  return profile;
};

const plainProfile = profileOf("");
const fullProfile = profileOf(`partition = "gpu,long"
  account = "lab"
  qos = "high"
  constraint = "[rack1|rack2]"
  gres = "gpu:a100:1"
  setup = ["module load cuda", "ulimit -c 0"]
  directives = ["--mail-type=END,FAIL", '--comment="two words"']
  environment = { OMP_NUM_THREADS = "1", NOTE = "it's $(touch X)\\na second line", EMPTY = "" }`);

const plainJob: ScriptJob = {
  command: ["/home/me/siren/deno", "run", "/home/me/siren/siren.js", "worker", "/scratch/run/b1"],
  cpus: 4,
  gpus: 0,
  memory: 4096,
  minutes: 30,
  runFolder: "/scratch/run",
  batchFolder: "/scratch/run/slurm/b1",
  logPath: "/scratch/run/slurm/b1/logs/%A_%a.log",
  scriptPath: "/scratch/run/slurm/b1/sbatch.sh",
  jobName: "siren-1a2b3c",
  user: "me",
  version: "0.1.0",
};

const hostile = '/scratch/Zoë\'s "run" $(touch X) `touch Y`;!\\ 50%';
const hostileJob: ScriptJob = {
  ...plainJob,
  command: ["/home/me/my deno", "run", "siren.js", "worker", `${hostile}/b1`],
  gpus: 2,
  memory: 6000,
  minutes: 1590,
  runFolder: hostile,
  batchFolder: `${hostile}/slurm/b1`,
  logPath: `${hostile}/slurm/b1/logs/%A_%a.log`,
  scriptPath: `${hostile}/slurm/b1/sbatch.sh`,
  user: "Zoë O'Neill",
};

const render = (text: string, job = plainJob, profile = plainProfile) =>
  renderScript({ template: { name: "T", text }, profile, job });

/** What is wrong with a template. */
const complaint = (text: string, job = plainJob, profile = plainProfile): string => {
  try {
    render(text, job, profile);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    assert.ok(error.message.startsWith("Cannot use template T: "), error.message);
    return error.message.replaceAll("Cannot use template T: ", "");
  }
  return "nothing";
};

const goldens: [string, string | undefined, ScriptJob, Profile, boolean][] = [
  ["sbatch_plain", undefined, plainJob, plainProfile, true],
  [
    "sbatch_bare",
    undefined,
    { ...plainJob, memory: undefined, minutes: undefined },
    profileOf('skip = ["cpus-per-task"]'),
    true,
  ],
  ["sbatch_full", undefined, hostileJob, fullProfile, true],
  ["cryosparc_plain_plain", "cryosparc_plain.sh", { ...plainJob, gpus: 1 }, plainProfile, false],
  ["cryosparc_plain_hostile", "cryosparc_plain.sh", hostileJob, plainProfile, false],
  ["cryosparc_lanes_cpu", "cryosparc_lanes.sh", plainJob, plainProfile, false],
  ["cryosparc_lanes_hostile", "cryosparc_lanes.sh", hostileJob, plainProfile, false],
  ["cryosparc_modules_plain", "cryosparc_modules.sh", plainJob, plainProfile, true],
  ["cryosparc_modules_hostile", "cryosparc_modules.sh", hostileJob, fullProfile, true],
];

for (const [name, template, job, profile, execs] of goldens) {
  Deno.test(`the batch script ${name} is as written down, and bash can read it`, async () => {
    const read = await readTemplate(template === undefined ? {} : { template: testdata(template) });
    const rendered = renderScript({ template: read, profile, job });
    const file = testdata(`${name}.golden.sh`);
    if (Deno.args.includes("--update")) await Deno.writeTextFile(file, rendered.script);
    assert.strictEqual(rendered.script, await Deno.readTextFile(file));
    assert.strictEqual(rendered.execs, execs);
    const { success, stderr } = await new Deno.Command("bash", { args: ["-n", file] }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  });
}

Deno.test("sbatchOptions gives what the profile and the batch ask for, but for what is skipped", () => {
  const resources = { cpus: 2, memory: 500, minutes: 90 };
  assert.deepStrictEqual(sbatchOptions(fullProfile, resources), [
    ["partition", "gpu,long"],
    ["account", "lab"],
    ["qos", "high"],
    ["constraint", "[rack1|rack2]"],
    ["time", "01:30:00"],
    ["mem", "500M"],
    ["cpus-per-task", "2"],
    ["gres", "gpu:a100:1"],
  ]);
  const skipping = profileOf('skip = ["mem", "cpus-per-task"]');
  assert.deepStrictEqual(sbatchOptions(skipping, resources), [["time", "01:30:00"]]);
  assert.deepStrictEqual(sbatchOptions(plainProfile, { cpus: 2 }), [["cpus-per-task", "2"]]);
});

Deno.test("a variable that is not known is refused, with line and what was meant", () => {
  assert.strictEqual(
    complaint("#!/bin/bash\n{% if jobname %}x{% endif %}\n{{ run_cmd }} {{ my_site.x }}\n"),
    "there is no such variable (jobname, line 2, did you mean job_name?)\n" +
      "there is no such variable (my_site, line 3)",
  );
  assert.strictEqual(
    complaint("#!/bin/bash\n{{ run_cmd }} {{ cluster_job_id }}\n"),
    "there is no such variable (cluster_job_id, line 2)",
  );
});

Deno.test("a variable that a template sets or asks about need not be known", () => {
  const { script } = render(
    "#!/bin/bash\n{% set a = 3 %}{% for b in setup %}{{ b }}{% endfor %}" +
      "{% if site is defined %}{{ site }}{% endif %}{{ other | default('o') }}{{ a }}\n{{ run_cmd }}\n",
  );
  assert.ok(script.startsWith("#!/bin/bash\no3\n/home/me"), script);
});

Deno.test("putting out a variable without a value is refused, asking for it is not", () => {
  assert.strictEqual(
    complaint("#!/bin/bash\n#SBATCH -p {{ partition }}\n{{ run_cmd }}\n"),
    "a variable has no value and would leave a gap (partition, line 2)",
  );
  assert.strictEqual(
    complaint(
      "#!/bin/bash\n{% if partition %}#SBATCH -p {{ partition }}{% endif %}\n{{ run_cmd }}\n",
    ),
    "nothing",
  );
  assert.match(
    complaint("#!/bin/bash\n#SBATCH --mem={{ ram_gb * 2 }}\n{{ run_cmd }}\n", {
      ...plainJob,
      memory: undefined,
    }),
    /undefined/,
  );
});

Deno.test("a template that is no Jinja2, or no script, is refused", () => {
  assert.match(complaint("#!/bin/bash\n{% if num_gpu %}\n{{ run_cmd }}\n"), /does not end/);
  assert.match(complaint("#!/bin/bash\n{{ run_cmd\n"), /./);
  assert.match(complaint("#!/bin/bash\n{{ run_cmd }}{{ num_cpu | frobnicate }}"), /frobnicate/);
  assert.match(complaint("#!/bin/bash\n{{ run_cmd }}{% include 'x' %}"), /include/);
  assert.match(complaint("#!/bin/bash\n{% filter upper %}{{ run_cmd }}{% endfilter %}"), /filter/);
  assert.match(complaint("#!/bin/bash\necho\n"), /never runs the command \(run_cmd\)/);
  assert.match(complaint("echo\n{{ run_cmd }}\n"), /does not begin with the shell/);
});

Deno.test("a template sees values that need no quotes as they are, and must not look into others", () => {
  const text = "#!/bin/bash\n{% if job_dir_abs.endswith('b1') %}ok{% endif %}" +
    "{{ job_creator | upper }}\n{{ run_cmd }}\n";
  assert.ok(render(text).script.startsWith("#!/bin/bash\nokME\n"));
  for (
    const use of [
      "job_dir_abs | upper",
      "job_dir_abs | replace(' ', '_')",
      "job_dir_abs[:5]",
      "job_dir_abs.split('/')[1]",
      "job_dir_abs | length",
      "'x' | replace('x', job_dir_abs)",
      "1 if job_dir_abs == 'x' else 2",
      "1 if 'x' in job_dir_abs else 2",
      "job_dir_abs is upper",
      "environment | tojson",
      "run_cmd | trim",
      "job_dir_abs | join('-')",
    ]
  ) {
    assert.match(
      complaint(`#!/bin/bash\n{{ ${use} }}\n{{ run_cmd }}\n`, hostileJob, fullProfile),
      /that needs quotes/,
      use,
    );
  }
});

Deno.test("a value that cannot be quoted where it stands is refused with line, variable and reason", () => {
  const head = "#!/bin/bash\n# {{ job_dir_abs }}\n{{ run_cmd }}\n";
  assert.strictEqual(
    complaint(`${head}cat <<EOF\n{{ job_dir_abs }}\nEOF\n`, hostileJob),
    "{{ job_dir_abs }} on line 5 needs quotes that cannot be given: it stands in a here-document",
  );
  assert.strictEqual(
    complaint('#!/bin/bash\nbash -c "{{ run_cmd }}"\n', hostileJob),
    "{{ run_cmd }} on line 2 needs quotes that cannot be given: a command of several words stands in quotes",
  );
  assert.strictEqual(
    complaint(`${head}#SBATCH -o {{ job_uid }}\n`, { ...plainJob, jobName: "a\nb" }),
    "{{ job_uid }} on line 4 needs quotes that cannot be given: it holds control characters, on an #SBATCH line",
  );
  assert.match(
    complaint("#!/bin/csh\n{{ run_cmd }}\n", hostileJob),
    /only bash is sure to know, and csh runs it \(run_cmd/,
  );
  assert.match(
    complaint("#!/bin/sh\n{{ run_cmd }}\n", { ...plainJob, command: ["a", "b\nc"] }),
    /only bash is sure to know, and sh runs it \(run_cmd/,
  );
  assert.strictEqual(complaint("#!/bin/csh\n{{ run_cmd }}\n"), "nothing");
  assert.strictEqual(complaint("#!/bin/sh\n{{ run_cmd }}\n", hostileJob), "nothing");
});

Deno.test("execs is true only where the worker surely takes the shell's place", () => {
  const cases: [string, boolean][] = [
    ["exec {{ run_cmd }}", true],
    ["echo a\n  exec {{ worker_bin_path }} {{ run_args }}\n# done\n\n", true],
    ["true &&\nexec {{ run_cmd }}", true],
    ["{{ run_cmd }}", false],
    ["exec srun {{ run_cmd }}", false],
    ["if true; then\n  exec {{ run_cmd }}\nfi", false],
    ["exec {{ run_cmd }} | tee log", false],
    ["true |\nexec {{ run_cmd }}", false],
    ["srun \\\nexec {{ run_cmd }}", false],
    ["cat <<EOF\nexec {{ run_cmd }}", false],
    ["x='\nexec {{ run_cmd }}", false],
  ];
  for (const [text, execs] of cases) {
    assert.strictEqual(render(`#!/bin/bash\n${text}\n`).execs, execs, text);
  }
  assert.strictEqual(render("#!/bin/bash\nexec {{ run_cmd }}\n", hostileJob).execs, true);
});

Deno.test("ram_gb is never 0, which Slurm would take for all of a node's memory", () => {
  const { script } = render("#!/bin/bash\n#SBATCH --mem={{ ram_gb|int }}G\n{{ run_cmd }}\n", {
    ...plainJob,
    memory: 100,
  });
  assert.match(script, /--mem=1G\n/);
});

Deno.test("a template written on Windows loses its carriage returns", () => {
  assert.ok(!render("#!/bin/bash\r\n{{ run_cmd }}\r\n").script.includes("\r"));
});
