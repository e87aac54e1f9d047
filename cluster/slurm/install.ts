/**
 * siren on a cluster's shared disk, so that compute nodes need neither internet nor packages.
 *
 * The profile's `install` folder holds:
 *
 * - `deno-VERSION-ARCH/deno`: Deno; where it was given as a file, its name ends with what it holds
 * - `siren-VERSION-HASH/`: a bundle of siren
 * - `bin/siren`: starts this siren by hand
 * - `siren.json`: which of them to use; written when they have shown that they work
 *
 * What older sirens left stays, as their jobs may not have run yet.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { ClusterError, InputError, SirenError, UsageError } from "../../core/errors.ts";
import { refusal } from "../../core/refusal.ts";
import { isPlainWord, quoteForShell } from "../../core/shell.ts";
import { VERSION } from "../../core/version.ts";
import type { News } from "../progress.ts";
import { expandHome } from "../transport/expand_home.ts";
import type { Transport } from "../transport/transport.ts";
import { workerEnvironment } from "../worker.ts";
import { type Bundle, bundleName, bundleSiren, type Identity, sourceIdentity } from "./bundle.ts";
import type { Profile } from "./profile.ts";

/** siren as it is on a cluster. Paths are absolute and the cluster's own. */
export interface Installed extends Identity {
  readonly folder: string;
  /** Path of Deno, and its version. */
  readonly deno: string;
  readonly denoVersion: string;
  /** Path of the program. */
  readonly siren: string;
}

/** How siren shall be installed. */
export interface InstallOptions {
  /** Path of a Deno on this machine to install instead of the one that runs siren. */
  readonly deno?: string;
  /** Whether to bring everything again, even where it is there. */
  readonly force?: boolean;
  tell(news: News): void;
}

/** The oldest Deno that siren is promised to work with. */
const LEAST_DENO = [2, 9, 6] as const;
/** The oldest C library that Deno works with. */
const LEAST_GLIBC = [2, 27] as const;

/** Processors that there is a Deno for: their names, number in an ELF header, and npm's package of Deno. */
const PROCESSORS = [
  { names: ["x86_64", "amd64"], arch: "x86_64", elf: 62, npm: "@deno/linux-x64-glibc" },
  { names: ["aarch64", "arm64"], arch: "aarch64", elf: 183, npm: "@deno/linux-arm64-glibc" },
] as const;
type Processor = (typeof PROCESSORS)[number];

/** Names are relative to the folder, so that whoever changes the file gains nothing but what lies there. */
const FileSchema = z.strictObject({
  format: z.literal(1),
  version: z.string().regex(/^[\w.+-]+$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  deno: z.string().regex(/^deno-[\w.-]+\/deno$/),
  denoVersion: z.string().regex(/^[\w.+-]+$/),
  siren: z.string().regex(/^siren-[\w.+-]+\/program\/main\.js$/),
});
type InstalledFile = z.infer<typeof FileSchema>;

const MAIN = "program/main.js";
const BUNDLE_FILE = "bundle.json";

/**
 * What Deno needs in its environment. Its cache would be a database on the shared disk that all tasks of a
 * batch open at once; plain JavaScript needs none, so it is given a place where none can be.
 */
const ENVIRONMENT = { DENO_DIR: "/dev/null/deno", DENO_NO_UPDATE_CHECK: "1" } as const;

/** Flags of a Deno that shall use nothing but the files it is given. */
const BARE = ["--no-prompt", "--no-config", "--no-remote", "--no-npm"] as const;

/** The least permissions that a worker can do with. */
export const WORKER_PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-sys=hostname,systemMemoryInfo",
  `--allow-env=${workerEnvironment.join(",")}`,
  "--allow-ffi",
] as const;

/**
 * Puts Deno and this siren into the profile's `install` folder. What is there already is not brought again.
 *
 * @returns What is there now; it has shown that it starts.
 * @throws {UsageError} The profile names no folder.
 * @throws {InputError} The Deno given is none for the cluster.
 * @throws {ClusterError} The cluster cannot be reached, or siren does not work there.
 */
