/**
 * What the program needs of the machine it runs on. Commands take it as an argument, so that tests can
 * stand in for the terminal, the clock and Ctrl-C.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { makeAsk } from "./ask.ts";
import { clientEnvironment } from "./environment.ts";

/** Standard output or standard error. */
export interface Stream {
  /** Writes all of the text. */
  write(text: string): void;
  /** Whether a person looks at it, so that bars may be drawn. */
  readonly isTerminal: boolean;
  /** Whether colour and bold type are wanted. */
  readonly color: boolean;
  /** Width in characters. */
  readonly columns: number;
}

/** What is asked of the user; a secret is not shown while it is typed. */
export interface Question {
  readonly text: string;
  readonly secret: boolean;
}

/** Permissions that not every command line needs: those of clusters, and that of native code. */
export type Permission = "net" | "run" | "env" | "ffi";

/** The program's surroundings. */
export interface Io {
  /** Results, and nothing else. */
  readonly stdout: Stream;
  /** Progress, warnings and errors. */
  readonly stderr: Stream;
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Aborted with a {@linkcode Stop} when the user or the system wants the program to end. */
  readonly signal: AbortSignal;
  /** Threads this machine can run at once. */
  readonly threads: number;
  /** Name of this machine. */
  hostname(): string;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** Name of the user as the system knows it. */
  userName(): Promise<string | undefined>;
  /** All that comes in on standard input, up to a number of bytes that no list has. */
  readStdin(): Promise<Uint8Array>;
  /** Asks the user; absent where nobody sits at the keyboard. Undefined: no answer. */
  readonly ask?: (question: Question) => Promise<string | undefined>;
  /** Gives permissions up, for good. */
  drop(names: readonly Permission[]): void;
}

/** Why the program was asked to end, and the exit code that tells so. */
export class Stop extends Error {
  /** 128 + the signal's number, as shells have it. */
  readonly exitCode: 130 | 143;

  /**
   * @param by The signal: SIGINT is Ctrl-C.
   * @param remedy How to go on, as a sentence.
   */
  constructor(readonly by: "SIGINT" | "SIGTERM", readonly remedy?: string) {
    super(by === "SIGINT" ? "Stopped by Ctrl-C" : "Stopped by the system (SIGTERM)");
    this.name = "Stop";
    this.exitCode = by === "SIGINT" ? 130 : 143;
  }
}

const WIDTH_OF_PLAIN_TEXT = 100;

/** The real surroundings. Colour follows NO_COLOR (https://no-color.org). */
export function systemIo(signal: AbortSignal): Io {
  const stderr = systemStream(Deno.stderr);
  return {
    stdout: systemStream(Deno.stdout),
    stderr,
    now: () => performance.now(),
    signal,
    threads: navigator.hardwareConcurrency,
    hostname: () => Deno.hostname(),
    env: (name) => Deno.env.get(name),
    userName,
    readStdin: () => readStdin(signal),
    ...(Deno.stdin.isTerminal() ? { ask: makeAsk(Deno.stdin, stderr, signal) } : {}),
    drop: (names) => {
      for (const name of names) {
        if (name === "env") dropEnvironment();
        else Deno.permissions.revokeSync({ name });
      }
    },
  };
}

/** Gives up the environment, but for a variable that graphics drivers complain of: engines set it. */
function dropEnvironment(): void {
  const kept = { name: "env", variable: "XDG_RUNTIME_DIR" } as const;
  const wasPermitted = Deno.permissions.querySync({ name: "env" }).state === "granted";
  if (wasPermitted) Deno.permissions.revokeSync({ name: "env" });
  else {for (const variable of clientEnvironment) {
      if (variable !== kept.variable) Deno.permissions.revokeSync({ name: "env", variable });
    }}
}

/** Most that is read from standard input. */
const MAX_STDIN_BYTES = 1 << 24;

async function readStdin(signal: AbortSignal): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  await Deno.stdin.readable.pipeTo(
    new WritableStream({
      write(part) {
        parts.push(part);
        length += part.length;
        if (length > MAX_STDIN_BYTES) {
          throw new InputError(
            `Cannot read standard input: it has more than ${MAX_STDIN_BYTES} bytes`,
            "It takes a list of volumes.",
          );
        }
      },
    }),
    { signal },
  );
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function userName(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("id", { args: ["-un"], stderr: "null" }).output();
    return new TextDecoder().decode(stdout).trim() || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function systemStream(target: typeof Deno.stdout | typeof Deno.stderr): Stream {
  const isTerminal = target.isTerminal();
  return {
    write(text) {
      const bytes = new TextEncoder().encode(text);
      for (let start = 0; start < bytes.length;) start += target.writeSync(bytes.subarray(start));
    },
    isTerminal,
    color: isTerminal && !Deno.noColor,
    get columns() {
      // A terminal that does not know its width says 0.
      return isTerminal && Deno.consoleSize().columns || WIDTH_OF_PLAIN_TEXT;
    },
  };
}
