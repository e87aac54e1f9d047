/**
 * What a connection over SSH is made from.
 *
 * @module
 */

/** How a user describes the way to a login node. What is given here wins over `~/.ssh/config`. */
export interface SshSettings {
  /** Name of the host, or of a `Host` of the ssh config. */
  readonly host: string;
  readonly user?: string | undefined;
  /** 1 to 65535; 22 where neither this nor the config says. */
  readonly port?: number | undefined;
  /** Path of a private key. It is tried first, at jump hosts after those of their own. */
  readonly identity?: string | undefined;
  /** Jump hosts as `ssh -J` takes them: `user@host:port`, several with commas, or `none`. */
  readonly proxy_jump?: string | undefined;
  /** Path of the ssh config; `~/.ssh/config` and `/etc/ssh/ssh_config` if not given. */
  readonly config?: string | undefined;
  /** Path of the known_hosts file, in place of those that the config names. */
  readonly known_hosts?: string | undefined;
}

/** A question for the user. */
export interface Question {
  readonly text: string;
  /** Whether the answer must not be seen on the screen. */
  readonly secret: boolean;
}

/** What a connection takes from the program around it. */
export interface SshSurroundings {
  /** The home folder on this machine. */
  readonly home: string;
  /** The user's name on this machine. */
  readonly user: string;
  /** Where the SSH agent listens: the value of SSH_AUTH_SOCK. */
  readonly agent?: string | undefined;
  /** Asks the user; undefined is no answer. Absent where there is no terminal. */
  readonly ask?: ((question: Question) => Promise<string | undefined>) | undefined;
  /** Takes notes and warnings, each a sentence. */
  readonly tell: (text: string) => void;
  /** Ends the connection, and whatever waits for it, with the signal's reason. */
  readonly signal: AbortSignal;
  /** For how many seconds an operation tries to get a lost connection back; 180 if not given. */
  readonly patience?: number | undefined;
}

/** Text from outside made fit for a terminal: control characters, which could rewrite the screen, are left out. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "");
}
