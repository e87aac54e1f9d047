/**
 * Profiles: what a user says about a cluster, in a TOML file with one table for each.
 *
 * @module
 */
import { dirname, isAbsolute, join } from "node:path";
import { parse, TomlDate, TomlError } from "smol-toml";
import { z } from "zod";
import { engineNames } from "../../core/cooccupancy/engines.ts";
import { InputError, UsageError } from "../../core/errors.ts";
import { readIfThere } from "../../core/files.ts";
import { refusal } from "../../core/refusal.ts";
import { suggest } from "../../core/suggest.ts";

/** Options of sbatch that a profile's `skip` may name; siren gives no other that a run can do without. */
export const SKIPPABLE = [
  "partition",
  "account",
  "qos",
  "constraint",
  "time",
  "mem",
  "cpus-per-task",
  "gres",
  "exclude",
  "open-mode",
  "signal",
] as const;

/** See {@linkcode SKIPPABLE}. */
export type Skippable = (typeof SKIPPABLE)[number];

/** Options of sbatch that siren gives itself or that would keep a job from being submitted, with their letters. */
const RESERVED = {
  array: "a",
  chdir: "D",
  error: "e",
  exclude: "x",
  "job-name": "J",
  "open-mode": "",
  output: "o",
  parsable: "",
  signal: "",
  "test-only": "",
  wait: "W",
  wrap: "",
  help: "h",
  usage: "",
  version: "V",
} as const;

const text = z.string().min(1, "it must not be empty")
  .refine((value) => !/\p{Cc}/u.test(value), {
    error: "it must be one line without control characters",
    abort: true,
  });

/** A value of an sbatch option. */
const optionValue = text
  .refine((value) => !/\s/.test(value), "it must hold no spaces")
  .refine((value) => !value.startsWith("-"), "it must not begin with -");

const clusterFolder = text
  .refine((value) => /^(?:\/|~\/)/.test(value), "it must be absolute, or begin with ~/")
  .transform((value) => value.replace(/(?<=[^/~])\/+$/, ""));

const time = z.union([z.string(), z.number()], {
  error: 'it must be minutes, or Slurm\'s "MM:SS", "HH:MM:SS", "D-HH:MM:SS" in quotes',
}).transform((value, context) => {
  const minutes = parseTime(String(value));
  if (minutes === undefined) {
    context.addIssue(
      'it must be minutes, or Slurm\'s "MM:SS", "HH:MM:SS", "D-HH", "D-HH:MM", "D-HH:MM:SS", above 0',
    );
  }
  return minutes ?? z.NEVER;
});

const memory = z.union([z.string(), z.number()], {
  error: 'it must be MiB, or a size such as "8G" or "500M" in quotes',
}).transform((value, context) => {
  const size = parseMemory(String(value));
  if (size === undefined) {
    context.addIssue('it must be MiB, or a size such as "8G" or "500M", above 0');
  }
  return size ?? z.NEVER;
});

const directive = text.superRefine((value, context) => {
  if (!value.startsWith("-")) {
    context.addIssue('it must begin with -, as in "--mail-type=END"');
  }
  for (const word of value.split(/\s+/).filter((word) => word.startsWith("-"))) {
    const name = reservedName(word);
    if (name !== undefined) context.addIssue(`siren has its own use for --${name}`);
  }
});

const skippable = z.string()
  .transform((name) => name.replace(/^--/, ""))
  .superRefine((name, context) => {
    if (!(SKIPPABLE as readonly string[]).includes(name)) {
      context.addIssue(`siren never gives --${name}${didYouMean(name, SKIPPABLE)}`);
    }
  })
  .transform((name) => name as Skippable); // just checked

const hop = String
  .raw`(?:[^\s@,:\[\]-][^\s@,:\[\]]*@)?(?:\[[\da-fA-F:.]+\]|[^\s@,:\[\]-][^\s@,:\[\]]*)(?::\d{1,5})?`;

const SshSchema = z.strictObject({
  /** Name or address of the login node, or a Host of the ssh config. */
  host: text.regex(/^[^\s@-][^\s@]*$/, "it must be a host's name alone"),
  user: text.regex(/^[^\s@-][^\s@]*$/, "it must be a user's name alone").optional(),
  port: z.int().gte(1).lte(65535).optional(),
  /** Private key, a path on this machine. */
  identity: text.optional(),
  /** Machines to go through: "host" or "user@host:port", several by comma. */
  proxy_jump: text.regex(
    new RegExp(`^${hop}(?:,${hop})*$`),
    'it must be "host" or "user@host:port", several by comma',
  ).optional(),
  /** An ssh config instead of ~/.ssh/config. */
  config: text.optional(),
  /** Known hosts instead of those that the ssh config names. */
  known_hosts: text.optional(),
});

