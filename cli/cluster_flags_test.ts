import assert from "node:assert";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { addClusterFlags, addResumeFlags, readClusterFlags, readTarget } from "./cluster_flags.ts";

function given(add: (command: CommandUnknownOpts) => void, line: string): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("work");
  add(command);
  return command.parse(line.split(" ").filter((word) => word !== ""), { from: "user" });
}

Deno.test("readTarget tells where a command goes, and how", () => {
  const of = (line: string) => readTarget(given(addClusterFlags, line));
  assert.strictEqual(of(""), undefined);
  assert.deepStrictEqual(of("--on big"), { name: "big", file: undefined, mode: "wait" });
  assert.deepStrictEqual(of("--on big --clusters c.toml --detach"), {
    name: "big",
    file: "c.toml",
    mode: "submit",
  });
  assert.deepStrictEqual(of("--on big --dry-run")?.mode, "plan");
});

Deno.test("flags that need --on say so, and those that exclude each other too", () => {
  for (const flag of ["--detach", "--dry-run", "--clusters c.toml"]) {
    assert.throws(() => readTarget(given(addClusterFlags, flag)), {
      name: "UsageError",
      message: `Cannot use ${flag.split(" ")[0]}: it needs --on`,
    });
  }
  assert.throws(() => readTarget(given(addClusterFlags, "--on big --detach --dry-run")), {
    name: "UsageError",
    message: "Cannot use --detach with --dry-run: nothing is submitted then",
  });
  for (const flag of ["--on big", "--detach", "--dry-run", "--clusters c.toml"]) {
    assert.throws(() => readClusterFlags(given(addResumeFlags, `--here ${flag}`)), {
      name: "UsageError",
      message: `Cannot use --here with ${flag.split(" ")[0]}: here nothing goes to a cluster`,
    });
  }
});
