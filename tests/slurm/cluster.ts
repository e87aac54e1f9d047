/** A real Slurm, and real sshd's, for the length of a test: all on this machine, below one folder. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { localTransport } from "../../cluster/transport/local.ts";
import type { Transport } from "../../cluster/transport/transport.ts";
import { exists } from "../surroundings.ts";

const SLURM = ["slurmctld", "slurmd", "sbatch", "munged"];
const ACCOUNTING = ["slurmdbd", "mariadbd", "sacct"];
const SSH = ["sshd", "ssh-keygen"];
/** Programs that tests can break, and whose calls are counted. */
const PROGRAMS = ["sbatch", "squeue", "sacct", "scancel", "scontrol", "sacctmgr", "sinfo"] as const;

/** A program of Slurm that a test can break. */
export type Program = typeof PROGRAMS[number];

function isInstalled(program: string): boolean {
  return ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"].some((folder) =>
    exists(`${folder}/${program}`)
  );
}

function whyNot(programs: readonly string[]): string | undefined {
  if (Deno.build.os !== "linux") return "needs Linux";
  if (Deno.uid() !== 0) return "needs root";
  const missing = programs.filter((program) => !isInstalled(program));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

/** In CI nothing is left out: what is missing there fails the test. */
const skips = Deno.env.get("CI") !== "true";

/** Why tests that need a real Slurm cannot run here, or undefined where they can (and always in CI). */
export const needsSlurm: string | undefined = skips ? whyNot(SLURM) : undefined;
/** The same for Slurm with accounting. */
export const needsAccounting: string | undefined = skips
  ? whyNot([...SLURM, ...ACCOUNTING])
  : undefined;
/** The same for sshd's. */
export const needsSsh: string | undefined = skips ? whyNot(SSH) : undefined;

/** What the cluster shall be like. */
export interface ClusterOptions {
  /** Virtual nodes n1, n2, ... (default 2). */
  readonly nodes?: number;
  /** CPUs that each node claims to have (default 4). */
  readonly cpus?: number;
  /** Fake GPUs of each node (default 0). */
  readonly gpus?: number;
  /** Memory that each node claims to have, MB (default 4000). */
  readonly memory?: number;
  /** Whether there is accounting, so that sacct answers; takes seconds longer to start (default false). */
  readonly accounting?: boolean;
  /** MaxArraySize (default 1001). */
  readonly maxArraySize?: number;
  /** Seconds for which squeue remembers a task that ended (default 300). */
  readonly minJobAge?: number;
  /** Whether memory limits are enforced: needs a writable cgroup v1 (default false). */
  readonly oom?: boolean;
  /** Further lines of slurm.conf, such as "EnforcePartLimits=ALL". */
  readonly conf?: readonly string[];
}

/** How a program of Slurm shall fail. */
export interface Breakage {
  /** What it prints as its error. */
  readonly stderr: string;
  /** Its exit code (default 1). */
  readonly code?: number;
  /** Whether the program does its work first and only its answer is lost (default false). */
  readonly after?: boolean;
  /** Seconds that it hangs before it answers (default 0). */
  readonly seconds?: number;
}

/** A cluster for a test. Partitions: main (default), short (a minute on n1), low (preempted), down. */
export interface Cluster extends AsyncDisposable {
  /** Folder of all there is of it: `log/slurmctld.log`, `etc/slurm.conf`. Jobs may write below `work`. */
  readonly root: string;
  /** A folder for jobs and runs, writable by all. */
  readonly work: string;
  /** To be added to the environment of programs that shall use it: SLURM_CONF and PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Makes a node fail, or come back.
   *
   * @param action "kill": its daemon and all its jobs' processes, as if the power went; "stop": its daemon
   *   alone; "start": its daemon again.
   */
  node(action: "kill" | "stop" | "start", name: string): Promise<void>;
  /** Ends the controller; nothing answers until {@linkcode Cluster.startController}. */
  stopController(): Promise<void>;
  /** Starts what of the cluster does not run. */
  startController(): Promise<void>;
  /** Both, one after the other. */
  restartController(): Promise<void>;
  /** Makes a program fail from now on, in the way given, until {@linkcode Cluster.mend}. */
  break(program: Program, how: Breakage): Promise<void>;
  /** Lets a program work again. */
  mend(program: Program): Promise<void>;
  /** Calls of a program so far, each as its arguments, quoted for a shell. */
  calls(program: Program): Promise<string[]>;
  /** Runs a program of Slurm (not counted, never broken) and gives what it prints. @throws If it fails. */
  slurm(program: Program, ...args: string[]): Promise<string>;
  /** Stops and removes it all. */
  down(): Promise<void>;
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code === 0) return text(stdout);
  throw new Error(`${program} ${args.join(" ")} failed (${code}): ${text(stdout)}${text(stderr)}`);
}

/** Whether a process is there; one that has ended and waits for its parent is not. */
export async function isAlive(pid: number): Promise<boolean> {
  const output = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] })
    .output();
  const state = new TextDecoder().decode(output.stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

async function newRoot(): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "siren_slurm_" });
  await Deno.chmod(root, 0o755);
  return root;
}

