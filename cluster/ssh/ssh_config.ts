/**
 * Where a name leads by the ssh config: ssh_config(5), as far as siren can follow it. Nothing in a config
 * is ever run.
 *
 * @module
 */
import SSHConfig from "ssh-config";
import { InputError } from "../../core/errors.ts";
import { fits, fitsAny } from "./patterns.ts";
import type { SshSettings } from "./settings.ts";

/** One machine on the way, with all that is needed to reach it. */
export interface Target {
  /** As the user calls it. */
  readonly name: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Name under which known_hosts has its key (HostKeyAlias), where that is not its own. */
  readonly alias: string | undefined;
  /** Paths of private keys. */
  readonly identities: readonly string[];
  /** Whether only those may be used of the agent's keys. */
  readonly identitiesOnly: boolean;
  /** Where the agent listens. */
  readonly agent: string | undefined;
  /** Known_hosts files of the user; new hosts are added to the first. */
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  /** Whether an unknown host is refused unasked (StrictHostKeyChecking yes). */
  readonly isStrict: boolean;
  /** Seconds for the connection to stand, the time for questions apart. */
  readonly timeout: number;
  /** Seconds between signs of life. */
  readonly aliveInterval: number;
}

/** The way to a machine: jump hosts in order, then the machine. */
export interface Route {
  readonly targets: readonly [Target, ...Target[]];
  /** What the config asks for that siren does not do, each a sentence. */
  readonly warnings: readonly string[];
}

interface Setting {
  readonly keyword: string;
  /** The value as it was written, and its words. */
  readonly value: string;
  readonly words: readonly string[];
}
interface Include {
  readonly files: readonly Config[];
}
interface Block {
  readonly condition?: Setting;
  readonly items: readonly (Setting | Include)[];
}

/** A config with all that it includes. */
export type Config = readonly Block[];

/** Reads what a config needs of the disk. */
export interface ConfigFiles {
  /** Content of a file; undefined where there is none. */
  read(path: string): Promise<string | undefined>;
  /** Paths that fit a pattern, in order of their names. */
  find(pattern: string): Promise<string[]>;
}

/** Includes may be this deep, as in OpenSSH; jumps too. */
const DEEPEST = 16;
const TIMEOUT = 20, ALIVE_INTERVAL = 15;
const DEFAULT_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"];

/** Options that change how a host is reached or checked, and that siren cannot follow. */
const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  certificatefile: "CertificateFile",
  pkcs11provider: "PKCS11Provider",
  knownhostscommand: "KnownHostsCommand",
  revokedhostkeys: "RevokedHostKeys",
  bindaddress: "BindAddress",
  bindinterface: "BindInterface",
  canonicalizehostname: "CanonicalizeHostname",
};

/**
 * Reads a config and what it includes.
 *
 * @param path Its path; one that is not there is an empty config.
 * @param home The home folder, for `~`.
 * @param folder Folder of includes that are not absolute: `~/.ssh`, or `/etc/ssh` for the system's config.
 * @throws {InputError} It cannot be understood.
 */
export async function readConfig(
  path: string,
  home: string,
  folder: string,
  files: ConfigFiles,
  depth = 0,
): Promise<Config> {
  const text = await files.read(path);
  if (text === undefined) return [];
  if (depth > DEEPEST) throw faulty(path, "its Include leads back to itself");
  const include = async (patterns: readonly string[]) => {
    const found: Config[] = [];
    for (const pattern of patterns) {
      const whole = pattern.startsWith("~/")
        ? home + pattern.slice(1)
        : pattern.startsWith("/")
        ? pattern
        : `${folder}/${pattern}`;
      for (const one of await files.find(whole)) {
        found.push(await readConfig(one, home, folder, files, depth + 1));
      }
    }
    return found;
  };
  const items = async (lines: SSHConfig) => {
    const result: (Setting | Include)[] = [];
    for (const line of lines) {
      if (line.type !== SSHConfig.DIRECTIVE || "config" in line) continue;
      const setting = settingOf(line, path);
      if (setting.keyword === "include") result.push({ files: await include(setting.words) });
      else result.push(setting);
    }
    return result;
  };
  const lines = parse(text, path);
  const blocks: Block[] = [{ items: await items(lines) }];
  for (const line of lines) {
    if (!("config" in line)) continue;
    blocks.push({ condition: settingOf(line, path), items: await items(line.config) });
  }
  return blocks;
}

