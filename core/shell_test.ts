import assert from "node:assert";
import { quoteForShell } from "./shell.ts";

Deno.test("quoteForShell quotes what a shell would change", () => {
  for (const word of ["out", "a/b-c_1.mrc", "--exp_frac=0.2"]) {
    assert.strictEqual(quoteForShell(word), word);
  }
  assert.strictEqual(quoteForShell("my maps"), "'my maps'");
  assert.strictEqual(quoteForShell("it's"), `'it'\\''s'`);
  assert.strictEqual(quoteForShell(""), "''");
});
