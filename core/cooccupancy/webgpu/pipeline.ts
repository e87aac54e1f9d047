/**
 * Keeps a device busy: while it works on one job, the next is made ready and the last one's answer is read.
 *
 * In Deno 2.9 waiting for a device is dear: `mapAsync` stops the thread until the device has nothing left
 * to do, and answers no sooner than 10 ms after that. So each job is submitted at the one moment at which
 * the thread is free and the device idle: when the call of the job before it returns.
 *
 * @module
 */
import type { Device } from "./device.ts";

/** Buffers of one of the jobs under way. They grow as they need, and are used again. */
export class Slot {
  readonly #device: Device;
  readonly #buffers = new Map<string, GPUBuffer>();

  constructor(device: Device) {
    this.#device = device;
  }

  /** The buffer of that name, with room for so many bytes and whatever it held. */
  room(name: string, bytes: number, usage: number): GPUBuffer {
    const held = this.#buffers.get(name);
    if (held !== undefined && held.size >= bytes) return held;
    held?.destroy();
    this.#buffers.delete(name);
    // Powers of two, so that it does not grow with every job, as far as a kernel can use them.
    const size = Math.min(2 ** Math.ceil(Math.log2(Math.max(bytes, 4096))), this.#device.limit);
    const buffer = this.#device.buffer(Math.max(size, bytes), usage);
    this.#buffers.set(name, buffer);
    return buffer;
  }

  /** A buffer that was made before. */
  held(name: string): GPUBuffer {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) throw new Error(`There is no buffer of that name (${name})`);
    return buffer;
  }

  /** A buffer that a kernel reads or writes. */
  storage(name: string, bytes: number): GPUBuffer {
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    return this.room(name, bytes, STORAGE | COPY_SRC | COPY_DST);
  }

  /** A buffer that a kernel reads, and what it is to hold; its bytes are a multiple of 4. */
  upload(name: string, data: Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.storage(name, data.byteLength);
    this.#device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  /** Four numbers for all threads of a kernel. */
  params(...values: [number, number, number, number]): GPUBuffer {
    const { UNIFORM, COPY_DST } = GPUBufferUsage;
    const buffer = this.room("params", 16, UNIFORM | COPY_DST);
    this.#device.queue.writeBuffer(buffer, 0, Uint32Array.from(values));
    return buffer;
  }
}

/** Part of a buffer from its beginning. */
export interface Part {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

/** Something for the device to do. */
export interface Job {
  /** Words of volumes that are compared. */
  readonly work: number;
  /**
   * Writes to the slot's buffers and encodes kernels.
   *
   * @returns What is to be read when they have run.
   */
  encode(encoder: GPUCommandEncoder, slot: Slot): readonly Part[];
  /**
   * Takes what was read; the words are gone afterwards.
   *
   * @returns What is to be done next, over the same slot's buffers as they are, if anything.
   */
  decode(parts: readonly Uint32Array[]): Job | undefined;
}

/** A run of jobs that somebody waits for. */
interface Call {
  readonly jobs: Iterator<Job>;
  /** Jobs that were begun and not decoded. */
  open: number;
  /** Whether there are no more jobs, and whether that is because one failed. */
  ended: boolean;
  failed: boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A job's commands, and where its answer will lie. */
interface Begun {
  readonly call: Call;
  readonly job: Job;
  readonly slot: Slot;
  readonly commands: GPUCommandBuffer;
  readonly staging: GPUBuffer;
  /** Bytes of each part of the answer. */
  readonly sizes: readonly number[];
  /** Kept when the device has accepted the commands. */
  readonly encoded: Promise<void>;
  submitted?: Promise<void>;
}

/** Milliseconds that a job should take, its wait included: enough to be worth that, too few to be felt. */
const WANTED_MS = 60;
const LEAST_MS = 40;
const MOST_MS = 120;
/** Words of volumes that a job compares at least and at most, as far as that is the reason to cut it. */
const LEAST_WORK = 2 ** 26;
const MOST_WORK = 2 ** 40;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Runs jobs in the order in which they are asked for, two at a time. */
export class Pipeline {
  readonly #device: Device;
  readonly #slots: readonly [Slot, Slot];
  readonly #calls: Call[] = [];
  #running = false;
  #work = 2 ** 30;

  constructor(device: Device) {
    this.#device = device;
    this.#slots = [new Slot(device), new Slot(device)];
  }

  /** How much work the next job should be at most, in words of volumes that are compared. */
  get work(): number {
    return this.#work;
  }

