/**
 * Whether a host is the one it says: known_hosts, and the user where that says nothing.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { ClusterError } from "../../core/errors.ts";
import { readIfThere } from "../../core/files.ts";
import { refusal } from "../../core/refusal.ts";
import {
  fingerprint,
  judge,
  keyType,
  type KnownKey,
  knownName,
  parseKnownHosts,
} from "./known_hosts.ts";
import type { SshSurroundings } from "./settings.ts";
import type { Target } from "./ssh_config.ts";

/** How often a question that wants yes or no is asked. */
const TRIES = 3;

/** The name a target has in known_hosts. */
export function nameOf(target: Target): string {
  return target.alias?.toLowerCase() ?? knownName(target.hostName, target.port);
}

/** All that the known_hosts files of a target say; a file that cannot be read is told of. */
export async function readKnownHosts(
  target: Target,
  tell: SshSurroundings["tell"],
): Promise<KnownKey[]> {
  const known: KnownKey[] = [];
  for (const path of [...target.userKnownHosts, ...target.globalKnownHosts]) {
    try {
      const bytes = await readIfThere(path);
      known.push(...parseKnownHosts(new TextDecoder().decode(bytes), path));
    } catch (error) {
      const reason = refusal(error);
      if (reason === undefined) throw error;
      tell(`Cannot read ${path}: ${reason}.`);
    }
  }
  return known;
}

/**
 * Lets a host through if its key is known, or if it is unknown and the user says yes; it is then added
 * to the first known_hosts file. `StrictHostKeyChecking no` and `accept-new` are not honoured: an
 * unknown host is asked about all the same, and a changed key is refused whatever the config says.
 *
 * @throws {ClusterError} The key is not the host's, or nobody vouches for it.
 */
export async function checkHostKey(
  target: Target,
  key: Buffer,
  known: readonly KnownKey[],
  { ask, tell }: Pick<SshSurroundings, "ask" | "tell">,
): Promise<void> {
  const name = nameOf(target);
  const print = fingerprint(key), kind = keyType(key);
  const verdict = judge(known, name, key);
  if (verdict.kind === "known") return;
  if (verdict.kind === "revoked") {
    throw new ClusterError(
      `Cannot reach ${target.name}: its key is marked as revoked (${print}, ` +
        `${verdict.entry.file} line ${verdict.entry.line})`,
      "Ask those who run the machine for its new key.",
    );
  }
  if (verdict.kind === "changed") {
    const { file, line } = verdict.entry;
    throw new ClusterError(
      `Cannot reach ${target.name}: its host key is not the one it is known by ` +
        `(it shows ${kind} ${print}, ${file} line ${line} has ${fingerprint(verdict.entry.key)})`,
      `Somebody may be in between. If those who run the machine confirm the new key, remove the old one: ` +
        `ssh-keygen -R '${name}' -f '${file}'.`,
    );
  }
  // As OpenSSH has it: a machine known by its name alone is known at its other ports too.
  const bare = target.hostName.toLowerCase();
  if (target.alias === undefined && name !== bare && judge(known, bare, key).kind === "known") {
    return;
  }

  const { others, hasAuthority } = verdict;
  const notes = [
    ...(others.length === 0 ? [] : [
      `It is known by another type of key (${others[0]?.type}, ${others[0]?.file} line ` +
      `${others[0]?.line}), which it does not show.`,
    ]),
    ...(hasAuthority
      ? ["A certificate authority is named for it in known_hosts, which siren cannot check."]
      : []),
  ];
  const remedy = [
    ...notes,
    `Check the fingerprint with those who run the machine, then make it known: ` +
    `${sshCommand(target)} once by hand, and say yes.`,
  ].join(" ");
  if (ask === undefined || target.isStrict) {
    const why = ask === undefined ? "there is no terminal to ask" : "StrictHostKeyChecking is yes";
    throw new ClusterError(
      `Cannot reach ${target.name}: its host key is not known, and ${why} (${kind} ${print})`,
      remedy,
    );
  }
  const question = [
    `The host ${name} is not known. Its ${kind} key has the fingerprint ${print}.`,
    ...notes,
    "Connect to it, and know it from now on (yes/no, or the fingerprint)? ",
  ].join("\n");
  for (let turn = 0; turn < TRIES; turn++) {
    const answer = (await ask({ text: question, secret: false }))?.trim();
    if (answer === undefined || answer.toLowerCase() === "no") break;
    if (answer.toLowerCase() === "yes" || answer === print) {
      await addKnownHost(target, name, kind, key, tell);
      return;
    }
    if (answer.startsWith("SHA256:")) break;
  }
  throw new ClusterError(
    `Cannot reach ${target.name}: its host key was not accepted (${kind} ${print})`,
    remedy,
  );
}

function sshCommand({ user, hostName, port }: Target): string {
  return `ssh ${port === 22 ? "" : `-p ${port} `}${user}@${hostName}`;
}

async function addKnownHost(
  target: Target,
  name: string,
  kind: string,
  key: Buffer,
  tell: SshSurroundings["tell"],
): Promise<void> {
  const [path] = target.userKnownHosts;
  if (path === undefined) return;
  try {
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (folder !== "") await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const before = await readIfThere(path);
    const isCut = before !== undefined && before.length > 0 && before.at(-1) !== 0x0a;
    const line = `${isCut ? "\n" : ""}${name} ${kind} ${key.toString("base64")}\n`;
    await Deno.writeTextFile(path, line, { append: true, mode: 0o600 });
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    tell(`Cannot add ${name} to ${path}: ${reason}. It will be asked about again.`);
  }
}
