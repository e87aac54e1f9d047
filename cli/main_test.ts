/**
 * The program as its users meet it. The texts of `--help` are in `testdata/help`; after a change that is
 * meant, write them anew with `deno test -A cli/main_test.ts -- --update` and read the difference.
 */
import assert from "node:assert";
import { findCommand, normaliseArguments } from "./arguments.ts";
import { Stop } from "./io.ts";
import { main } from "./main.ts";
import { buildProgram } from "./program.ts";
import { fakeContext, fakeIo } from "./testing.ts";

const program = buildProgram(fakeContext(fakeIo()));

/** Every command with those below it, as words: "run", "cluster init". */
const commands = program.commands.flatMap((command) => [
  command.name(),
  ...command.commands.map((child) => `${command.name()} ${child.name()}`),
]);

async function call(...args: string[]) {
  const io = fakeIo();
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

const run = ["run", "--voldir", "maps", "--outdir", "out"];

/** A command line, and what standard error says to it. */
const badLines: readonly (readonly [string[], string])[] = [
  [
    ["segment"],
    "Error: Cannot understand siren: there is no such command (segment)\nSee siren --help.\n",
  ],
  [
    ["statsu", "out"],
    "Error: Cannot understand siren: there is no such command (statsu)\n" +
    "Did you mean status or stability? See siren --help.\n",
  ],
  [
    ["sketch"],
    "Error: Cannot understand siren: there is no such command (sketch)\n" +
    "Did you mean sketch_communities? See siren --help.\n",
  ],
  [
    ["help", "rnu"],
    "Error: Cannot understand siren: there is no such command (rnu)\n" +
    "Did you mean run? See siren --help.\n",
  ],
  [
    ["run", "--oudir", "out"],
    "Error: Cannot understand siren run: there is no such option (--oudir)\n" +
    "Did you mean --outdir? See siren run --help.\n",
  ],
  [
    [...run, "--bin", "1", "--exp-farc", "0.3"],
    "Error: Cannot understand siren run: there is no such option (--exp-farc)\n" +
    "Did you mean --exp_frac? See siren run --help.\n",
  ],
  [
    [...run, "--filter=yes"],
    "Error: Cannot understand siren run: there is no such option (--filter=yes)\n" +
    "See siren run --help.\n",
  ],
  [
    [...run, "-b", "1"],
    "Error: Cannot understand siren run: there is no such option (-b)\nSee siren run --help.\n",
  ],
  [
    ["run", "--voldir"],
    "Error: Cannot understand siren run: an option needs a value (--voldir <folder>)\n" +
    "See siren run --help.\n",
  ],
  [
    ["run", "--bin", "1"],
    "Error: Cannot understand siren run: options are missing (--voldir, --outdir)\n" +
    "See siren run --help.\n",
  ],
  [
    ["expand-communities", "--config", "c"],
    "Error: Cannot understand siren expand_communities: an option is missing (--blockdir)\n" +
    "See siren expand_communities --help.\n",
  ],
  [
    ["sketch_communities", "--voldir", "--bin", "0.7"],
    "Error: Cannot use --voldir: its value is missing (next is --bin)\n" +
    "If that is a name, write it as ./--bin. See siren sketch_communities --help.\n",
  ],
  [
    ["run", "--voldir", ""],
    "Error: Cannot use --voldir: its value is empty\nSee siren run --help.\n",
  ],
  [
    run,
    "Error: Cannot run: one of --bin, --binfile and --weights is needed\nSee siren run --help.\n",
  ],
  [
    [...run, "--bin", "0", "--binfile", "t.csv"],
    "Error: Cannot run: --bin and --binfile exclude each other\nSee siren run --help.\n",
  ],
  [
    [...run, "--bin", "-0.5", "--filter"],
    "Error: Cannot run: --filter needs --binfile\nSee siren run --help.\n",
  ],
  [
    [...run, "--bin", "high"],
    "Error: Cannot use --bin: it is not a number (high)\nSee siren run --help.\n",
  ],
  [
    [...run, "--bin", "0,7"],
    "Error: Cannot use --bin: it is not a number (0,7)\n" +
    "Write the decimal mark as a point. See siren run --help.\n",
  ],
  [
    [...run, "--bin", "1", "--apix", "0"],
    "Error: Cannot use --apix: it must be more than 0 (0)\nSee siren run --help.\n",
  ],
  [
    [...run, "--bin", "1", "--posp=2", "--min-block-size", "1.5", "--trials", "1"],
    "Error: Cannot use --posp: it must be at most 1 (2)\n" +
    "Cannot use --trials: it must be at least 2 (1)\n" +
    "Cannot use --min_block_size: it must be a whole number (1.5)\nSee siren run --help.\n",
  ],
  [
    [...run, "--bin", "1", "--exp_frac", "0"],
    "Error: Cannot use --exp_frac: it must be more than 0 (0)\nSee siren run --help.\n",
  ],
  [
    [...run, "--bin", "1", "--rule", "phy"],
    "Error: Cannot use --rule: no such choice (phy)\n" +
    "It is one of siren, phi, fdr. See siren run --help.\n",
  ],
  [
    [...run, "--bin", "1", "--rule", "phi", "--cutoffs", "c.csv"],
    "Error: Cannot run: --cutoffs goes with --rule siren, not with phi\nSee siren run --help.\n",
  ],
  [
    [...run, "--bin", "1", "--threads", "0"],
    "Error: Cannot use --threads: it must be a whole number from 1 to 1024 (0)\n" +
    "See siren run --help.\n",
  ],
  [
    [...run, "--bin", "1", "--engine", "abacus"],
    "Error: Cannot use --engine: no such choice (abacus)\n" +
    "It is one of auto, native, cuda, webgpu, tfjs, wasm, reference. See siren run --help.\n",
  ],
  [
    ["resume"],
    "Error: Cannot understand siren resume: it must be told what to work on (<folder>)\n" +
    "See siren resume --help.\n",
  ],
  [
    ["status", "a", "b"],
    "Error: Cannot understand siren status: too many words (a, b)\nSee siren status --help.\n",
  ],
  [
    ["expand_communities", "--config", "c", "--blockdir", "b", "--dry-run"],
    "Error: Cannot use --dry-run: it needs --on\n" +
    "Name the profile of the cluster with --on. See siren expand_communities --help.\n",
  ],
  [
    ["sketch-communities", "--voldir", "m", "--bin", "1", "--outdir", "o", "--detach"],
    "Error: Cannot use --detach: it needs --on\n" +
    "Name the profile of the cluster with --on. See siren sketch_communities --help.\n",
  ],
  [
    ["expand-communities", "--config", "c", "--blockdir", "b", "--dry_run"],
    "Error: Cannot use --dry-run: it needs --on\n" +
    "Name the profile of the cluster with --on. See siren expand_communities --help.\n",
  ],
  [
    ["submit", "--voldir", "maps", "--outdir", "out"],
    "Error: Cannot understand siren submit: an option is missing (--on)\n" +
    "See siren submit --help.\n",
  ],
  [
    [...run, "--bin", "1", "--on", "--detach"],
    "Error: Cannot use --on: its value is missing (next is --detach)\n" +
    "If that is a name, write it as ./--detach. See siren run --help.\n",
  ],
  [
    ["resume", "nowhere", "--dry-run"],
    "Error: Cannot use --dry-run: the run is not on a cluster\n" +
    "Name the profile of the cluster with --on. See siren resume --help.\n",
  ],
  [
    ["resume", "out", "--here", "--on", "big"],
    "Error: Cannot use --here with --on: here nothing goes to a cluster\n" +
    "See siren resume --help.\n",
  ],
  [
    ["logs", "out", "sketch-1/0", "--tail", "0"],
    "Error: Cannot use --tail: it must be a whole number from 1 to 1000000 (0)\n" +
    "See siren logs --help.\n",
  ],
  [
    ["cluster", "chekc", "big"],
    "Error: Cannot understand siren cluster: there is no such command (chekc)\n" +
    "Did you mean check? See siren cluster --help.\n",
  ],
  [
    ["cluster", "check"],
    "Error: Cannot understand siren cluster check: it must be told what to work on (<profile>)\n" +
    "See siren cluster check --help.\n",
  ],
  [
    ["help", "cluster", "chekc"],
    "Error: Cannot understand siren cluster: there is no such command (chekc)\n" +
    "Did you mean check? See siren cluster --help.\n",
  ],
  [
    ["completions", "tcsh"],
    "Error: Cannot use the shell: no such choice (tcsh)\n" +
    "It is one of bash, zsh, fish. See siren completions --help.\n",
  ],
  [
    ["simulate", "--outdir", "sim", "--resolution", "10,12,14"],
    "Error: Cannot use --resolution: it must be two numbers, best,worst (10,12,14)\n" +
    "See siren simulate --help.\n",
  ],
  [
    ["simulate", "--outdir", "sim", "--resolution", "14,10"],
    "Error: Cannot use --resolution: the best resolution comes first (14,10)\n" +
    "See siren simulate --help.\n",
  ],
  [
    ["simulate", "--outdir", "sim", "--core-share", "1"],
    "Error: Cannot use --core_share: it must be less than 1 (1)\nSee siren simulate --help.\n",
  ],
  [
    ["simulate", "--outdir", "sim", "--tree", "oak"],
    "Error: Cannot use --tree: it is none of random, chain, star, nor a file (oak)\n" +
    "See siren simulate --help.\n",
  ],
  [
    ["simulate", "no.pdb", "--outdir", "sim"],
    "Error: Cannot read no.pdb: there is no such file\nSee siren simulate --help.\n",
  ],
];

for (const [args, message] of badLines) {
  Deno.test(`siren ${args.join(" ")} is refused`, async () => {
    assert.deepStrictEqual(await call(...args), { code: 2, out: "", err: message });
  });
}

Deno.test("files that are not there are errors of the input", async () => {
  const lines = [
    [
      ["expand_communities", "--config", "nowhere", "--blockdir", "x"],
      "Error: Cannot expand: there is no config.json of a sketch (nowhere)\n" +
      "Give the config.json in the sketch's results, OUTDIR/00_sketch.\n",
    ],
    [
      ["score", "nowhere", "x"],
      "Error: Cannot read the truth at nowhere: there is no such file or folder\n" +
      "Give the truth.json that `siren simulate` wrote.\n",
    ],
  ] as const;
  for (const [args, err] of lines) {
    assert.deepStrictEqual(await call(...args), { code: 3, out: "", err });
  }
});

Deno.test("who looks after a run that is not there, or not on a cluster, is told so", async () => {
  for (const args of [["watch"], ["gather"], ["cancel"], ["logs"], ["logs", "sketch-1/0"]]) {
    const [name, ...rest] = args as [string, ...string[]];
    const { code, out, err } = await call(name, "nowhere", ...rest);
    assert.deepStrictEqual([code, out], [4, ""]);
    assert.match(err, /^Error: Cannot .*nowhere/);
  }
});

Deno.test("siren cluster alone tells how it is used, as an error", async () => {
  const { code, out, err } = await call("cluster");
  assert.deepStrictEqual([code, out, err], [2, "", (await call("cluster", "--help")).out]);
});

Deno.test("the worker is not in the help", async () => {
  assert.doesNotMatch((await call("--help")).out, /worker/);
});

Deno.test("siren alone tells how it is used, as an error", async () => {
  const { code, out, err } = await call();
  assert.deepStrictEqual([code, out], [2, ""]);
  assert.strictEqual(err, (await call("--help")).out);
});

Deno.test("--version prints the version of deno.json", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  for (const flag of ["--version", "-V"]) {
    assert.deepStrictEqual(await call(flag), { code: 0, out: `${config.version}\n`, err: "" });
  }
});

