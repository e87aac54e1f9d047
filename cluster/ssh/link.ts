/**
 * A connection that comes back when it is lost.
 *
 * @module
 */
import { ConnectionError } from "../../core/errors.ts";
import { ConnectionLost, type Session } from "./session.ts";

/** Pauses between tries to get a connection back, in milliseconds: from the first, doubling, to the longest. */
const FIRST_PAUSE = 500, LONGEST_PAUSE = 30_000;
/** An operation that loses the connection this often may be what ends it. */
const MOST_LOSSES = 10;

/** How a link waits, and what ends the wait. */
export interface Waiting {
  readonly signal: AbortSignal;
  /** For how many seconds an operation tries to get a lost connection back. */
  readonly patience: number;
  /** Takes a note when the connection is lost, and when it is back. */
  readonly tell: (text: string) => void;
}

/** Operations over a connection, whichever it is at the time. */
export interface Link {
  /**
   * Runs an operation that does no harm when done twice: again, should the connection go.
   *
   * @param what What cannot be done then, for messages: "read /a".
   * @throws {ConnectionError} The connection is lost, and not back in time.
   */
  run<T>(what: string, action: (session: Session) => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * @param first The connection that stands.
 * @param open Makes another one.
 */
export function link(
  where: string,
  first: Session,
  open: () => Promise<Session>,
  { signal, patience, tell }: Waiting,
): Link {
  let current: Session | undefined = first;
  let opening: Promise<Session> | undefined;
  const ended = new AbortController();
  let isTold = false;

  const stand = (): Promise<Session> => {
    if (current !== undefined && !current.isLost) return Promise.resolve(current);
    if (!isTold) tell(`The connection to ${where} was lost; siren connects again.`);
    isTold = true;
    // All who wait share one try: a user is asked for a code once.
    opening ??= open().then((session) => {
      if (ended.signal.aborted) {
        session.close();
        throw closed();
      }
      current = session;
      isTold = false;
      tell(`The connection to ${where} is back.`);
      return session;
    }).finally(() => opening = undefined);
    return opening;
  };
  const closed = () => new ConnectionError(`Cannot reach ${where}: the connection was closed`);

  return {
    async run(what, action) {
      let until: number | undefined, pause = FIRST_PAUSE, losses = 0;
      for (;;) {
        signal.throwIfAborted();
        ended.signal.throwIfAborted();
        let isUnderWay = false;
        try {
          const session = await stand();
          isUnderWay = true;
          until = undefined;
          pause = FIRST_PAUSE;
          return await action(session);
        } catch (error) {
          signal.throwIfAborted();
          ended.signal.throwIfAborted();
          const isLost = error instanceof ConnectionLost;
          const isAway = !isUnderWay && error instanceof ConnectionError;
          if (!isLost && !isAway) throw error;
          if (isLost && error.isLate) throw inWords(where, what, error);
          until ??= Date.now() + patience * 1000;
          if (isUnderWay && ++losses > MOST_LOSSES || Date.now() + pause > until) {
            throw inWords(where, what, error);
          }
          await sleep(pause, AbortSignal.any([signal, ended.signal]));
          pause = Math.min(2 * pause, LONGEST_PAUSE);
        }
      }
    },
    close() {
      ended.abort(closed());
      current?.close();
    },
  };
}

function inWords(where: string, what: string, error: Error): ConnectionError {
  if (error instanceof ConnectionError) return error;
  return new ConnectionError(
    `Cannot ${what} on ${where}: ${error.message}`,
    "Try again later; it may or may not have been done.",
    { cause: error },
  );
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(clock);
      reject(signal.reason);
    };
    const clock = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