function parse(text: string, path: string): SSHConfig {
  try {
    return SSHConfig.parse(text.replaceAll("\r\n", "\n").trimEnd() + "\n");
  } catch (cause) {
    const reason = cause instanceof TypeError // the parser's answer to an option without a value
      ? "an option has no value"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw faulty(path, reason, cause);
  }
}

function settingOf(
  line: { param: string; separator: string; value: string | { val: string }[] },
  path: string,
): Setting {
  const words = typeof line.value === "string" ? [line.value] : line.value.map(({ val }) => val);
  if (/[\r\n]/.test(line.param + line.separator) || words.every((word) => word === "")) {
    throw faulty(path, `${line.param.trim().split("\n")[0]} has no value`);
  }
  return { keyword: line.param.toLowerCase(), value: words.join(" "), words };
}

function faulty(path: string, reason: string, cause?: unknown): InputError {
  return new InputError(
    `Cannot understand ${path}: ${reason}`,
    "`ssh -G HOST` shows how OpenSSH reads it.",
    { cause },
  );
}

/** What of the program's surroundings a route depends on. */
export interface Origin {
  readonly home: string;
  readonly user: string;
  readonly agent?: string | undefined;
}

/**
 * Finds the way to a host: by the settings, then by the config, first value first.
 *
 * @throws {InputError} The config asks for what siren cannot do (ProxyCommand), or a value makes no sense.
 */
export function findRoute(settings: SshSettings, config: Config, origin: Origin): Route {
  const warnings = new Set<string>();
  const targets: Target[] = [];
  const seen = new Set<string>();

  const add = (name: string, given: Given, isLast: boolean) => {
    const values = lookUp(name, given, config, origin, warnings);
    const jumps = jumpsOf(values, name);
    const key = JSON.stringify([name, values.get("port")]);
    if (seen.has(key) || seen.size > DEEPEST) {
      throw new InputError(
        `Cannot find the way to ${settings.host}: the jump hosts lead in a circle (${name})`,
        "Mend ProxyJump.",
      );
    }
    seen.add(key);
    // As OpenSSH has it: the first jump is reached by its own config, each other one through those before it.
    jumps.forEach((jump, i) => {
      add(jump.name, { ...jump.given, proxyJump: i === 0 ? undefined : "none" }, false);
    });
    seen.delete(key);
    targets.push(targetOf(name, values, settings, origin, isLast, warnings));
  };

  add(settings.host, {
    user: settings.user,
    port: settings.port?.toString(),
    proxyJump: settings.proxy_jump,
  }, true);
  const [first, ...rest] = targets;
  if (first === undefined) throw new Error("a route has at least its end");
  return { targets: [first, ...rest], warnings: [...warnings] };
}

interface Given {
  readonly user?: string | undefined;
  readonly port?: string | undefined;
  readonly proxyJump?: string | undefined;
}

/** Values by keyword in lower case; options that add up have several. `proxy` is the first of the two kinds. */
type Values = Map<string, readonly string[]>;

const ADDING = new Set(["identityfile", "certificatefile"]);
const LISTS = new Set(["userknownhostsfile", "globalknownhostsfile"]);

