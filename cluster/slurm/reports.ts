/**
 * What tasks say of themselves, read from the site.
 *
 * @module
 */
import { InputError } from "../../core/errors.ts";
import { isThere, readIfThere, writeWhole } from "../../core/files.ts";
import type { OpenTask } from "./batches.ts";
import { type Batch, batchFolder, parseJson, type Report, ReportSchema } from "./files.ts";
import type { Site } from "./site.ts";

/** Task, job and restart in a report's name. */
const NAME = /^(\d+)-(\d+)-(\d+)\.json$/;

function partsOf(name: string): { task: number; job: number; restart: number } | undefined {
  const match = NAME.exec(name);
  return match === null
    ? undefined
    : { task: Number(match[1]), job: Number(match[2]), restart: Number(match[3]) };
}

/** A report, or undefined where it is damaged: then nothing is known. */
function parseReport(bytes: Uint8Array, path: string): Report | undefined {
  try {
    return parseJson(bytes, path, ReportSchema);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** The last report of each task, from the site. */
export async function lastReports(
  { transport, file }: Pick<Site, "transport" | "file">,
  tasks: readonly OpenTask[],
): Promise<Map<OpenTask, Report>> {
  const found = new Map<OpenTask, Report>();
  for (const batch of new Set(tasks.map(({ batch }) => batch))) {
    const folder = `${batchFolder(file.folder, batch)}/reports`;
    const last = new Map<number, { name: string; restart: number; job: number }>();
    for (const { name } of await transport.list(folder) ?? []) {
      const parts = partsOf(name);
      if (parts === undefined) continue;
      const before = last.get(parts.task);
      const isLater = before === undefined || parts.job > before.job ||
        (parts.job === before.job && parts.restart > before.restart);
      if (isLater) last.set(parts.task, { name, ...parts });
    }
    for (const task of tasks) {
      const name = task.batch === batch ? last.get(task.task)?.name : undefined;
      const bytes = name === undefined ? undefined : await transport.read(`${folder}/${name}`);
      const report = bytes && parseReport(bytes, `${folder}/${name}`);
      if (report !== undefined) found.set(task, report);
    }
  }
  return found;
}

/** Most of a log that is kept. */
const MOST_OF_LOG = 2 ** 20;

/** Brings the reports and logs of batches into the run folder, those that have grown too. */
export async function copyWords(
  folder: string,
  { transport, file }: Pick<Site, "transport" | "file">,
  batches: readonly Batch[],
): Promise<void> {
  if (file.shared) return;
  for (const batch of batches) {
    const [there, here] = [batchFolder(file.folder, batch), batchFolder(folder, batch)];
    const copy = async (
      part: string,
      pattern: RegExp,
      read: (path: string) => Promise<Uint8Array | string | undefined>,
    ) => {
      await Deno.mkdir(`${here}/${part}`, { recursive: true });
      for (const { name, bytes } of await transport.list(`${there}/${part}`) ?? []) {
        if (!pattern.test(name)) continue; // no other name has a place in the run folder
        const own = `${here}/${part}/${name}`;
        const known = await isThere(own) ? (await Deno.stat(own)).size : -1;
        if (known === Math.min(bytes, MOST_OF_LOG)) continue;
        const content = await read(`${there}/${part}/${name}`);
        if (content !== undefined) await writeWhole(own, content);
      }
    };
    await copy("reports", NAME, (path) => transport.read(path));
    await copy("logs", /^\d+_\d+\.log$/, (path) => transport.tail(path, MOST_OF_LOG));
  }
}

/** The reports of a batch that are in the run folder, by task and in order of the attempts. */
export async function readReports(folder: string, batch: Batch): Promise<Report[]> {
  const own = `${batchFolder(folder, batch)}/reports`;
  if (!await isThere(own)) return [];
  const reports: Report[] = [];
  for await (const { name } of Deno.readDir(own)) {
    if (partsOf(name) === undefined) continue;
    const bytes = await readIfThere(`${own}/${name}`);
    const report = bytes && parseReport(bytes, `${own}/${name}`);
    if (report !== undefined) reports.push(report);
  }
  return reports.sort((a, b) =>
    a.task - b.task || Number(a.job) - Number(b.job) || a.restart - b.restart
  );
}

/** Tasks that computed on the CPU although a GPU was granted, one line for each reason. */
export async function fallbacksOf(folder: string, batches: readonly Batch[]): Promise<string[]> {
  const byReason = new Map<string, { count: number; hosts: Set<string> }>();
  for (const batch of batches) {
    for (const { fallback, host } of await readReports(folder, batch)) {
      if (fallback === undefined) continue;
      const known = byReason.get(fallback) ?? { count: 0, hosts: new Set() };
      known.hosts.add(host);
      byReason.set(fallback, { ...known, count: known.count + 1 });
    }
  }
  return [...byReason].map(([reason, { count, hosts }]) =>
    `${count} task${count === 1 ? "" : "s"} on ${[...hosts].sort().join(", ")}: ${reason}`
  );
}

/** Engines that computed a stage's tasks. */
export async function enginesOf(folder: string, batches: readonly Batch[]): Promise<Set<string>> {
  const engines = new Set<string>();
  for (const batch of batches) {
    for (const { engine, shards } of await readReports(folder, batch)) {
      if (shards.length > 0) engines.add(engine);
    }
  }
  return engines;
}
