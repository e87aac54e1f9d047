/**
 * A CUDA driver without a card: a libcuda.so.1 that runs the kernels of kernel.cu on the processor, for
 * tests of all that drives a card. It is slow, and says nothing of how fast a card is.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const sources = ["driver.cpp", "fibres.cpp", "kernels.cpp", "ptx.cpp", "settings.cpp"];
const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const kernels = pathOf("../../core/cooccupancy/cuda/kernel.cu");

/** What a test that needs the driver is skipped for, or undefined if nothing is missing. */
export function whyNoDriver(): string | undefined {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return "no --allow-ffi";
  try {
    new Deno.Command("g++", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync();
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no g++";
    throw error;
  }
}

/**
 * Compiles the driver, which takes some seconds.
 *
 * @param folder Where `libcuda.so.1` is put: for LD_LIBRARY_PATH, or for `findCuda`'s path.
 * @returns Path of the library.
 * @throws {Error} If the compiler fails.
 */
export async function buildDriverWithoutCard(folder: string): Promise<string> {
  const library = `${folder}/libcuda.so.1`;
  // Not by plain names: another driver beside it must not be taken for this one.
  const options = [
    "-std=c++17",
    "-O3",
    "-march=native",
    "-fno-strict-aliasing",
    "-fPIC",
    "-shared",
  ];
  const { success, stderr } = await new Deno.Command("g++", {
    args: [
      ...options,
      `-DKERNELS="${kernels}"`,
      "-Wall",
      "-Wno-unknown-pragmas", // #pragma unroll
      "-o",
      library,
      "-x",
      "c++",
      ...sources.map(pathOf),
      "-x",
      "none",
      "-lpthread",
    ],
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (!success || said !== "") {
    throw new Error(`Cannot compile the driver without a card:\n${said}`);
  }
  return library;
}

const functions = {
  siren_test_set: { parameters: ["buffer", "buffer"], result: "void" },
  siren_test_held: { parameters: [], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** A setting, as `settings.hpp` lists them. */
export type Setting =
  | "SIREN_TEST_GPUS"
  | "SIREN_TEST_CUDA_NAMES"
  | "SIREN_TEST_CUDA_CAPABILITY"
  | "SIREN_TEST_CUDA_MEMORY"
  | "SIREN_TEST_CUDA_VERSION"
  | "SIREN_TEST_CUDA_FAIL"
  | "CUDA_VISIBLE_DEVICES";

/** A driver without a card in this process. */
export class DriverWithoutCard {
  readonly #library: Deno.DynamicLibrary<typeof functions>;

  constructor(readonly path: string) {
    this.#library = Deno.dlopen(path, functions);
  }

  /** Runs `act` with settings of its own, which are forgotten afterwards. */
  async with<T>(
    settings: Readonly<Partial<Record<Setting, string>>>,
    act: () => T | Promise<T>,
  ): Promise<T> {
    const entries = Object.entries(settings);
    for (const [name, value] of entries) this.#set(name, value);
    try {
      return await act();
    } finally {
      for (const [name] of entries) this.#set(name, null);
    }
  }

  #set(name: string, value: string | null): void {
    const toC = (text: string) => new TextEncoder().encode(text + "\0");
    this.#library.symbols.siren_test_set(toC(name), value === null ? null : toC(value));
  }

  /** Number of allocations, streams, modules and uses of contexts that were not given back. */
  held(): number {
    return this.#library.symbols.siren_test_held();
  }
}