for (const name of ["siren", ...commands]) {
  Deno.test(`the help of ${name} is as it was, and has an example`, async () => {
    const args = name === "siren" ? [] : name.split(" ");
    const { code, out, err } = await call(...args, "--help");
    assert.deepStrictEqual([code, err], [0, ""]);
    assert.strictEqual((await call("help", ...args)).out, out);
    assert.match(out, new RegExp(`\\nExamples?:\\n  siren ${name === "siren" ? "" : name}`));
    assert.ok(out.split("\n").every((line) => line.length <= 100), "no line is too wide");
    const file = new URL(`./testdata/help/${name.replace(" ", "_")}.txt`, import.meta.url);
    if (Deno.args.includes("--update")) await Deno.writeTextFile(file, out);
    assert.strictEqual(out, await Deno.readTextFile(file));
  });
}

Deno.test("the examples of help are command lines that are understood", async () => {
  for (const name of commands) {
    const { out } = await call(...name.split(" "), "--help");
    for (const [line] of out.matchAll(/^ {2}siren .*$/gm)) {
      for (const [first, ...rest] of shellCommands(line)) {
        assert.strictEqual(first, "siren", line);
        const words = normaliseArguments(rest, program);
        const { unknown } = findCommand(program, words).parseOptions(words);
        assert.deepStrictEqual(unknown, [], line);
      }
    }
  }
});

