/**
 * Surroundings for tests: what is written is kept, and the clock stands still until it is set.
 *
 * @module
 */
import type { Io, Stop, Stream } from "./io.ts";

/** Surroundings that a test holds in its hands. */
export interface FakeIo extends Io {
  /** All that was written to standard output. */
  readonly out: () => string;
  /** All that was written to standard error. */
  readonly err: () => string;
  /** Sets the clock, in milliseconds. */
  readonly setNow: (now: number) => void;
  /** Presses Ctrl-C, or has the system ask for the end. */
  readonly stop: (reason: Stop) => void;
}

/** Makes surroundings of 8 threads without colour. */
export function fakeIo(stderr: Partial<Stream> = {}): FakeIo {
  const out: string[] = [];
  const err: string[] = [];
  let now = 0;
  const abort = new AbortController();
  const stream = (texts: string[]): Stream => ({
    write: (text) => {
      texts.push(text);
    },
    isTerminal: false,
    color: false,
    columns: 100,
  });
  return {
    stdout: stream(out),
    stderr: { ...stream(err), ...stderr },
    now: () => now,
    signal: abort.signal,
    threads: 8,
    hostname: () => "here",
    out: () => out.join(""),
    err: () => err.join(""),
    setNow: (value) => now = value,
    stop: (reason) => abort.abort(reason),
  };
}
