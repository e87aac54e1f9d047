import assert from "node:assert";
import { fingerprint, sha256 } from "./hashes.ts";

Deno.test("the hash is SHA-256", () => {
  // FIPS 180-4's example.
  assert.strictEqual(
    sha256(new TextEncoder().encode("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("a fingerprint tells values, arrays and their order apart", () => {
  const values: unknown[] = [
    [],
    [1, 2],
    [2, 1],
    ["1", 2],
    [[1], 2],
    { a: 1 },
    { a: 1, b: undefined, c: null },
    [Uint32Array.of(1, 2)],
    [Uint32Array.of(1, 2), Uint32Array.of()],
    [Uint32Array.of(1), Uint32Array.of(2)],
    [Float64Array.of(0)],
    [Float64Array.of(-0)],
    [Float64Array.of(NaN)],
  ];
  assert.strictEqual(new Set(values.map(fingerprint)).size, values.length);
});

Deno.test("a fingerprint takes a view for what it shows, over shared memory too", () => {
  const own = Uint32Array.of(2, 3);
  const view = Uint32Array.of(1, 2, 3, 4).subarray(1, 3);
  const shared = new Uint32Array(new SharedArrayBuffer(8));
  shared.set(own);
  assert.strictEqual(fingerprint([view]), fingerprint([own]));
  assert.strictEqual(fingerprint([shared]), fingerprint([own]));
});
