/**
 * One connection to a host, through its jump hosts, from the first byte to the last.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ssh2"
import ssh2, { type AnyAuthMethod, type Client, type SFTPWrapper } from "ssh2";
import { ClusterError, ConnectionError } from "../../core/errors.ts";
import {
  type Attempt,
  authentication,
  notLetIn,
  type Refusal,
  type Secrets,
} from "./authenticate.ts";
import { checkHostKey, nameOf, readKnownHosts } from "./host_key.ts";
import { findIdentities, type Identities, type Identity, type OpenKeys } from "./identities.ts";
import { algorithmsFor } from "./known_hosts.ts";
import { notReached } from "./reasons.ts";
import type { SshSurroundings } from "./settings.ts";
import type { Target } from "./ssh_config.ts";

/** Signs of life that may stay unanswered before a connection counts as lost. */
const MISSED_SIGNS = 3;

/** The connection went while something was under way, or an answer did not come in time. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  /** Whether it stands, and only the answer did not come. */
  readonly isLate: boolean;

  constructor(message: string, options?: ErrorOptions & { readonly isLate?: boolean }) {
    super(message, options);
    this.isLate = options?.isLate ?? false;
  }
}

/** What outlasts a connection: kept in memory only, never written or shown. */
export interface Memory {
  readonly secrets: Secrets;
  readonly keys: OpenKeys;
}

/** A connection that stands. */
export interface Session {
  readonly client: Client;
  /** Whether it is gone. */
  readonly isLost: boolean;
  /**
   * Waits for something that happens over the connection.
   *
   * @param start Starts it; what it is given ends the wait.
   * @param seconds How long it may take.
   * @throws {ConnectionLost} The connection went meanwhile, or the time is up.
   */
  during<T>(
    start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
    seconds?: number,
  ): Promise<T>;
  /** The files there: one channel, opened when first asked for. */
  sftp(): Promise<SFTPWrapper>;
  close(): void;
}

/** How messages call a target. */
export function whereOf({ user, name }: Target): string {
  return `${user}@${name}`;
}

/**
 * Connects along a route, each host through the one before it. The key of each host is checked under
 * its own name.
 *
 * @param named Path of a key that was named explicitly.
 * @throws {ClusterError} A host's key is not right, or it lets nobody in.
 * @throws {ConnectionError} A host cannot be reached now.
 */
export async function openSession(
  targets: readonly Target[],
  named: string | undefined,
  surroundings: SshSurroundings,
  memory: Memory,
): Promise<Session> {
  const clients: Client[] = [];
  const close = () => {
    for (const client of clients.toReversed()) client.destroy();
  };
  const { signal } = surroundings;
  try {
    let client: Client | undefined, last: Target | undefined;
    for (const target of targets) {
      signal.throwIfAborted();
      try {
        const socket = client && await forward(client, target);
        client = await connect(target, socket, named, surroundings, memory, (one) => {
          clients.push(one);
        });
      } catch (error) {
        signal.throwIfAborted();
        throw notReached(whereOf(target), target, error);
      }
      last = target;
    }
    if (client === undefined || last === undefined) throw new Error("a route has at least its end");
    return sessionOver(client, whereOf(last), close, signal);
  } catch (error) {
    close();
    throw error;
  }
}

/** A connection from a jump host to the next host. */
function forward(client: Client, { hostName, port, timeout }: Target): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const clock = setTimeout(
      () => reject(new Error(`Timed out after ${timeout} s`)),
      timeout * 1000,
    );
    client.once("close", () => {
      clearTimeout(clock);
      reject(new Error("Connection lost"));
    });
    client.forwardOut("127.0.0.1", 0, hostName, port, (error, channel) => {
      clearTimeout(clock);
      if (error) reject(error);
      else resolve(channel);
    });
  });
}

