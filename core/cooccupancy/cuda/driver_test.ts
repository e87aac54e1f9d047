import assert from "node:assert";
import { gunzipSync } from "node:zlib";
import {
  buildDriverWithoutCard,
  DriverWithoutCard,
  whyNoDriver,
} from "../../../tests/cuda/driver_without_card.ts";
import { EngineError } from "../found.ts";
import { CudaError, Driver, openDriver } from "./driver.ts";
import { plainPtx } from "./kernel_ptx.ts";

const skipped = whyNoDriver();
const folder = skipped === undefined ? await Deno.makeTempDir() : "";
const path = skipped === undefined ? await buildDriverWithoutCard(folder) : "";
addEventListener("unload", () => {
  if (folder !== "") Deno.removeSync(folder, { recursive: true });
});

const ptx = gunzipSync(Uint8Array.fromBase64(plainPtx)).toString();

/** A context with a stream, and a few numbers on the card. */
function open() {
  const driver = openDriver(path);
  driver.init();
  const device = driver.device(0), context = driver.retainContext(device);
  driver.setContext(context);
  const stream = driver.createStream(), memory = driver.allocate(40);
  return { driver, device, context, stream, memory, close: () => driver.releaseContext(device) };
}

/** The name of the result that a call fails with. */
function resultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof CudaError);
    return error.resultName;
  }
  return "success";
}

function test(what: string, body: (card: DriverWithoutCard) => Promise<void> | void): void {
  const name = skipped === undefined ? what : `${what} (skipped: ${skipped})`;
  Deno.test({
    name: `the driver ${name}`,
    ignore: skipped !== undefined,
    fn: async () => await body(new DriverWithoutCard(path)),
  });
}

test("refuses what comes before cuInit", () => {
  const driver = new Driver(path);
  assert.throws(() => driver.device(0), {
    name: "EngineError",
    message: "Cannot compute on the GPU: cuDeviceGet said " +
      "CUDA_ERROR_NOT_INITIALIZED, initialization error (3)",
    call: "cuDeviceGet",
    result: 3,
    resultName: "CUDA_ERROR_NOT_INITIALIZED",
  });
});

test("names a result that it does not know by its number", async (card) => {
  await card.with({ SIREN_TEST_CUDA_FAIL: "cuInit=12345" }, () => {
    assert.throws(() => openDriver(path).init(), {
      message: "Cannot compute on the GPU: cuInit said an unknown error (12345)",
    });
  });
});

test("is opened once", () => assert.strictEqual(openDriver(path), openDriver(path)));

test("describes the cards", async (card) => {
  const settings = {
    SIREN_TEST_GPUS: "2",
    SIREN_TEST_CUDA_NAMES: "first,second",
    SIREN_TEST_CUDA_CAPABILITY: "7.5,12.0",
    SIREN_TEST_CUDA_VERSION: "12040",
  };
  await card.with(settings, () => {
    const driver = openDriver(path);
    driver.init();
    assert.strictEqual(driver.version(), 12040);
    const devices = Array.from({ length: driver.deviceCount() }, (_, i) => driver.device(i));
    assert.deepStrictEqual(devices.map((own) => driver.deviceName(own)), ["first", "second"]);
    assert.deepStrictEqual(devices.map((own) => driver.capability(own)), [75, 120]);
    assert.strictEqual(resultOf(() => driver.device(2)), "CUDA_ERROR_INVALID_DEVICE");
  });
});

test("copies there and back", () => {
  const { driver, stream, memory, close } = open();
  const there = Uint32Array.from({ length: 10 }, (_, i) => 7 * i), back = new Uint32Array(10);
  driver.upload(memory, there, stream);
  driver.clear(memory + 8n, 3, stream);
  driver.download(back, memory, stream);
  driver.synchronize(stream);
  assert.deepStrictEqual([...back], [0, 7, 0, 0, 0, 35, 42, 49, 56, 63]);
  driver.upload(memory, new Uint8Array(0), stream);
  driver.free(memory);
  driver.destroyStream(stream);
  close();
});

test("refuses copies past the end and what it does not know", () => {
  const { driver, stream, memory, close } = open();
  const eleven = new Uint32Array(11), ten = new Uint32Array(10);
  const invalid = "CUDA_ERROR_INVALID_VALUE", noHandle = "CUDA_ERROR_INVALID_HANDLE";
  assert.strictEqual(resultOf(() => driver.upload(memory, eleven, stream)), invalid);
  assert.strictEqual(resultOf(() => driver.download(eleven, memory, stream)), invalid);
  assert.strictEqual(resultOf(() => driver.upload(memory + 4n, ten, stream)), invalid);
  assert.strictEqual(resultOf(() => driver.clear(memory, 11, stream)), invalid);
  assert.strictEqual(resultOf(() => driver.upload(8n, ten, stream)), invalid);
  assert.strictEqual(resultOf(() => driver.upload(memory, ten, 5n)), noHandle);
  assert.strictEqual(resultOf(() => driver.free(memory + 4n)), invalid);
  assert.strictEqual(resultOf(() => driver.allocate(0)), invalid);
  assert.strictEqual(resultOf(() => driver.allocate(2 ** 40)), "CUDA_ERROR_OUT_OF_MEMORY");
  assert.strictEqual(resultOf(() => driver.destroyStream(5n)), noHandle);
  assert.strictEqual(resultOf(() => driver.unloadModule(5n)), noHandle);
  assert.strictEqual(resultOf(() => driver.setContext(5n)), "CUDA_ERROR_INVALID_CONTEXT");
  close();
  // With its last use the context is gone.
  assert.strictEqual(
    resultOf(() => driver.upload(memory, ten, stream)),
    "CUDA_ERROR_INVALID_CONTEXT",
  );
});

