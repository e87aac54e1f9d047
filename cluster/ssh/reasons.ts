/**
 * Why a host could not be reached, in words.
 *
 * @module
 */
import { ClusterError, ConnectionError } from "../../core/errors.ts";
import { printable } from "./settings.ts";
import type { Target } from "./ssh_config.ts";

const ROUTE_REMEDY =
  "See that the machine is up and that this one is in the right network (a VPN, say).";
const NAME_REMEDY = "See that host and port are right, and that the machine is up.";

/** What errors of the network mean: by code where there is one, else by what the message holds. */
const REASONS: readonly {
  readonly sign: RegExp;
  readonly reason: string;
  readonly remedy: string;
  /** Whether trying again would be in vain. */
  readonly isFinal?: boolean;
}[] = [
  { sign: /ECONNREFUSED/, reason: "nothing listens there", remedy: NAME_REMEDY },
  { sign: /ENOTFOUND|EAI_NONAME/, reason: "no machine has this name", remedy: NAME_REMEDY },
  { sign: /EAI_AGAIN/, reason: "the name cannot be looked up now", remedy: ROUTE_REMEDY },
  { sign: /ETIMEDOUT|Timed out/, reason: "it does not answer", remedy: ROUTE_REMEDY },
  { sign: /EHOSTUNREACH|ENETUNREACH/, reason: "no way leads there", remedy: ROUTE_REMEDY },
  {
    sign: /ECONNRESET|EPIPE|Connection lost|No response|Keepalive timeout/,
    reason: "it broke the connection off",
    remedy: "Try again later; a machine that is busy turns connections away.",
  },
  {
    sign: /Too many authentication failures/i,
    reason: "it was offered too many keys",
    remedy:
      "Name the right key (identity in the profile, or IdentityFile and IdentitiesOnly in the ssh config).",
    isFinal: true,
  },
  {
    sign: /no matching|Handshake failed/i,
    reason: "it and siren have no way of encryption in common",
    remedy: "Ask those who run the machine for a newer SSH server.",
    isFinal: true,
  },
  {
    sign: /administratively prohibited/i,
    reason: "the jump host does not hand connections on",
    remedy: "Ask those who run the jump host to allow TCP forwarding, or use another one.",
    isFinal: true,
  },
];

/**
 * The error for a target that could not be reached.
 *
 * @param where How messages call the machine.
 * @param cause What the network or the host said; an error in words already is handed through.
 */
export function notReached(where: string, target: Target, cause: unknown): unknown {
  if (cause instanceof ClusterError || !(cause instanceof Error)) return cause;
  // A missing permission of Deno is no fault of the network.
  if (cause.name === "NotCapable") return cause;
  const code = "code" in cause ? String(cause.code) : "";
  const text = `${code} ${cause.message}`;
  const known = REASONS.find(({ sign }) => sign.test(text));
  const at = `${target.hostName} port ${target.port}`;
  const said = printable(cause.message);
  const message = known === undefined
    ? `Cannot reach ${where}: ${said} (${at})`
    : `Cannot reach ${where}: ${known.reason} (${at}: ${said})`;
  const kind = known?.isFinal === true ? ClusterError : ConnectionError;
  return new kind(message, known?.remedy ?? NAME_REMEDY, { cause });
}
