/**
 * The report of a finished run: one page of HTML with everything in it.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { analyse, type Analysis, ANALYSIS_JSON, readAnalysis } from "../core/analysis/mod.ts";
import { RunError } from "../core/errors.ts";
import { isThere, readIfThere, readInput, writeWhole } from "../core/files.ts";
import { blockOccupancy } from "../core/occupancy/block_occupancy.ts";
import type { OccupancyTable } from "../core/occupancy/table.ts";
import { programFile } from "../core/program_files.ts";
import { blockTable } from "../core/report/block_table.ts";
import { packScene } from "../core/report/pack_scene.ts";
import { isOwnPage, type PageParts, readPageKey, reportHtml } from "../core/report/page.ts";
import type { PageVolume, PageWarning, ReportData } from "../core/report/page_data.ts";
import { shortNumber } from "../core/short_number.ts";
import { VERSION } from "../core/version.ts";
import { type FinishedRun, readFinishedRun } from "./finished_run.ts";
import { fingerprint, hashFile } from "./hashes.ts";
import type { Surroundings } from "./progress.ts";
import { LIST, readList } from "./result_files.ts";
import { ANALYSIS, EXPAND, REPORT, SKETCH } from "./results.ts";
import type { Run } from "./run_file.ts";
import { lock } from "./run_place.ts";

/** A report, and what it shows. */
export interface Report {
  readonly html: string;
  readonly volumes: number;
  readonly blocks: number;
  readonly warnings: readonly PageWarning[];
}

/** What {@linkcode writeReport} did. */
export interface WrittenReport extends Omit<Report, "html"> {
  /** The file. */
  readonly report: string;
  readonly bytes: number;
}

/** Where to write a report to. */
export interface ReportPlace {
  /** The file; by default `report.html` in the run folder. */
  readonly outfile?: string;
  /** Replaces a file that siren did not write, or that was changed since. */
  readonly force?: boolean;
}

/** Fewer volumes than these say little of what comes together. */
const FEW_VOLUMES = 100;
/** Share of the union in no block, and cohesion of a block, that are worth a warning. */
const MUCH = 0.5, LOOSE = 0.5;

/**
 * Writes the report of a finished run: one HTML file that needs nothing else and loads nothing. What was
 * written before of the same run, and not changed since, is replaced.
 *
 * @param folder The run folder.
 * @throws {RunError} The run has not found its blocks yet, is held by another process, or the file cannot be
 *   written or is not siren's to replace.
 * @throws {InputError} A file of the run is damaged.
 * @example
 * ```ts ignore
 * import { writeReport } from "./report.ts";
 *
 * const { report } = await writeReport("out", {}, surroundings);
 * ```
 */
export async function writeReport(
  folder: string,
  { outfile, force = false }: ReportPlace,
  surroundings: Surroundings,
): Promise<WrittenReport> {
  const path = outfile ?? `${folder}/${REPORT}`;
  await checkReplaceable(path, force);
  // Where there is no run, that is what is wrong, and no lock is left.
  if (!await isThere(`${folder}/run.json`)) await readFinishedRun(folder);
  using _ = outfile === undefined ? await lock(folder, surroundings) : undefined;
  const report = await makeReport(folder, surroundings);
  surroundings.signal.throwIfAborted();
  return await put(report, path, force);
}

/**
 * Writes a report that was made of a run into its folder, as {@linkcode writeReport} does.
 *
 * @throws {RunError} The run is held by another process, or the file cannot be written or is not siren's to
 *   replace.
 */
export async function keepReport(
  folder: string,
  report: Report,
  surroundings: Surroundings,
): Promise<WrittenReport> {
  using _ = await lock(folder, surroundings);
  return await put(report, `${folder}/${REPORT}`, false);
}

