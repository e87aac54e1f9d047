/** siren as a user of a test's cluster starts it. */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Batch, readBatches } from "../../cluster/slurm/files.ts";
import { simulate, simulateOptions, writeEnsemble } from "../../core/simulate/mod.ts";
import { exists, hashFolder } from "../surroundings.ts";
import { type Cluster, eventually } from "./cluster.ts";

const root = new URL("../../", import.meta.url);

/** What a command said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user with maps and a profile. */
export interface User {
  /** Folder of the maps. */
  readonly maps: string;
  /** A folder for runs, seen by the nodes. */
  readonly work: string;
  /** Starts siren. */
  start(...args: string[]): Deno.ChildProcess;
  /** Runs siren to its end. */
  siren(...args: string[]): Promise<Said>;
  /** Runs siren to its end, which must be a good one. */
  well(...args: string[]): Promise<Said>;
  /** Writes the profile anew, from further lines. */
  profile(text: string): Promise<void>;
  /** Computes a run here and gives its files' hashes; once for all tests of a file. */
  expected(name: string, ...args: string[]): Promise<Map<string, string>>;
  /** The line of a profile by which tasks wait before their work while they are held. */
  readonly waiting: string;
  /** Has such tasks wait from now on. */
  hold(): Promise<void>;
  /** Lets them go on. */
  release(): Promise<void>;
}

/** Maps and what was computed of them here, for all tests of a file. */
interface Ensemble {
  readonly folder: string;
  readonly maps: string;
  readonly computed: Map<string, Promise<Map<string, string>>>;
}

const ensembles = new Map<number, Promise<Ensemble>>();

async function makeEnsemble(volumes: number): Promise<Ensemble> {
  const folder = await Deno.makeTempDir({ prefix: "siren_maps_" });
  await Deno.chmod(folder, 0o755);
  const maps = `${folder}/maps`;
  const options = simulateOptions.parse({ box: 28, apix: 8, volumes, blocks: 4, seed: 3 });
  await writeEnsemble(simulate(options, []), maps);
  return { folder, maps, computed: new Map() };
}

async function ensembleOf(volumes: number): Promise<Ensemble> {
  const ensemble = ensembles.get(volumes) ?? makeEnsemble(volumes);
  ensembles.set(volumes, ensemble);
  return await ensemble;
}

Deno.test.afterAll(async () => {
  for (const ensemble of ensembles.values()) {
    await Deno.remove((await ensemble).folder, { recursive: true });
  }
});

/** The flags by which the README has siren started. */
function sirenFlags(): string[] {
  const config = Deno.readTextFileSync(new URL("deno.json", root));
  const { tasks } = ConfigSchema.parse(JSON.parse(config));
  const words = tasks.siren.command.split(" ");
  assert.strictEqual(words[0], "deno");
  return words.slice(1, -1);
}

const ConfigSchema = z.object({ tasks: z.object({ siren: z.object({ command: z.string() }) }) });

/** Everything a run leaves, but for the lock and what it tells of the cluster. */
export const hashRun = (folder: string) =>
  hashFolder(folder, (name) => name === "run.lock" || name === "slurm");

const decoder = new TextDecoder();

/** Seconds after which a command is given up. */
const LONGEST = 180;

