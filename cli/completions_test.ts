import assert from "node:assert";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

async function script(shell: string): Promise<string> {
  const io = fakeIo();
  assert.strictEqual(await main(["completions", shell], io), 0);
  return io.out();
}

const isThere = (shell: string) =>
  // A program that is missing is thrown of at once, not by the promise.
  Promise.try(() =>
    new Deno.Command(shell, { args: ["--version"], stdout: "null", stderr: "null" }).output()
  )
    .then(({ success }) => success, () => false);
const [hasBash, hasZsh, hasFish] = await Promise.all(["bash", "zsh", "fish"].map(isThere));

/** Runs a shell on a script in a folder that holds `a.mrc`, `my maps/` and the completions. */
async function inShell(shell: string, text: string): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/my maps`);
    await Deno.writeTextFile(`${folder}/a.mrc`, "");
    await Deno.writeTextFile(`${folder}/script`, await script(shell));
    const { stdout, stderr } = await new Deno.Command(shell, {
      args: ["-c", text],
      cwd: folder,
      env: { HOME: folder },
    }).output();
    assert.strictEqual(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout).trimEnd().split("\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The words typed, the last of them being completed; and what bash offers. */
const offers: readonly (readonly [string[], string[]])[] = [
  [["r"], ["run", "resume", "report"]],
  [["--v"], ["--version"]],
  [["wo"], []],
  [["clu"], ["cluster"]],
  [["cluster", "in"], ["init", "install"]],
  [["cluster", "check", "--cl"], ["--clusters"]],
  [["cluster", "install", "--deno", "a"], ["a.mrc"]],
  [["cluster", "init", "--clusters", "a"], ["a.mrc"]],
  [["run", "--on", ""], []],
  [["resume", "--h"], ["--here", "--help"]],
  [["watch", "m"], ["my maps"]],
  [["gather", "m"], ["my maps"]],
  [["logs", "m"], ["my maps"]],
  [["run", "--ru"], ["--rule"]],
  [["run", "--rule", ""], ["siren", "phi", "fdr"]],
  [["run", "--rule", "=", "p"], ["phi"]],
  [["run", "--rule", "="], ["siren", "phi", "fdr"]],
  [["run", "--engine", "wa"], ["wasm"]],
  [["sketch-communities", "--cutoff-method", "e"], ["exact"]],
  [["run", "--voldir", "m"], ["my maps"]],
  [["run", "--voldir", "a"], []],
  [["run", "--binfile", "a"], ["a.mrc"]],
  [["run", "--bin", ""], []],
  [["info", "a"], ["a.mrc"]],
  [["status", ""], ["my maps"]],
  [["completions", "z"], ["zsh"]],
  [["help", "sk"], ["sketch_communities"]],
];

Deno.test({
  name: "bash completes commands, flags, choices, files and folders",
  ignore: !hasBash,
  async fn() {
    const calls = offers.map(([words]) => `try ${words.map((word) => `'${word}'`).join(" ")}`);
    const lines = await inShell(
      "bash",
      `source ./script
try() {
  COMP_WORDS=(siren "$@"); COMP_CWORD=$#; _siren
  local IFS='|'; printf '%s\\n' "\${COMPREPLY[*]}"
}
${calls.join("\n")}`,
    );
    offers.forEach(([words, expected], i) =>
      assert.strictEqual(lines[i] ?? "", expected.join("|"), words.join(" "))
    );
  },
});

Deno.test({
  name: "fish completes commands, flags, choices, files and folders",
  ignore: !hasFish,
  async fn() {
    // fish takes --rule=p as one word and offers a folder with its slash.
    const cases = offers.filter(([words]) => !words.includes("=") && words[1] !== "--cutoff-method")
      .filter(([words]) => words.at(-1) !== "");
    const text = cases.map(([words]) => {
      const line = `siren ${words.join(" ")}`;
      return `echo (string join -- '|' (complete -C '${line}' | string replace -r '\\t.*' '' | sort))`;
    });
    const lines = await inShell("fish", `source script\n${text.join("\n")}`);
    cases.forEach(([words, expected], i) =>
      assert.strictEqual(
        lines[i]!.replaceAll("/", "").replaceAll("\\ ", " "),
        expected.toSorted().join("|"),
        words.join(" "),
      )
    );
  },
});

Deno.test({
  name: "zsh takes the script",
  ignore: !hasZsh,
  async fn() {
    const lines = await inShell(
      "zsh",
      "autoload -U compinit; compinit -u -D; source ./script; print $_comps[siren]; zsh -n ./script",
    );
    assert.deepStrictEqual(lines, ["_siren"]);
  },
});

Deno.test("zsh is given every flag with what its value may be", async () => {
  const text = await script("zsh");
  const lines = [
    "'--voldir=[folder of aligned maps (.mrc, .map, .ccp4, also gzipped); required]:folder:_files -/'",
    "'--rule=[rule that links voxels\\: siren, phi, fdr; default phi]:choice:(siren phi fdr)'",
    "'--apix=[voxel size; default from the maps'\\'' headers]:value: '",
    "'--json[print the summary as JSON]'",
    "'*:file:_files'",
  ];
  for (const line of lines) assert.ok(text.includes(`        ${line}`), line);
});
