import assert from "node:assert";
import { model, node } from "./model.ts";
import { loadRuntime, openSession } from "./runtime.ts";

const module = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

Deno.test("a model is loaded and computed", async () => {
  const runtime = await loadRuntime();
  const session = await openSession(
    runtime,
    model({
      nodes: [node("Relu", ["x"], ["y"])],
      tensors: [],
      inputs: [{ name: "x", shape: [3] }],
      outputs: [{ name: "y", shape: [3] }],
    }),
    1,
  );
  const x = new runtime.Tensor("float32", Float32Array.of(-1, 2, -3), [3]);
  const { y } = await session.run({ x });
  assert.deepStrictEqual(y?.data, Float32Array.of(0, 2, 0));
  await session.release();
});

Deno.test("a failure is told with what to do about it, and want of memory as such", async () => {
  const runtime = await loadRuntime();
  const remedy = /a smaller --batch_size/;
  await assert.rejects(openSession(runtime, Uint8Array.of(1, 2, 3), 1), {
    name: "RunError",
    message: /^Cannot compute the network with ONNX Runtime: Failed to load model/,
    remedy,
  });
  // 400 TB, which no machine has.
  const many = 10 ** 7;
  const session = await openSession(
    runtime,
    model({
      nodes: [node("MatMul", ["column", "row"], ["all"])],
      tensors: [],
      inputs: [{ name: "column", shape: [many, 1] }, { name: "row", shape: [1, many] }],
      outputs: [{ name: "all", shape: [many, many] }],
    }),
    1,
  );
  const numbers = new Float32Array(many);
  const column = new runtime.Tensor("float32", numbers, [many, 1]);
  const row = new runtime.Tensor("float32", numbers, [1, many]);
  await assert.rejects(session.run({ column, row }), {
    name: "RunError",
    message: `Cannot compute the network with ONNX Runtime: there is not enough memory (for ${
      4 * many ** 2
    } bytes)`,
    remedy,
  });
  await assert.rejects(session.run({ column }), { name: "RunError", message: /'row' is missing/ });
  await session.release();
});

Deno.test("what keeps it from loading is told", async () => {
  await assert.rejects(loadRuntime(undefined, "freebsd-x86_64"), {
    message: "it is not made for this kind of machine (freebsd-x86_64)",
    remedy:
      "It works on linux-x86_64, linux-aarch64, darwin-aarch64, windows-x86_64, windows-aarch64.",
  });
  const noLibrary =
    "libstdc++.so.6: cannot open shared object file: No such file or directory\n  at somewhere";
  await assert.rejects(loadRuntime(module(`throw new Error(${JSON.stringify(noLibrary)})`)), {
    message: `its library does not load (${noLibrary.split("\n")[0]})`,
    remedy: "It takes a system with the GNU C library 2.28 or later and libstdc++.",
  });
  await assert.rejects(loadRuntime(module('throw new TypeError("no route to host")')), {
    message: "it cannot be fetched (no route to host)",
    remedy: /^It comes from npm when first used: run "deno cache npm:onnxruntime-node@[\d.]+"/,
  });
  const other = module("export default {}");
  await assert.rejects(loadRuntime(other), { message: `${other} is not ONNX Runtime` });
});

Deno.test({
  name: "it takes the permission for native code",
  permissions: { read: true, ffi: false },
  fn: async () => {
    await assert.rejects(loadRuntime(), {
      message: "native code is not allowed",
      remedy: "Start siren with --allow-ffi.",
    });
  },
});