/** Starts a cluster. It goes with its scope, or with this process, however that ends. */
export async function startSlurm(options: ClusterOptions = {}): Promise<Cluster> {
  const reason = whyNot(options.accounting === true ? [...SLURM, ...ACCOUNTING] : SLURM);
  if (reason !== undefined) throw new Error(`Cannot start Slurm: ${reason}`);
  const root = await newRoot();
  const down = () => run(script("slurm-down"), ["--root", root, "--rm"]).then(() => {});
  const { nodes = 2, cpus = 4, gpus = 0, memory = 4000, maxArraySize = 1001, minJobAge = 300 } =
    options;
  const up = ["--root", root, "--nodes", nodes, "--cpus", cpus, "--gpus", gpus, "--mem", memory]
    .concat(["--max-array", maxArraySize, "--min-job-age", minJobAge])
    .concat(options.accounting === true ? ["--dbd"] : [], options.oom === true ? ["--oom"] : [])
    .concat((options.conf ?? []).flatMap((line) => ["--conf", line]))
    .map(String);
  try {
    for (const folder of ["bin", "break", "calls", "work"]) {
      await Deno.mkdir(`${root}/${folder}`);
      await Deno.chmod(`${root}/${folder}`, folder === "work" ? 0o1777 : 0o755);
    }
    for (const program of PROGRAMS) {
      await Deno.symlink(script("wrapper"), `${root}/bin/${program}`);
      // Whoever calls it writes it down.
      await Deno.writeTextFile(`${root}/calls/${program}`, "");
      await Deno.chmod(`${root}/calls/${program}`, 0o666);
    }
    await run(script("slurm-up"), [...up, "--while", String(Deno.pid)]);
  } catch (error) {
    await down();
    throw error;
  }
  const conf = { SLURM_CONF: `${root}/etc/slurm.conf` };
  const startController = () => run(script("slurm-up"), ["--root", root]).then(() => {});
  const stopController = async () => {
    const pid = z.coerce.number().int().positive().parse(
      await Deno.readTextFile(`${root}/run/slurmctld.pid`),
    );
    Deno.kill(pid, "SIGTERM");
    await eventually("the controller ends", async () => await isAlive(pid) ? undefined : true);
  };
  return {
    root,
    work: `${root}/work`,
    environment: { ...conf, PATH: `${root}/bin:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}` },
    node: (action, name) =>
      run(script("slurm-node"), ["--root", root, action, name]).then(() => {}),
    startController,
    stopController,
    restartController: () => stopController().then(startController),
    break: async (program, { stderr, code = 1, after = false, seconds = 0 }) => {
      const text = `${code} ${after ? "after" : "instead"} ${seconds}\n${stderr}`;
      await Deno.writeTextFile(`${root}/break/${program}`, text);
    },
    mend: (program) => Deno.remove(`${root}/break/${program}`),
    calls: async (program) =>
      (await Deno.readTextFile(`${root}/calls/${program}`)).split("\n").slice(0, -1)
        .map((line) => line.trim()),
    slurm: (program, ...args) => run(program, args, conf),
    down,
    [Symbol.asyncDispose]: down,
  };
}

/**
 * Registers a test that has a cluster of its own. Where Slurm is missing, it is left out and its name
 * says why; in CI it fails.
 */
export function slurmTest(
  name: string,
  options: ClusterOptions,
  test: (cluster: Cluster, t: Deno.TestContext) => Promise<void>,
): void {
  const reason = options.accounting === true ? needsAccounting : needsSlurm;
  Deno.test({
    name: `${name} (needs Slurm${reason === undefined ? "" : `; ${reason}`})`,
    ignore: reason !== undefined,
    fn: async (t) => {
      await using cluster = await startSlurm(options);
      await test(cluster, t);
    },
  });
}

/** This machine as a login node of the cluster. */
export function loginNode({ environment }: Cluster): Transport {
  const transport = localTransport();
  return {
    ...transport,
    exec: (command, options = {}) =>
      transport.exec(command, {
        ...options,
        environment: { ...environment, ...options.environment },
      }),
  };
}

/** Asks again and again, with pauses in milliseconds, until the answer is not undefined. @throws After the given seconds. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 60,
  pause = 100,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Three sshd's on this machine: "login", "jump" and "2fa". */
export interface Ssh {
  /** Folder with the keys id_test, id_rsa, id_enc (pass phrase "pass phrase"), known_hosts and config. */
  readonly folder: string;
  readonly ports: { readonly login: number; readonly jump: number; readonly twoFactor: number };
  /** An account, other than root, that all three know; its password. Root has the keys only. */
  readonly user: string;
  readonly password: string;
}

const PortSchema = z.coerce.number().int().min(1).max(65535);

/**
 * Starts sshd's beside a cluster, whose Slurm their sessions find; they stop with it.
 *
 * login: keys, and a password; jump: keys, and keyboard-interactive; 2fa: key and keyboard-interactive
 * for the user. `folder/config` has the hosts login, jump, 2fa, and behind (login by way of jump).
 *
 * @param root Folder of the cluster.
 */
export async function startSsh(root: string): Promise<Ssh> {
  const reason = whyNot(SSH);
  if (reason !== undefined) throw new Error(`Cannot start sshd: ${reason}`);
  await run(script("sshd-up"), ["--root", root]);
  const folder = `${root}/ssh`;
  const read = async (name: string) => (await Deno.readTextFile(`${folder}/${name}`)).trim();
  const login = PortSchema.parse(await read("ports"));
  return {
    folder,
    ports: { login, jump: login + 1, twoFactor: login + 2 },
    user: await read("user"),
    password: await read("password"),
  };
}

/** Sshd's alone, without a cluster; they go with their scope. */
export async function startSshAlone(): Promise<Ssh & { root: string } & AsyncDisposable> {
  const root = await newRoot();
  const down = () => run(script("slurm-down"), ["--root", root, "--rm"]).then(() => {});
  try {
    return { ...await startSsh(root), root, [Symbol.asyncDispose]: down };
  } catch (error) {
    await down();
    throw error;
  }
}
