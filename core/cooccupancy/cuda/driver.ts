/**
 * NVIDIA's driver API, as much of it as the engine needs, with types and with errors.
 *
 * @module
 */
import { EngineError } from "../found.ts";

/** A device address. */
export type Address = bigint;
/** What the driver names a context, module, function or stream by. */
export type Handle = bigint;

/** Results of the driver that are told apart, as cuda.h numbers them. */
export const cudaResults = {
  outOfMemory: 2,
  stubLibrary: 34,
  noDevice: 100,
  noBinaryForGpu: 209,
  invalidPtx: 218,
  unsupportedPtxVersion: 222,
  systemNotReady: 802,
  systemDriverMismatch: 803,
  compatNotSupportedOnDevice: 804,
  unknown: 999,
} as const;

/** A call of the driver failed. */
export class CudaError extends EngineError {
  /**
   * @param call Name of the function.
   * @param result What it returned.
   * @param resultName What cuda.h calls that.
   */
  constructor(
    message: string,
    readonly call: string,
    readonly result: number,
    readonly resultName: string,
  ) {
    super(message);
  }
}

// Handles and addresses are passed as numbers of 64 bits, pointers that the driver writes through or
// reads at as buffers.
const functions = {
  cuGetErrorName: { parameters: ["i32", "buffer"], result: "i32" },
  cuGetErrorString: { parameters: ["i32", "buffer"], result: "i32" },
  cuInit: { parameters: ["u32"], result: "i32" },
  cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
  cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuDevicePrimaryCtxRetain: { parameters: ["buffer", "i32"], result: "i32" },
  cuDevicePrimaryCtxRelease_v2: { parameters: ["i32"], result: "i32" },
  cuCtxSetCurrent: { parameters: ["u64"], result: "i32" },
  cuModuleLoadDataEx: {
    parameters: ["buffer", "buffer", "u32", "buffer", "buffer"],
    result: "i32",
  },
  cuModuleUnload: { parameters: ["u64"], result: "i32" },
  cuModuleGetFunction: { parameters: ["buffer", "u64", "buffer"], result: "i32" },
  cuMemGetInfo_v2: { parameters: ["buffer", "buffer"], result: "i32" },
  cuMemAlloc_v2: { parameters: ["buffer", "usize"], result: "i32" },
  cuMemFree_v2: { parameters: ["u64"], result: "i32" },
  cuMemcpyHtoDAsync_v2: { parameters: ["u64", "buffer", "usize", "u64"], result: "i32" },
  cuMemcpyDtoHAsync_v2: { parameters: ["buffer", "u64", "usize", "u64"], result: "i32" },
  cuMemsetD32Async: { parameters: ["u64", "u32", "usize", "u64"], result: "i32" },
  cuStreamCreate: { parameters: ["buffer", "u32"], result: "i32" },
  cuStreamSynchronize: { parameters: ["u64"], result: "i32" },
  cuStreamDestroy_v2: { parameters: ["u64"], result: "i32" },
  cuLaunchKernel: {
    parameters: [
      "u64",
      "u32",
      "u32",
      "u32",
      "u32",
      "u32",
      "u32",
      "u32",
      "u64",
      "buffer",
      "u64",
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

type Call = keyof typeof functions;

const COMPUTE_CAPABILITY_MAJOR = 75;
const COMPUTE_CAPABILITY_MINOR = 76;
const STREAM_NON_BLOCKING = 1;
const JIT_ERROR_LOG_BUFFER = 5;
const JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6;
const LOG_BYTES = 8192;
/** Most parameters of a kernel. */
const MAX_PARAMETERS = 32;

const toC = (text: string) => new TextEncoder().encode(text + "\0");
const fromC = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
const addressOf = (buffer: Uint8Array<ArrayBuffer>) =>
  Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));

/** Parameters of a launch: the values, 8 bytes for each, and where each lies. */
function parameterRoom() {
  const values = new DataView(new ArrayBuffer(8 * MAX_PARAMETERS));
  const start = addressOf(new Uint8Array(values.buffer));
  const pointers = BigUint64Array.from(
    { length: MAX_PARAMETERS },
    (_, i) => start + 8n * BigInt(i),
  );
  return { values, pointers };
}

/** The driver's library. */
export class Driver {
  readonly #library: Deno.DynamicLibrary<typeof functions>;
  readonly #parameters = parameterRoom();

  /** @throws {Error} What Deno throws where the library, a function in it, or the permission is missing. */
  constructor(path: string) {
    this.#library = Deno.dlopen(path, functions);
  }

  #text(call: "cuGetErrorName" | "cuGetErrorString", result: number): string | undefined {
    const address = new BigUint64Array(1);
    this.#library.symbols[call](result, address);
    const pointer = Deno.UnsafePointer.create(address[0]!);
    return pointer === null ? undefined : Deno.UnsafePointerView.getCString(pointer);
  }

  /** @throws {CudaError} If `result` is not success. */
  #check(call: Call, result: number, more = ""): void {
    if (result === 0) return;
    const name = this.#text("cuGetErrorName", result) ?? "an unknown error";
    const text = this.#text("cuGetErrorString", result);
    const said = text === undefined ? name : `${name}, ${text}`;
    const message = `Cannot compute on the GPU: ${call} said ${said} (${result})${more}`;
    throw new CudaError(message, call, result, name);
  }

  /** Calls what writes a number of 32 bits through its first parameter. */
  #number(call: Call, act: (to: Int32Array<ArrayBuffer>) => number): number {
    const to = new Int32Array(1);
    this.#check(call, act(to));
    return to[0]!;
  }

  /** Calls what writes a handle or an address through its first parameter. */
  #handle(call: Call, act: (to: BigUint64Array<ArrayBuffer>) => number): bigint {
    const to = new BigUint64Array(1);
    this.#check(call, act(to));
    return to[0]!;
  }

  /** To be called first; it may be called again. */
  init(): void {
    this.#check("cuInit", this.#library.symbols.cuInit(0));
  }

  /** The newest CUDA that the driver knows: 12040 for 12.4. */
  version(): number {
    const { cuDriverGetVersion } = this.#library.symbols;
    return this.#number("cuDriverGetVersion", (to) => cuDriverGetVersion(to));
  }

  /** Number of devices, those that CUDA_VISIBLE_DEVICES hides left out. */
  deviceCount(): number {
    const { cuDeviceGetCount } = this.#library.symbols;
    return this.#number("cuDeviceGetCount", (to) => cuDeviceGetCount(to));
  }

  /** What the driver calls the device `index`. */
  device(index: number): number {
    const { cuDeviceGet } = this.#library.symbols;
    return this.#number("cuDeviceGet", (to) => cuDeviceGet(to, index));
  }

  /** The card's name. */
  deviceName(device: number): string {
    const name = new Uint8Array(256);
    const { cuDeviceGetName } = this.#library.symbols;
    this.#check("cuDeviceGetName", cuDeviceGetName(name, name.length, device));
    return fromC(name);
  }

  /** The card's compute capability: 90 for 9.0. */
  capability(device: number): number {
    const { cuDeviceGetAttribute } = this.#library.symbols;
    const [major, minor] = [COMPUTE_CAPABILITY_MAJOR, COMPUTE_CAPABILITY_MINOR].map((attribute) =>
      this.#number("cuDeviceGetAttribute", (to) => cuDeviceGetAttribute(to, attribute, device))
    );
    return 10 * major! + minor!;
  }

  /** The device's primary context, which all that uses the device in this process shares. */
  retainContext(device: number): Handle {
    const { cuDevicePrimaryCtxRetain } = this.#library.symbols;
    return this.#handle("cuDevicePrimaryCtxRetain", (to) => cuDevicePrimaryCtxRetain(to, device));
  }

  /** Gives it back: with the last use all goes that was made in it. */
  releaseContext(device: number): void {
    const { cuDevicePrimaryCtxRelease_v2 } = this.#library.symbols;
    this.#check("cuDevicePrimaryCtxRelease_v2", cuDevicePrimaryCtxRelease_v2(device));
  }

  /** Makes a context that of the calls that follow, on this thread of the operating system. */
  setContext(context: Handle): void {
    this.#check("cuCtxSetCurrent", this.#library.symbols.cuCtxSetCurrent(context));
  }

  /**
   * Compiles PTX for the card.
   *
   * @throws {CudaError} With what the compiler says.
   */
  loadModule(ptx: string): Handle {
    const log = new Uint8Array(LOG_BYTES), module = new BigUint64Array(1);
    const options = Int32Array.of(JIT_ERROR_LOG_BUFFER, JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
    const values = BigUint64Array.of(addressOf(log), BigInt(LOG_BYTES));
    const { cuModuleLoadDataEx } = this.#library.symbols;
    const result = cuModuleLoadDataEx(module, toC(ptx), options.length, options, values);
    const said = fromC(log).trim();
    this.#check("cuModuleLoadDataEx", result, said === "" ? "" : `: ${said}`);
    return module[0]!;
  }

  unloadModule(module: Handle): void {
    this.#check("cuModuleUnload", this.#library.symbols.cuModuleUnload(module));
  }

  /** A kernel of a module. */
  getFunction(module: Handle, name: string): Handle {
    const { cuModuleGetFunction } = this.#library.symbols;
    return this.#handle("cuModuleGetFunction", (to) => cuModuleGetFunction(to, module, toC(name)));
  }

  /** Bytes of the device's memory. */
  memory(): { readonly free: number; readonly total: number } {
    const free = new BigUint64Array(1), total = new BigUint64Array(1);
    const { cuMemGetInfo_v2 } = this.#library.symbols;
    this.#check("cuMemGetInfo_v2", cuMemGetInfo_v2(free, total));
    return { free: Number(free[0]), total: Number(total[0]) };
  }

  /** @param bytes At least 1. */
  allocate(bytes: number): Address {
    const { cuMemAlloc_v2 } = this.#library.symbols;
    return this.#handle("cuMemAlloc_v2", (to) => cuMemAlloc_v2(to, BigInt(bytes)));
  }

  free(address: Address): void {
    this.#check("cuMemFree_v2", this.#library.symbols.cuMemFree_v2(address));
  }

  createStream(): Handle {
    const { cuStreamCreate } = this.#library.symbols;
    return this.#handle("cuStreamCreate", (to) => cuStreamCreate(to, STREAM_NON_BLOCKING));
  }

  destroyStream(stream: Handle): void {
    this.#check("cuStreamDestroy_v2", this.#library.symbols.cuStreamDestroy_v2(stream));
  }

  /** Waits until all is done that the stream was given. What failed meanwhile is thrown here. */
  synchronize(stream: Handle): void {
    this.#check("cuStreamSynchronize", this.#library.symbols.cuStreamSynchronize(stream));
  }

  /** Copies to the device. `from` must stay as it is until the stream has been waited for. */
  upload(to: Address, from: ArrayBufferView, stream: Handle): void {
    if (from.byteLength === 0) return;
    const { cuMemcpyHtoDAsync_v2 } = this.#library.symbols;
    const bytes = from as ArrayBufferView<ArrayBuffer>; // shared memory is passed alike
    const result = cuMemcpyHtoDAsync_v2(to, bytes, BigInt(from.byteLength), stream);
    this.#check("cuMemcpyHtoDAsync_v2", result);
  }

  /** Copies from the device. `to` is filled once the stream has been waited for. */
  download(to: ArrayBufferView<ArrayBuffer>, from: Address, stream: Handle): void {
    if (to.byteLength === 0) return;
    const { cuMemcpyDtoHAsync_v2 } = this.#library.symbols;
    const result = cuMemcpyDtoHAsync_v2(to, from, BigInt(to.byteLength), stream);
    this.#check("cuMemcpyDtoHAsync_v2", result);
  }

  /** Sets `count` words of 32 bits to zero. */
  clear(address: Address, count: number, stream: Handle): void {
    if (count === 0) return;
    const { cuMemsetD32Async } = this.#library.symbols;
    this.#check("cuMemsetD32Async", cuMemsetD32Async(address, 0, BigInt(count), stream));
  }

  /**
   * Starts a kernel.
   *
   * @param blocks 1 to 2^31 - 1.
   * @param parameters Numbers are passed as u32, bigints as u64.
   */
  launch(
    kernel: Handle,
    blocks: number,
    threads: number,
    stream: Handle,
    parameters: readonly (number | bigint)[],
  ): void {
    const { values, pointers } = this.#parameters;
    if (parameters.length > MAX_PARAMETERS) {
      throw new RangeError(
        `Cannot launch a kernel: it has more than ${MAX_PARAMETERS} parameters (${parameters.length})`,
      );
    }
    parameters.forEach((value, i) => {
      if (typeof value === "bigint") values.setBigUint64(8 * i, value, true);
      else values.setUint32(8 * i, value, true);
    });
    const { cuLaunchKernel } = this.#library.symbols;
    const result = cuLaunchKernel(
      kernel,
      blocks,
      1,
      1,
      threads,
      1,
      1,
      0,
      stream,
      pointers,
      0n,
    );
    this.#check("cuLaunchKernel", result);
  }
}

const opened = new Map<string, Driver>();

/**
 * Opens the driver's library, once in each thread. It is never closed: a driver does not outlive that well.
 *
 * @throws {Error} As {@linkcode Driver}'s constructor.
 */
export function openDriver(path: string): Driver {
  let driver = opened.get(path);
  if (driver === undefined) opened.set(path, driver = new Driver(path));
  return driver;
}