/** What a command said, when it has ended. */
export async function ended(child: Deno.ChildProcess): Promise<Said> {
  // A run that waits for what never comes must not hold the tests up for ever.
  const clock = setTimeout(() => child.kill("SIGKILL"), LONGEST * 1000);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(clock);
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Default lines of a profile: looks often, waits little. */
const LINES = "cpus = 1\nmemory = 300\ntime = 10\npoll = 0.5\ngrace = 3\nshards_per_task = 1\n";

/**
 * Makes a user of a cluster, with the profile `test` and maps of 28^3 voxels. Under {@linkcode fdr}, the
 * counts of 100 maps are 4 shards, those of 80 are 23; the sketch and the expansion are one shard each.
 *
 * @param lines Further lines of the profile; `waiting` stands for {@linkcode User.waiting}.
 */
export async function makeUser(cluster: Cluster, lines = "", volumes = 100): Promise<User> {
  const { work } = cluster;
  const { maps, folder, computed } = await ensembleOf(volumes);
  const home = `${work}/home`, profiles = `${work}/clusters.toml`, hold = `${work}/hold`;
  await Deno.mkdir(home);
  const waiting = `setup = ["while [ -e '${hold}' ]; do sleep 0.1; done"]`;
  const flags = sirenFlags();
  const start = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: [...flags, fileURLToPath(new URL("cli/main.ts", root)), ...args],
      cwd: fileURLToPath(root),
      env: {
        ...cluster.environment,
        HOME: home,
        USER: "root",
        SIREN_CLUSTERS: profiles,
        NO_COLOR: "1",
        // The cache of modules is the test's own.
        DENO_DIR: denoDir(),
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  const siren = (...args: string[]) => ended(start(...args));
  const well = async (...args: string[]) => {
    const said = await siren(...args);
    assert.strictEqual(said.code, 0, `siren ${args.join(" ")}: ${said.stdout}${said.stderr}`);
    return said;
  };
  const user: User = {
    maps,
    work,
    start,
    siren,
    well,
    profile: (lines) => Deno.writeTextFile(profiles, profileText(lines)),
    async expected(name, ...args) {
      const key = args.join("\0");
      const compute = async () => {
        await well(...args, "--outdir", `${folder}/${name}`);
        return await hashRun(`${folder}/${name}`);
      };
      const found = computed.get(key) ?? compute();
      computed.set(key, found);
      return await found;
    },
    waiting,
    hold: () => Deno.writeTextFile(hold, ""),
    release: () => Deno.remove(hold),
  };
  await user.profile(lines.replace(/^waiting$/m, waiting));
  return user;
}

/** The profile `test`; what is given takes the place of the default lines of the same key. */
function profileText(lines: string): string {
  const keyOf = (line: string) => line.split(" = ")[0];
  const keys = new Set(lines.split("\n").map(keyOf));
  const own = LINES.split("\n").filter((line) => !keys.has(keyOf(line)));
  return ["[test]", ...own, lines].join("\n");
}

function denoDir(): string {
  const home = Deno.env.get("HOME") ?? "/root";
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`}/deno`;
}

/** Flags of a run with many shards: rule fdr counts all pairs. */
export const fdr = (user: Pick<User, "maps">) => [
  "run",
  "--voldir",
  user.maps,
  "--bin",
  "0.1",
  "--rule",
  "fdr",
  "--subsample",
  "1",
];

/** A run on the cluster, begun with {@linkcode fdr} by a process that waits for it. */
export interface Begun {
  readonly folder: string;
  readonly child: Deno.ChildProcess;
  /** What it said, when it has ended. */
  readonly said: Promise<Said>;
}

/** Begins a run on the cluster. */
export function begin(user: User, name = "run", ...more: string[]): Begun {
  const folder = `${user.work}/${name}`;
  const child = user.start(...fdr(user), "--on", "test", "--outdir", folder, ...more);
  return { folder, child, said: ended(child) };
}

/** Sees to it that a run has ended well and is, to the byte, one that was computed here. */
export async function endsWell(user: User, { folder, said }: Omit<Begun, "child">): Promise<Said> {
  const own = await said;
  assert.strictEqual(own.code, 0, own.stdout + own.stderr);
  await isSame(user, folder, own);
  return own;
}

/** Sees to it that a run is, to the byte, one that was computed here. */
export async function isSame(user: User, folder: string, said?: Said): Promise<void> {
  const expected = await user.expected("here", ...fdr(user));
  assert.ok(
    [...expected.keys()].some((name) => /^02_expand\/.*\.mrc$/.test(name)),
    "it has blocks",
  );
  assert.deepStrictEqual(await hashRun(folder), expected, said?.stderr);
}

/** Tasks of siren's that Slurm knows, as "JOB_INDEX STATE", in order. */
export async function tasksOf(cluster: Cluster, state?: string): Promise<string[]> {
  const all = await cluster.slurm("squeue", "-h", "-r", "-t", "all", "-o", "%F_%K %T %j");
  return all.split("\n").filter((line) => line.includes(" siren-"))
    .map((line) => line.split(" ").slice(0, 2).join(" "))
    .filter((line) => state === undefined || line.endsWith(` ${state}`))
    .sort();
}

/** Waits until so many tasks of siren's are in a state, and gives their ids. */
export async function tasksIn(cluster: Cluster, state: string, count = 1): Promise<string[]> {
  return await eventually(`${count} tasks ${state}`, async () => {
    const found = await tasksOf(cluster, state);
    return found.length >= count ? found.map((line) => line.split(" ")[0] ?? "") : undefined;
  });
}

/** Waits until a batch has been submitted as a whole. */
export async function submitted(folder: string, stage: string, number = 1): Promise<Batch> {
  return await eventually(`${stage}-${number} is submitted`, async () => {
    if (!exists(`${folder}/slurm`)) return undefined;
    return (await readBatches(folder)).find((batch) =>
      batch.stage === stage && batch.number === number &&
      batch.chunks.every(({ job }) => job !== undefined)
    );
  });
}

/** Waits for a process whose command line has these words in a row, and gives its id. */
export async function processOf(words: string): Promise<number> {
  // Deno keeps /proc to itself; of words that stand for themselves a pattern is made here.
  const pattern = words.replaceAll(/[^\w\s/-]/g, "[$&]");
  return await eventually(
    `a process with ${words}`,
    async () => {
      const { stdout } = await new Deno.Command("pgrep", { args: ["-f", "--", pattern] }).output();
      const [pid] = decoder.decode(stdout).split("\n");
      return pid === undefined || pid === "" ? undefined : Number(pid);
    },
    60,
    0,
  );
}
