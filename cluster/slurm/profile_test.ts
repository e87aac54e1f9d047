import assert from "node:assert";
import { InputError, UsageError } from "../../core/errors.ts";
import {
  defaultProfilesPath,
  formatTime,
  gpusOf,
  parseMemory,
  parseProfiles,
  parseTime,
  readProfile,
  readProfiles,
} from "./profile.ts";

const one = (lines: string, home?: string) => {
  const profile = parseProfiles(`[lab]\n${lines}`, "/etc/c.toml", home).get("lab");
  assert.ok(profile);
  return profile;
};

/** What is complained of, a line each, without the part that is always the same. */
const complaints = (lines: string): string[] => {
  try {
    one(lines);
  } catch (error) {
    assert.ok(error instanceof InputError);
    return error.message.split("\n").map((line) => {
      const start = "Cannot use profile lab of /etc/c.toml: ";
      assert.ok(line.startsWith(start), line);
      return line.slice(start.length);
    });
  }
  return [];
};

Deno.test("an empty profile has the defaults", () => {
  assert.deepStrictEqual({ ...one("") }, {
    cpus: 4,
    setup: [],
    directives: [],
    skip: [],
    environment: {},
    engine: "auto",
    task_minutes: 5,
    grace: 60,
    poll: 30,
    name: "lab",
    file: "/etc/c.toml",
  });
});

Deno.test("a profile's times, sizes and paths are read", () => {
  const profile = one(
    `partition = "gpu,long"
    time = "1-02"
    memory = "8G"
    max_memory = 65536
    gres = "gpu:a100:2"
    skip = ["--mem", "qos"]
    setup = ["module load cuda", "", "\\texport A='b c'"]
    directives = ["--mail-type=END", "-C fast"]
    template = "my/sbatch.sh"
    scratch = "/scratch/me/"
    [lab.environment]
    A_1 = "two\\nlines"
    [lab.ssh]
    host = "login"
    identity = "~/.ssh/key"
    known_hosts = "/etc/hosts.known"
    proxy_jump = "me@gate:2222,[::1]:22"`,
    "/home/me",
  );
  assert.strictEqual(profile.time, 26 * 60);
  assert.strictEqual(profile.memory, 8192);
  assert.strictEqual(profile.max_memory, 65536);
  assert.deepStrictEqual(profile.skip, ["mem", "qos"]);
  assert.strictEqual(profile.template, "/etc/my/sbatch.sh");
  assert.strictEqual(profile.scratch, "/scratch/me");
  assert.strictEqual(profile.install, "~/siren");
  assert.deepStrictEqual(profile.environment, { A_1: "two\nlines" });
  assert.strictEqual(profile.ssh?.identity, "/home/me/.ssh/key");
  assert.strictEqual(profile.ssh.known_hosts, "/etc/hosts.known");
});

Deno.test("a profile with SSH has folders on the cluster, one without has none", () => {
  assert.strictEqual(one('ssh = { host = "login" }').scratch, "~/siren-scratch");
  assert.strictEqual(one("").scratch, undefined);
  assert.strictEqual(one('scratch = "~/"').scratch, "~/");
  assert.strictEqual(one('scratch = "/"').scratch, "/");
});

Deno.test("unknown keys are refused, with what was probably meant", () => {
  assert.deepStrictEqual(complaints('partiton = "gpu"\nnonsense_here = 1\nhost = "x"'), [
    "partiton is not a key (did you mean partition?)",
    "nonsense_here is not a key",
    "host is not a key (it goes below [lab.ssh])",
  ]);
  assert.deepStrictEqual(complaints('[lab.ssh]\nhost = "x"\nproxyjump = "y"'), [
    "ssh.proxyjump is not a key (did you mean proxy_jump?)",
  ]);
});

