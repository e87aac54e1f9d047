/**
 * Keys that may open a door: those of the agent, and those in files.
 *
 * @module
 */
import { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import ssh2, { type BaseAgent, type ParsedKey, type SigningRequestOptions } from "ssh2";
import { InputError } from "../../core/errors.ts";
import { readIfThere } from "../../core/files.ts";
import { refusal } from "../../core/refusal.ts";
import type { SshSurroundings } from "./settings.ts";
import type { Target } from "./ssh_config.ts";

/** How often a passphrase is asked for. */
const TRIES = 3;

/** A key that can be offered to a host. */
export interface Identity {
  /** How messages call it. */
  readonly label: string;
  /** Its public half. */
  readonly key: ParsedKey;
  /** Signs with it, which may ask for a passphrase; undefined where that was not given. */
  sign(data: Buffer, options: SigningRequestOptions): Promise<Buffer | undefined>;
}

/** What was found, and what could not be used and why. */
export interface Identities {
  readonly usable: readonly Identity[];
  readonly left: readonly string[];
}

/** Keys that were decrypted, by path: kept in memory only, so that a reconnection does not ask again. */
export type OpenKeys = Map<string, ParsedKey>;

/**
 * Finds the keys for a target, in the order to offer them: one that was named explicitly, those of the
 * agent that the config lists, the agent's others, those in files.
 *
 * @param named Path of the key that was named explicitly.
 */
export async function findIdentities(
  target: Target,
  named: string | undefined,
  { ask, tell }: Pick<SshSurroundings, "ask" | "tell">,
  open: OpenKeys,
): Promise<Identities> {
  const left: string[] = [];
  const ofFiles: Identity[] = [];
  /** Public keys of files, also of those whose private half is only in the agent. */
  const listed: ParsedKey[] = [];
  for (const path of target.identities) {
    const found = await readIdentity(path, ask, open, tell);
    if (found === undefined && path === named) {
      throw new InputError(
        `Cannot use the key ${path}: there is no such file`,
        "Mend identity in the profile.",
      );
    }
    if (found === undefined) continue;
    if (found.key !== undefined) listed.push(found.key);
    if (found.identity !== undefined) ofFiles.push(found.identity);
    if (found.problem !== undefined) left.push(found.problem);
  }
  const ofAgent = target.agent === undefined ? [] : await askAgent(target.agent, tell);
  const isListed = ({ key }: Identity) => listed.some((one) => isSame(one, key));
  const isNamed = ({ label }: Identity) => label === named;
  const order = [
    ...ofFiles.filter(isNamed),
    ...ofAgent.filter(isListed),
    ...(target.identitiesOnly ? [] : ofAgent),
    ...ofFiles,
  ];
  // The same key from several places is offered once: hosts count attempts.
  const usable = order.filter((one, i) => order.findIndex(({ key }) => isSame(key, one.key)) === i);
  return { usable, left };
}

function isSame(a: ParsedKey, b: ParsedKey): boolean {
  return a.getPublicSSH().equals(b.getPublicSSH());
}

interface Found {
  readonly key?: ParsedKey;
  readonly identity?: Identity;
  readonly problem?: string;
}

async function readIdentity(
  path: string,
  ask: SshSurroundings["ask"],
  open: OpenKeys,
  tell: SshSurroundings["tell"],
): Promise<Found | undefined> {
  const isPublic = path.endsWith(".pub");
  const [secret, beside] = await Promise.all([
    isPublic ? undefined : readKeyFile(path, tell),
    readKeyFile(isPublic ? path : `${path}.pub`, tell),
  ]);
  if (secret === undefined && beside === undefined) return undefined;
  const parsed = open.get(path) ?? (secret === undefined ? undefined : parseKey(secret));
  const isOpen = parsed !== undefined && parsed.isPrivateKey();
  const key = isOpen ? parsed : publicHalf(secret, beside) ?? parsed;
  if (secret === undefined) return key === undefined ? undefined : { key };
  if (isOpen) {
    return {
      key: parsed,
      identity: { label: path, key: parsed, sign: (data, { hash }) => sign(parsed, data, hash) },
    };
  }
  if (!/ENCRYPTED/.test(secret) && !isEncryptedOpenSsh(secret)) {
    return { ...(key && { key }), problem: `${path} holds no private key that siren can read` };
  }
  if (ask === undefined) {
    return {
      ...(key && { key }),
      problem: `${path} is encrypted, and there is no terminal to ask`,
    };
  }
  const unlock = async () => {
    const opened = open.get(path) ?? await decrypt(path, secret, ask);
    if (opened !== undefined) open.set(path, opened);
    return opened;
  };
  if (key !== undefined) {
    // The passphrase is asked for only where the host would take the key.
    const signUnlocked: Identity["sign"] = async (data, { hash }) => {
      const opened = await unlock();
      return opened === undefined ? undefined : await sign(opened, data, hash);
    };
    return { key, identity: { label: path, key, sign: signUnlocked } };
  }
  const opened = await unlock();
  if (opened === undefined) return { problem: `${path} could not be decrypted` };
  return {
    key: opened,
    identity: { label: path, key: opened, sign: (data, { hash }) => sign(opened, data, hash) },
  };
}

async function readKeyFile(
  path: string,
  tell: SshSurroundings["tell"],
): Promise<string | undefined> {
  try {
    const bytes = await readIfThere(path);
    return bytes && new TextDecoder().decode(bytes);
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    tell(`Cannot read ${path}: ${reason}.`);
    return undefined;
  }
}

async function decrypt(
  path: string,
  secret: string,
  ask: NonNullable<SshSurroundings["ask"]>,
): Promise<ParsedKey | undefined> {
  for (let turn = 0; turn < TRIES; turn++) {
    const again = turn === 0 ? "" : "That is not it. ";
    const passphrase = await ask({ text: `${again}Passphrase of ${path}: `, secret: true });
    if (passphrase === undefined) return undefined;
    const key = parseKey(secret, passphrase);
    if (key !== undefined) return key;
  }
  return undefined;
}

function parseKey(text: string | Buffer, passphrase?: string): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(text, passphrase);
  // The types say one key; files of the older formats give a list.
  const [first] = Array.isArray(key) ? key as ParsedKey[] : [key];
  return first instanceof Error ? undefined : first;
}

