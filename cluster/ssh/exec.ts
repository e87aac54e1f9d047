/**
 * Programs at the other end.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import type { ClientChannel } from "ssh2";
import { ClusterError, ConnectionError } from "../../core/errors.ts";
import type { Answer } from "../transport/transport.ts";
import { afterMark, scriptFor, SHELL } from "./script.ts";
import { ConnectionLost, type Session } from "./session.ts";
import { printable } from "./settings.ts";

/** How long a program may take, in seconds, if nothing else is said. */
export const SECONDS = 120;
/** Bytes of output that are taken; more than any answer of a scheduler has. */
const MOST = 256 * 2 ** 20;
/** The signals that SSH knows (RFC 4254), by their numbers on Linux. */
const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

/** How a program is run. */
export interface ProgramOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** How long it may take, in seconds. */
  readonly seconds: number;
  /** Letters and digits that nobody can know beforehand. */
  readonly mark: string;
  /** Whether it does no harm when run twice. */
  readonly isRepeatable: boolean;
}

/**
 * Runs a program over a connection.
 *
 * @throws {ConnectionLost} The connection went, and the program may be run again: it was not begun, or
 *   is repeatable.
 * @throws {ConnectionError} The connection went after it was begun, or the answer did not come in time.
 * @throws {ClusterError} The host does not let programs be run.
 */
export async function runProgram(
  session: Session,
  where: string,
  command: readonly [program: string, ...args: string[]],
  { environment, seconds, mark, isRepeatable }: ProgramOptions,
): Promise<Answer> {
  const [program] = command;
  const cannot = `Cannot run ${program} on ${where}`;
  const script = scriptFor(command, environment, mark);
  let channel: ClientChannel | undefined;
  try {
    const begun = await session.during<Begun>((resolve, reject) => {
      session.client.exec(SHELL, (error, opened) => {
        if (error) reject(notOpened(cannot, error));
        else resolve({ channel: opened, end: endOf(opened) });
      });
    }, seconds);
    channel = begun.channel;
    const { out, err, end } = await output(session, begun, script, seconds, cannot);
    const stdout = afterMark(out, mark), stderr = afterMark(err, mark);
    if (stdout === undefined || stderr === undefined) {
      const said = printable(new TextDecoder().decode(out.length > 0 ? out : err)).trim();
      throw new ClusterError(
        `${cannot}: no shell is started for us there (${said.slice(0, 200) || `code ${end}`})`,
        "See that the account may run programs: `ssh HOST true`.",
      );
    }
    return { code: end, stdout, stderr };
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    if (error.isLate && channel !== undefined) stop(channel);
    if (!error.isLate && (isRepeatable || channel === undefined)) throw error;
    throw new ConnectionError(
      `${cannot}: ${error.message}`,
      "Try again later; it may or may not have been done.",
      { cause: error },
    );
  }
}

/** A program that was begun. */
interface Begun {
  readonly channel: ClientChannel;
  /** The exit code, once it is known. */
  readonly end: () => number | undefined;
}

/**
 * Listens to how a program ends: from the very moment its channel is there, for one that ends at once may
 * be told of in the same breath.
 */
function endOf(channel: ClientChannel): Begun["end"] {
  let end: number | undefined;
  channel.on("exit", (code: number | null, signal?: string) => {
    end = code ?? 128 + (SIGNALS[signal ?? ""] ?? 0);
  });
  return () => end;
}

/** Sends the script and gathers what comes back. */
function output(
  session: Session,
  { channel, end }: Begun,
  script: string,
  seconds: number,
  cannot: string,
): Promise<{ out: Uint8Array; err: Uint8Array; end: number }> {
  return session.during((resolve, reject) => {
    const out: Buffer[] = [], err: Buffer[] = [];
    let total = 0;
    const into = (pieces: Buffer[]) => (piece: Buffer) => {
      total += piece.length;
      if (total <= MOST) pieces.push(piece);
      else {
        reject(new ClusterError(`${cannot}: it writes too much (more than ${MOST} bytes)`));
        stop(channel);
      }
    };
    channel.on("data", into(out));
    channel.stderr.on("data", into(err));
    channel.on("error", (error: Error) => reject(new ConnectionLost(error.message)));
    channel.on("close", () => {
      const code = end();
      if (code === undefined) reject(new ConnectionLost("it ended without an exit code"));
      else resolve({ out: join(out), err: join(err), end: code });
    });
    channel.end(script);
  }, seconds);
}

function join(pieces: readonly Buffer[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Ends a program there, as far as the host lets us. */
function stop(channel: ClientChannel): void {
  channel.on("error", () => {}); // it is no more waited for
  channel.signal("KILL");
  channel.close();
}

function notOpened(cannot: string, error: Error): Error {
  return new ClusterError(
    `${cannot}: the host opens no session for it (${printable(error.message)})`,
    "It may limit sessions (MaxSessions), or allow file transfer only.",
    { cause: error },
  );
}
