/**
 * The `cuda` engine: counting on NVIDIA cards through the driver's own library, so that nothing else has
 * to be installed.
 *
 * @module
 */
import { CudaError, cudaResults, type Driver, openDriver } from "./cuda/driver.ts";
import { cudaEngine, type CudaOptions } from "./cuda/engine.ts";
import type { Found, MissingEngine } from "./found.ts";

/** The least compute capability that the kernels' PTX names. */
const LEAST_CAPABILITY = 70;
/** The least driver that has all functions and takes the PTX: 450, which came with CUDA 11.0. */
const LEAST_VERSION = 11000;
const UPDATE = "Update NVIDIA's driver: it takes 450 or newer.";

const missing = (reason: string, remedy?: string): MissingEngine => ({
  works: false,
  reason,
  ...(remedy === undefined ? {} : { remedy }),
});

/** Why the library could not be opened. */
function notOpened(error: unknown, path: string): MissingEngine {
  if (error instanceof Deno.errors.NotCapable) {
    return missing("not permitted (--allow-ffi)", "Allow it with --allow-ffi.");
  }
  const message = error instanceof Error ? error.message : String(error);
  if (Deno.build.os !== "linux" || message.includes(`${path}: cannot open shared object file`)) {
    return missing(
      `no NVIDIA driver (${path})`,
      "Install NVIDIA's driver, or compute where there is a card.",
    );
  }
  const symbol = /Failed to register symbol (\w+)/.exec(message)?.[1];
  if (symbol !== undefined) return missing(`the NVIDIA driver is too old (no ${symbol})`, UPDATE);
  return missing(`the NVIDIA driver cannot be loaded (${message})`);
}

/** What a result of cuInit means for the user. */
const notStarted: Readonly<Record<number, readonly [string, string]>> = {
  [cudaResults.noDevice]: [
    "no NVIDIA card",
    "Compute where there is one; CUDA_VISIBLE_DEVICES can hide it.",
  ],
  [cudaResults.stubLibrary]: [
    "libcuda.so.1 is the toolkit's stub, not the driver",
    "Take the toolkit's stubs folder out of LD_LIBRARY_PATH.",
  ],
  [cudaResults.systemNotReady]: [
    "the cards are not ready",
    "NVIDIA's fabric manager or its MPS server does not run there: tell the administrators.",
  ],
  [cudaResults.systemDriverMismatch]: [
    "the NVIDIA driver's library and its kernel module are of different versions",
    "Restart the machine; in a container, use the host's libcuda.so.1.",
  ],
  [cudaResults.compatNotSupportedOnDevice]: [
    "the CUDA compatibility library does not work with this card",
    "Take the compatibility folder out of LD_LIBRARY_PATH.",
  ],
  [cudaResults.unknown]: [
    "the NVIDIA driver does not start",
    "See what nvidia-smi says; nvidia-modprobe -u, or restarting the machine, mostly mends it.",
  ],
};

/** Says what is alike once: "2 x NVIDIA H200". */
function listOf(names: readonly string[]): string {
  return [...new Set(names)].map((name) => {
    const count = names.filter((other) => other === name).length;
    return count === 1 ? name : `${count} x ${name}`;
  }).join(", ");
}

/** The devices that can be used. */
function look(driver: Driver): { indices: number[]; what: string } | MissingEngine {
  const version = driver.version();
  if (version < LEAST_VERSION) {
    const cuda = `${Math.floor(version / 1000)}.${Math.floor(version % 1000 / 10)}`;
    return missing(`the NVIDIA driver is too old (CUDA ${cuda}, 11.0 is needed)`, UPDATE);
  }
  driver.init();
  const devices = Array.from({ length: driver.deviceCount() }, (_, index) => {
    const device = driver.device(index);
    return { index, name: driver.deviceName(device), capability: driver.capability(device) };
  });
  if (devices.length === 0) return missing(...notStarted[cudaResults.noDevice]!);
  const usable = devices.filter(({ capability }) => capability >= LEAST_CAPABILITY);
  if (usable.length === 0) {
    const { name, capability } = devices[0]!;
    return missing(
      `${name} is too old (compute capability ${(capability / 10).toFixed(1)}, 7.0 is needed)`,
    );
  }
  return { indices: usable.map(({ index }) => index), what: listOf(usable.map((own) => own.name)) };
}

/**
 * Looks for NVIDIA cards that the `cuda` engine can compute on. Never throws. Only those that
 * CUDA_VISIBLE_DEVICES names are there, as the driver sees to.
 *
 * @param path The driver's library.
 * @param options For tests.
 * @example
 * ```ts
 * import { findCuda } from "./cuda.ts";
 * import assert from "node:assert";
 *
 * const found = findCuda("no/such/libcuda.so.1");
 * assert.ok(!found.works && /no NVIDIA driver|not permitted/.test(found.reason));
 * ```
 */
export function findCuda(path = "libcuda.so.1", options: CudaOptions = {}): Found {
  let driver: Driver;
  try {
    driver = openDriver(path);
  } catch (error) {
    return notOpened(error, path);
  }
  try {
    const found = look(driver);
    if ("works" in found) return found;
    const { indices, what } = found;
    return {
      works: true,
      what,
      on: "gpu",
      devices: indices.length,
      open(device) {
        const index = indices[device];
        if (index === undefined) {
          throw new RangeError(
            `Cannot open a device: it must be 0 to ${indices.length - 1} (${device})`,
          );
        }
        return cudaEngine(driver, index, options);
      },
    };
  } catch (error) {
    if (!(error instanceof CudaError)) return missing(String(error));
    const known = error.call === "cuInit" ? notStarted[error.result] : undefined;
    if (known === undefined) return missing(`${error.call} said ${error.resultName}`);
    return missing(`${known[0]} (${error.resultName})`, known[1]);
  }
}