const MAGIC = "openssh-key-v1\0";

function openSshBody(text: string): Buffer | undefined {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END/.exec(text) ??
    [];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, "base64");
  return bytes.toString("latin1", 0, MAGIC.length) === MAGIC
    ? bytes.subarray(MAGIC.length)
    : undefined;
}

function isEncryptedOpenSsh(text: string): boolean {
  const body = openSshBody(text);
  return body !== undefined && readString(body, 0)?.toString("latin1") !== "none";
}

/** The public half, which OpenSSH writes unencrypted into the file itself, and beside it. */
function publicHalf(
  secret: string | undefined,
  beside: string | undefined,
): ParsedKey | undefined {
  const body = secret === undefined ? undefined : openSshBody(secret);
  if (body !== undefined) {
    let at = 0;
    for (let skipped = 0; skipped < 3; skipped++) at += 4 + (readString(body, at)?.length ?? 0);
    const key = readString(body, at + 4);
    const parsed = key && parseKey(key);
    if (parsed !== undefined) return parsed;
  }
  return beside === undefined ? undefined : parseKey(beside);
}

function readString(bytes: Buffer, at: number): Buffer | undefined {
  if (at + 4 > bytes.length) return undefined;
  const end = at + 4 + bytes.readUInt32BE(at);
  return end > bytes.length ? undefined : bytes.subarray(at + 4, end);
}

// deno-lint-ignore require-await -- signing is asynchronous for other keys
async function sign(key: ParsedKey, data: Buffer, hash: string | undefined): Promise<Buffer> {
  // The types say a buffer; a key that cannot sign gives an error.
  const signature: Buffer | Error = key.sign(data, hash);
  if (signature instanceof Error) throw signature;
  return signature;
}

async function askAgent(path: string, tell: SshSurroundings["tell"]): Promise<Identity[]> {
  const agent = ssh2.createAgent(path);
  try {
    const keys = await new Promise<ParsedKey[]>((resolve, reject) => {
      agent.getIdentities((error, found) => {
        if (error) reject(error);
        else resolve((found ?? []).flatMap((key) => parsedOf(key)));
      });
    });
    return keys.map((key) => ({
      label: `a key of the agent (${printableComment(key)})`,
      key,
      sign: (data, options) => signByAgent(agent, key, data, options),
    }));
  } catch (error) {
    tell(`The SSH agent does not answer (${error instanceof Error ? error.message : error}).`);
    return [];
  }
}

function printableComment(key: ParsedKey): string {
  return `${key.type} ${key.comment}`.replace(/[^\x20-\x7e]/g, "").trim();
}

/** A key as ssh2's agents give it: parsed, whatever else the types allow. Others are left out. */
function parsedOf(key: object | string): ParsedKey[] {
  return typeof key === "object" && "getPublicSSH" in key ? [key as ParsedKey] : [];
}

function signByAgent(
  agent: BaseAgent,
  key: ParsedKey,
  data: Buffer,
  options: SigningRequestOptions,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    agent.sign(key, data, options, (error, signature) => {
      if (error || signature === undefined) reject(error ?? new Error("the agent signed nothing"));
      else resolve(signature);
    });
  });
}
