import assert from "node:assert";
import { bitMatrix } from "./bit_matrix.ts";
import { engineNames, makeEngine } from "./choose_engine.ts";

Deno.test("every engine name gives an engine that says its own name and why", () => {
  const matrix = bitMatrix(1, 1);
  for (const name of engineNames) {
    const { factory, name: own, why } = makeEngine(name);
    assert.strictEqual(factory(matrix, matrix).name, own);
    assert.strictEqual(why, name === "auto" ? "fastest of those that work here" : "asked for");
  }
});

Deno.test("where WebAssembly has no SIMD, auto takes the reference and wasm is refused", () => {
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  try {
    const { name, why } = makeEngine("auto");
    assert.deepStrictEqual([name, why], ["reference", "WebAssembly has no SIMD here"]);
    assert.throws(() => makeEngine("wasm"), {
      name: "UsageError",
      message: "Cannot use the wasm engine: this machine's WebAssembly has no SIMD (wasm)",
      remedy: "Use --engine reference.",
    });
  } finally {
    WebAssembly.validate = validate;
  }
});
