/**
 * `siren doctor`: what this machine offers, what is missing, and what to do about it.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { join } from "node:path";
import { allEngines, findEngine } from "../core/cooccupancy/engines.ts";
import { SirenError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { textReader } from "./arguments.ts";
import { variable } from "./client.ts";
import { type Context, isFile } from "./job.ts";
import { needPermissions } from "./permissions.ts";
import { formatTable } from "./table.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `slow` things siren can do without; without `missing` ones it cannot work. */
  readonly state: "ok" | "slow" | "missing" | "unknown";
  readonly finding: string;
  /** What to do about it, as one sentence. */
  readonly remedy?: string;
}

/** The version that siren is developed and tested with, which is the oldest that is promised to work. */
const LEAST_DENO = "2.9.6";

/** Makes the command. */
export function doctor({ io }: Context): CommandUnknownOpts {
  const command = new Command("doctor")
    .summary("tell what this machine offers and what is missing")
    .description(
      "Looks at what siren needs of this machine. With --folder it also tries whether runs can be kept there, " +
        "which some network file systems do not allow. The exit code is 1 if something is missing.",
    )
    .option("--folder <folder>", "folder meant for runs", textReader("--folder"))
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      `
Examples:
  siren doctor
  siren doctor --folder /scratch/me`,
    );
  needPermissions(command, () => ["env", "ffi"]);
  return command.action(async ({ folder, json }) => {
    const checks = [
      checkDeno(Deno.version.deno),
      { name: "processor", state: "ok", finding: `${io.threads} threads` } as const,
      checkMemory(),
      checkSharedMemory(),
      ...await checkEngines(),
      await checkSlurm(() => variable(io, "PATH")),
      ...(folder === undefined ? [] : [await checkFolder(folder)]),
    ];
    io.stdout.write(
      json ? JSON.stringify({ siren: VERSION, checks }, null, 2) + "\n" : formatChecks(checks),
    );
    throwIfMissing(checks);
  });
}

function throwIfMissing(checks: readonly Check[]): void {
  const missing = checks.filter(({ state }) => state === "missing");
  if (missing.length === 0) return;
  throw new SirenError(
    `Cannot promise that siren works here: something is missing (${
      missing.map(({ name }) => name).join(", ")
    })`,
  );
}

/** The checks as they are printed: a table, then the remedies. */
export function formatChecks(checks: readonly Check[]): string {
  const table = formatTable(
    [
      { title: "what", align: "left" },
      { title: "state", align: "left" },
      { title: "finding", align: "left" },
    ],
    checks.map(({ name, state, finding }) => [name, state, finding]),
  );
  const remedies = checks.filter(({ remedy }) => remedy !== undefined)
    .map(({ name, remedy }) => `${name}: ${remedy}\n`);
  return `siren ${VERSION} on ${Deno.build.target}\n\n${table}${
    remedies.length === 0 ? "" : `\n${remedies.join("")}`
  }`;
}

/** Judges the version of Deno. */
export function checkDeno(version: string): Check {
  const numbers = (text: string) => text.split(".").map((part) => parseInt(part));
  const [have, need] = [numbers(version), numbers(LEAST_DENO)];
  const first = need.findIndex((number, i) => number !== have[i]);
  const isOld = first >= 0 && !((have[first] ?? 0) > need[first]!);
  return {
    name: "Deno",
    state: isOld ? "missing" : "ok",
    finding: isOld ? `${version}, older than ${LEAST_DENO}` : version,
    ...(isOld ? { remedy: `Start siren with npx -y deno@${LEAST_DENO}, or upgrade Deno.` } : {}),
  };
}

function checkMemory(): Check {
  const name = "memory";
  const gibibytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  try {
    const { total, available } = Deno.systemMemoryInfo();
    const finding = `${gibibytes(available)} GiB free of ${gibibytes(total)} GiB`;
    // 500 maps of 64^3 take up to 1 GiB.
    if (available >= 2 ** 30) return { name, state: "ok", finding };
    return { name, state: "slow", finding, remedy: "Close other programs, or use fewer threads." };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return {
      name,
      state: "unknown",
      finding: "not permitted to look",
      remedy: "Start Deno with --allow-sys=systemMemoryInfo to have it looked at.",
    };
  }
}

function checkSharedMemory(): Check {
  const name = "memory shared by threads";
  if (hasSharedMemory()) return { name, state: "ok", finding: "yes" };
  const remedy = `Start siren with npx -y deno@${LEAST_DENO} without flags for V8.`;
  return { name, state: "missing", finding: "no", remedy };
}

function hasSharedMemory(): boolean {
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    return memory.buffer instanceof SharedArrayBuffer;
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError) return false;
    throw error;
  }
}

/** Looks for every engine; each that is missing could make siren faster. */
async function checkEngines(): Promise<Check[]> {
  const checks: Check[] = [];
  for (const engine of allEngines) {
    const name = `engine ${engine}`;
    const found = await findEngine(engine);
    if (!found.works) {
      const { reason: finding, remedy } = found;
      checks.push({ name, state: "slow", finding, ...(remedy === undefined ? {} : { remedy }) });
      continue;
    }
    const { what, software } = found;
    const finding = software === true ? `${what}, in software: right, but slow` : what;
    checks.push({ name, state: software === true ? "slow" : "ok", finding });
  }
  return checks;
}

/** Looks for Slurm, which siren can do without. */
export async function checkSlurm(path: () => string | undefined): Promise<Check> {
  const name = "Slurm";
  try {
    for (const folder of (path() ?? "").split(":")) {
      const program = join(folder, "sbatch");
      if (folder.startsWith("/") && await isFile(program)) {
        return { name, state: "ok", finding: program };
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return { name, state: "unknown", finding: "not permitted to look (PATH)" };
  }
  const finding = "no sbatch on the PATH; clusters can be reached over SSH";
  return { name, state: "unknown", finding };
}

async function checkFolder(folder: string): Promise<Check> {
  const name = `runs in ${folder}`;
  const path = join(folder, `.siren-doctor-${crypto.randomUUID()}`);
  try {
    using file = await Deno.open(path, { write: true, createNew: true });
    using other = await Deno.open(path, { read: true });
    try {
      const first = await file.tryLock(true);
      const second = await other.tryLock(true);
      if (first && !second) {
        return { name, state: "ok", finding: "files can be written and locked" };
      }
      return {
        name,
        state: "missing",
        finding: "locks have no effect: two processes could use one run",
        remedy: "Keep runs on another file system, or see that only one siren works on a run.",
      };
    } finally {
      await Deno.remove(path);
    }
  } catch (error) {
    return {
      name,
      state: "missing",
      finding: `files cannot be written and locked (${reasonOf(error)})`,
      remedy: "Keep runs in another folder.",
    };
  }
}

/** Whatever the system says is a finding here, not a failure. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
