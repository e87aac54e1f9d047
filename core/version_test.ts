import assert from "node:assert";
import { VERSION } from "./version.ts";

Deno.test("the version is that of deno.json", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  assert.strictEqual(VERSION, config.version);
});
