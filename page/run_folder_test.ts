import assert from "node:assert";
import { runFolder } from "./run_folder.ts";

Deno.test("the run folder is told from the page's address, or else by its name", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["file:///home/me/my%20runs/out/report.html#volume=3", "/home/me/my runs/out"],
    ["file:///C:/Users/me/out/report.html", "C:/Users/me/out"],
    ["http://127.0.0.1:4711/0a1b/data/out/report.html", "/data/out"],
    ["http://localhost:4711/0a1b/data/out/report.html", "/data/out"],
    ["file:///home/me/Downloads/report.html", "out"],
    ["file:///home/me/about/report.html", "out"],
    ["https://example.org/data/out/report.html", "out"],
    ["file:///home/100%/out/report.html", "out"],
  ];
  for (const [address, folder] of cases) assert.strictEqual(runFolder(address, "out"), folder);
});
