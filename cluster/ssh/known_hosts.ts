/**
 * Keys of hosts: what known_hosts files say (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), and what that makes
 * of a key a host shows.
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import { Buffer } from "node:buffer";
import { fitsAny } from "./patterns.ts";

/** One line of a known_hosts file. */
export interface KnownKey {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker: "revoked" | "cert-authority" | undefined;
  /** Patterns with commas, or one hashed name. */
  readonly hosts: string;
  /** Such as "ssh-ed25519". */
  readonly type: string;
  readonly key: Buffer;
}

/** What known_hosts files make of a key. */
export type Verdict =
  | { readonly kind: "known" }
  | { readonly kind: "revoked"; readonly entry: KnownKey }
  | { readonly kind: "changed"; readonly entry: KnownKey }
  | {
    readonly kind: "unknown";
    /** Keys of other types that the host is known by. */
    readonly others: readonly KnownKey[];
    /** Whether a certificate authority is named for the host. */
    readonly hasAuthority: boolean;
  };

/** The lines of a known_hosts file that can be understood; OpenSSH passes over the others too. */
export function parseKnownHosts(text: string, file: string): KnownKey[] {
  return text.split("\n").flatMap((whole, i) => {
    const words = whole.trim().split(/[ \t]+/);
    if (words[0] === "" || words[0]?.startsWith("#")) return [];
    const marker = words[0]?.startsWith("@") ? words.shift()?.slice(1) : undefined;
    if (marker !== undefined && marker !== "revoked" && marker !== "cert-authority") return [];
    const [hosts, type, base64] = words;
    if (hosts === undefined || type === undefined || base64 === undefined) return [];
    const key = Buffer.from(base64, "base64");
    if (keyType(key) !== type) return [];
    return [{ file, line: i + 1, marker, hosts, type, key }];
  });
}

/** How known_hosts calls a host: its name, and the port where it is not 22. */
export function knownName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether a line is about a host; `name` as {@linkcode knownName} has it. */
export function isAbout(entry: KnownKey, name: string): boolean {
  if (entry.hosts.startsWith("|")) {
    const [, kind, salt, hash] = entry.hosts.split("|");
    if (kind !== "1" || salt === undefined || hash === undefined) return false;
    const bytes = Buffer.from(salt, "base64");
    return createHmac("sha1", bytes).update(name).digest().equals(Buffer.from(hash, "base64"));
  }
  return fitsAny(entry.hosts.toLowerCase().split(","), name);
}

/**
 * Judges the key a host shows.
 *
 * @param known All lines of all files.
 * @param name The host, as {@linkcode knownName} has it.
 */
export function judge(known: readonly KnownKey[], name: string, key: Buffer): Verdict {
  const about = known.filter((entry) => isAbout(entry, name));
  const revoked = about.find((entry) => entry.marker === "revoked" && entry.key.equals(key));
  if (revoked !== undefined) return { kind: "revoked", entry: revoked };
  const plain = about.filter(({ marker }) => marker === undefined);
  if (plain.some((entry) => entry.key.equals(key))) return { kind: "known" };
  const changed = plain.find(({ type }) => type === keyType(key));
  if (changed !== undefined) return { kind: "changed", entry: changed };
  const hasAuthority = about.some(({ marker }) => marker === "cert-authority");
  return { kind: "unknown", others: plain, hasAuthority };
}

/** Algorithms a host may prove its key with, best first. SHA-1 signatures (`ssh-rsa`) are not taken. */
const ALGORITHMS = [
  { type: "ssh-ed25519", names: ["ssh-ed25519"] },
  { type: "ecdsa-sha2-nistp256", names: ["ecdsa-sha2-nistp256"] },
  { type: "ecdsa-sha2-nistp384", names: ["ecdsa-sha2-nistp384"] },
  { type: "ecdsa-sha2-nistp521", names: ["ecdsa-sha2-nistp521"] },
  { type: "ssh-rsa", names: ["rsa-sha2-512", "rsa-sha2-256"] },
] as const;

/** Name of an algorithm a host proves its key with. */
export type HostKeyAlgorithm = typeof ALGORITHMS[number]["names"][number];

/** The algorithms in the order to ask for: those of keys the host is known by come first. */
export function algorithmsFor(known: readonly KnownKey[], name: string): HostKeyAlgorithm[] {
  const types = new Set(
    known.filter((entry) => entry.marker === undefined && isAbout(entry, name))
      .map(({ type }) => type),
  );
  const sorted = [
    ...ALGORITHMS.filter(({ type }) => types.has(type)),
    ...ALGORITHMS.filter(({ type }) => !types.has(type)),
  ];
  return sorted.flatMap(({ names }) => [...names]);
}

/** Type of a public key as SSH sends it, such as "ssh-ed25519"; empty where it is no key. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return "";
  const length = key.readUInt32BE(0);
  return length > 64 || length + 4 > key.length ? "" : key.toString("latin1", 4, 4 + length);
}

/** Fingerprint of a key, as OpenSSH shows it: "SHA256:...". */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
