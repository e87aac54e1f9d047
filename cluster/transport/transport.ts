/**
 * How siren reaches a cluster: programs to run and files to read and write, here or over SSH.
 *
 * @module
 */
import { ClusterError } from "../../core/errors.ts";

/** What a program answered. */
export interface Answer {
  /** Exit code; 128 + the signal's number where a signal ended it, as shells have it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A file or folder in a listing. */
export interface Entry {
  readonly name: string;
  /** Size of a file; 0 for a folder. */
  readonly bytes: number;
  readonly isFolder: boolean;
}

/** Bytes that are read of a file if nothing else is said: far more than a shard has. */
export const MOST_BYTES = 2 ** 30;

/** A file that is larger than what is taken of it. */
export function tooLarge(path: string, where: string, bytes: number, most: number): ClusterError {
  return new ClusterError(
    `Cannot read ${path} on ${where}: it is too large (${bytes} bytes; at most ${most} are taken)`,
    "siren writes none so large: see what it is.",
  );
}

/** A way to a machine from which jobs can be submitted. Paths are absolute and the machine's own. */
export interface Transport {
  /** How to call the machine in messages: "this machine" or "user@host". */
  readonly where: string;

  /**
   * Runs a program. Arguments reach it as they are: no shell ever sees them unquoted.
   *
   * @param command Name or path of the program, and its arguments.
   * @param options `environment` is added to what the machine gives its programs; `seconds` is how long
   *   it may take (default 120).
   * @returns Its answer, whatever its exit code; a program that is not there has code 127.
   * @throws {ConnectionError} The machine cannot be reached, or the answer did not come in time.
   */
  exec(
    command: readonly [program: string, ...args: string[]],
    options?: {
      readonly environment?: Readonly<Record<string, string>>;
      readonly seconds?: number;
    },
  ): Promise<Answer>;

  /** The home folder there. */
  home(): Promise<string>;

  /** Makes a folder and those above it; one that is there already is as good. */
  makeFolder(path: string): Promise<void>;

  /** What is in a folder, read anew (never a name asked for alone: slow shared disks lag); undefined where there is none. */
  list(path: string): Promise<Entry[] | undefined>;

  /**
   * Content of a file; undefined where there is none. Of one that is written to meanwhile it is what the
   * file began with, without gaps.
   *
   * @param most Bytes that are taken, {@linkcode MOST_BYTES} if not given.
   * @throws {ClusterError} The file is larger.
   */
  read(path: string, most?: number): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /** The last bytes of a file as text, at most `most` of them; undefined where there is none. */
  tail(path: string, most: number): Promise<string | undefined>;

  /**
   * Writes a small file, whole or not at all. At no time may more users read it than `mode` says.
   *
   * @param mode Permission bits, 0o644 if not given.
   */
  write(path: string, content: Uint8Array | string, mode?: number): Promise<void>;

  /**
   * Brings a file of this machine there, whole or not at all. What an interrupted upload of the same
   * content had brought is not sent again; the whole is compared by SHA-256 before it gets its name.
   *
   * @param from Path on this machine.
   * @param mode Permission bits, 0o644 if not given.
   * @param tell Called with bytes there and bytes in all.
   */
  upload(
    from: string,
    path: string,
    options?: { readonly mode?: number; readonly tell?: (done: number, total: number) => void },
  ): Promise<void>;

  /**
   * Removes a file, or a folder with all in it; one that is not there is as good.
   *
   * @throws {ClusterError} It is no path that siren removes; see `removable`.
   */
  remove(path: string): Promise<void>;

  /** Ends the connection. */
  close(): void;
}
