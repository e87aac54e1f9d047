/**
 * A device at work: its context, kernels, stream and memory, until it is closed.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";
import { EngineError } from "../found.ts";
import { type Address, CudaError, cudaResults, type Driver, type Handle } from "./driver.ts";
import { plainPtx, tensorPtx } from "./kernel_ptx.ts";

/** Kernels that find links; both give the same. */
export type LinkKernel = "popcount" | "tensor";

/** Kernels of kernel.cu, but for those that find links. */
type PlainKernel = "totals" | "counts" | "sumLinks" | "writeLinks" | "tally";

/** Threads of a block, in all kernels. */
const THREADS = 256;
/** The least compute capability that linksByTensor takes. */
const TENSOR_CAPABILITY = 80;

const plainKernels: readonly PlainKernel[] = [
  "totals",
  "counts",
  "sumLinks",
  "writeLinks",
  "tally",
];
const names = { popcount: "linksByPopcount", tensor: "linksByTensor" } as const;

const gib = (bytes: number) => {
  const mib = bytes / 2 ** 20;
  return mib < 1024 ? `${mib.toFixed(1)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
};
const unpack = (packed: string) => gunzipSync(Uint8Array.fromBase64(packed)).toString();

/** A part of the device's memory, which grows as it is needed: the session sets where it lies. */
export interface Room {
  /** What lies there, for messages: "the bits of 5 voxels". */
  readonly what: string;
  address: Address;
  /** 0 where it has no memory yet. */
  bytes: number;
}

/** A parameter of a kernel: a number of 32 bits, or the address of a room. */
export type Parameter = number | Room;

/** A device that an engine has opened. All calls but the first of a turn are in its context. */
export class Session {
  readonly #driver: Driver;
  readonly #device: number;
  readonly #context: Handle;
  #stream: Handle | undefined;
  readonly #modules: Handle[] = [];
  readonly #kernels = new Map<string, Handle>();
  readonly #rooms = new Set<Room>();
  /** What is being copied: to be kept until the stream has been waited for. */
  #underWay: ArrayBufferView[] = [];
  /** Whether a call failed: the context may refuse everything from then on. */
  #failed = false;
  #closed = false;

  /**
   * Opens a device.
   *
   * @param index Of the devices that the driver shows.
   * @param linkKernel The kernel that finds links; both where it does not say and the card has both.
   * @throws {EngineError} If the driver refuses, or the card does not have the kernel.
   */
  constructor(driver: Driver, index: number, linkKernel?: LinkKernel) {
    this.#driver = driver;
    driver.init();
    this.#device = driver.device(index);
    this.#context = driver.retainContext(this.#device);
    try {
      this.enter();
      this.#stream = driver.createStream();
      this.#load(plainPtx, [...plainKernels, names.popcount]);
      if (linkKernel !== "popcount") this.#loadTensor(linkKernel === "tensor");
    } catch (error) {
      this.#failed = true;
      this.close();
      throw error;
    }
  }

  #load(packed: string, kernels: readonly string[]): void {
    const module = this.#driver.loadModule(unpack(packed));
    this.#modules.push(module);
    for (const name of kernels) this.#kernels.set(name, this.#driver.getFunction(module, name));
  }

  /** @param isNeeded Whether it is an error if the card or its driver does not have the kernel. */
  #loadTensor(isNeeded: boolean): void {
    const capability = this.#driver.capability(this.#device);
    if (capability < TENSOR_CAPABILITY) {
      if (!isNeeded) return;
      throw new EngineError(
        `Cannot count by tensor cores: it takes compute capability 8.0 ` +
          `(${this.name} has ${(capability / 10).toFixed(1)})`,
      );
    }
    try {
      this.#load(tensorPtx, [names.tensor]);
    } catch (error) {
      // An old driver: the other kernel does the same.
      const { invalidPtx, noBinaryForGpu, unsupportedPtxVersion } = cudaResults;
      const isOld = error instanceof CudaError &&
        [invalidPtx, noBinaryForGpu, unsupportedPtxVersion].some((old) => old === error.result);
      if (isNeeded || !isOld) throw error;
    }
  }

  /** The card's name. */
  get name(): string {
    return this.#driver.deviceName(this.#device);
  }

  /** The kernels that find links here. */
  get linkKernels(): LinkKernel[] {
    const all: LinkKernel[] = ["popcount", "tensor"];
    return all.filter((kernel) => this.#kernels.has(names[kernel]));
  }

  /** Begins a turn: another thread of the operating system may run this than the last time. */
  enter(): void {
    if (this.#closed) throw new EngineError("Cannot compute on the GPU: the engine is closed");
    this.#driver.setContext(this.#context);
  }

  /** What `act` gives; a failure is noted. */
  turn<T>(act: () => T): T {
    try {
      this.enter();
      return act();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  /** Bytes of the device's memory that are free. */
  freeMemory(): number {
    return this.#driver.memory().free;
  }

  /** Names a part of the memory, without taking any yet. */
  room(what: string): Room {
    const room = { what, address: 0n, bytes: 0 };
    this.#rooms.add(room);
    return room;
  }

  /**
   * Sees to it that a room has at least so many bytes. What lay there is lost.
   *
   * @throws {EngineError} If the device does not have as much.
   */
  reserve(room: Room, bytes: number): void {
    if (room.bytes >= bytes && room.bytes > 0) return;
    if (room.bytes > 0) {
      this.synchronize();
      this.#driver.free(room.address);
      room.bytes = 0;
    }
    const needed = Math.max(bytes, 1);
    try {
      room.address = this.#driver.allocate(needed);
    } catch (error) {
      if (!(error instanceof CudaError && error.result === cudaResults.outOfMemory)) throw error;
      const { free, total } = this.#driver.memory();
      throw new EngineError(
        `Cannot hold ${room.what} on ${this.name}: ${gib(needed)} are needed, ` +
          `${gib(free)} of ${gib(total)} are free (${error.resultName})`,
        { cause: error },
      );
    }
    room.bytes = needed;
  }

  /** Copies to the device, to `offset` bytes behind the start of a room that is large enough. */
  upload(room: Room, from: ArrayBufferView, offset = 0): void {
    this.#underWay.push(from);
    this.#driver.upload(room.address + BigInt(offset), from, this.#stream!);
  }

  /** Makes a room as large as an array, and copies it there. */
  fill(room: Room, from: ArrayBufferView): void {
    this.reserve(room, from.byteLength);
    this.upload(room, from);
  }

  /** Makes a room of `count` words of 32 bits, all zero. */
  zeros(room: Room, count: number): void {
    this.reserve(room, 4 * count);
    this.#driver.clear(room.address, count, this.#stream!);
  }

  /** Copies from the device; `to` is filled after `synchronize`. */
  download(to: ArrayBufferView<ArrayBuffer>, room: Room): void {
    this.#underWay.push(to);
    this.#driver.download(to, room.address, this.#stream!);
  }

  /** Waits for all that was asked for. */
  synchronize(): void {
    this.#driver.synchronize(this.#stream!);
    this.#underWay = [];
  }

  /** Starts a kernel. */
  launch(kernel: PlainKernel | LinkKernel, blocks: number, parameters: readonly Parameter[]): void {
    const name = kernel === "popcount" || kernel === "tensor" ? names[kernel] : kernel;
    const values = parameters.map((own) => typeof own === "number" ? own : own.address);
    this.#driver.launch(this.#kernels.get(name)!, blocks, THREADS, this.#stream!, values);
  }

  /** Gives everything back. */
  close(): void {
    if (this.#closed) return;
    const driver = this.#driver;
    const acts = [
      () => this.enter(),
      ...[...this.#rooms].filter(({ bytes }) => bytes > 0).map(({ address }) => () =>
        driver.free(address)
      ),
      ...this.#modules.map((module) => () => driver.unloadModule(module)),
      () => this.#stream === undefined ? undefined : driver.destroyStream(this.#stream),
      () => driver.releaseContext(this.#device),
    ];
    let first: unknown;
    for (const act of acts) {
      try {
        act();
      } catch (error) {
        first ??= error;
      }
    }
    this.#closed = true;
    // After a failure a context gives nothing back, until its last use ends.
    if (first !== undefined && !this.#failed) throw first;
  }
}
