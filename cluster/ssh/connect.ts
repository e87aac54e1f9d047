/**
 * The transport to a login node over SSH.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { ClusterError, ConnectionError, InputError } from "../../core/errors.ts";
import { readIfThere } from "../../core/files.ts";
import { refusal } from "../../core/refusal.ts";
import { removable } from "../transport/removable.ts";
import type { Answer, Transport } from "../transport/transport.ts";
import { runProgram, SECONDS } from "./exec.ts";
import { RemoteFiles } from "./files.ts";
import { link } from "./link.ts";
import { Places } from "./places.ts";
import { openSession, type Session, whereOf } from "./session.ts";
import { printable, type SshSettings, type SshSurroundings } from "./settings.ts";
import { type Config, type ConfigFiles, findRoute, fitsPath, readConfig } from "./ssh_config.ts";
import { uploadFile } from "./upload.ts";

/** Programs at one time; with the files' channel well below the 10 sessions that OpenSSH allows. */
const PROGRAMS = 4;
/** Seconds that an operation tries to get a lost connection back. */
const PATIENCE = 180;
/** Seconds that hashing a file there may take. */
const HASH_SECONDS = 3600;
const SYSTEM_FOLDER = "/etc/ssh";

/**
 * Connects to a login node: by the settings and the ssh config, through jump hosts, the key of each host
 * checked. The connection comes back by itself when it is lost; what was under way is then done again,
 * running programs apart, of which nobody can know how far they came. Passwords and opened keys are kept
 * in memory until the connection is closed, and nowhere else.
 *
 * Nothing is run on this machine, whatever the ssh config says: ProxyCommand is refused.
 * `StrictHostKeyChecking no` is not honoured either: unknown hosts are asked about, changed keys refused.
 *
 * @throws {InputError} The ssh config cannot be followed.
 * @throws {ClusterError} A host's key is not right, or it does not let the user in.
 * @throws {ConnectionError} A host cannot be reached now.
 */
export async function connectSsh(
  settings: SshSettings,
  surroundings: SshSurroundings,
): Promise<Transport> {
  const { home, signal, tell } = surroundings;
  const expand = (path: string) => path.startsWith("~/") ? home + path.slice(1) : path;
  const config = await configOf(settings.config && expand(settings.config), home);
  const { targets, warnings } = findRoute(settings, config, surroundings);
  warnings.forEach(tell);
  const end = targets.at(-1) ?? targets[0];
  const where = whereOf(end);
  const memory = { secrets: new Map(), keys: new Map() };
  const named = settings.identity && expand(settings.identity);
  const open = () => openSession(targets, named, surroundings, memory);
  const connection = link(where, await open(), open, {
    signal,
    patience: surroundings.patience ?? PATIENCE,
    tell,
  });
  return transportOver(where, connection);
}

