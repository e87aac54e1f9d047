/**
 * Threads of this process that do the numeric work, over shared memory.
 *
 * @module
 */
import { InputError, InterruptedError, RunError, UsageError } from "../../core/errors.ts";
import { THREAD_PROGRAM } from "../../core/program_files.ts";
import type { Jobs, Shared } from "./jobs.ts";

/** What the pool sends to a thread. */
export type Request =
  | { readonly kind: "share"; readonly key: keyof Shared; readonly value: Shared[keyof Shared] }
  | { readonly kind: "job"; readonly name: keyof Jobs; readonly input: unknown };

/** What a thread answers to a job. */
export type Reply =
  /** Something to tell the user; the job goes on. */
  | { readonly kind: "warning"; readonly text: string }
  | Outcome;

/** How a job ended. */
type Outcome =
  | { readonly kind: "output"; readonly output: unknown }
  | {
    readonly kind: "failure";
    /** Name of the error's class. */
    readonly name: string;
    readonly message: string;
    readonly remedy: string | undefined;
    readonly stack: string | undefined;
  };

/** Name, input and output of each job. */
export type JobName = keyof Jobs;
/** What a job takes. */
export type JobInput<J extends JobName> = Parameters<Jobs[J]>[0];
/** What a job gives. */
export type JobOutput<J extends JobName> = Awaited<ReturnType<Jobs[J]>>;

/** A fixed number of threads; close it when done. */
export interface ThreadPool {
  readonly threads: number;
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  /** Gives every thread a value under a key; arrays over shared memory are not copied. */
  share<K extends keyof Shared>(key: K, value: Shared[K]): void;
  /** Has every thread forget what it was given, once all jobs are done. */
  release(): Promise<void>;
  /** Does one job as soon as a thread is free. */
  run<J extends JobName>(name: J, input: JobInput<J>): Promise<JobOutput<J>>;
  /**
   * Does a job for each input and hands over each output. Outputs come in any order; a thread gets its
   * next input when its last output has been handled, so that outputs never pile up.
   *
   * @throws {InterruptedError} The signal was aborted; jobs under way were finished and handed over.
   */
  map<J extends JobName>(
    name: J,
    inputs: readonly JobInput<J>[],
    handle: (output: JobOutput<J>, index: number) => Promise<void> | void,
  ): Promise<void>;
  [Symbol.dispose](): void;
}

/** One thread, seen from outside. */
export interface Thread {
  /** Has a job done. */
  run(request: Request): Promise<unknown>;
  /** Sends what needs no answer. */
  post(request: Request): void;
  terminate(): void;
}

/** The errors that a user can mend, as a thread names them; any other is a defect. */
const KINDS = new Map([InputError, RunError, UsageError].map((Kind) => [Kind.name, Kind]));

/**
 * Starts a thread of the given program.
 *
 * @param warn Receives what it says while its job goes on.
 */
export function startThread(program: URL, warn: (text: string) => void = () => {}): Thread {
  const worker = new Worker(program.href, { type: "module" });
  let failure: Error | undefined;
  let waiting: { resolve: (output: unknown) => void; reject: (error: Error) => void } | undefined;
  worker.onmessage = (event: MessageEvent<Reply>) => {
    const reply = event.data;
    if (reply.kind === "warning") return warn(reply.text);
    const { resolve, reject } = waiting!; // a thread speaks only when asked
    waiting = undefined;
    if (reply.kind === "output") resolve(reply.output);
    else {
      const Kind = KINDS.get(reply.name);
      const error = Kind ? new Kind(reply.message, reply.remedy) : new Error(reply.message);
      if (Kind === undefined && reply.stack !== undefined) error.stack = reply.stack;
      reject(error);
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    failure = new Error(`A thread failed: ${event.message}`); // it is gone, and will answer nothing
    waiting?.reject(failure);
    waiting = undefined;
  };
  return {
    run: (request) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting = { resolve, reject };
        worker.postMessage(request);
      }),
    post: (request) => worker.postMessage(request),
    terminate: () => worker.terminate(),
  };
}

/**
 * Starts threads.
 *
 * @param threads 1 or more.
 * @param signal Aborted when the user wants to stop.
 * @param warn Receives what threads say while they go on; what several say alike, once.
 */
export function threadPool(
  threads: number,
  signal: AbortSignal,
  warn: (text: string) => void = () => {},
): ThreadPool {
  const said = new Set<string>();
  const warnOnce = (text: string) => {
    if (!said.has(text)) warn(text);
    said.add(text);
  };
  const all = Array.from({ length: threads }, () => startThread(THREAD_PROGRAM, warnOnce));
  all.forEach((thread, i) => thread.post({ kind: "share", key: "thread", value: i }));
  const idle = [...all];
  const waiting: ((thread: Thread) => void)[] = [];
  const run = async <J extends JobName>(name: J, input: JobInput<J>): Promise<JobOutput<J>> => {
    const thread = idle.pop() ?? await new Promise<Thread>((resolve) => waiting.push(resolve));
    try {
      return await thread.run({ kind: "job", name, input }) as JobOutput<J>;
    } finally {
      const next = waiting.shift();
      if (next === undefined) idle.push(thread);
      else next(thread);
    }
  };
  return {
    threads,
    signal,
    share(key, value) {
      for (const thread of all) thread.post({ kind: "share", key, value });
    },
    run,
    async release() {
      await Promise.all(
        all.map((thread) => thread.run({ kind: "job", name: "release", input: undefined })),
      );
    },
    async map(name, inputs, handle) {
      let next = 0;
      let failed = false;
      const serve = async () => {
        while (next < inputs.length && !failed && !signal.aborted) {
          const index = next++;
          try {
            await handle(await run(name, inputs[index]!), index);
          } catch (error) {
            failed = true;
            throw error;
          }
        }
      };
      const ends = await Promise.allSettled(all.map(serve));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
      if (next < inputs.length) {
        throw new InterruptedError("Stopped as asked; what is done is kept");
      }
    },
    [Symbol.dispose]() {
      for (const thread of all) thread.terminate();
    },
  };
}
