import assert from "node:assert";
import { expandHome } from "./expand_home.ts";

Deno.test("a ~ alone or before a slash is the home folder there, and no other ~", async () => {
  const transport = { home: () => Promise.resolve("/home/ann") };
  assert.strictEqual(await expandHome("~", transport), "/home/ann");
  assert.strictEqual(await expandHome("~/a b/~", transport), "/home/ann/a b/~");
  for (const path of ["~bob/x", "/scratch/~", "/~/x"]) {
    assert.strictEqual(await expandHome(path, transport), path);
  }
});
