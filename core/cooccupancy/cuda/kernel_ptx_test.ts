import assert from "node:assert";
import { gunzipSync } from "node:zlib";
import { kernelHash, plainPtx, tensorPtx } from "./kernel_ptx.ts";

const unpack = (packed: string) => gunzipSync(Uint8Array.fromBase64(packed)).toString();
const entries = (ptx: string) => Array.from(ptx.matchAll(/\.entry (\w+)\(/g), ([, name]) => name);

Deno.test("the PTX was made from kernel.cu as it is", async () => {
  const source = await Deno.readFile(new URL("./kernel.cu", import.meta.url));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", source)).toHex();
  assert.strictEqual(kernelHash, hash, "Run `deno task cuda`.");
});

Deno.test("the PTX asks for no more than it needs", () => {
  assert.match(unpack(plainPtx), /^\.version 6\.0\n\.target sm_70\n/);
  assert.match(unpack(tensorPtx), /^\.version 7\.0\n\.target sm_80\n/);
});

Deno.test("the PTX has all kernels of kernel.cu", async () => {
  const source = await Deno.readTextFile(new URL("./kernel.cu", import.meta.url));
  const kernels = source.matchAll(/__global__ void __launch_bounds__\([^)]*\)\s+(\w+)\(/g);
  const names = Array.from(kernels, ([, name]) => name);
  assert.strictEqual(names.length, 7);
  assert.deepStrictEqual(
    [...entries(unpack(plainPtx)), ...entries(unpack(tensorPtx))].sort(),
    names.sort(),
  );
  assert.deepStrictEqual(entries(unpack(tensorPtx)), ["linksByTensor"]);
});