async function put(
  { html, volumes, blocks, warnings }: Report,
  path: string,
  force: boolean,
): Promise<WrittenReport> {
  await checkReplaceable(path, force);
  const bytes = new TextEncoder().encode(html);
  await writeWhole(path, bytes);
  return { report: path, bytes: bytes.length, volumes, blocks, warnings };
}

/**
 * Makes the report of a finished run. Nothing is written.
 *
 * @throws {RunError} The run has not found its blocks yet.
 * @throws {InputError} A file of the run is damaged.
 */
export async function makeReport(
  folder: string,
  { signal, tell }: Pick<Surroundings, "signal" | "tell">,
): Promise<Report> {
  const steps = 4;
  const step = (done: number) => {
    signal.throwIfAborted();
    tell({ kind: "progress", stage: "report", done, total: steps, unit: "steps" });
  };
  step(0);
  const run = await readFinishedRun(folder);
  const parts = await pageParts();
  const hashes = await hashFiles(run);
  const table = blockOccupancy(run.union.matrix, run.blocks, run.volumes);
  const own = await readOwnAnalysis(folder, table);
  step(1);
  const analysis = own ?? analysisOf(run, table, (text) => tell({ kind: "note", text }));
  step(2);
  const data = await reportData(run, analysis, hashes);
  const scene = packScene({
    box: run.run.grid.box,
    apix: run.run.grid.apix,
    flat: run.union.flat,
    matrix: run.union.matrix,
    blocks: run.blocks.map(({ id, colour, members }) => ({ id, name: `b${id}`, colour, members })),
  });
  step(3);
  const html = reportHtml(data, scene, parts, keyOf(run, hashes, parts));
  step(steps);
  return {
    html,
    volumes: run.volumes.length,
    blocks: run.blocks.length,
    warnings: data.warnings,
  };
}

/**
 * The report of a run that is in its folder, if it is siren's and of what the run is now.
 *
 * @throws {RunError} The run has not found its blocks yet.
 */