  /**
   * Runs jobs.
   *
   * @param jobs Each is made when its turn comes; they are decoded in order.
   * @throws {EngineError} If the device fails.
   */
  run(jobs: Iterator<Job>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#calls.push({ jobs, open: 0, ended: false, failed: false, resolve, reject });
    if (!this.#running) this.#drain().catch(reject);
    return promise;
  }

  async #drain(): Promise<void> {
    this.#running = true;
    try {
      let turn = 0;
      let current = this.#begin(turn);
      if (current !== undefined) this.#submit(current);
      while (current !== undefined) {
        const { job: { work } } = current;
        const start = performance.now();
        const next = this.#begin(++turn);
        const mapped = this.#map(current).then(() => this.#adapt(work, performance.now() - start));
        if (next !== undefined) this.#submit(next);
        await this.#finish(current, mapped);
        current = next;
        if (current === undefined) {
          // More may have been asked for meanwhile.
          current = this.#begin(turn);
          if (current !== undefined) this.#submit(current);
        }
      }
    } finally {
      this.#running = false;
    }
  }

  /** Makes the next job ready, of the first call that has one. */
  #begin(turn: number): Begun | undefined {
    for (let call = this.#calls[0]; call !== undefined; call = this.#calls[0]) {
      try {
        const job = call.failed ? undefined : call.jobs.next();
        if (job !== undefined && job.done !== true) {
          const begun = this.#encode(call, job.value, this.#slots[turn % 2]!);
          call.open++;
          return begun;
        }
      } catch (error) {
        this.#fail(call, error);
      }
      this.#calls.shift();
      call.ended = true;
      if (call.open === 0) call.resolve();
    }
    return undefined;
  }

  #encode(call: Call, job: Job, slot: Slot): Begun {
    const [made, encoded] = this.#device.checked(() => {
      const encoder = this.#device.encoder();
      const parts = job.encode(encoder, slot);
      const sizes = parts.map(({ bytes }) => bytes);
      const { MAP_READ, COPY_DST } = GPUBufferUsage;
      const staging = slot.room("staging", sum(sizes), MAP_READ | COPY_DST);
      let to = 0;
      for (const { buffer, bytes } of parts) {
        if (bytes > 0) encoder.copyBufferToBuffer(buffer, 0, staging, to, bytes);
        to += bytes;
      }
      return { commands: encoder.finish(), staging, sizes };
    });
    return { call, job, slot, ...made, encoded };
  }

  #submit(begun: Begun): void {
    try {
      const submit = () => this.#device.queue.submit([begun.commands]);
      [, begun.submitted] = this.#device.checked(submit);
    } catch (error) {
      begun.submitted = Promise.reject(error);
      begun.submitted.catch(() => {});
    }
  }

  #map({ staging, sizes }: Begun): Promise<void> {
    return this.#device.map(staging, Math.max(16, sum(sizes)));
  }

  /** Waits for a job's answer and takes it. */
  async #finish(begun: Begun, mapped: Promise<void>): Promise<void> {
    const { call } = begun;
    try {
      let more = await this.#read(begun, mapped);
      while (more !== undefined && !call.failed) {
        const next: Begun = this.#encode(call, more, begun.slot);
        this.#submit(next);
        more = await this.#read(next, this.#map(next));
      }
    } catch (error) {
      this.#fail(call, error);
    }
    call.open--;
    if (call.ended && call.open === 0) call.resolve();
  }

  async #read(begun: Begun, mapped: Promise<void>): Promise<Job | undefined> {
    const { staging, sizes, job, call } = begun;
    const results = await Promise.allSettled([begun.encoded, begun.submitted, mapped]);
    try {
      for (const result of results) if (result.status === "rejected") throw result.reason;
      if (call.failed) return undefined;
      const range = staging.getMappedRange(0, Math.max(16, sum(sizes)));
      let at = 0;
      return job.decode(sizes.map((bytes) => {
        at += bytes;
        return new Uint32Array(range, at - bytes, bytes / 4);
      }));
    } finally {
      if (results[2].status === "fulfilled") staging.unmap();
    }
  }

  #fail(call: Call, error: unknown): void {
    call.failed = true;
    call.reject(error);
  }

  /** Makes jobs larger or smaller by how long one took. */
  #adapt(work: number, ms: number): void {
    const isFull = work > this.#work / 2;
    if (ms > MOST_MS || ms < LEAST_MS && isFull) {
      const wanted = work * Math.min(8, WANTED_MS / ms);
      this.#work = Math.min(MOST_WORK, Math.max(LEAST_WORK, wanted));
    }
  }
}
