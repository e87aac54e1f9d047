/**
 * A WebGPU device, and every way in which it can fail as an {@linkcode EngineError}.
 *
 * @module
 */
import { EngineError } from "../found.ts";
import { type Kernel, shaders } from "./shaders.ts";

/** There is no device to compute on, and why. */
export class NoDevice extends Error {
  override readonly name = "NoDevice";
  constructor(readonly reason: string, readonly remedy?: string) {
    super(reason);
  }
}

/** Words by which a driver says that it computes on the processor. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|softpipe|basic render driver/i;

/** An adapter, as the user may read it. */
export interface AdapterName {
  readonly what: string;
  /** Whether it computes on the processor. */
  readonly software: boolean;
}

/** What an adapter calls itself. */
export function adapterName(
  info: Pick<GPUAdapterInfo, "description" | "device" | "vendor" | "isFallbackAdapter">,
): AdapterName {
  const what = [info.description, info.device, info.vendor].find((text) => text !== "") ??
    "an adapter without a name";
  return { what, software: info.isFallbackAdapter === true || SOFTWARE.test(what) };
}

/**
 * Keeps a driver from writing "error: XDG_RUNTIME_DIR is invalid or not set" to the terminal, as it does
 * where there is no desktop, if this program may set the variable: there is no desktop at this path either.
 */
export function withoutDesktop<T>(look: () => Promise<T>): Promise<T> {
  const variable = "XDG_RUNTIME_DIR";
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  if (state !== "granted" || Deno.env.get(variable) !== undefined) return look();
  Deno.env.set(variable, "/nonexistent");
  return look().finally(() => Deno.env.delete(variable));
}

/**
 * Looks for the fastest adapter.
 *
 * @throws {NoDevice} If there is none.
 */
export async function findAdapter(): Promise<GPUAdapter> {
  // Older versions of Deno have it behind a flag.
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (gpu === undefined) throw new NoDevice("this Deno has no WebGPU", "Use Deno 2.9 or later.");
  const adapter = await withoutDesktop(() =>
    gpu.requestAdapter({ powerPreference: "high-performance" })
  );
  if (adapter === null) {
    throw new NoDevice(
      "no Vulkan, Metal or DirectX 12 adapter",
      "Many GPU nodes have the driver for compute only: use the cuda engine there.",
    );
  }
  return adapter;
}

/**
 * Limits that engines gain from: as much of each is asked for as there is. The kernels' workgroups (256
 * threads, 9 KiB) and buffers (8) are within what every device allows.
 */
const LIMITS = ["maxStorageBufferBindingSize", "maxBufferSize"] as const;

/** A device with its kernels; one engine's own. */
export class Device {
  readonly #gpu: GPUDevice;
  readonly #what: string;
  readonly #module: GPUShaderModule;
  readonly #pipelines = new Map<Kernel, GPUComputePipeline>();
  #closed = false;
  /** Why the device failed, once it has. */
  #failure: string | undefined;
  /** Never resolved; rejected once the device fails. */
  readonly #failed: Promise<never>;

  /**
   * Opens the fastest adapter's device.
   *
   * @param quads Groups of four words that hold a voxel's bits.
   * @throws {NoDevice} If there is none, or it is refused.
   */
  static async open(quads: number): Promise<Device> {
    const adapter = await findAdapter();
    const { what } = adapterName(adapter.info);
    const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
    let gpu: GPUDevice;
    try {
      gpu = await adapter.requestDevice({ requiredLimits });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new NoDevice(`${what} refuses to open (${reason})`);
    }
    return new Device(gpu, what, quads);
  }