function lookUp(
  name: string,
  given: Given,
  config: Config,
  origin: Origin,
  warnings: Set<string>,
): Values {
  const values: Values = new Map();
  if (given.user !== undefined) values.set("user", [given.user]);
  if (given.port !== undefined) values.set("port", [given.port]);
  if (given.proxyJump !== undefined) values.set("proxy", ["jump", given.proxyJump]);
  let host = name, isFinal = false, wantsFinal = false;

  const take = ({ keyword, value, words }: Setting) => {
    if (keyword === "proxyjump" || keyword === "proxycommand") {
      const kind = keyword === "proxyjump" ? "jump" : "command";
      if (!values.has("proxy")) values.set("proxy", [kind, value]);
    } else if (ADDING.has(keyword)) {
      const before = values.get(keyword) ?? [];
      if (!before.includes(value)) values.set(keyword, [...before, value]);
    } else if (!values.has(keyword)) {
      values.set(keyword, LISTS.has(keyword) ? words : [value]);
    }
  };

  const holds = ({ keyword, words }: Setting): boolean => {
    if (keyword === "host") return fitsAny(words, host);
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? "";
      const isNegated = word.startsWith("!");
      const criterion = word.replace(/^!/, "").toLowerCase();
      if (criterion === "all") continue;
      if (criterion === "final" || criterion === "canonical") {
        wantsFinal ||= criterion === "final";
        if (isFinal === isNegated) return false;
        continue;
      }
      const isHost = criterion === "host" || criterion === "originalhost";
      const written = words[++i] ?? "";
      // Names are in lower case for Match, not for Host.
      const patterns = (isHost ? written.toLowerCase() : written).split(",");
      const subject = matchSubject(criterion, { name, host, values, origin });
      if (subject === undefined) {
        // Run nothing, and do not guess: the block is left out whether negated or not.
        warnings.add(`The ssh config has "Match ${criterion}", which siren does not follow.`);
        return false;
      }
      if (fitsAny(patterns, subject) === isNegated) return false;
    }
    return true;
  };

  const visit = (blocks: Config) => {
    for (const { condition, items } of blocks) {
      if (condition !== undefined && !holds(condition)) continue;
      for (const item of items) {
        if ("files" in item) item.files.forEach(visit);
        else take(item);
      }
    }
  };
  visit(config);
  if (wantsFinal) {
    isFinal = true;
    host = hostNameOf(name, values);
    values.set("hostname", [host.replaceAll("%", "%%")]); // it is settled now
    visit(config);
  }
  return values;
}

/** What a criterion of Match is compared with; undefined for those siren does not know. */
function matchSubject(
  criterion: string,
  { name, host, values, origin }: {
    name: string;
    host: string;
    values: Values;
    origin: Origin;
  },
): string | undefined {
  switch (criterion) {
    case "host":
      return values.has("hostname") ? hostNameOf(name, values) : host.toLowerCase();
    case "originalhost":
      return name.toLowerCase();
    case "user":
      return values.get("user")?.[0] ?? origin.user;
    case "localuser":
      return origin.user;
    default:
      return undefined;
  }
}

function hostNameOf(name: string, values: Values): string {
  const [written] = values.get("hostname") ?? [];
  const whole = written?.replace(/%[%h]/g, (token) => token === "%h" ? name : "%") ?? name;
  return whole.toLowerCase();
}

function jumpsOf(values: Values, name: string): { name: string; given: Given }[] {
  const [kind, value = "none"] = values.get("proxy") ?? [];
  if (value.toLowerCase() === "none") return [];
  if (kind === "command") {
    throw new InputError(
      `Cannot reach ${name}: the ssh config has a ProxyCommand for it, and siren runs no commands of a config`,
      "Say ProxyJump instead, in the config or as proxy_jump of the profile.",
    );
  }
  return value.split(",").map((jump) => {
    const [, user, bracketed, plain, port] =
      /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?\/?$/.exec(jump.trim()) ?? [];
    const host = bracketed ?? plain;
    if (host === undefined) {
      throw new InputError(`Cannot reach ${name}: ProxyJump makes no sense (${jump})`);
    }
    return { name: host, given: { user, port } };
  });
}