/** A profile's table. */
export const ProfileSchema = z.strictObject({
  partition: optionValue.optional(),
  account: optionValue.optional(),
  qos: optionValue.optional(),
  constraint: optionValue.optional(),
  /** Time limit of a task, in minutes. */
  time: time.optional(),
  /** Memory of a task, in MiB. */
  memory: memory.optional(),
  /** Cap in MiB when memory is raised after a task ran out of it. */
  max_memory: memory.optional(),
  /** CPUs of a task. */
  cpus: z.int().gte(1).default(4),
  /** Generic resources of a task, such as "gpu:a100:1". */
  gres: optionValue.optional(),
  /** Most tasks of an array that run at once. */
  max_tasks: z.int().gte(1).optional(),
  /** Lines of bash put before the command. */
  setup: z.array(
    z.string().refine(
      (line) => !/[^\t\P{Cc}]/u.test(line),
      "it must be one line without control characters",
    ),
  ).default([]),
  /** Further options of sbatch, as they stand after `#SBATCH`. */
  directives: z.array(directive).default([]),
  /** Options of sbatch that siren must not give. */
  skip: z.array(skippable).default([]),
  /** Variables that the tasks get. */
  environment: z.record(
    z.string()
      .regex(
        /^[A-Za-z_]\w*$/,
        "its name must be of letters, digits and _, and not begin with a digit",
      )
      .refine((name) => !name.startsWith("SLURM_"), "Slurm sets it itself"),
    z.string().refine((value) => !value.includes("\0"), "it must hold no NUL"),
  ).default({}),
  /** A batch script's template, instead of siren's. */
  template: text.optional(),
  /** Folder on the cluster's shared disk where runs are kept. */
  scratch: clusterFolder.optional(),
  /** Folder on the cluster's shared disk where siren is installed. */
  install: clusterFolder.optional(),
  /** Folder on the cluster that holds sbatch; over SSH only, as siren starts programs here by the PATH alone. */
  slurm_bin: text.refine((value) => value.startsWith("/"), "it must be absolute").optional(),
  engine: z.enum(engineNames).default("auto"),
  /** How long a task should take, in minutes. */
  task_minutes: z.number().gt(0).default(5),
  /** Shards of a task, instead of as many as `task_minutes` allows. */
  shards_per_task: z.int().gte(1).optional(),
  /** How many seconds the file of a finished task may take to be seen. */
  grace: z.number().gte(0).default(60),
  /** Most seconds between two looks at the cluster. */
  poll: z.number().gte(0.2).default(30),
  /** How to reach the login node; absent where sbatch is on this machine. */
  ssh: SshSchema.optional(),
}).superRefine(({ memory, max_memory, slurm_bin, ssh }, context) => {
  if (slurm_bin?.startsWith("/") && ssh === undefined) {
    context.addIssue({
      code: "custom",
      message: "it is for clusters with an ssh table; without one put that folder on the PATH",
      path: ["slurm_bin"],
    });
  }
  if (memory !== undefined && max_memory !== undefined && max_memory < memory) {
    context.addIssue({
      code: "custom",
      message: "it must not be less than memory",
      path: ["max_memory"],
    });
  }
}).transform((profile) =>
  profile.ssh === undefined ? profile : {
    ...profile,
    scratch: profile.scratch ?? "~/siren-scratch",
    install: profile.install ?? "~/siren",
  }
);

/** A user's description of a cluster, with its defaults. `time` is in minutes, memory in MiB. */
export type Profile = Readonly<z.infer<typeof ProfileSchema>> & {
  /** Name of its table. */
  readonly name: string;
  /** The file it is from. */
  readonly file: string;
};

/**
 * Minutes of a time as Slurm takes it: "minutes", "MM:SS", "HH:MM:SS", "D-HH", "D-HH:MM" or
 * "D-HH:MM:SS". A begun minute counts whole.
 *
 * @returns Undefined where it is none of these, or 0.
 */
export function parseTime(time: string): number | undefined {
  const match = /^(?:(\d{1,5})-)?(\d{1,7})(?::(\d{1,5}))?(?::(\d{1,5}))?$/.exec(time.trim());
  if (match === null) return undefined;
  const [days, a, b, c] = match.slice(1).map((part) =>
    part === undefined ? undefined : Number(part)
  );
  const [first, second, third] = [a ?? 0, b ?? 0, c ?? 0];
  const seconds = days !== undefined
    ? days * 86400 + first * 3600 + second * 60 + third
    : c !== undefined
    ? first * 3600 + second * 60 + third
    : first * 60 + second;
  return seconds === 0 ? undefined : Math.ceil(seconds / 60);
}

/**
 * A time limit as Slurm writes it: "HH:MM:SS", from a day on "D-HH:MM:SS".
 *
 * @param minutes A whole number above 0.
 */
