import assert from "node:assert";
import { main } from "./main.ts";
import { formatEstimate } from "./estimate.ts";
import { fakeIo } from "./testing.ts";

Deno.test("an estimate is told in two digits", () => {
  const text = formatEstimate({
    maps: 300,
    box: 128,
    mapBytes: 2.5e9,
    threads: 2,
    union: 109_185,
    sampled: 14_142,
    pairs: 99_991_011,
    links: 6_307_560,
    blocks: 10,
    engine: "wasm (WebAssembly SIMD) compares 1.8 billion pairs/s on 2 threads",
    seconds: { reading: 1.25, sketch: 1, expansion: 0.2, results: 130, total: 132.5 },
    memory: 7e8,
    disk: 3e8,
  });
  assert.deepStrictEqual(text.split("\n"), [
    "Nothing was written. By a look at some of the maps, this run would take, on 2 threads:",
    "",
    "reading    300 maps of 128^3, 2.3 GiB                                    about 1.3 s",
    "sketch     14,000 of 110,000 voxels, 100,000,000 pairs, 6,300,000 links  about 1.0 s",
    "expansion  every voxel of the union                                      less than a second",
    "results    10 blocks or so                                               about 2 min",
    "",
    "time    about 2 min",
    "memory  about 667.6 MiB",
    "disk    about 286.1 MiB",
    "",
    "Engine: wasm (WebAssembly SIMD) compares 1.8 billion pairs/s on 2 threads",
    "",
  ]);
});

Deno.test("--dry-run without --on tells what the run would take, and makes no folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const io = fakeIo();
    const simulation = ["--outdir", `${folder}/maps`, "--volumes", "60", "--box", "16", "--quiet"];
    assert.strictEqual(await main(["simulate", ...simulation, "--blocks", "3"], io), 0);
    for (const command of ["run", "sketch_communities"]) {
      const told = fakeIo();
      const maps = ["--voldir", `${folder}/maps`, "--bin", "0.22"];
      const line = [command, ...maps, "--outdir", `${folder}/out`, "--dry-run", "--json"];
      assert.deepStrictEqual([await main(line, told), told.err()], [0, ""]);
      const { maps: count, box } = JSON.parse(told.out());
      assert.deepStrictEqual([count, box], [60, 16]);
    }
    assert.deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["maps"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