Deno.test("all that is wrong is told at once, with key and value", () => {
  const wrong = complaints(`partition = "a b"
    cpus = 0
    max_tasks = 1.5
    time = "soon"
    memory = "8 apples"
    engine = "wsam"
    qos = 3
    directives = ["--mail-type=END", "--array=1-3", "mem=3", "--err=x", "-J name"]
    skip = ["memm"]
    scratch = "scratch"
    poll = 0.1
    constrain = "x"
    [lab.environment]
    "1X" = "a"
    SLURM_JOB_ID = "7"
    Y = 2
    [lab.ssh]
    port = 70000
    proxy_jump = "-oProxyCommand=x"`);
  assert.deepStrictEqual(wrong.toSorted(), [
    "constrain is not a key (did you mean constraint?)",
    "cpus: it must be at least 1 (0)",
    'directives item 2: siren has its own use for --array ("--array=1-3")',
    'directives item 3: it must begin with -, as in "--mail-type=END" ("mem=3")',
    'directives item 4: siren has its own use for --error ("--err=x")',
    'directives item 5: siren has its own use for --job-name ("-J name")',
    'engine: it must be one of auto, native, cuda, webgpu, tfjs, wasm, reference (did you mean wasm?) ("wsam")',
    'environment.1X: its name must be of letters, digits and _, and not begin with a digit ("a")',
    'environment.SLURM_JOB_ID: Slurm sets it itself ("7")',
    "environment.Y: it must be a text in quotes (2)",
    "max_tasks: it must be a whole number (1.5)",
    'memory: it must be MiB, or a size such as "8G" or "500M", above 0 ("8 apples")',
    'partition: it must hold no spaces ("a b")',
    "poll: it must be at least 0.2 (0.1)",
    "qos: it must be a text in quotes (3)",
    'scratch: it must be absolute, or begin with ~/ ("scratch")',
    'skip item 1: siren never gives --memm (did you mean mem?) ("memm")',
    "ssh.host: it is needed",
    "ssh.port: it must be at most 65535 (70000)",
    'ssh.proxy_jump: it must be "host" or "user@host:port", several by comma ("-oProxyCommand=x")',
    'time: it must be minutes, or Slurm\'s "MM:SS", "HH:MM:SS", "D-HH", "D-HH:MM", "D-HH:MM:SS", above 0 ("soon")',
  ]);
});

Deno.test("what would become another line or another option is refused", () => {
  for (
    const line of [
      'partition = "gpu\\n#SBATCH --wrap=x"',
      'account = "--wrap=x"',
      'gres = "gpu:1 --wrap=x"',
      'constraint = "a\\u0000"',
      'directives = ["--mail-type=END\\nrm -rf ~"]',
      'directives = ["--mail-type=END --array=0-9"]',
      'setup = ["module load a\\nmodule load b"]',
      'template = "a\\nb"',
      'slurm_bin = "bin"',
      'environment = { A = "\\u0000" }',
      'ssh = { host = "-oProxyCommand=x" }',
      'ssh = { host = "a b" }',
      'ssh = { host = "a", user = "-l" }',
    ]
  ) assert.strictEqual(complaints(line).length, 1, line);
});

Deno.test("slurm_bin is for clusters over SSH: here programs are started by the PATH", () => {
  assert.deepStrictEqual(complaints('slurm_bin = "/opt/slurm/bin"'), [
    'slurm_bin: it is for clusters with an ssh table; without one put that folder on the PATH ("/opt/slurm/bin")',
  ]);
  assert.deepStrictEqual(complaints('slurm_bin = "/opt/slurm/bin"\nssh = { host = "h" }'), []);
});

Deno.test("a time without quotes is told to want them", () => {
  assert.deepStrictEqual(complaints("time = 04:00:00"), [
    "time: it must stand in quotes (04:00:00.000)",
  ]);
});

Deno.test("memory cannot be capped below where it begins", () => {
  assert.deepStrictEqual(complaints('memory = "8G"\nmax_memory = "4G"'), [
    'max_memory: it must not be less than memory ("4G")',
  ]);
});

Deno.test("what is no TOML is refused with line and column", () => {
  assert.throws(
    () => parseProfiles("[lab]\ncpus = 4\npartition = gpu\n", "c.toml"),
    (error) =>
      error instanceof InputError &&
      /^Cannot read c\.toml: line 3, column \d+: [^\n]+$/.test(error.message),
  );
});

Deno.test("keys outside all tables are refused", () => {
  assert.throws(
    () => parseProfiles('partition = "gpu"\n[lab]\n', "c.toml"),
    { message: "Cannot read c.toml: partition is in no profile" },
  );
});