export function formatTime(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes % 1440 / 60);
  return `${days === 0 ? "" : `${days}-`}${two(hours)}:${two(minutes % 60)}:00`;
}

/**
 * MiB of a size such as "8G" or "500M"; a number alone is MiB. Rounded up.
 *
 * @returns Undefined where it is no such size, or 0.
 */
export function parseMemory(size: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*(?:([kmgt])(?:i?b)?)?$/i.exec(size.trim());
  if (match === null) return undefined;
  const unit = { k: 1 / 1024, m: 1, g: 1024, t: 1024 ** 2 }[match[2]?.toLowerCase() ?? "m"] ?? 1;
  const mebibytes = Math.ceil(Number(match[1]) * unit);
  return mebibytes === 0 ? undefined : mebibytes;
}

/**
 * How many GPUs generic resources ask for.
 *
 * @param gres Such as "gpu:a100:2", "gpu" or "gpu:1,nvme:200"; undefined asks for none.
 * @example
 * ```ts
 * import { gpusOf } from "./profile.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(gpusOf("gpu:a100:2,nvme:200"), 2);
 * ```
 */
export function gpusOf(gres: string | undefined): number {
  let count = 0;
  for (const item of (gres ?? "").replace(/\([^)]*\)/g, "").split(",")) {
    const [kind, ...rest] = item.trim().replace(/^gres[:/]/, "").split(/[:=]/);
    const last = rest.at(-1);
    if (kind === "gpu") count += last !== undefined && /^\d+$/.test(last) ? Number(last) : 1;
  }
  return count;
}

/** Whether a profile may have this name: letters, digits, `_`, `-` and `.`, which are safe in files' names. */
export function isProfileName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name);
}

/**
 * Where the profiles are unless told otherwise: `SIREN_CLUSTERS`, or `siren/clusters.toml` in
 * `XDG_CONFIG_HOME`, or in `.config` of the home folder.
 *
 * @throws {UsageError} None of the three is set.
 */
export function defaultProfilesPath(
  environment: {
    readonly HOME?: string | undefined;
    readonly XDG_CONFIG_HOME?: string | undefined;
    readonly SIREN_CLUSTERS?: string | undefined;
  },
): string {
  const { HOME, XDG_CONFIG_HOME, SIREN_CLUSTERS } = environment;
  if (SIREN_CLUSTERS) return SIREN_CLUSTERS;
  // The standard says that a path there which is not absolute must be ignored.
  if (XDG_CONFIG_HOME && isAbsolute(XDG_CONFIG_HOME)) {
    return join(XDG_CONFIG_HOME, "siren", "clusters.toml");
  }
  if (HOME) return join(HOME, ".config", "siren", "clusters.toml");
  throw new UsageError(
    "Cannot find the cluster profiles: HOME is not set",
    "Set SIREN_CLUSTERS to the path of the file.",
  );
}

/**
 * Reads one profile. Others in the file may be wrong.
 *
 * @param path The file.
 * @param name The profile's name.
 * @param home The home folder, which `~/` in paths on this machine stands for.
 * @throws {UsageError} There is no such file or profile.
 * @throws {InputError} The file is no TOML, or the profile is wrong; all that is wrong is told.
 */
export async function readProfile(path: string, name: string, home?: string): Promise<Profile> {
  const tables = parseTables(await readText(path), path);
  const table = tables.get(name);
  if (table === undefined) {
    const names = [...tables.keys()];
    throw new UsageError(
      `Cannot use profile ${name}: it is not in ${path}${didYouMean(name, names)}`,
      names.length === 0
        ? "The file holds no profiles; siren cluster init shows what one looks like."
        : `Profiles there: ${names.join(", ")}.`,
    );
  }
  const { profile, complaints } = checkProfile(table, name, path, home);
  if (profile === undefined) throw new InputError(complaints.join("\n"));
  return profile;
}

/**
 * Reads all profiles, by name.
 *
 * @param path The file.
 * @param home The home folder, which `~/` in paths on this machine stands for.
 * @throws {UsageError} There is no such file.
 * @throws {InputError} The file is no TOML, or a profile is wrong; all that is wrong is told.
 */
export async function readProfiles(
  path: string,
  home?: string,
): Promise<ReadonlyMap<string, Profile>> {
  return parseProfiles(await readText(path), path, home);
}

/**
 * Profiles of a file's content, by name; see {@linkcode readProfiles}.
 *
 * @throws {InputError} It is no TOML, or a profile is wrong; all that is wrong is told.
 */
export function parseProfiles(
  content: string,
  path: string,
  home?: string,
): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Profile>();
  const wrong: string[] = [];
  for (const [name, table] of parseTables(content, path)) {
    const { profile, complaints } = checkProfile(table, name, path, home);
    wrong.push(...complaints);
    if (profile !== undefined) profiles.set(name, profile);
  }
  if (wrong.length > 0) throw new InputError(wrong.join("\n"));
  return profiles;
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readIfThere(path);
    if (bytes !== undefined) return new TextDecoder().decode(bytes);
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
  throw new UsageError(
    `Cannot find the cluster profiles: there is no such file (${path})`,
    "Write one with siren cluster init.",
  );
}