export async function installSiren(
  transport: Transport,
  profile: Pick<Profile, "name" | "file" | "install" | "ssh">,
  options: InstallOptions,
): Promise<Installed> {
  const { tell } = options;
  let { force = false } = options;
  const folder = await folderOf(transport, profile);
  const isHere = profile.ssh === undefined;
  if (isHere && options.deno !== undefined) {
    throw new UsageError(
      `Cannot install ${options.deno} for profile ${profile.name}: its cluster is this machine's, which has a Deno`,
      "Leave out --deno.",
    );
  }
  if (!isHere && !force && options.deno === undefined) {
    const installed = await findInstalled(transport, profile);
    if (installed !== undefined && isSame(installed, await sourceIdentity())) {
      const fault = await faultOf(transport, installed);
      if (fault === undefined) {
        tell({ kind: "note", text: `siren ${VERSION} is in ${folder} already, and works` });
        return installed;
      }
      tell({
        kind: "note",
        text: `what is in ${folder} does not work (${fault}): bringing it again`,
      });
      force = true;
    }
  }
  const processor = isHere ? processorHere() : await processorOf(transport);
  const deno = await chooseDeno(options.deno, processor, transport.where);
  // What can fail here does so before megabytes are sent.
  const bundle = await bundleSiren();
  await bringDeno(transport, folder, deno, { force, tell });
  const siren = await bringBundle(transport, folder, bundle, force);
  // Here siren may start no program but Slurm's; and this Deno works here, as it does now.
  const denoVersion = isHere
    ? Deno.version.deno
    : await provenDeno(transport, `${folder}/${deno.name}`, processor);
  const file: InstalledFile = {
    format: 1,
    ...bundle.identity,
    deno: deno.name,
    denoVersion,
    siren,
  };
  const installed = resolveFile(file, folder);
  const fault = isHere ? undefined : await faultOf(transport, installed);
  if (fault !== undefined) {
    throw new ClusterError(
      `Cannot use siren on ${transport.where}: ${installed.siren} does not work there (${fault})`,
      "Try siren cluster install with --force.",
    );
  }
  await transport.makeFolder(`${folder}/bin`);
  await transport.write(`${folder}/bin/siren`, launcher(file, bundle.permissions), 0o755);
  await transport.write(`${folder}/siren.json`, JSON.stringify(file, undefined, 1) + "\n");
  tell({
    kind: "note",
    text: `siren ${VERSION} and Deno ${denoVersion} are in ${folder} on ${transport.where}`,
  });
  return installed;
}

/**
 * What is installed on a profile's cluster, be it this siren or another.
 *
 * @returns Undefined where nothing is, or what is there is of no use to this siren.
 * @throws {ConnectionError} The cluster cannot be reached.
 */
export async function findInstalled(
  transport: Transport,
  profile: Pick<Profile, "install">,
): Promise<Installed | undefined> {
  if (profile.install === undefined) return undefined;
  const folder = await expandHome(profile.install, transport);
  const bytes = await transport.read(`${folder}/siren.json`);
  if (bytes === undefined) return undefined;
  // Of another version of siren, or damaged: installing mends both.
  const file = FileSchema.safeParse(parseOrNothing(new TextDecoder().decode(bytes)));
  return file.success ? resolveFile(file.data, folder) : undefined;
}

/**
 * What is installed on a profile's cluster, which must be this very siren.
 *
 * @throws {ClusterError} The cluster cannot be reached, or has no siren or another one.
 */
export async function requireInstalled(
  transport: Transport,
  profile: Pick<Profile, "name" | "install">,
): Promise<Installed> {
  const remedy = `Run siren cluster install ${quoteForShell(profile.name)}`;
  const installed = await findInstalled(transport, profile);
  if (installed === undefined) {
    throw new ClusterError(
      `Cannot compute on ${transport.where}: siren is not installed there`,
      remedy,
    );
  }
  const own = await sourceIdentity();
  if (isSame(installed, own)) return installed;
  throw new ClusterError(
    `Cannot compute on ${transport.where}: another siren is installed there (${
      bundleName(installed)
    }; this is ${bundleName(own)})`,
    remedy,
  );
}

/** Whether two sirens are the same. */
export function isSame(one: Identity, other: Identity): boolean {
  return one.hash === other.hash && one.version === other.version;
}

/** How tasks start what is installed: the words before siren's own arguments, and their environment. */
export function workerCommand({ deno, siren }: Pick<Installed, "deno" | "siren">): {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
} {
  return {
    command: [deno, "run", ...BARE, ...WORKER_PERMISSIONS, siren],
    environment: ENVIRONMENT,
  };
}

async function folderOf(
  transport: Transport,
  { name, file, install }: Pick<Profile, "name" | "file" | "install">,
): Promise<string> {
  if (install !== undefined) return await expandHome(install, transport);
  throw new UsageError(
    `Cannot install siren for profile ${name}: it names no folder to install into`,
    `Its jobs start the siren of this machine. For another, give install in ${file}.`,
  );
}