function transportOver(where: string, connection: ReturnType<typeof link>): Transport {
  const places = new Places(PROGRAMS);
  let filesOf: { session: Session; files: RemoteFiles } | undefined;
  const run = <T>(what: string, action: (files: RemoteFiles) => Promise<T>) =>
    connection.run(what, (session) => {
      if (filesOf?.session !== session) {
        filesOf = { session, files: new RemoteFiles(session, where) };
      }
      return action(filesOf.files);
    });

  const program = (
    [name, ...args]: readonly [program: string, ...args: string[]],
    isRepeatable: boolean,
    { environment = {}, seconds = SECONDS }: Parameters<Transport["exec"]>[1] = {},
  ) =>
    places.take<Answer>(() =>
      connection.run(`run ${name}`, (session) => {
        const mark = crypto.randomUUID();
        const options = { environment, seconds, mark, isRepeatable };
        return runProgram(session, where, [name, ...args], options);
      })
    );

  /** Runs a program that may be run twice, and has to succeed. */
  const must = async (what: string, command: readonly [string, ...string[]]) => {
    const { code, stderr } = await program(command, true);
    if (code === 0) return;
    throw new ClusterError(
      `Cannot ${what} on ${where}: ${
        printable(stderr).trim() || `${command[0]} ended with code ${code}`
      }`,
      "See that the folder is there and may be changed.",
    );
  };

  const rename = async (from: string, to: string) => {
    if (await run(`write ${to}`, (files) => files.rename(from, to))) return;
    await must(`write ${to}`, ["mv", "-f", "-T", "--", from, to]);
  };

  const hashThere = async (path: string): Promise<string> => {
    const { code, stdout, stderr } = await program(["sha256sum", "--", path], true, {
      seconds: HASH_SECONDS,
    });
    const [, hash] = /^\\?([0-9a-f]{64}) /.exec(stdout) ?? [];
    if (code === 0 && hash !== undefined) return hash;
    if (code !== 127) {
      throw new ClusterError(
        `Cannot read ${path} on ${where}: ${printable(stderr).trim() || "no SHA-256"}`,
      );
    }
    return await run(`read ${path}`, async (files) => {
      const sum = createHash("sha256");
      await files.eachPiece(path, (piece) => sum.update(piece));
      return sum.digest("hex");
    });
  };

  /** Removes what failed writes have left; one that stays is the lesser harm. */
  const removeAll = async (paths: readonly string[]) => {
    for (const path of paths) {
      await run(`remove ${path}`, (files) => files.unlink(path)).catch(() => {});
    }
  };

  let homeThere: string | undefined;
  const home = async () => {
    homeThere ??= await run("find the home folder", (files) => files.realPath("."));
    if (homeThere?.startsWith("/")) return homeThere;
    throw new ClusterError(`Cannot find the home folder on ${where}: there is none`);
  };

  return {
    where,
    exec: (command, options) => program(command, false, options),
    home,
    makeFolder: (path) => run(`make the folder ${path}`, (files) => files.makeFolder(path)),
    list: (path) => run(`list ${path}`, (files) => files.list(path)),
    read: (path, most) => run(`read ${path}`, (files) => files.read(path, most)),
    tail: (path, most) => run(`read ${path}`, (files) => files.tail(path, most)),
    async write(path, content, mode = 0o644) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const begun: string[] = [];
      try {
        const temporary = await run(`write ${path}`, async (files) => {
          const name = `${path}.${crypto.randomUUID()}.tmp`;
          begun.push(name);
          await files.create(name, bytes, mode);
          return name;
        });
        await rename(temporary, path).catch(async (error) => {
          // A try whose answer was lost may have done it.
          const there = await run(`write ${path}`, (files) => files.stat(temporary));
          if (!(error instanceof ClusterError) || there !== undefined) throw error;
        });
        begun.splice(begun.indexOf(temporary), 1);
      } catch (error) {
        if (!(error instanceof ConnectionError)) await removeAll(begun);
        throw error;
      }
      await removeAll(begun);
    },
    upload: (from, path, { mode = 0o644, tell = () => {} } = {}) =>
      uploadFile({ where, run, hashThere, rename }, from, path, mode, tell),
    async remove(path) {
      const realPath = (above: string) => run(`remove ${path}`, (files) => files.realPath(above));
      const whole = await removable(path, { where, realPath, home });
      if (whole === undefined) return;
      await must(`remove ${path}`, ["rm", "-rf", "--", whole]);
    },
    close: () => connection.close(),
  };
}

/** The config that was named, or those that OpenSSH reads by itself. */
async function configOf(path: string | undefined, home: string): Promise<Config> {
  const own = `${home}/.ssh`;
  if (path !== undefined) {
    if (await disk.read(path) === undefined) {
      throw new InputError(`Cannot read ${path}: there is no such file or folder`);
    }
    return await readConfig(path, home, own, disk);
  }
  return [
    ...await readConfig(`${own}/config`, home, own, disk),
    ...await readConfig(`${SYSTEM_FOLDER}/ssh_config`, home, SYSTEM_FOLDER, disk),
  ];
}

const disk: ConfigFiles = {
  read: (path) =>
    inWords(path, async () => {
      const bytes = await readIfThere(path);
      return bytes && new TextDecoder().decode(bytes);
    }),
  find: (pattern) =>
    inWords(pattern, async () => {
      let found = ["/"];
      const parts = pattern.split("/").filter((part) => part !== "");
      for (const [i, part] of parts.entries()) {
        const next: string[] = [];
        for (const folder of found) {
          if (!/[*?]/.test(part)) next.push(`${folder}${part}`);
          else {
            for (const name of await namesIn(folder)) {
              if (!name.startsWith(".") && fitsPath(part, name)) next.push(`${folder}${name}`);
            }
          }
        }
        found = next.sort().map((one) => i < parts.length - 1 ? `${one}/` : one);
      }
      return found;
    }),
};

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

async function inWords<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
}
