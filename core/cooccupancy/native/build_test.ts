import assert from "node:assert";
import { buildCheck, buildLibrary, findCompiler, sourceHash, type Target } from "./build.ts";
import { libraryFile, variantNames } from "./library.ts";
import { SOURCE_HASH } from "./source_hash.ts";
import { compilerOrReason, TemporaryFolder, whyNot } from "./testing.ts";

const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
const ARM = "aarch64-linux-gnu-gcc", EMULATOR = "qemu-aarch64";

/** Runs `check.c`'s program for a variant; `lead` is what starts it. */
async function check(lead: string[], variant: string, seed: number, cases: number) {
  const [command, ...args] = lead;
  const number = variantNames.findIndex((name) => name === variant);
  const { code, stderr } = await new Deno.Command(command!, {
    args: [...args, `${number}`, `${seed}`, `${cases}`],
    stdin: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

/** That every variant that can run here counts like plain loops; gives those that cannot. */
async function checkAll(lead: string[], variants: readonly string[], cases: number) {
  const lacking = [];
  for (const variant of variants) {
    const { code, said } = await check(lead, variant, 1, cases);
    if (code === 2 && said.includes("lacks the variant")) lacking.push(variant);
    else assert.strictEqual(code, 0, `${variant}: ${said}`);
  }
  return lacking;
}

Deno.test("the hash is that of the sources", async () => {
  assert.strictEqual(SOURCE_HASH, await sourceHash(), "run `deno task native`");
  assert.ok(libraryFile().pathname.includes(`/build/native/siren-${SOURCE_HASH.slice(0, 12)}-`));
});

Deno.test("without a C compiler it is said what to do", async () => {
  await assert.rejects(findCompiler("/nowhere/cc -m64"), {
    name: "RunError",
    message: "Cannot compile the native engine: there is no C compiler (/nowhere/cc -m64)",
    remedy: "Install one, such as Debian's gcc, or name it in the variable CC.",
  });
});

const found = await compilerOrReason();
const compiler = "compiler" in found ? found.compiler : [];
const target: Target = { ...Deno.build, compiler };

/** A test that takes a C compiler. */
function testCompiled(name: string, fn: () => Promise<void>): void {
  if ("compiler" in found) Deno.test(name, fn);
  else Deno.test({ name: `${name} (skipped: ${found.reason})`, ignore: true, fn });
}

testCompiled("every variant of the kernel counts like plain loops", async () => {
  using folder = new TemporaryFolder();
  const program = folder.file("check");
  const { variants, leftOut } = await buildCheck({ ...target, flags: WARNINGS }, program);
  assert.deepStrictEqual(leftOut, []);
  const lacking = await checkAll([program], variants, 200);
  assert.ok(!lacking.includes("portable"));
});

testCompiled("the kernel does nothing that C leaves undefined", async () => {
  using folder = new TemporaryFolder();
  const program = folder.file("check");
  const { variants } = await buildCheck({ ...target, flags: ["-O0", ...SANITIZERS] }, program);
  await checkAll([program], variants, 60);
});

testCompiled("a variant that the compiler cannot make is left out", async () => {
  using folder = new TemporaryFolder();
  const old = folder.file("old-cc");
  const real = compiler.map((word) => `'${word}'`).join(" ");
  await Deno.writeTextFile(
    old,
    `#!/bin/sh
case "$*" in *-mgfni*|*VARIANT=neon*) echo "unrecognized option" >&2; exit 1;; esac
exec ${real} "$@"
`,
    { mode: 0o700 },
  );
  const { variants, leftOut } = await buildLibrary(
    { ...target, compiler: [old] },
    folder.file("siren.so"),
  );
  assert.ok(variants.includes("portable"));
  const missing = target.arch === "x86_64" ? "avx512ice" : "neon";
  assert.deepStrictEqual(leftOut, [{ variant: missing, reason: "unrecognized option" }]);
  assert.deepStrictEqual(
    Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort(),
    ["old-cc", "siren.so"],
  );
});

testCompiled("a compiler that fails is quoted, and nothing is left behind", async () => {
  using folder = new TemporaryFolder();
  await assert.rejects(
    buildLibrary({ ...target, flags: ["-include", "nowhere.h"] }, folder.file("siren.so")),
    { name: "RunError", message: /^Cannot compile the native engine: .+ fails:\n.*nowhere\.h/s },
  );
  assert.deepStrictEqual([...Deno.readDirSync(folder.path)], []);
});

const noArm = await whyNot(ARM, EMULATOR);
Deno.test({
  name: `NEON counts like plain loops, emulated${noArm ? ` (skipped: ${noArm})` : ""}`,
  ignore: noArm !== undefined,
  async fn() {
    using folder = new TemporaryFolder();
    const program = folder.file("check");
    const { variants, leftOut } = await buildCheck(
      { os: "linux", arch: "aarch64", compiler: [ARM], flags: [...WARNINGS, "-static"] },
      program,
    );
    assert.deepStrictEqual(leftOut, []);
    assert.deepStrictEqual(variants, ["portable", "neon"]);
    assert.deepStrictEqual(await checkAll([EMULATOR, program], variants, 100), []);
  },
});
