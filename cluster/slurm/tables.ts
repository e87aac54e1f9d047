/**
 * What squeue, sacct and sbatch print.
 *
 * @module
 */
import { z } from "zod";
import { ClusterError } from "../../core/errors.ts";
import { parseState, type TaskState } from "./states.ts";
import { parseElapsed } from "./time.ts";

/** What Slurm says of a task. */
export interface ArrayTask {
  /** Name of its job. */
  readonly name: string;
  /** Id of its array job. */
  readonly job: string;
  /** Its index; absent where the job is no array. */
  readonly index?: number;
  readonly state: TaskState;
  /** Why it waits, or how it ended, in Slurm's words, such as "JobArrayTaskLimit" or "NonZeroExitCode". */
  readonly reason?: string;
  /** The nodes that it has or had, such as "n1" or "n[1-2]". */
  readonly node?: string;
  /** How it ended. */
  readonly exit?: { readonly code: number; readonly signal: number };
  /** Seconds that it has run. */
  readonly seconds?: number;
  /** User who cancelled it, as a number. */
  readonly by?: number;
}

/** Largest index that Slurm can be set up to take. */
const MOST_INDEX = 4_000_001;

/**
 * Columns of squeue's `--Format` and their widths in characters. squeue cuts off what is wider, so that a
 * row can be taken apart whatever is in it; the last may have width 0, and is then as wide as it must.
 */
export type Columns = Readonly<Record<string, number>>;

/**
 * The columns that {@linkcode parseSqueue} reads. Tasks that wait stand in one row with all their indices:
 * `squeue --array`, which would give each a row, leaves out the last of indices with a step.
 */
export function squeueColumns(names: readonly string[]) {
  return {
    ArrayJobID: 12,
    State: 24,
    TimeUsed: 16,
    exit_code: 12,
    Reason: 40,
    NodeList: 64,
    Name: Math.max(...names.map((name) => name.length)) + 1,
    ArrayTaskID: 0,
  } as const;
}

/** Stands after a column as wide as it must be, and shows that it is whole. */
const END = "|";

/** The value of squeue's `--Format`. */
export function squeueFormat(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, width]) => `${name}:${width}${width === 0 ? END : ""}`).join(",");
}

/**
 * Takes squeue's rows apart.
 *
 * @throws {ClusterError} A row is not as wide as the columns are.
 */
export function parseTable<C extends Columns>(
  text: string,
  columns: C,
): Record<keyof C & string, string>[] {
  const widths = Object.values(columns);
  const width = widths.reduce((sum, one) => sum + one, 0);
  const isOpen = widths.at(-1) === 0;
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const letters = [...line];
    const isWhole = isOpen
      ? letters.length > width && letters.at(-1) === END
      : letters.length === width;
    if (!isWhole) throw notUnderstood("squeue", line);
    let at = 0;
    const row = Object.entries(columns).map(([name, size]) => {
      const value = letters.slice(at, size === 0 ? -1 : at + size).join("").trim();
      at += size;
      return [name, value];
    });
    return Object.fromEntries(row) as Record<keyof C & string, string>; // built from its keys
  });
}

/**
 * How many tasks a row of squeue stands for.
 *
 * @param which Its ArrayTaskID, such as "3", "0-9:3%2", or "N/A" where it is no array.
 */
export function countTasks(which: string): number {
  return which === "N/A" ? 1 : expandIndices(which, "squeue", which).length;
}

const id = z.string().regex(/^\d{1,10}$/);

const SqueueSchema = z.object({
  ArrayJobID: id,
  ArrayTaskID: z.string().min(1),
  State: z.string().regex(/^[A-Z_]+$/),
  TimeUsed: z.string(),
  exit_code: z.string(),
  Reason: z.string(),
  NodeList: z.string(),
  Name: z.string(),
});

/**
 * Tasks of squeue's answer. Those that wait stand in one row, and come back one by one.
 *
 * @throws {ClusterError} It is not what squeue prints.
 */
export function parseSqueue(text: string, columns: ReturnType<typeof squeueColumns>): ArrayTask[] {
  return parseTable(text, columns).flatMap((raw) => {
    const result = SqueueSchema.safeParse(raw);
    const line = Object.values(raw).join(" ");
    if (!result.success) throw notUnderstood("squeue", line);
    const row = result.data;
    const state = parseState(row.State);
    const seconds = parseElapsed(row.TimeUsed);
    const exit = HAS_ENDED.has(state) ? waitStatus(row.exit_code) : undefined;
    const task: ArrayTask = {
      name: row.Name,
      job: row.ArrayJobID,
      state,
      ...known("reason", row.Reason),
      ...known("node", row.NodeList),
      ...(exit === undefined ? {} : { exit }),
      ...(seconds === undefined ? {} : { seconds }),
    };
    if (row.ArrayTaskID === "N/A") return [task];
    return expandIndices(row.ArrayTaskID, "squeue", line).map((index) => ({ ...task, index }));
  });
}

const HAS_ENDED = new Set<TaskState>(
  ["done", "failed", "cancelled", "timeout", "out_of_memory", "node_fail", "preempted"],
);

/** squeue gives the exit code as the system's wait has it. */
function waitStatus(text: string): { code: number; signal: number } | undefined {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 0xffff) return undefined;
  return { code: Number(text) >> 8, signal: Number(text) & 0x7f };
}