function resolveFile(file: InstalledFile, folder: string): Installed {
  const { version, hash, denoVersion } = file;
  const [deno, siren] = [`${folder}/${file.deno}`, `${folder}/${file.siren}`];
  return { folder, version, hash, deno, denoVersion, siren };
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A Deno to install. */
interface DenoFile {
  /** Path on this machine. */
  readonly path: string;
  /** Path below the install folder. */
  readonly name: string;
}

async function chooseDeno(
  given: string | undefined,
  processor: Processor,
  where: string,
): Promise<DenoFile> {
  const path = given ?? Deno.execPath();
  const built = await readElf(path);
  if (built === processor) {
    const version = given === undefined
      ? `${Deno.version.deno}-${processor.arch}`
      : `${processor.arch}-${(await hashFile(path)).slice(0, 12)}`;
    return { path, name: `deno-${version}/deno` };
  }
  const is = built === undefined
    ? "it is not a program for Linux on a processor that siren knows"
    : `it is for ${built.arch}`;
  const remedy = elsewhere(processor);
  if (given !== undefined) {
    throw new InputError(`Cannot install ${given} on ${where} (${processor.arch}): ${is}`, remedy);
  }
  throw new ClusterError(
    `Cannot install the Deno of this machine on ${where} (${processor.arch}): ${is} (${path})`,
    remedy,
  );
}

/** Where a Deno for the cluster is to be had. */
function elsewhere({ npm }: Processor): string {
  const name = `${npm}@${LEAST_DENO.join(".")}`;
  return `Fetch one by npm pack ${name}, unpack it, and give its file package/deno by --deno.`;
}

/** The processor that a program is for; undefined where it is none for Linux, or siren does not know it. */
async function readElf(path: string): Promise<Processor | undefined> {
  const head = new Uint8Array(20);
  try {
    using file = await Deno.open(path);
    for (let at = 0; at < head.length;) {
      const count = await file.read(head.subarray(at));
      if (count === null) return undefined;
      at += count;
    }
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
  // "\x7fELF", of 64 bits, little-endian; then who defines its calls, which is none or Linux.
  const isElf = [0x7f, 0x45, 0x4c, 0x46, 2, 1].every((byte, i) => head[i] === byte) &&
    (head[7] === 0 || head[7] === 3);
  const machine = new DataView(head.buffer).getUint16(18, true);
  return isElf ? PROCESSORS.find(({ elf }) => elf === machine) : undefined;
}

async function hashFile(path: string): Promise<string> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}

/** This machine's processor. */
function processorHere(): Processor {
  const processor = PROCESSORS.find(({ arch }) => arch === Deno.build.arch);
  if (Deno.build.os === "linux" && processor !== undefined) return processor;
  throw new ClusterError(
    `Cannot install siren for a cluster of this machine: it is ${Deno.build.target}, not Linux`,
    "Give the profile an ssh table that leads to a login node.",
  );
}

/** The cluster's processor, if Deno works on it. */
async function processorOf(transport: Transport): Promise<Processor> {
  const { where } = transport;
  const { code, stdout, stderr } = await transport.exec(["uname", "-sm"]);
  const [system, machine] = stdout.trim().split(/\s+/);
  if (code !== 0 || system === undefined || machine === undefined) {
    throw new ClusterError(`Cannot tell what ${where} is: uname failed (${firstLine(stderr)})`);
  }
  const processor = PROCESSORS.find(({ names }) => names.some((name) => name === machine));
  if (system !== "Linux" || processor === undefined) {
    const all = PROCESSORS.map(({ arch }) => arch).join(" or ");
    throw new ClusterError(
      `Cannot install siren on ${where}: Deno is for Linux on ${all}, and this is ${system} ${machine}`,
    );
  }
  await checkLibrary(transport);
  return processor;
}

/** Throws where the C library is known to be one that Deno does not work with. */
async function checkLibrary(transport: Transport): Promise<void> {
  const asked = await transport.exec(["getconf", "GNU_LIBC_VERSION"]);
  const glibc = /^glibc (\d+(?:\.\d+)*)/.exec(asked.stdout)?.[1];
  const least = LEAST_GLIBC.join(".");
  const remedy = "Submit from a cluster of a newer system; siren needs one from 2018 or later.";
  if (glibc !== undefined) {
    if (isAtLeast(glibc, LEAST_GLIBC)) return;
    throw new ClusterError(
      `Cannot install siren on ${transport.where}: Deno needs glibc ${least}, and it has ${glibc}`,
      remedy,
    );
  }
  const { stdout, stderr } = await transport.exec(["ldd", "--version"]);
  if (!/\bmusl\b/.test(stdout + stderr)) return; // it is tried
  throw new ClusterError(
    `Cannot install siren on ${transport.where}: Deno needs glibc ${least}, and it has musl`,
    "Submit from a cluster whose system has glibc.",
  );
}

/** Compares versions number by number. */
function isAtLeast(version: string, least: readonly number[]): boolean {
  const numbers = version.split(/[.+-]/).map((part) => parseInt(part));
  const first = least.findIndex((number, i) => number !== (numbers[i] ?? 0));
  const [have, need] = [numbers[first] ?? 0, least[first]];
  return need === undefined || have > need;
}

async function bringDeno(
  transport: Transport,
  folder: string,
  { path, name }: DenoFile,
  { force, tell }: { readonly force: boolean } & Pick<InstallOptions, "tell">,
): Promise<void> {
  const target = `${folder}/${name}`;
  const own = target.replace(/\/deno$/, "");
  const { size } = await Deno.stat(path);
  const there = (await transport.list(own))?.find((entry) => entry.name === "deno");
  // It appears whole or not at all, so its size says enough.
  if (!force && there?.bytes === size) return;
  await transport.makeFolder(own);
  await transport.upload(path, target, {
    mode: 0o755,
    tell: (done, total) =>
      tell({ kind: "progress", stage: "upload Deno", done, total, unit: "bytes" }),
  });
}

/** @returns Path of the program below the folder. */
async function bringBundle(
  transport: Transport,
  folder: string,
  { identity, files }: Bundle,
  force: boolean,
): Promise<string> {
  const name = bundleName(identity);
  const there = await transport.list(`${folder}/${name}`);
  // Its last file makes it whole.
  if (force || !there?.some((entry) => entry.name === BUNDLE_FILE)) {
    for (const { path, bytes } of files) {
      const target = `${folder}/${name}/${path}`;
      await transport.makeFolder(target.slice(0, target.lastIndexOf("/")));
      await transport.write(target, bytes);
    }
  }
  return `${name}/${MAIN}`;
}

/** Starts Deno there. @returns Its version. */
async function provenDeno(
  transport: Transport,
  deno: string,
  processor: Processor,
): Promise<string> {
  const { where } = transport;
  const answer = await transport.exec([deno, "--version"], { environment: ENVIRONMENT });
  const version = /^deno (\d[\w.+-]*)/.exec(answer.stdout)?.[1];
  if (answer.code !== 0 || version === undefined) {
    const reason = firstLine(answer.stderr || answer.stdout) || `exit code ${answer.code}`;
    throw new ClusterError(
      `Cannot use Deno on ${where}: ${deno} does not start there (${reason})`,
      /denied/i.test(reason)
        ? "May programs run from that folder? If not, name another by install in the profile."
        : elsewhere(processor),
    );
  }
  if (isAtLeast(version, LEAST_DENO)) return version;
  throw new ClusterError(
    `Cannot use Deno ${version} on ${where}: siren needs ${LEAST_DENO.join(".")} or newer`,
    elsewhere(processor),
  );
}

/** Starts siren there as a worker is started. @returns Why it cannot be used, or undefined. */
async function faultOf(transport: Transport, installed: Installed): Promise<string | undefined> {
  const { command, environment } = workerCommand(installed);
  const answer = await transport.exec([...command, "--version"], { environment });
  const version = answer.stdout.trim();
  if (answer.code !== 0) return firstLine(answer.stderr) || `exit code ${answer.code}`;
  return version === installed.version ? undefined : `it says ${firstLine(version)}`;
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.slice(0, 300) ?? "";
}

/** A program that starts siren by hand, wherever the folder lies. */
function launcher({ deno, siren }: InstalledFile, permissions: readonly string[]): string {
  // Deno complains of programs that it may start but cannot find, unless it is quiet.
  const words = ["run", "--quiet", ...BARE, ...permissions];
  const odd = words.find((word) => !isPlainWord(word));
  if (odd !== undefined) throw new SirenError(`Cannot write a launcher with the flag ${odd}`);
  const environment = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  return `#!/bin/sh
# siren, as siren cluster install put it here: link this file into a folder of your PATH.
here=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd) || exit
export ${environment.join(" ")}
exec "$here/${deno}" ${words.join(" ")} \\
  "$here/${siren}" "$@"
`;
}
