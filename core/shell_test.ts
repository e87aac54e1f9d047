import assert from "node:assert";
import fc from "fast-check";
import { quoteForShell } from "./shell.ts";

Deno.test("quoteForShell quotes what a shell would change", () => {
  for (const word of ["out", "a/b-c_1.mrc", "--exp_frac=0.2"]) {
    assert.strictEqual(quoteForShell(word), word);
  }
  assert.strictEqual(quoteForShell("my maps"), "'my maps'");
  assert.strictEqual(quoteForShell("it's"), `'it'\\''s'`);
  assert.strictEqual(quoteForShell(""), "''");
});

Deno.test("quoteForShell writes control characters so that a word stays on one line", () => {
  assert.strictEqual(quoteForShell("a\nb"), "$'a\\x0ab'");
  assert.strictEqual(quoteForShell("it's\t\\"), "$'it\\'s\\x09\\\\'");
  assert.strictEqual(quoteForShell("\x7f\u0085é"), "$'\\x7f\\xc2\\x85é'");
  assert.throws(() => quoteForShell("a\0b"), RangeError);
});

Deno.test("quoteForShell gives bash back any word", async () => {
  const words = fc.array(fc.string({ unit: "binary" }).map((word) => word.replaceAll("\0", "")), {
    minLength: 1,
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(words, fc.constantFrom("C", "C.UTF-8"), async (words, locale) => {
      const script = `printf '%s\\0' ${words.map(quoteForShell).join(" ")}`;
      const { stdout } = await new Deno.Command("bash", {
        args: ["-c", script],
        env: { LC_ALL: locale },
      }).output();
      assert.deepStrictEqual(
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout).split("\0"),
        [...words, ""],
      );
    }),
    { numRuns: 30 },
  );
});