/** What squeue and sacct print in place of nothing. */
const NOTHING = new Set(["", "None", "None assigned", "N/A", "(null)", "n/a", "Unknown"]);

function known<K extends string>(key: K, value: string): Partial<Record<K, string>> {
  return NOTHING.has(value) ? {} : { [key]: value } as Record<K, string>;
}

const SacctSchema = z.object({
  JobID: z.string().regex(/^\d{1,10}(?:_(?:\d{1,10}|\[[\d,:%-]+\]))?$/),
  State: z.string().min(1),
  ExitCode: z.string().regex(/^\d{1,3}:\d{1,3}$/),
  ElapsedRaw: z.union([z.literal("").transform(() => undefined), id.transform(Number)]),
  NodeList: z.string(),
  Reason: z.string(),
  JobName: z.string(),
});

/**
 * Tasks of sacct's answer to `--parsable2 --format=JobID,State,ExitCode,ElapsedRaw,NodeList,Reason,JobName`.
 * Those that wait stand in one row, and come back one by one.
 *
 * @throws {ClusterError} It is not what sacct prints.
 */
export function parseSacct(text: string): ArrayTask[] {
  return text.split("\n").filter((line) => line !== "").flatMap((line) => {
    const [JobID, State, ExitCode, ElapsedRaw, NodeList, Reason, ...name] = line.split("|");
    const raw = { JobID, State, ExitCode, ElapsedRaw, NodeList, Reason, JobName: name.join("|") };
    const result = SacctSchema.safeParse(raw);
    if (!result.success || name.length === 0) throw notUnderstood("sacct", line);
    const row = result.data;
    const state = parseState(row.State);
    const [code = 0, signal = 0] = row.ExitCode.split(":").map(Number);
    const by = /^CANCELLED by (\d{1,10})$/.exec(row.State)?.[1];
    const [job = "", which] = row.JobID.split("_");
    const task: ArrayTask = {
      name: row.JobName,
      job,
      state,
      ...known("reason", row.Reason),
      ...known("node", row.NodeList),
      ...(HAS_ENDED.has(state) ? { exit: { code, signal } } : {}),
      ...(row.ElapsedRaw === undefined ? {} : { seconds: row.ElapsedRaw }),
      ...(by === undefined ? {} : { by: Number(by) }),
    };
    if (which === undefined) return [task];
    return expandIndices(which.replace(/^\[|\]$/g, ""), "sacct", line).map((index) => ({
      ...task,
      index,
    }));
  });
}

/** Indices of "3", "0-2,7" or "0-10:5%2". */
function expandIndices(text: string, program: string, line: string): number[] {
  const found = new Set<number>();
  for (const part of text.replace(/%\d+$/, "").split(",")) {
    const match = /^(\d{1,10})(?:-(\d{1,10})(?::(\d{1,10}))?)?$/.exec(part);
    const [first, last, step] = [match?.[1], match?.[2] ?? match?.[1], match?.[3] ?? "1"].map(
      Number,
    );
    if (match === null || last! > MOST_INDEX || step! < 1) throw notUnderstood(program, line);
    for (let at = first!; at <= last!; at += step!) found.add(at); // matched above
  }
  return [...found];
}

/**
 * The job's id in what `sbatch --parsable` prints: "id" or "id;cluster". Lines that a site's own sbatch
 * prints beside it are passed over.
 */
export function parseJobId(text: string): string | undefined {
  const ids = text.split("\n").flatMap((line) =>
    /^(\d{1,10})(?:;[\w.-]+)?\r?$/.exec(line)?.[1] ?? []
  );
  return ids.length === 1 ? ids[0] : undefined;
}

/**
 * Ids for scancel: tasks of one array as one, such as "12_[0-3,7]", which costs the controller one
 * request instead of five.
 *
 * @example
 * ```ts
 * import { groupTasks } from "./tables.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(groupTasks(["12_1", "7", "12_0", "12_3"]), ["12_[0-1,3]", "7"]);
 * ```
 */
export function groupTasks(ids: readonly string[]): string[] {
  const groups = new Map<string, Set<number>>();
  const whole = new Set<string>();
  for (const one of ids) {
    const [job = "", index] = one.split("_");
    if (index === undefined) whole.add(job);
    else groups.set(job, (groups.get(job) ?? new Set()).add(Number(index)));
  }
  const arrays = [...groups].filter(([job]) => !whole.has(job))
    .map(([job, indices]) => `${job}_[${ranges([...indices].sort((a, b) => a - b))}]`);
  return [...arrays, ...whole];
}

function ranges(indices: readonly number[]): string {
  const parts: [first: number, last: number][] = [];
  for (const at of indices) {
    const part = parts.at(-1);
    if (part !== undefined && part[1] === at - 1) part[1] = at;
    else parts.push([at, at]);
  }
  return parts.map(([first, last]) => first === last ? first : `${first}-${last}`).join(",");
}

function notUnderstood(program: string, line: string): ClusterError {
  const shown = line.replace(/\p{Cc}/gu, "?").trim();
  return new ClusterError(
    `Cannot understand what ${program} says: ${
      shown.length > 200 ? `${shown.slice(0, 197)}...` : shown
    }`,
    "See that nothing but Slurm's own programs answers there.",
  );
}