  private constructor(gpu: GPUDevice, what: string, quads: number) {
    this.#gpu = gpu;
    this.#what = what;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#failed = promise;
    // Who waits learns of it below.
    promise.catch(() => {});
    const fail = (reason: string) => {
      this.#failure ??= reason;
      reject(this.#error(this.#failure));
    };
    gpu.lost.then(({ message }) => fail(this.#closed ? "it was closed" : message || "it was lost"));
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      fail((event as GPUUncapturedErrorEvent).error.message);
    });
    this.#module = gpu.createShaderModule({ code: shaders(quads) });
  }

  #error(reason: string): EngineError {
    return new EngineError(`Cannot compute on ${this.#what} by WebGPU: ${reason}`);
  }

  /** Most bytes of a buffer that a kernel reads or writes. */
  get limit(): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#gpu.limits;
    return Math.min(maxStorageBufferBindingSize, maxBufferSize, 2 ** 31 - 4);
  }

  get queue(): GPUQueue {
    return this.#gpu.queue;
  }

  /** Makes a buffer; to be called within {@linkcode Device.checked}. */
  buffer(bytes: number, usage: number): GPUBuffer {
    return this.#gpu.createBuffer({ size: Math.max(16, bytes), usage });
  }

  /** Makes a command encoder; to be called within {@linkcode Device.checked}. */
  encoder(): GPUCommandEncoder {
    return this.#gpu.createCommandEncoder();
  }

  /** Runs a kernel over buffers; to be called within {@linkcode Device.checked}. */
  dispatch(
    pass: GPUComputePassEncoder,
    kernel: Kernel,
    buffers: Readonly<Record<number, GPUBuffer>>,
    x: number,
    y = 1,
  ): void {
    const pipeline = this.#pipeline(kernel);
    const entries = Object.entries(buffers).map(([binding, buffer]) => ({
      binding: Number(binding),
      resource: { buffer },
    }));
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      this.#gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }),
    );
    pass.dispatchWorkgroups(x, y);
  }

  #pipeline(kernel: Kernel): GPUComputePipeline {
    let pipeline = this.#pipelines.get(kernel);
    if (pipeline === undefined) {
      const compute = { module: this.#module, entryPoint: kernel };
      pipeline = this.#gpu.createComputePipeline({ layout: "auto", compute });
      this.#pipelines.set(kernel, pipeline);
    }
    return pipeline;
  }

  /**
   * Does what makes buffers, encodes or submits.
   *
   * @returns What `act` returns, and a promise that is kept once the device has accepted all of it.
   * @throws {EngineError} If the device has failed, or refuses; the promise is rejected with the same.
   */
  checked<T>(act: () => T): [T, Promise<void>] {
    if (this.#failure !== undefined) throw this.#error(this.#failure);
    const kinds = ["validation", "out-of-memory", "internal"] as const;
    kinds.forEach((kind) => this.#gpu.pushErrorScope(kind));
    const popped: Promise<GPUError | null>[] = [];
    let result: T;
    try {
      result = act();
    } finally {
      kinds.forEach(() => popped.push(this.#gpu.popErrorScope()));
    }
    const accepted = this.#waited(Promise.all(popped)).then((errors) => {
      const error = errors.find((error) => error !== null);
      if (error instanceof GPUOutOfMemoryError) throw this.#error("not enough memory");
      if (error) throw this.#error(error.message);
    });
    // Who waits for it learns of it; who does not, because something else failed first, need not.
    accepted.catch(() => {});
    return [result, accepted];
  }

  /** Maps a buffer for reading. In Deno 2.9 the call itself waits for all that was submitted. */
  map(buffer: GPUBuffer, bytes: number): Promise<void> {
    const mapped = this.#waited(buffer.mapAsync(GPUMapMode.READ, 0, bytes));
    mapped.catch(() => {});
    return mapped;
  }

  /** What a promise of the device gives, or why the device failed. */
  async #waited<T>(promise: Promise<T>): Promise<T> {
    try {
      return await Promise.race([promise, this.#failed]);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      // A lost device says so a little later than what failed with it.
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw this.#error(
        this.#failure ?? (error instanceof Error ? error.message : String(error)),
      );
    }
  }

  /** Gives the device back with all its buffers. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failure ??= "it was closed";
    this.#gpu.destroy();
  }
}
