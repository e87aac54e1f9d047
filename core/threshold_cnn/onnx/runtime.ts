/**
 * ONNX Runtime, fetched from npm when it is first used.
 *
 * It is not among the packages that deno.json names: whoever starts siren fetches those, and this one has
 * 100 MB.
 *
 * @module
 */
import { RunError } from "../../errors.ts";
import { keepLock } from "../../keep_lock.ts";

/** The package, its version fixed. */
export const ONNX_VERSION = "1.27.0";
/** Where it is imported from. */
export const ONNX_PACKAGE = `npm:onnxruntime-node@${ONNX_VERSION}`;

/** Numbers and their shape, as the runtime takes and gives them. */
export interface RuntimeTensor {
  readonly data: Float32Array<ArrayBuffer>;
  readonly dims: readonly number[];
}

/** A model that has been loaded. */
export interface RuntimeSession {
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Record<string, RuntimeTensor>>;
  release(): Promise<void>;
}

/** What is used of ONNX Runtime. */
export interface Runtime {
  readonly InferenceSession: {
    create(
      model: Uint8Array<ArrayBuffer>,
      options: Readonly<Record<string, unknown>>,
    ): Promise<RuntimeSession>;
  };
  readonly Tensor: new (
    type: "float32",
    data: Float32Array<ArrayBuffer>,
    dims: readonly number[],
  ) => RuntimeTensor;
  readonly env: { logLevel?: string };
}

/** ONNX Runtime cannot be used here, and why. */
export class NoRuntime extends Error {
  constructor(reason: string, readonly remedy: string) {
    super(reason);
  }
}

/** Systems that the package has a library for. */
const systems: readonly string[] = [
  "linux-x86_64",
  "linux-aarch64",
  "darwin-aarch64",
  "windows-x86_64",
  "windows-aarch64",
];

function isRuntime(module: unknown): module is Runtime {
  const { InferenceSession, Tensor, env } = module as Partial<Runtime>;
  return [InferenceSession, Tensor].every((one) => typeof one === "function") && env !== undefined;
}

/**
 * Loads it.
 *
 * @param specifier Where it is imported from; tests give another.
 * @param system As in "linux-x86_64".
 * @throws {NoRuntime} It cannot be used here.
 */
export async function loadRuntime(
  specifier: string = ONNX_PACKAGE,
  system = `${Deno.build.os}-${Deno.build.arch}`,
): Promise<Runtime> {
  if (!systems.includes(system)) {
    throw new NoRuntime(
      `it is not made for this kind of machine (${system})`,
      `It works on ${systems.join(", ")}.`,
    );
  }
  const { state } = await Deno.permissions.query({ name: "ffi" });
  if (state !== "granted") {
    throw new NoRuntime("native code is not allowed", "Start siren with --allow-ffi.");
  }
  let module: unknown;
  try {
    module = await keepLock(specifier, () => import(specifier));
  } catch (error) {
    throw asNoRuntime(error);
  }
  const found = isRuntime(module) ? module : (module as { default?: unknown }).default;
  if (!isRuntime(found)) {
    throw new NoRuntime(`${specifier} is not ONNX Runtime`, "Clear Deno's cache of npm packages.");
  }
  found.env.logLevel = "fatal"; // errors are thrown too
  return found;
}

/** Why the import failed, in one line. */
function asNoRuntime(error: unknown): NoRuntime {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split("\n", 1).join("").trim();
  const isLibrary = /\.node\b|\.so\b|dlopen|shared (object|library)|GLIBC|musl/i.test(text);
  return isLibrary
    ? new NoRuntime(
      `its library does not load (${line})`,
      "It takes a system with the GNU C library 2.28 or later and libstdc++.",
    )
    : new NoRuntime(
      `it cannot be fetched (${line})`,
      `It comes from npm when first used: run "deno cache ${ONNX_PACKAGE}" once where the network is ` +
        "to be had, with the same folder of Deno's cache.",
    );
}

/**
 * Loads a model.
 *
 * @param threads That compute, 1 or more.
 * @throws {RunError} The runtime fails, as its sessions do where they fail; or there is not enough memory.
 */
export async function openSession(
  runtime: Runtime,
  model: Uint8Array<ArrayBuffer>,
  threads: number,
): Promise<RuntimeSession> {
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // Memory is kept from run to run: to ask the system for it each time takes a third more time.
    enableCpuMemArena: true,
    // But no plan is made for all of it at once, which takes twice the memory and no less time.
    enableMemPattern: false,
    // Threads that have nothing to do sleep: waiting would cost as much time as working.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  }).catch(fail);
  return {
    run: (feeds) => session.run(feeds).catch(fail),
    release: () => session.release(),
  };
}

/** Throws what a session threw as an error for the user. */
function fail(cause: unknown): never {
  const text = cause instanceof Error ? cause.message : String(cause);
  const isMemory = /allocat|out of memory|not enough memory/i.test(text);
  const [line] = text.split("\n", 1);
  const size = /requested buffer of size (\d+)/.exec(text)?.[1];
  const asked = size === undefined ? "" : ` (for ${size} bytes)`;
  throw new RunError(
    `Cannot compute the network with ONNX Runtime: ${
      isMemory ? `there is not enough memory${asked}` : line
    }`,
    isMemory
      ? "Training takes some 0.4 GB for each map of a batch: give a smaller --batch_size, or free memory."
      : "Memory may be short: try a smaller --batch_size. Or try --engine tfjs.",
    { cause },
  );
}