Deno.test("profile names are safe in names of files", () => {
  assert.throws(() => parseProfiles('["../x"]\n["a b"]\n', "c.toml"), {
    message:
      "Cannot use profile ../x of c.toml: its name must be of letters, digits, _, - and .\n" +
      "Cannot use profile a b of c.toml: its name must be of letters, digits, _, - and .",
  });
});

Deno.test("readProfile reads one, and says what there is", async () => {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(file, '[lab]\ncpus = 8\n[hpc]\ncpus = "x"\n');
    assert.strictEqual((await readProfile(file, "lab")).cpus, 8);
    await assert.rejects(readProfile(file, "hpc"), InputError);
    await assert.rejects(readProfiles(file), InputError);
    await assert.rejects(
      readProfile(file, "lba"),
      (error) =>
        error instanceof UsageError &&
        error.message === `Cannot use profile lba: it is not in ${file} (did you mean lab?)` &&
        error.remedy === "Profiles there: lab, hpc.",
    );
    await assert.rejects(
      readProfile(`${file}.none`, "lab"),
      (error) => error instanceof UsageError && /siren cluster init/.test(error.remedy ?? ""),
    );
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("defaultProfilesPath follows the environment", () => {
  const home = { HOME: "/home/me" };
  assert.strictEqual(defaultProfilesPath(home), "/home/me/.config/siren/clusters.toml");
  assert.strictEqual(
    defaultProfilesPath({ ...home, XDG_CONFIG_HOME: "/x" }),
    "/x/siren/clusters.toml",
  );
  assert.strictEqual(
    defaultProfilesPath({ ...home, XDG_CONFIG_HOME: "relative" }),
    "/home/me/.config/siren/clusters.toml",
  );
  assert.strictEqual(defaultProfilesPath({ ...home, SIREN_CLUSTERS: "my.toml" }), "my.toml");
  assert.throws(() => defaultProfilesPath({}), UsageError);
});

Deno.test("parseTime reads times as Slurm does, and formatTime writes them", () => {
  const cases: [string, number | undefined][] = [
    ["90", 90],
    ["90:00", 90],
    ["0:30", 1],
    ["01:30:00", 90],
    ["1-0", 1440],
    ["1-2:30", 1590],
    ["2-03:04:05", 3065],
    ["0", undefined],
    ["-5", undefined],
    ["1.5", undefined],
    ["1:2:3:4", undefined],
    ["UNLIMITED", undefined],
    ["", undefined],
  ];
  for (const [text, minutes] of cases) assert.strictEqual(parseTime(text), minutes, text);
  for (const minutes of [1, 59, 60, 90, 1439, 1440, 3065]) {
    assert.strictEqual(parseTime(formatTime(minutes)), minutes);
  }
  assert.strictEqual(formatTime(90), "01:30:00");
  assert.strictEqual(formatTime(3065), "2-03:05:00");
});

Deno.test("parseMemory reads sizes", () => {
  const cases: [string, number | undefined][] = [
    ["500", 500],
    ["500M", 500],
    ["8G", 8192],
    ["8 GiB", 8192],
    ["1.5g", 1536],
    ["2T", 2 * 1024 ** 2],
    ["1K", 1],
    ["0", undefined],
    ["-1G", undefined],
    ["G", undefined],
    ["8P", undefined],
  ];
  for (const [text, size] of cases) assert.strictEqual(parseMemory(text), size, text);
});

Deno.test("gpusOf counts GPUs", () => {
  const cases: [string | undefined, number][] = [
    [undefined, 0],
    ["gpu", 1],
    ["gpu:2", 2],
    ["gpu:a100", 1],
    ["gpu:a100:2", 2],
    ["gpu:a100:2(S:0-1)", 2],
    ["gpu:a:1,gpu:b:3", 4],
    ["gres:gpu:2", 2],
    ["craynetwork:1,gpu:1", 1],
    ["nvme:200", 0],
    ["mygpu:2", 0],
  ];
  for (const [gres, count] of cases) assert.strictEqual(gpusOf(gres), count, gres);
});