/** The commands of a line as a shell parts it, without what follows a `>`: quotes, pipes and `&&` are known. */
function shellCommands(line: string): string[][] {
  const words = Array.from(line.matchAll(/'[^']*'|"[^"]*"|\S+/g), ([word]) => word);
  const commands: string[][] = [[]];
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "|" || words[i] === "&&") commands.push([]);
    else if (words[i] === ">") i++;
    else commands.at(-1)!.push(words[i]!.replaceAll(/^['"]|['"]$/g, ""));
  }
  return commands;
}

/** Runs the program itself. */
function spawn(args: string[]) {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", "--allow-read", "--allow-write"],
      ...["--allow-sys=hostname", new URL("./main.ts", import.meta.url).pathname, ...args],
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("the program itself ends with the exit code, results on one stream and errors on the other", async () => {
  const { code, stdout, stderr } = await spawn(["statsu"]).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.deepStrictEqual([code, text(stdout), text(stderr)], [
    2,
    "",
    "Error: Cannot understand siren: there is no such command (statsu)\n" +
    "Did you mean status or stability? See siren --help.\n",
  ]);
});

Deno.test("a reader who has seen enough ends the program without a word", async () => {
  const process = spawn(["--help"]);
  await process.stdout.cancel();
  const [{ code }, err] = await Promise.all([process.status, new Response(process.stderr).text()]);
  assert.deepStrictEqual([code, err], [141, ""]);
});

for (
  const [signal, code, line] of [
    ["SIGINT", 130, "Stopped by Ctrl-C.\n"],
    ["SIGTERM", 143, "Stopped by the system (SIGTERM).\n"],
  ] as const
) {
  Deno.test(`${signal} ends a command with ${code}`, async () => {
    const outdir = await Deno.makeTempDir();
    try {
      const process = spawn(["simulate", "--outdir", outdir, "--volumes", "60000", "--box", "16"]);
      while (!await hasFile(outdir)) await new Promise((resolve) => setTimeout(resolve, 20));
      process.kill(signal);
      const { code: ended, stdout, stderr } = await process.output();
      assert.deepStrictEqual([ended, stdout.length], [code, 0]);
      assert.ok(new TextDecoder().decode(stderr).endsWith(line));
    } finally {
      await Deno.remove(outdir, { recursive: true });
    }
  });
}

async function hasFile(folder: string): Promise<boolean> {
  for await (const _ of Deno.readDir(folder)) return true;
  return false;
}

Deno.test("a command that was stopped before it began says so", async () => {
  const io = fakeIo();
  io.stop(new Stop("SIGINT"));
  assert.strictEqual(await main(["info", "a.mrc"], io), 130);
  assert.strictEqual(io.err(), "Stopped by Ctrl-C.\n");
});
