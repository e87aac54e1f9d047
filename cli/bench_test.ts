import assert from "node:assert";
import type { BenchLine } from "../cluster/bench.ts";
import { formatBench } from "./bench.ts";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

Deno.test("formatBench puts the fastest first, and remedies below the table", () => {
  const lines: BenchLine[] = [
    { name: "webgpu", works: false, reason: "no adapter", remedy: "Take cuda." },
    {
      name: "wasm",
      works: true,
      what: "WebAssembly SIMD",
      on: "cpu",
      devices: 1,
      pairsPerSecond: 9e8,
      together: 1.75e9,
      limit: 1.8e9,
    },
    {
      name: "cuda",
      works: true,
      what: "NVIDIA H200",
      on: "gpu",
      devices: 1,
      pairsPerSecond: 2e11,
      together: 2e11,
    },
  ];
  assert.deepStrictEqual(formatBench(lines, 512, 2).split("\n"), [
    "Billions of voxel pairs a second, 512 volumes; one: one thread or device; all: 2 threads or one device",
    "",
    "engine      one  limit of one  share      all  computes on",
    "cuda    200.000                       200.000  NVIDIA H200",
    "wasm      0.900         1.800   50 %    1.750  WebAssembly SIMD",
    "webgpu                                         does not work here: no adapter",
    "",
    "webgpu: Take cuda.",
    "",
  ]);
});

Deno.test("siren bench measures what it is told to", async () => {
  const io = fakeIo();
  const words = "bench --engine wasm --voxels 200 --volumes 40 --threads 2 --seconds 0.01 --json";
  assert.deepStrictEqual([await main(words.split(" "), io), io.err()], [0, ""]);
  const { engines: [line, ...others], ...rest } = JSON.parse(io.out());
  assert.deepStrictEqual([rest.volumes, rest.voxels, rest.threads, others], [40, 200, 2, []]);
  assert.strictEqual(line.name, "wasm");
  assert.ok(line.pairsPerSecond > 0 && line.together > 0 && line.limit > 0);
});