test("says how much memory is free", () => {
  const { driver, memory, close } = open();
  assert.deepStrictEqual(driver.memory(), { free: 2 ** 30 - 40, total: 2 ** 30 });
  driver.free(memory);
  assert.strictEqual(driver.memory().free, 2 ** 30);
  close();
});

test("compiles PTX, and says what is wrong with it", async (card) => {
  const { driver, close } = open();
  const module = driver.loadModule(ptx);
  driver.getFunction(module, "totals");
  assert.strictEqual(
    resultOf(() => driver.getFunction(module, "linksByTensor")),
    "CUDA_ERROR_NOT_FOUND",
  );
  driver.unloadModule(module);
  assert.throws(() => driver.loadModule("no PTX"), {
    message: "Cannot compute on the GPU: cuModuleLoadDataEx said CUDA_ERROR_INVALID_PTX, " +
      "a PTX JIT compilation failed (218): ptxas fatal : no version or target",
  });
  await card.with({ SIREN_TEST_CUDA_VERSION: "12080" }, () => {
    driver.loadModule(ptx.replace(".version 6.0", ".version 8.8"));
    assert.throws(() => driver.loadModule(ptx.replace(".version 6.0", ".version 9.0")), {
      resultName: "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
    });
  });
  assert.throws(() => driver.loadModule(ptx.replace(".target sm_70", ".target sm_100")), {
    resultName: "CUDA_ERROR_NO_BINARY_FOR_GPU",
  });
  close();
});

test("runs kernels, within bounds", () => {
  const { driver, stream, close } = open();
  const totals = driver.getFunction(driver.loadModule(ptx), "totals");
  const bits = driver.allocate(2 * 16), result = driver.allocate(2 * 2);
  driver.upload(bits, Uint32Array.of(7, 0, 0, 1, 0, 0xffffffff, 0, 0), stream);
  driver.launch(totals, 1, 256, stream, [bits, 1, 2, result]);
  const found = new Uint16Array(2);
  driver.download(found, result, stream);
  driver.synchronize(stream);
  assert.deepStrictEqual([...found], [4, 32]);
  const launch = (blocks: number, threads: number, own = stream) =>
    resultOf(() => driver.launch(totals, blocks, threads, own, [bits, 1, 2, result]));
  assert.strictEqual(launch(0, 256), "CUDA_ERROR_INVALID_VALUE");
  assert.strictEqual(launch(2 ** 31, 256), "CUDA_ERROR_INVALID_VALUE");
  assert.strictEqual(launch(1, 512), "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES");
  assert.strictEqual(launch(1, 256, 5n), "CUDA_ERROR_INVALID_HANDLE");
  assert.strictEqual(
    resultOf(() => driver.launch(5n, 1, 256, stream, [])),
    "CUDA_ERROR_INVALID_HANDLE",
  );
  assert.throws(() => driver.launch(totals, 1, 256, stream, new Array(33).fill(0)), {
    name: "RangeError",
    message: "Cannot launch a kernel: it has more than 32 parameters (33)",
  });
  close();
});

for (
  const [what, voxels, address] of [
    ["reads past the end of an allocation", 3, (own: bigint) => own],
    ["is given an address that is none", 2, () => 4096n],
  ] as const
) {
  test(`tells when the stream is waited for that a kernel ${what}`, () => {
    const { driver, stream, close } = open();
    const totals = driver.getFunction(driver.loadModule(ptx), "totals");
    const bits = driver.allocate(2 * 16), result = driver.allocate(3 * 2);
    driver.launch(totals, 1, 256, stream, [address(bits), 1, voxels, result]);
    const illegal = "CUDA_ERROR_ILLEGAL_ADDRESS";
    assert.strictEqual(resultOf(() => driver.synchronize(stream)), illegal);
    // The context is of no use any more, but a new one is.
    assert.strictEqual(resultOf(() => driver.allocate(4)), illegal);
    close();
    const again = open();
    again.driver.synchronize(again.stream);
    again.close();
  });
}

Deno.test("the driver's errors are those of an engine", () => {
  assert.ok(new CudaError("", "cuInit", 100, "CUDA_ERROR_NO_DEVICE") instanceof EngineError);
});
