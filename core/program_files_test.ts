import assert from "node:assert";
import { IS_BUNDLE, programFile, THREAD_PROGRAM } from "./program_files.ts";

Deno.test("a checkout's files are found", async () => {
  assert.ok(!IS_BUNDLE);
  for (const file of [THREAD_PROGRAM, programFile("templates/open_blocks.cxc")]) {
    assert.ok((await Deno.stat(file)).isFile);
  }
});
