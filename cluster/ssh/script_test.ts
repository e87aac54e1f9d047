import assert from "node:assert";
import * as fc from "fast-check";
import { ClusterError } from "../../core/errors.ts";
import { afterMark, scriptFor } from "./script.ts";

const hostile = fc.string({
  unit: fc.constantFrom(
    "a",
    " ",
    "'",
    '"',
    "\\",
    "$",
    "`",
    "\n",
    "\r",
    "!",
    "*",
    "~",
    "-",
    ";",
    "Å",
  ),
  maxLength: 12,
});

Deno.test({
  name: "a shell hands every argument and variable on as it is",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 4 }), hostile, async (args, value) => {
        const show = 'printf "<%s>" "$@" "$V"';
        const script = scriptFor(["sh", "-c", show, "x", ...args], { V: value }, "mark");
        const child = new Deno.Command("/bin/sh", {
          stdin: "piped",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        const writer = child.stdin.getWriter();
        await writer.write(new TextEncoder().encode(script));
        await writer.close();
        const { stdout, stderr } = await child.output();
        assert.strictEqual(
          afterMark(stdout, "mark"),
          [...args, value].map((a) => `<${a}>`).join(""),
        );
        assert.strictEqual(afterMark(stderr, "mark"), "");
      }),
      { numRuns: 60 },
    );
  },
});

Deno.test("what no program can be given is refused", () => {
  for (const program of ["", "-c"]) {
    assert.throws(() => scriptFor([program], {}, "m"), ClusterError);
  }
  assert.throws(() => scriptFor(["a", "b\0"], {}, "m"), ClusterError);
  assert.throws(() => scriptFor(["a"], { B: "\0" }, "m"), ClusterError);
  for (const name of ["", "1A", "A B", "A=", "A;id", "Å"]) {
    assert.throws(() => scriptFor(["a"], { [name]: "" }, "m"), ClusterError, name);
  }
});

Deno.test("text after the mark", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assert.strictEqual(afterMark(bytes("noise mamark out mark"), "mark"), " out mark");
  assert.strictEqual(afterMark(bytes("mark"), "mark"), "");
  assert.strictEqual(afterMark(bytes("mar"), "mark"), undefined);
  assert.strictEqual(afterMark(bytes("mark\ufeffa"), "mark"), "\ufeffa");
});