function targetOf(
  name: string,
  values: Values,
  settings: SshSettings,
  origin: Origin,
  isLast: boolean,
  warnings: Set<string>,
): Target {
  const first = (keyword: string) => values.get(keyword)?.[0];
  const hostName = hostNameOf(name, values);
  // What could be taken for more than one name would end up as such in known_hosts.
  const alias = first("hostkeyalias");
  for (const one of [hostName, alias ?? ""]) {
    // deno-lint-ignore no-control-regex
    if (/[\s\u0000-\u001f\u007f,*?!|#]/.test(one) || (one === "" && one === hostName)) {
      throw new InputError(`Cannot reach ${name}: this is no host's name (${JSON.stringify(one)})`);
    }
  }
  const port = Number(first("port") ?? 22);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new InputError(`Cannot reach ${name}: this is no port (${first("port")})`);
  }
  const user = first("user") ?? origin.user;
  for (const [keyword, title] of Object.entries(NOT_FOLLOWED)) {
    const value = first(keyword)?.toLowerCase();
    if (value === undefined || ["none", "no", "any"].includes(value)) continue;
    warnings.add(`The ssh config has ${title} for ${name}, which siren does not follow.`);
  }

  const tokens: Readonly<Record<string, string>> = {
    "%%": "%",
    "%d": origin.home,
    "%h": hostName,
    "%n": name,
    "%p": String(port),
    "%r": user,
    "%u": origin.user,
  };
  const paths = (written: readonly string[]) =>
    written.flatMap((path) => {
      if (path.toLowerCase() === "none") return [];
      const home = path.startsWith("~/") ? origin.home + path.slice(1) : path;
      const unknown = /^~|\$\{/.test(home) ||
        (home.match(/%./g) ?? []).some((token) => tokens[token] === undefined);
      if (unknown) {
        warnings.add(`The ssh config has a path that siren cannot make out (${path}).`);
        return [];
      }
      return [home.replace(/%./g, (token) => tokens[token] ?? token)];
    });

  const own = paths(values.get("identityfile") ?? DEFAULT_KEYS.map((key) => `~/.ssh/${key}`));
  const given = settings.identity === undefined ? [] : paths([settings.identity]);
  const agent = first("identityagent");
  return {
    name,
    hostName,
    port,
    user,
    alias,
    identities: [...new Set(isLast ? [...given, ...own] : [...own, ...given])],
    identitiesOnly: isYes(first("identitiesonly")),
    agent: agent === undefined || agent === "SSH_AUTH_SOCK" || agent === "$SSH_AUTH_SOCK"
      ? origin.agent
      : paths([agent])[0],
    userKnownHosts: settings.known_hosts !== undefined
      ? paths([settings.known_hosts])
      : paths(values.get("userknownhostsfile") ?? ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]),
    globalKnownHosts: paths(
      values.get("globalknownhostsfile") ??
        ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
    ),
    isStrict: isYes(first("stricthostkeychecking")),
    timeout: seconds(first("connecttimeout"), name) || TIMEOUT,
    aliveInterval: seconds(first("serveraliveinterval"), name) || ALIVE_INTERVAL,
  };
}

function isYes(value: string | undefined): boolean {
  return value?.toLowerCase() === "yes" || value?.toLowerCase() === "true";
}

/** A time of ssh_config: "90", "2m", "1h30m". */
function seconds(value: string | undefined, name: string): number | undefined {
  if (value === undefined || value.toLowerCase() === "none") return undefined;
  if (!/^(\d+[smhdw]?)+$/i.test(value)) {
    throw new InputError(`Cannot reach ${name}: the ssh config has a time that is none (${value})`);
  }
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
  return [...value.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)]
    .reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 1), 0);
}

/** Whether a path fits a pattern with `*` and `?`, folder by folder. */
export function fitsPath(pattern: string, path: string): boolean {
  const a = pattern.split("/"), b = path.split("/");
  return a.length === b.length && a.every((part, i) => fits(part, b[i] ?? ""));
}