function connect(
  target: Target,
  socket: Duplex | undefined,
  named: string | undefined,
  surroundings: SshSurroundings,
  memory: Memory,
  begun: (client: Client) => void,
): Promise<Client> {
  const where = whereOf(target);
  const { signal, tell } = surroundings;
  const attempt: Attempt = { tried: [], left: [], offered: [] };
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    begun(client);
    let clock: ReturnType<typeof setTimeout> | undefined;
    const fail = (error: unknown) => {
      hasFailed = true;
      stop();
      reject(error);
      client.destroy();
    };
    const onAbort = () => fail(signal.reason);
    const stop = () => {
      clearTimeout(clock);
      signal.removeEventListener("abort", onAbort);
    };
    // ssh2's own clock would run on while a user looks for a passphrase.
    const startClock = () => {
      clearTimeout(clock);
      clock = setTimeout(() => {
        fail(new Error(`Timed out after ${target.timeout} s`));
      }, target.timeout * 1000);
    };
    let isReady = false, hasFailed = false, pauses = 0;
    const unhurried = async <T>(action: () => Promise<T>): Promise<T> => {
      clearTimeout(clock);
      pauses++;
      try {
        return await action();
      } finally {
        if (--pauses === 0 && !isReady && !hasFailed) startClock();
      }
    };
    const { ask } = surroundings;
    const patient = {
      tell,
      ask: ask && ((question: Parameters<typeof ask>[0]) => unhurried(() => ask(question))),
    };
    let identities: Promise<Identities> | undefined;
    const findKeys = async (): Promise<Identities> => {
      const { usable, left } = await findIdentities(target, named, patient, memory.keys);
      // A key may have to be touched, or its use to be confirmed.
      const unhurriedly = (one: Identity): Identity => ({
        ...one,
        sign: (data, options) => unhurried(() => one.sign(data, options)),
      });
      return { usable: usable.map(unhurriedly), left };
    };
    const methods = authentication({
      where,
      machine: JSON.stringify([target.user, target.hostName, target.port]),
      user: target.user,
      identities: () => identities ??= unhurried(findKeys),
      ask: patient.ask,
      secrets: memory.secrets,
      attempt,
    });
    const nextMethod = async (refusal: Refusal): Promise<AnyAuthMethod> => {
      const { value, done } = await methods.next(refusal);
      if (done || value === undefined) throw notLetIn(where, attempt, ask !== undefined);
      return value;
    };

    signal.addEventListener("abort", onAbort);
    startClock();
    // "close" may come without an error, and errors after the first say nothing new.
    client.on("error", (error: Error & { level?: string }) => {
      // A key that the agent would not sign with: the next one is tried.
      if (error.level !== "agent") fail(error);
    });
    client.on("close", () => fail(new Error("Connection lost before it stood")));
    // Small packets at once: every answer would else wait for some 40 ms.
    client.on("connect", () => void (socket === undefined && client.setNoDelay(true)));
    client.on("change password", () => {
      fail(
        new ClusterError(
          `Cannot reach ${where}: the password has expired`,
          "Change it by hand: ssh asks for a new one.",
        ),
      );
    });
    client.on("ready", () => {
      isReady = true;
      stop();
      resolve(client);
    });
    readKnownHosts(target, tell).then((known) => {
      if (signal.aborted) return;
      let accepted: Buffer | undefined;
      client.connect({
        host: target.hostName,
        port: target.port,
        username: target.user,
        ...(socket && { sock: socket }),
        readyTimeout: 0,
        keepaliveInterval: target.aliveInterval * 1000,
        keepaliveCountMax: MISSED_SIGNS,
        algorithms: { serverHostKey: algorithmsFor(known, nameOf(target)) },
        hostVerifier: (key: Buffer, verify: (isRight: boolean) => void) => {
          // Keys are exchanged anew from time to time; the host's own may not change meanwhile.
          if (accepted !== undefined) return verify(accepted.equals(key));
          checkHostKey(target, key, known, patient).then(() => {
            accepted = Buffer.from(key);
            verify(true);
          }, (error) => {
            fail(error);
            verify(false);
          });
        },
        authHandler: (methodsLeft, isPartial, next) => {
          const refusal = { methods: methodsLeft ?? [], isPartial: isPartial === true };
          nextMethod(refusal).then(next, fail);
        },
      });
    }).catch(fail);
  });
}

function sessionOver(
  client: Client,
  where: string,
  closeAll: () => void,
  signal: AbortSignal,
): Session {
  const waiting = new Set<(error: unknown) => void>();
  let lost: unknown;
  let files: Promise<SFTPWrapper> | undefined;
  const end = (reason: unknown) => {
    if (lost !== undefined) return;
    lost = reason;
    signal.removeEventListener("abort", onAbort);
    closeAll();
    for (const reject of [...waiting]) reject(reason);
  };
  const onAbort = () => end(signal.reason);
  signal.addEventListener("abort", onAbort);
  client.on("error", (error: Error) => end(new ConnectionLost(error.message, { cause: error })));
  client.on("close", () => end(new ConnectionLost("the connection was broken off")));

  const session: Session = {
    client,
    get isLost() {
      return lost !== undefined;
    },
    during(start, seconds) {
      return new Promise((resolve, reject) => {
        if (lost !== undefined) return reject(lost);
        const settle = () => {
          clearTimeout(clock);
          waiting.delete(stop);
        };
        const stop = (error: unknown) => {
          settle();
          reject(error);
        };
        const clock = seconds === undefined ? undefined : setTimeout(() => {
          stop(new ConnectionLost(`there was no answer within ${seconds} s`, { isLate: true }));
        }, seconds * 1000);
        waiting.add(stop);
        try {
          start((value) => {
            settle();
            resolve(value);
          }, stop);
        } catch (error) {
          const isLost = error instanceof Error && error.message === "Not connected"; // ssh2's words
          stop(isLost ? new ConnectionLost("the connection was broken off") : error);
        }
      });
    },
    sftp() {
      files ??= session.during<SFTPWrapper>((resolve, reject) => {
        client.sftp((error, sftp) => {
          if (error) {
            reject(
              new ClusterError(
                `Cannot use the files of ${where}: it offers no SFTP (${error.message})`,
                "Ask those who run the machine to switch SFTP on.",
                { cause: error },
              ),
            );
            return;
          }
          // The file server there may end alone; what it left unanswered is then asked again.
          sftp.on("close", () => files = undefined);
          sftp.on("error", () => files = undefined);
          resolve(sftp);
        });
      }, SFTP_SECONDS).catch((error) => {
        files = undefined;
        throw error;
      });
      return files;
    },
    close: () => end(new ConnectionError(`Cannot reach ${where}: the connection was closed`)),
  };
  return session;
}

/** How long a host may take to start its file server. */
const SFTP_SECONDS = 60;
