import assert from "node:assert";
import { adapterName, Device, NoDevice } from "./device.ts";

Deno.test("an adapter that computes on the processor is known as such", () => {
  const named = (description: string, isFallbackAdapter = false) =>
    adapterName({ description, device: "9013", vendor: "4318", isFallbackAdapter });
  assert.deepStrictEqual(named("NVIDIA H200"), { what: "NVIDIA H200", software: false });
  assert.deepStrictEqual(named(""), { what: "9013", software: false });
  for (const name of ["llvmpipe (LLVM 15.0.6, 256 bits)", "SwiftShader Device (Subzero)"]) {
    assert.deepStrictEqual(named(name), { what: name, software: true });
  }
  assert.ok(named("Someone's", true).software);
  const nameless = { description: "", device: "", vendor: "", isFallbackAdapter: false };
  assert.strictEqual(adapterName(nameless).what, "an adapter without a name");
});

const device = await Device.open(1).catch((error: unknown) => {
  if (!(error instanceof NoDevice)) throw error;
  return error.reason;
});
const isMissing = typeof device === "string";
if (!isMissing) globalThis.addEventListener("unload", () => device.close());

Deno.test({
  name: isMissing
    ? `a device says what it refuses (skipped: ${device})`
    : "a device says what it refuses",
  ignore: isMissing && Deno.env.get("CI") !== "true",
  async fn() {
    assert.ok(!isMissing);
    const { STORAGE, MAP_READ } = GPUBufferUsage;
    // Together they are not allowed.
    const [, accepted] = device.checked(() => device.buffer(64, STORAGE | MAP_READ));
    await assert.rejects(accepted, { name: "EngineError", message: /^Cannot compute on .+: .+/ });
    const [, next] = device.checked(() => device.buffer(64, STORAGE));
    await next;
  },
});
