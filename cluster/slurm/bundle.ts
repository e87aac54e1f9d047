/**
 * siren as a folder of files that a bare Deno runs: no TypeScript, no packages, no internet.
 *
 * - `program/main.js`, `program/thread.js`: the program, and that of its threads
 * - `templates/`, `weights/`: what it reads while it runs
 * - `build/native/`: its native engine, for the kinds of machine that it was compiled for
 * - `bundle.json`: what the bundle is, and the SHA-256 of each of these files
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { InputError, SirenError } from "../../core/errors.ts";
import { LIBRARIES } from "../../core/cooccupancy/native/library.ts";
import { isThere, readInput } from "../../core/files.ts";
import { IS_BUNDLE, MAIN_PROGRAM, programFile, THREAD_PROGRAM } from "../../core/program_files.ts";
import { VERSION } from "../../core/version.ts";
import { parseJson } from "./files.ts";

/** Tells one siren from another. A bundle has the identity of the checkout that it was made from. */
export interface Identity {
  readonly version: string;
  /** SHA-256 over the program's source files, in hexadecimal. */
  readonly hash: string;
}

/** siren as files. */
export interface Bundle {
  readonly identity: Identity;
  /** Paths are relative and hold no `..`; the last is `bundle.json`, which makes the bundle whole. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }[];
  /** Flags that give Deno the permissions which the whole program needs. */
  readonly permissions: readonly string[];
}

/** Deno's own, which only a Deno that was told so has. */
type Bundler = typeof Deno.bundle;

const DigestSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** A flag such as `--allow-env=HOME,USER`; it needs no quotes in a shell. */
const FlagSchema = z.string().regex(/^--allow-[\w-]+(?:=[\w@%+:,./*-]+)?$/);
const PathSchema = z.string().regex(/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/);

const BundleFileSchema = z.strictObject({
  format: z.literal(1),
  version: z.string(),
  hash: DigestSchema,
  permissions: z.array(FlagSchema),
  files: z.record(PathSchema, DigestSchema),
});

/** deno.json, as far as it says how the program is started. */
const TasksSchema = z.object({ tasks: z.object({ siren: z.object({ command: z.string() }) }) });

const BUNDLE_FILE = "bundle.json";
const MAIN = "program/main.js";
const THREAD = "program/thread.js";

/** What the program is made of, in a checkout. */
const CODE = ["cli", "cluster", "core"];
const DATA = ["templates", "weights"];
const SETTINGS = ["deno.json", "deno.lock"];

/**
 * Tells which siren this very process runs.
 *
 * @throws {InputError} The program's files cannot be read.
 */
export async function sourceIdentity(): Promise<Identity> {
  if (IS_BUNDLE) {
    const { version, hash } = await readBundleFile();
    return { version, hash };
  }
  const paths = [
    ...(await Promise.all(CODE.map(listFiles))).flat().filter(isCode),
    ...await listData(),
    ...SETTINGS,
  ].sort();
  const lines = await Promise.all(
    paths.map(async (path) => `${digest(await readOwn(path))} ${path}\n`),
  );
  return { version: VERSION, hash: digest(lines.join("")) };
}

/**
 * Makes a bundle of this very siren. A checkout is bundled by Deno, which fetches its bundler (10 MB) from
 * the npm registry when it does so for the first time; a bundle is read as it is.
 *
 * @param bundler Stands in for Deno's in tests.
 * @throws {SirenError} This Deno cannot bundle, or the bundler cannot be fetched.
 * @throws {InputError} The program's files cannot be read, or are damaged.
 */
export async function bundleSiren(bundler: Bundler | undefined = Deno.bundle): Promise<Bundle> {
  if (IS_BUNDLE) return await readBundle();
  const identity = await sourceIdentity();
  const data = (await listData()).sort();
  const files = [
    ...await bundleCode(bundler),
    ...await Promise.all(data.map(async (path) => ({ path, bytes: await readOwn(path) }))),
  ];
  const permissions = await taskPermissions();
  const head: z.infer<typeof BundleFileSchema> = {
    format: 1,
    ...identity,
    permissions,
    files: Object.fromEntries(files.map(({ path, bytes }) => [path, digest(bytes)])),
  };
  const text = JSON.stringify(BundleFileSchema.parse(head), undefined, 1) + "\n";
  files.push({ path: BUNDLE_FILE, bytes: new TextEncoder().encode(text) });
  return { identity, files, permissions };
}

/** Folder of a bundle, among those of others. */
export function bundleName({ version, hash }: Identity): string {
  return `siren-${version}-${hash.slice(0, 12)}`;
}

/** The program and that of its threads, each as one file. */
async function bundleCode(
  bundler: Bundler | undefined,
): Promise<{ path: string; bytes: Uint8Array<ArrayBuffer> }[]> {
  if (bundler === undefined) {
    throw new SirenError(
      "Cannot make siren's bundle: this Deno has bundling off",
      "Start siren by its own command or deno task siren, or give Deno --unstable-bundle.",
    );
  }
  const entrypoints = [MAIN_PROGRAM, THREAD_PROGRAM].map((program) => fileURLToPath(program));
  const result = await bundleWith(bundler, {
    entrypoints,
    write: false,
    // Nothing is written; with several programs it must be named.
    outputDir: "/bundle",
    platform: "deno",
    // Errors of threads are told apart by the names of their classes.
    keepNames: true,
    // ssh2 tries these, and does without where they are not there.
    external: ["cpu-features", "*.node"],
  });
  const find = (name: string, path: string) => {
    const bytes = result.find((file) => file.path.endsWith(`/${name}`))?.contents;
    if (bytes === undefined) throw new Error(`Deno's bundler did not make ${name}`);
    return { path, bytes: withPreamble(bytes) };
  };
  return [find("main.js", MAIN), find("thread.js", THREAD)];
}

async function bundleWith(
  bundler: Bundler,
  options: Deno.bundle.Options,
): Promise<Deno.bundle.OutputFile[]> {
  let reason: string;
  try {
    const { success, outputFiles, errors } = await bundler(options);
    if (success && outputFiles !== undefined) return outputFiles;
    reason = errors[0]?.text ?? "Deno does not say why";
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    reason = cause.message;
  }
  const isMissing = reason.includes("@esbuild/");
  throw new SirenError(
    isMissing
      ? `Cannot make siren's bundle: Deno's bundler is not on this machine and cannot be fetched (${reason})`
      : `Cannot make siren's bundle: ${reason}`,
    isMissing
      ? "Connect this machine to the internet, or to a mirror of the npm registry (NPM_CONFIG_REGISTRY), once; Deno keeps it."
      : undefined,
  );
}

/** Packages of CommonJS expect the name of their folder. */
const PREAMBLE = "globalThis.__dirname ??= import.meta.dirname;\n";

function withPreamble(code: Uint8Array): Uint8Array<ArrayBuffer> {
  const preamble = new TextEncoder().encode(PREAMBLE);
  const bytes = new Uint8Array(preamble.length + code.length);
  bytes.set(preamble);
  bytes.set(code, preamble.length);
  return bytes;
}

/** The flags by which deno.json starts the program. */
async function taskPermissions(): Promise<string[]> {
  const { tasks } = parseJson(await readOwn("deno.json"), "deno.json", TasksSchema);
  return tasks.siren.command.split(/\s+/).filter((word) => word.startsWith("--allow-"));
}

async function readBundle(): Promise<Bundle> {
  const { version, hash, permissions, files } = await readBundleFile();
  const paths = Object.keys(files);
  const read = await Promise.all(paths.map(async (path) => {
    const bytes = await readOwn(path);
    if (digest(bytes) === files[path]) return { path, bytes };
    throw new InputError(
      `Cannot use siren's own file ${path}: it was changed or damaged`,
      "Install siren again.",
    );
  }));
  const own = { path: BUNDLE_FILE, bytes: await readOwn(BUNDLE_FILE) };
  return { identity: { version, hash }, files: [...read, own], permissions };
}

async function readBundleFile(): Promise<z.infer<typeof BundleFileSchema>> {
  return parseJson(await readOwn(BUNDLE_FILE), BUNDLE_FILE, BundleFileSchema);
}

async function readOwn(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return await readInput(fileURLToPath(programFile(path)));
}

/** Paths of the files below a folder of the checkout. */
async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(programFile(folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await listFiles(path));
    else found.push(path);
  }
  return found;
}

/** What a bundle has beside its code. */
async function listData(): Promise<string[]> {
  const libraries = await isThere(fileURLToPath(programFile(LIBRARIES.folder)))
    ? await listFiles(LIBRARIES.folder)
    : [];
  return [
    ...(await Promise.all(DATA.map(listFiles))).flat(),
    ...libraries.filter((path) => path.startsWith(`${LIBRARIES.folder}/${LIBRARIES.prefix}`)),
  ];
}

function isCode(path: string): boolean {
  return path.endsWith(".ts") && !path.endsWith("_test.ts");
}

function digest(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
