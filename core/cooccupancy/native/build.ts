/**
 * Compiles the native engine for this machine:
 *
 *     deno task native [--check]
 *
 * It takes a C compiler: `$CC`, or the first of cc, gcc and clang that is there. The library goes to
 * `build/native` in the program's folder, under a name that says what it was made of and for; so a
 * program never loads another's. With `--check` nothing is compiled: it fails if `source_hash.ts` is not
 * that of the sources.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RunError, SirenError } from "../../errors.ts";
import { writeWhole } from "../../files.ts";
import { programFile } from "../../program_files.ts";
import {
  type Host,
  instructions,
  libraryName,
  loadLibrary,
  type VariantName,
  variantNames,
  variantsOf,
} from "./library.ts";
import { SOURCE_HASH } from "./source_hash.ts";

/** What a library is made of. */
const SOURCES = ["siren.h", "siren.c", "vectors.h", "sums.h", "kernel.c"];

const COMMON = ["-std=c11", "-O3", "-fPIC", "-fvisibility=hidden"];
const AVX2 = ["-mavx2", "-mpopcnt", "-mbmi", "-mbmi2"];
const AVX512 = [...AVX2, "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq"];
const ICE = ["-mavx512vbmi", "-mavx512vbmi2", "-mavx512vpopcntdq", "-mgfni"];

/** The variants that there are for a kind of processor, and what they ask of the compiler. */
const VARIANTS: Readonly<Record<Host["arch"], Partial<Record<VariantName, readonly string[]>>>> = {
  x86_64: { portable: [], avx2: AVX2, avx512: AVX512, avx512ice: [...AVX512, ...ICE] },
  aarch64: { portable: [], neon: [] },
};

/** A C compiler, and what its programs run on. */
export interface Target extends Host {
  /** The command, with arguments that it always takes. */
  readonly compiler: readonly string[];
  /** Further arguments, after all others. */
  readonly flags?: readonly string[];
}

/** What was compiled. */
export interface Built {
  readonly variants: readonly VariantName[];
  /** Variants that the compiler could not make, and what it said. */
  readonly leftOut: readonly { readonly variant: VariantName; readonly reason: string }[];
}

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** SHA-256, in hexadecimal, of all that decides what a library does. */
export async function sourceHash(): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([COMMON, VARIANTS]));
  for (const name of SOURCES) hash.update(await Deno.readTextFile(source(name)));
  return hash.digest("hex");
}

/** Runs a compiler; gives what it said where it failed. */
async function compile(target: Target, args: readonly string[]): Promise<string | undefined> {
  const [command, ...first] = target.compiler;
  const { success, stderr } = await new Deno.Command(command ?? "cc", {
    args: [...first, ...COMMON, ...args, ...(target.flags ?? [])],
    stdin: "null",
  }).output();
  return success ? undefined : new TextDecoder().decode(stderr).trim() || "it said nothing";
}

/**
 * Finds a C compiler.
 *
 * @param named What to take instead of cc, gcc or clang: a command, with arguments if need be.
 * @throws {RunError} There is none.
 */
export async function findCompiler(named?: string): Promise<string[]> {
  const commands = named?.trim() ? [named.trim()] : ["cc", "gcc", "clang"];
  for (const text of commands) {
    const [command, ...args] = text.split(/\s+/);
    try {
      const child = new Deno.Command(command!, { // split gives at least one part
        args: [...args, "--version"],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      });
      if ((await child.output()).success) return [command!, ...args];
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new RunError(
    `Cannot compile the native engine: there is no C compiler (${commands.join(", ")})`,
    "Install one, such as Debian's gcc, or name it in the variable CC.",
  );
}

/** Compiles all variants that the compiler can make, each to an object in `folder`. */
async function compileObjects(
  target: Target,
  folder: string,
): Promise<Built & { objects: string[] }> {
  const flags = VARIANTS[target.arch];
  const wanted = variantNames.filter((variant) => flags[variant] !== undefined);
  const failures = await Promise.all(wanted.map((variant) =>
    compile(target, [
      `-DVARIANT=${variant}`,
      ...flags[variant] ?? [],
      ...["-c", source("kernel.c"), "-o", `${folder}/${variant}.o`],
    ])
  ));
  const variants = wanted.filter((_, i) => failures[i] === undefined);
  const leftOut = wanted.flatMap((variant, i) => {
    const reason = failures[i];
    return reason === undefined ? [] : [{ variant, reason }];
  });
  const failure = leftOut.find(({ variant }) => variant === "portable")?.reason ??
    await compile(target, [
      ...variants.map((variant) => `-DHAS_${variant}`),
      ...["-c", source("siren.c"), "-o", `${folder}/siren.o`],
    ]);
  if (failure !== undefined) throw cannotCompile(target, failure);
  return {
    variants,
    leftOut,
    objects: ["siren", ...variants].map((name) => `${folder}/${name}.o`),
  };
}

function cannotCompile({ compiler }: Target, said: string): RunError {
  return new RunError(
    `Cannot compile the native engine: ${compiler.join(" ")} fails:\n${said}`,
    "Name another C compiler in the variable CC.",
  );
}

/** Compiles something out of all objects, so that it appears whole or not at all. */
async function build(target: Target, output: string, args: readonly string[]): Promise<Built> {
  const folder = await Deno.makeTempDir({ dir: dirname(output) });
  try {
    const { objects, ...built } = await compileObjects(target, folder);
    const failure = await compile(target, [...args, ...objects, "-o", `${folder}/whole`]);
    if (failure !== undefined) throw cannotCompile(target, failure);
    await Deno.rename(`${folder}/whole`, output);
    return built;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Compiles a library.
 *
 * @param output Where it shall appear; the folder is there.
 * @throws {RunError} The compiler fails.
 */
export async function buildLibrary(target: Target, output: string): Promise<Built> {
  return await build(target, output, ["-shared"]);
}

/**
 * Compiles `check.c`, a program that compares the engine with plain loops.
 *
 * @param output Where it shall appear; the folder is there.
 * @throws {RunError} The compiler fails.
 */
export async function buildCheck(target: Target, output: string): Promise<Built> {
  return await build(target, output, [source("check.c")]);
}

async function main(): Promise<void> {
  const hash = await sourceHash();
  if (Deno.args.includes("--check")) {
    if (hash === SOURCE_HASH) return;
    console.error("source_hash.ts is not that of the sources: run build.ts without --check.");
    Deno.exit(1);
  }
  if (hash !== SOURCE_HASH) {
    await writeWhole(
      source("source_hash.ts"),
      `// Made from the C sources by \`deno task native\`: change those, not this.

/** SHA-256 of what the native engine is made of. */
export const SOURCE_HASH = "${hash}";
`,
    );
  }
  const compiler = await findCompiler(Deno.env.get("CC"));
  const output = fileURLToPath(programFile(`build/native/${libraryName(hash, Deno.build)}`));
  await Deno.mkdir(dirname(output), { recursive: true });
  const { variants, leftOut } = await buildLibrary({ ...Deno.build, compiler }, output);
  console.log(output);
  console.log(`compiled by ${compiler.join(" ")}: ${variants.join(", ")}`);
  for (const { variant, reason } of leftOut) {
    console.log(`left out ${variant}: ${reason.split("\n")[0]}`);
  }
  const best = variantsOf(loadLibrary(pathToFileURL(output)).siren_variants()).at(-1);
  if (best !== undefined) console.log(`this processor takes ${best} (${instructions[best]})`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SirenError)) throw error;
    console.error(error.message);
    if (error.remedy !== undefined) console.error(error.remedy);
    Deno.exit(error.exitCode);
  }
}