/** The tables at the top of a file, unchecked. */
function parseTables(content: string, path: string): Map<string, unknown> {
  let root: Record<string, unknown>;
  try {
    root = parse(content);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = (cause.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    throw new InputError(
      `Cannot read ${path}: line ${cause.line}, column ${cause.column}: ${reason}`,
      "The file is TOML: texts stand in quotes, and each profile under its name in brackets.",
      { cause },
    );
  }
  const loose = Object.keys(root).filter((key) => !isTable(root[key]));
  if (loose.length > 0) {
    throw new InputError(
      `Cannot read ${path}: ${loose.join(", ")} ${loose.length === 1 ? "is" : "are"} in no profile`,
      "Put keys below the name of their profile in brackets, such as [bigcluster].",
    );
  }
  return new Map(Object.entries(root));
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

function checkProfile(
  table: unknown,
  name: string,
  file: string,
  home: string | undefined,
): { profile?: Profile; complaints: string[] } {
  const cannot = `Cannot use profile ${name} of ${file}: `;
  if (!isProfileName(name)) {
    return { complaints: [`${cannot}its name must be of letters, digits, _, - and .`] };
  }
  const result = ProfileSchema.safeParse(table);
  if (!result.success) {
    const complaints = result.error.issues.flatMap((issue) => complain(issue, table, name));
    return { complaints: complaints.map((complaint) => cannot + complaint) };
  }
  const profile = { ...result.data, name, file };
  const here = (path: string) => {
    if (home !== undefined && path.startsWith("~/")) return join(home, path.slice(2));
    return path.startsWith("~/") ? path : join(isAbsolute(path) ? "" : dirname(file), path);
  };
  if (profile.template !== undefined) profile.template = here(profile.template);
  if (profile.ssh !== undefined) {
    profile.ssh = { ...profile.ssh };
    for (const key of ["identity", "config", "known_hosts"] as const) {
      const path = profile.ssh[key];
      if (path !== undefined) profile.ssh[key] = here(path);
    }
  }
  return { profile, complaints: [] };
}

/** What is wrong with a table, naming the key. */
function complain(issue: z.core.$ZodIssue, table: unknown, name: string): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const shape = path[0] === "ssh" ? SshSchema.shape : ProfileSchema.in.shape;
    const outer = path.map((part) => `${part}.`).join("");
    return issue.keys.map((key) => {
      const known = Object.keys(shape);
      const elsewhere = path.length === 0 && key in SshSchema.shape
        ? ` (it goes below [${name}.ssh])`
        : didYouMean(key, known);
      return `${outer}${key} is not a key${elsewhere}`;
    });
  }
  const key = issue.path.map((part) =>
    typeof part === "number" ? ` item ${part + 1}` : `.${String(part)}`
  ).join("").slice(1);
  const value = issue.path.reduce<unknown>(
    (inner, part) => isTable(inner) || Array.isArray(inner) ? Reflect.get(inner, part) : undefined,
    table,
  );
  const told = value === undefined ? "" : ` (${tell(value)})`;
  return [`${key === "" ? "it" : key}: ${reasonOf(issue, value)}${told}`];
}

function reasonOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value instanceof TomlDate) return "it must stand in quotes";
  switch (issue.code) {
    case "too_small":
      return `it must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `it must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    case "invalid_value":
      return `it must be one of ${issue.values.join(", ")}${
        didYouMean(String(value), issue.values.map(String))
      }`;
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    case "invalid_type": {
      if (value === undefined) return "it is needed";
      const kinds: Record<string, string> = {
        int: "a whole number",
        number: "a number",
        string: "a text in quotes",
        array: 'a list, as in ["..."]',
        record: "a table",
        object: "a table",
      };
      return `it must be ${kinds[issue.expected] ?? issue.expected}`;
    }
    default:
      return issue.message;
  }
}

function tell(value: unknown): string {
  const text = value instanceof TomlDate ? value.toISOString() : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function didYouMean(word: string, names: Iterable<string>): string {
  const guess = suggest(word, names);
  return guess === undefined || guess === word ? "" : ` (did you mean ${guess}?)`;
}

/** The option of {@linkcode RESERVED} that a word gives; sbatch takes the beginning of a name too. */
function reservedName(word: string): string | undefined {
  const long = /^--([\w-]+)/.exec(word)?.[1];
  return Object.entries(RESERVED).find(([name, letter]) =>
    long === undefined ? letter !== "" && word.startsWith(`-${letter}`) : name.startsWith(long)
  )?.[0];
}
