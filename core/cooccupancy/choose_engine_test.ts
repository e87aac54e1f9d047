import assert from "node:assert";
import { cannotUse, pickFastest } from "./choose_engine.ts";
import type { Trial, Tried } from "./try_engine.ts";

const trial = (changes: Partial<Trial> = {}): Trial => ({
  name: "wasm",
  works: true,
  what: "WebAssembly SIMD",
  on: "cpu",
  devices: 1,
  pairsPerSecond: 1e9,
  ...changes,
});
const native = trial({ name: "native", what: "AVX-512", pairsPerSecond: 4.25e9 });
const cuda = trial({ name: "cuda", what: "NVIDIA H200", on: "gpu", pairsPerSecond: 6e9 });
const webgpu: Tried = { name: "webgpu", works: false, reason: "no adapter" };

Deno.test("the fastest engine is taken, and it is said why none of the others is", () => {
  assert.deepStrictEqual(
    pickFastest([trial(), native, webgpu], 2, { cuda: "no GPU was granted" }),
    {
      name: "native",
      what: "AVX-512",
      on: "cpu",
      pairsPerSecond: 8.5e9,
      why:
        "native (AVX-512) compares 8.5 billion pairs/s on 2 threads; wasm 2.0; webgpu: no adapter; " +
        "cuda: no GPU was granted",
      others: { wasm: "slower here", webgpu: "no adapter", cuda: "no GPU was granted" },
    },
  );
});

Deno.test("engines that are not taken for the same reason are told together", () => {
  const untried = { cuda: "not tried", webgpu: "not tried", tfjs: "not installed" };
  assert.strictEqual(
    pickFastest([trial()], 1, untried)?.why,
    "wasm (WebAssembly SIMD) compares 1.0 billion pairs/s on one thread; cuda, webgpu: not tried; " +
      "tfjs: not installed",
  );
});

Deno.test("threads count for the processor, devices for the others", () => {
  assert.strictEqual(pickFastest([native, cuda], 1)?.name, "cuda");
  assert.strictEqual(pickFastest([native, cuda], 2)?.name, "native");
  assert.strictEqual(pickFastest([native, { ...cuda, devices: 4 }], 1)?.pairsPerSecond, 6e9);
  const two = pickFastest([native, { ...cuda, devices: 2 }], 2);
  assert.strictEqual(two?.name, "cuda");
  assert.match(
    two?.why ?? "",
    /^cuda \(NVIDIA H200\) compares 12 billion pairs\/s on 2 devices; native 8.5/,
  );
});

Deno.test("a device's stand-in in software is never taken", () => {
  const soft = trial({
    name: "webgpu",
    what: "llvmpipe",
    on: "gpu",
    software: true,
    pairsPerSecond: 1e12,
  });
  const choice = pickFastest([soft, trial()], 1);
  assert.strictEqual(choice?.name, "wasm");
  assert.deepStrictEqual(choice?.others, { webgpu: "only in software (llvmpipe)" });
  assert.strictEqual(pickFastest([soft], 1), undefined);
  assert.strictEqual(pickFastest([webgpu as Tried], 1), undefined);
});

Deno.test("an engine that was asked for and does not work is a wrong command line", () => {
  const error = cannotUse({
    name: "cuda",
    works: false,
    reason: "no driver",
    remedy: "Install it.",
  });
  assert.strictEqual(error.message, "Cannot use engine cuda: no driver");
  assert.strictEqual(error.remedy, "Install it.");
});
