/** What the tests of SSH share: surroundings that remember, and a wire that can be cut. */
import type { SshSettings, SshSurroundings } from "./settings.ts";
import { needsSsh, type Ssh, startSshAlone } from "../../tests/slurm/cluster.ts";
import { temporaryFolder } from "../../tests/surroundings.ts";

/** Surroundings that keep what they are told and asked. */
export interface Recorded extends SshSurroundings {
  readonly told: string[];
  readonly asked: string[];
}

/** Answers are given to the questions in order; without any there is no terminal. */
export function recorded(
  home: string,
  answers?: readonly (string | undefined)[],
  changes: Partial<SshSurroundings> = {},
): Recorded {
  const told: string[] = [], asked: string[] = [];
  const left = [...answers ?? []];
  return {
    home,
    user: "nobody",
    signal: new AbortController().signal,
    tell: (text) => void told.push(text),
    ask: answers && (({ text, secret }) => {
      asked.push(secret ? `${text}(secret)` : text);
      return Promise.resolve(left.shift());
    }),
    ...changes,
    told,
    asked,
  };
}

/** Real sshd's, and a home folder of this side. */
export interface Site {
  readonly ssh: Ssh & { readonly root: string };
  readonly home: string;
  /** Settings for one of them, with nothing from the config of who runs the test. */
  at(server: keyof Ssh["ports"], changes?: Partial<SshSettings>): SshSettings;
}

/** Registers a test with real sshd's; where they are missing it is left out, and its name says why. */
export function sshTest(
  name: string,
  test: (site: Site, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({
    name: `${name} (needs sshd${needsSsh === undefined ? "" : `; ${needsSsh}`})`,
    ignore: needsSsh !== undefined,
    fn: async (t) => {
      await using ssh = await startSshAlone();
      await using home = await temporaryFolder();
      const at: Site["at"] = (server, changes) => ({
        host: "127.0.0.1",
        port: ssh.ports[server],
        user: ssh.user,
        config: "/dev/null",
        known_hosts: `${ssh.folder}/known_hosts`,
        ...changes,
      });
      await test({ ssh, home: home.path, at }, t);
    },
  });
}

/** A wire to a port of this machine that counts the bytes sent over it, and can be cut. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  readonly sent: number;
  /** Connections made over it. */
  readonly count: number;
  /** Cuts what is connected now; new connections pass. */
  cut(): void;
  /** Calls a function whenever bytes are sent. */
  onSent(action: (sent: number) => void): void;
}

/** @param port Where it leads. */
export function wireTo(port: number): Wire {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const going = new Set<Promise<void>>();
  let sent = 0, count = 0;
  let action: (sent: number) => void = () => {};
  const carry = async (from: Deno.Conn, to: Deno.Conn, isCounted: boolean) => {
    const buffer = new Uint8Array(1 << 16);
    try {
      for (;;) {
        const length = await from.read(buffer);
        if (length === null) break;
        for (let at = 0; at < length;) at += await to.write(buffer.subarray(at, length));
        if (isCounted) action(sent += length);
      }
    } catch {
      // It was cut.
    }
    end(from);
    end(to);
  };
  const end = (one: Deno.Conn) => {
    if (open.delete(one)) one.close();
  };
  const accept = async () => {
    for await (const near of listener) {
      count++;
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      open.add(near).add(far);
      for (const one of [carry(near, far, true), carry(far, near, false)]) {
        going.add(one);
      }
    }
  };
  const accepting = accept();
  return {
    port: listener.addr.port,
    get sent() {
      return sent;
    },
    get count() {
      return count;
    },
    cut: () => open.forEach(end),
    onSent: (one) => action = one,
    async [Symbol.asyncDispose]() {
      listener.close();
      open.forEach(end);
      await accepting;
      await Promise.all(going);
    },
  };
}
