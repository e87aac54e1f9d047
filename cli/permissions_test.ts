import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { clientEnvironment } from "./environment.ts";
import { needlessPermissions } from "./permissions.ts";
import { buildProgram } from "./program.ts";
import { findCommand, normaliseArguments } from "./arguments.ts";
import { fakeContext, fakeIo } from "./testing.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const ConfigSchema = z.object({ tasks: z.record(z.string(), z.object({ command: z.string() })) });
const { tasks } = ConfigSchema.parse(JSON.parse(Deno.readTextFileSync(path("../deno.json"))));
const flagsOf = (task: string) =>
  (tasks[task]?.command ?? "").split(" ").filter((word) => word.startsWith("--"));

const ResultSchema = z.object({
  code: z.number(),
  during: z.number(),
  results: z.record(z.string(), z.array(z.string())),
});

/** Runs a command line that tries to get out, with all the permissions of `deno task siren` and some more. */
async function tryToEscape(...args: string[]) {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--config=${path("../deno.json")}`,
      ...flagsOf("siren"),
      path("testdata/escape.ts"),
      ...args,
    ],
  }).output();
  const last = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1) ?? "";
  assert.ok(last.startsWith("{"), new TextDecoder().decode(stderr));
  return ResultSchema.parse(JSON.parse(last));
}

const keptIn = {
  net: ["kept in"],
  unix: ["kept in"],
  run: ["kept in"],
  env: ["kept in"],
  ffi: ["kept in"],
};

Deno.test("siren run without --on cannot reach the network, start programs or see the environment", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const simulation = ["--outdir", `${folder}/maps`, "--volumes", "60", "--box", "16"];
    const simulated = await tryToEscape("simulate", ...simulation, "--blocks", "3");
    assert.deepStrictEqual([simulated.code, simulated.results], [0, keptIn]);
    const run = ["run", "--voldir", `${folder}/maps`, "--bin", "0.22", "--outdir"];
    const { code, during, results } = await tryToEscape(...run, `${folder}/out`);
    const native = { ...keptIn, ffi: ["let out"] };
    assert.deepStrictEqual([code, results], [0, native]);
    assert.ok(during > 0, "it tried while the run was under way");
    const resumed = await tryToEscape("resume", `${folder}/out`, "--engine", "wasm");
    assert.deepStrictEqual([resumed.code, resumed.results], [0, keptIn]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("who goes to a cluster may leave, and would be seen to", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const nowhere = ["--on", "big", "--clusters", `${folder}/none.toml`];
    const args = ["run", "--voldir", folder, "--bin", "1", "--outdir", `${folder}/out`, ...nowhere];
    const { code, results } = await tryToEscape(...args);
    assert.deepStrictEqual([code, results], [2, {
      net: ["let out"],
      unix: ["let out"],
      run: ["let out"],
      env: ["let out"],
      ffi: ["kept in"],
    }]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("each command line keeps what it may need, and no more", () => {
  const program = buildProgram(fakeContext(fakeIo()));
  const all = ["net", "run", "env", "ffi"], cluster = ["net", "run", "env"];
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ["run --voldir m --bin 1 --outdir o", cluster],
    ["run --voldir m --bin 1 --outdir o --engine wasm", all],
    ["run --voldir m --bin 1 --outdir o --on big", ["ffi"]],
    ["run --voldir m --weights w --outdir o --engine wasm", cluster],
    ["run --voldir m --weights w --outdir o --on big", []],
    ["submit --weights w --on big", []],
    ["sketch_communities --voldir m --bin 1 --outdir o", cluster],
    ["sketch_communities --voldir m --bin 1 --outdir o --on big", ["ffi"]],
    ["expand_communities --config c --blockdir b", cluster],
    ["expand_communities --config c --blockdir b --on big", ["ffi"]],
    ["submit --on big", ["ffi"]],
    ["preprocess --voldir m --outdir o", all],
    ["preprocess --voldir m --outdir o --on big", ["ffi"]],
    ["resume out", []],
    ["resume out --here", []],
    ["report out", all],
    ["view out", ["env", "ffi"]],
    ["view out --no_browser", ["run", "env", "ffi"]],
    ["status out", ["ffi"]],
    ["status out --offline", all],
    ["watch out", ["ffi"]],
    ["gather out", ["ffi"]],
    ["cancel out", ["ffi"]],
    ["logs out", ["ffi"]],
    ["compare a b", all],
    ["consolidate out --outdir o", all],
    ["id_blocks out --outdir o", all],
    ["cluster init", ["net", "run", "ffi"]],
    ["cluster check big", ["ffi"]],
    ["cluster install big", ["ffi"]],
    ["worker --tasks t", ["net", "run"]],
    ["doctor", ["net", "run"]],
    ["bench", cluster],
    ["bench --engine wasm", all],
    ["bench --engine tfjs", ["net", "run"]],
    ["eval_model --voldir m --outdir o", ["net", "run"]],
    ["eval_model --voldir m --outdir o --engine onnx", cluster],
    ["fine_tune --voldir m --labels l --weights w --outdir o", ["net", "run"]],
    ["train --voldir m --labels l --outdir o --engine onnx", cluster],
    ["info a.mrc", all],
    ["score a b", all],
    ["analyse out", all],
    ["volumes out", all],
    ["occupancy --blocks r --outdir o", all],
    ["particles --volumes 3 --cryodrgn d --outdir o", all],
    ["simulate --outdir o", all],
    ["mask --maps m --outdir o", all],
    ["molmap --pdb p --res 9 --outdir o", all],
    ["screen --voldir m --bins 1 --outdir o", cluster],
    ["screen out --outdir o --engine wasm", all],
    ["stability out", cluster],
    ["stability out --engine wasm", all],
    ["threshold --voldir m --method otsu --outdir o", all],
    ["weights inspect w", all],
    ["weights convert w v", all],
    ["completions bash", all],
  ];
  const tried = new Set<string>();
  for (const [line, needless] of lines) {
    const words = normaliseArguments(line.split(" "), program);
    const command = findCommand(buildProgram(fakeContext(fakeIo())), words);
    command.parseOptions(words);
    assert.deepStrictEqual(needlessPermissions(command), needless, line);
    tried.add(words[0]!);
  }
  assert.deepStrictEqual([...tried].sort(), program.commands.map((child) => child.name()).sort());
});

/** The values of a flag such as `--allow-env=HOME,USER`. */
const valuesOf = (flag: string) =>
  flagsOf("siren").find((own) => own.startsWith(`${flag}=`))?.split(/[=,]/).slice(1) ?? [];

Deno.test("the task permits of the environment what is looked at", () => {
  assert.deepStrictEqual(valuesOf("--allow-env").sort(), [...clientEnvironment].sort());
});

Deno.test("the launcher gives the task's permissions, of its programs those that are there", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // In place of Deno: prints what it is given.
    await Deno.writeTextFile(`${folder}/deno`, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    await Deno.chmod(`${folder}/deno`, 0o755);
    const given = async (PATH: string, ...args: string[]) => {
      const launcher = new Deno.Command(path("../bin/siren"), { args, env: { PATH } });
      const { stdout } = await launcher.output();
      return new TextDecoder().decode(stdout).split("\n")
        .filter((word) => word.startsWith("--allow-"));
    };
    const task = flagsOf("siren").filter((flag) => flag.startsWith("--allow-"));
    const run = task.find((flag) => flag.startsWith("--allow-run="))!; // or the next lines fail
    const others = task.filter((flag) => flag !== run).sort();
    const programs = valuesOf("--allow-run");
    const PATH = `${folder}:/usr/bin:/bin`;
    const isOther = (flag: string) => !flag.startsWith("--allow-run");
    const plain = await given(PATH, "status", "out");
    assert.deepStrictEqual(plain.filter(isOther).sort(), others);
    for (const program of programs) {
      await Deno.writeTextFile(`${folder}/${program}`, "");
      await Deno.chmod(`${folder}/${program}`, 0o755);
    }
    for (const args of [["status"], ["cluster", "install", "big"]]) {
      const runs = (await given(PATH, ...args)).filter((flag) => !isOther(flag));
      assert.strictEqual(runs.length, 1);
      assert.deepStrictEqual(runs[0]?.split(/[=,]/).slice(1).sort(), programs.toSorted());
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the demonstration has no permission that it does not need", () => {
  assert.deepStrictEqual(flagsOf("demo"), [
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "--allow-sys=hostname,systemMemoryInfo",
  ]);
});