export async function readReport(folder: string): Promise<string | undefined> {
  const bytes = await readIfThere(`${folder}/${REPORT}`);
  if (bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
  if (!isOwnPage(text)) return undefined;
  const run = await readFinishedRun(folder);
  const key = keyOf(run, await hashFiles(run), await pageParts());
  return readPageKey(text) === key ? text : undefined;
}

/** SHA-256 of the files that a report is made from, by path in the run folder; null where there is none. */
type Hashes = ReadonlyMap<string, string | null>;

async function hashFiles({ folder, results }: FinishedRun): Promise<Hashes> {
  const own = basename(results);
  const list = await readList(results);
  const names = [
    "run.json",
    "volumes.arrow",
    `${ANALYSIS}/${ANALYSIS_JSON}`,
    `${own}/${LIST}`,
    ...Object.keys(list?.files ?? {}).map((name) => `${own}/${name}`),
  ];
  const hashes = new Map<string, string | null>();
  for (const name of names) {
    const path = `${folder}/${name}`;
    hashes.set(name, await isThere(path) ? await hashFile(path) : null);
  }
  return hashes;
}

/** Fingerprint of what a report is made from: the run, and the page. */
function keyOf({ folder }: FinishedRun, hashes: Hashes, parts: PageParts): string {
  return fingerprint([VERSION, basename(resolve(folder)), [...hashes], parts]);
}

async function pageParts(): Promise<PageParts> {
  const read = (name: string) => Deno.readTextFile(programFile(`templates/report.${name}`));
  const [html, css, js] = await Promise.all([read("html"), read("css"), read("js")]);
  return { html, css, js };
}

/**
 * Sees that a file may be replaced by a report.
 *
 * @throws {RunError} It is not siren's, or was changed.
 * @throws {InputError} It cannot be read.
 */
async function checkReplaceable(path: string, force: boolean): Promise<void> {
  if (force || !await isThere(path)) return;
  if (isOwnPage(new TextDecoder().decode(await readInput(path)))) return;
  throw new RunError(
    `Cannot write ${path}: what is there is no report of siren's, or was changed since`,
    "Give another --outfile, or --force to replace it.",
  );
}

/** The analysis that the run folder holds, if it is of these very occupancies. */
async function readOwnAnalysis(
  folder: string,
  table: OccupancyTable,
): Promise<Analysis | undefined> {
  if (!await isThere(`${folder}/${ANALYSIS}/${ANALYSIS_JSON}`)) return undefined;
  const analysis = await readAnalysis(`${folder}/${ANALYSIS}`);
  const { volumes, regions, values } = analysis.table;
  const isSame = fingerprint([volumes, regions, values]) ===
    fingerprint([table.volumes, table.regions, table.values]);
  return isSame ? analysis : undefined;
}

function analysisOf(
  { union, blocks }: FinishedRun,
  table: OccupancyTable,
  note: (text: string) => void,
): Analysis {
  if (blocks.length > 0) return analyse(table, {}, { voxels: union.matrix, note });
  // Without blocks there is nothing to tell volumes apart by.
  const leaves = table.volumes.map((_, volume) => volume);
  return {
    table,
    cutoffs: [],
    presence: new Uint8Array(),
    linkage: "ward",
    volumeTree: {
      order: leaves,
      merges: leaves.slice(1).map((b, merge) => ({
        a: merge === 0 ? 0 : leaves.length + merge - 1,
        b,
        height: 0,
        size: merge + 2,
      })),
    },
    regionTree: { order: [], merges: [] },
    clusters: leaves.map(() => 1),
    pairs: [],
    dependencies: [],
    components: [],
    junk: [],
  };
}

async function reportData(
  finished: FinishedRun,
  analysis: Analysis,
  hashes: Hashes,
): Promise<ReportData> {
  const { folder, run, union, blocks, volumes } = finished;
  const { flat, matrix } = union;
  const everything = { id: 0, members: Uint32Array.from(flat.keys()) };
  const fullness = blockOccupancy(matrix, [everything], volumes).values;
  const rows = blockTable(blocks, matrix, flat, run.grid);
  const assigned = new Set(blocks.flatMap(({ members }) => Array.from(members)));
  const changed = await changedFiles(finished, hashes);
  const kept = run.volumes.filter((volume) => volume.kept);
  const data = {
    name: basename(resolve(folder)) || "run",
    siren: run.versions.siren,
    deno: run.versions.deno,
    grid: { box: run.grid.box, apix: run.grid.apix },
    union: flat.length,
    unassigned: flat.length - assigned.size,
    blocks: rows.map((row, i) => ({ ...row, name: `b${row.id}`, colour: blocks[i]!.colour })),
    volumes: kept.map((volume, i): PageVolume => ({
      ...pageVolume(volume),
      occupied: Math.round(fullness[i]! * flat.length),
    })),
    leftOut: run.volumes.filter((volume) => !volume.kept).map(pageVolume),
    analysis,
    options: [...optionsOf(run), { title: "Times", rows: await timesOf(finished) }],
    hashes: [
      ...Array.from(hashes).filter((entry): entry is [string, string] => entry[1] !== null),
      ...Object.entries(run.files),
    ],
  };
  return { ...data, warnings: warningsOf(data, changed) };
}

function pageVolume({ file, bytes, sha256, threshold }: Run["volumes"][number]): PageVolume {
  return { file, bytes, threshold, ...sha256 === undefined ? {} : { sha256 } };
}

/** When each part of the run was done: when its last file was written, in UTC. */
async function timesOf({ folder }: FinishedRun): Promise<(readonly [string, string])[]> {
  const parts = [
    ["maps read", "volumes.arrow"],
    ["sketch", `${SKETCH}/${LIST}`],
    ["expansion", `${EXPAND}/${LIST}`],
    ["analysis", `${ANALYSIS}/${LIST}`],
  ] as const;
  const rows: (readonly [string, string])[] = [];
  for (const [name, file] of parts) {
    const path = `${folder}/${file}`;
    if (!await isThere(path)) continue;
    const { mtime } = await Deno.stat(path);
    if (mtime !== null) {
      rows.push([name, `${mtime.toISOString().slice(0, 19).replace("T", " ")} UTC`]);
    }
  }
  return rows;
}

/** What to know before all else. */
function warningsOf(data: Omit<ReportData, "warnings">, changed: readonly string[]): PageWarning[] {
  const { volumes, leftOut, blocks, union, unassigned, analysis } = data;
  const warnings: PageWarning[] = [];
  if (blocks.length === 0) {
    warnings.push({
      text: "No blocks were found.",
      remedy: "Mostly the threshold is too high or too low, or there are too few volumes.",
    });
  }
  if (volumes.length < FEW_VOLUMES) {
    warnings.push({
      text: `There are only ${volumes.length} volumes.`,
      remedy: "What comes together in few volumes may do so by chance: some 200 are best.",
    });
  }
  const { junk } = analysis;
  if (junk.length > 0) {
    warnings.push({
      text: junk.length === 1
        ? "1 volume is unlike all others, empty or over-full."
        : `${junk.length} volumes are unlike all others, empty or over-full.`,
      remedy: "Look at them below; failed reconstructions are best left out.",
    });
  }
  if (leftOut.length > 0) {
    warnings.push({
      text: `${leftOut.length} of ${leftOut.length + volumes.length} maps were left out: ` +
        "their thresholds are far from the others, or they are empty.",
    });
  }
  if (blocks.length > 0 && unassigned > MUCH * union) {
    warnings.push({
      text: `${Math.round(100 * unassigned / union)} % of the voxels are in no block.`,
      remedy:
        "The core, which is always there, and what moves rather than comes and goes are among them.",
    });
  }
  const loose = blocks.filter(({ cohesion }) => cohesion < LOOSE).map(({ name }) => name);
  if (loose.length > 0) {
    warnings.push({
      text: `${loose.join(", ")}: cohesion below ${LOOSE}.`,
      remedy: "Their voxels do not come and go as one; they may be several blocks, or none.",
    });
  }
  if (changed.length > 0) {
    warnings.push({
      text: `Changed or removed since siren wrote them: ${changed.join(", ")}.`,
      remedy: "This report shows the blocks as blocks.json has them now.",
    });
  }
  return warnings;
}

/** Results that are no more what siren wrote. */
async function changedFiles({ results }: FinishedRun, hashes: Hashes): Promise<string[]> {
  const list = await readList(results);
  return Object.entries(list?.files ?? {})
    .map(([name, listed]) => [`${basename(results)}/${name}`, listed] as const)
    .filter(([path, listed]) => hashes.get(path) !== listed)
    .map(([path]) => path);
}

/** Everything that was decided about the run, as text. */
function optionsOf({ sketch, expand, grid, volumes }: Run): ReportData["options"] {
  const point = ({ x, y, z }: Run["grid"]["origin"]) => [x, y, z].map(shortNumber).join(", ");
  const rows = (options: Readonly<Record<string, unknown>>) =>
    Object.entries(options).map(([name, value]): [string, string] => [name, String(value)]);
  const thresholds = volumes.map(({ threshold }) => threshold);
  const [low, high] = [Math.min(...thresholds), Math.max(...thresholds)];
  return [
    { title: "Sketch", rows: rows(sketch) },
    ...expand === undefined ? [] : [{ title: "Expansion", rows: rows(expand) }],
    {
      title: "Maps",
      rows: [
        ["maps", String(volumes.length)],
        ["box", `${grid.box} voxels`],
        ["voxel size", `${shortNumber(grid.apix)} \u212b`],
        ["origin", `${point(grid.origin)} \u212b`],
        ["first index", point(grid.nstart)],
        [
          "threshold",
          low === high ? shortNumber(low) : `${shortNumber(low)} to ${shortNumber(high)}`,
        ],
      ],
    },
  ];
}
