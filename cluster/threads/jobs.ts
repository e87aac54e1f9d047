/**
 * What a thread can be asked to do. Jobs compute; they never write to the run folder. Only preprocessing
 * writes, and to the folders of its maps.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { distance, position } from "../../core/blocks/block.ts";
import { expandByLinks, type Joined, type LeastOfRow } from "../../core/blocks/expand.ts";
import { phiExpand } from "../../core/blocks/phi_expand.ts";
import {
  type BitMatrix,
  type Engine,
  EngineError,
  findEngine,
  type OneEngine,
  onProcessor,
  type Tile,
  type Tried,
  tryEngine,
} from "../../core/cooccupancy/mod.ts";
import { InputError, RunError } from "../../core/errors.ts";
import {
  type MrcHeader,
  readMap,
  readMapHeader,
  streamFileSync,
  streamMap,
} from "../../core/mrc/mod.ts";
import { countPairs, distanceFactor, leastCount, pairCounts } from "../../core/null_model/mod.ts";
import { type SparseMask, sparseMask } from "../../core/occupancy/mask.ts";
import {
  densitiesAt,
  occupiedShares,
  type RegionWeights,
  weightedSums,
} from "../../core/occupancy/region_weights.ts";
import { type Drawing, encodePng } from "../../core/report/drawing.ts";
import { binariser, binariseSections, comparer, thresholdFor } from "../../core/volumes/mod.ts";
import type { ArrowContent } from "../arrow_file.ts";
import { isLinkedAtDistance } from "../by_distance.ts";
import { type PreprocessedMaps, preprocessMaps } from "../preprocess_maps.ts";
import type { ReplicateBlocks } from "../replicates.ts";
import type { CompleteStage } from "../shards.ts";
import {
  keyOfWork,
  type LinksWork,
  type PhiWork,
  type PreprocessWork,
  type ReplicateWork,
  type SketchWork,
} from "../work.ts";

/** Occupancy of whole volumes, volume-major: what reading the maps fills. */
export interface VolumeBits {
  /** Over shared memory: kept volumes x wordsPerVolume. */
  readonly words: Uint32Array;
  readonly wordsPerVolume: number;
  /** Side of the box in voxels. */
  readonly box: number;
}

/** What a pool shares with its threads, by key. */
export interface Shared {
  volumes: VolumeBits;
  engine: OneEngine;
  /** Number of the thread among those of its pool. */
  thread: number;
  sketch: SketchWork;
  links: LinksWork;
  phi: PhiWork;
  preprocess: PreprocessWork;
  replicates: ReplicateWork;
  occupancy: RegionWeights;
}

/** Pairs linked in the sketch, as flat indices; `u` was drawn before `v`. */
export interface SketchEdges {
  readonly u: Uint32Array<ArrayBuffer>;
  readonly v: Uint32Array<ArrayBuffer>;
  readonly both: Uint16Array<ArrayBuffer>;
}

/** How many pairs have each (class, class, both). */
export interface SketchCounts {
  readonly row_class: Uint16Array<ArrayBuffer>;
  readonly column_class: Uint16Array<ArrayBuffer>;
  readonly both: Uint16Array<ArrayBuffer>;
  readonly pairs: Float64Array<ArrayBuffer>;
}

/** What changes when a file is written to or replaced; "" where there is none, which reading it tells. */
function stateOf(path: string): string {
  try {
    const { ino, size, mtime } = Deno.statSync(path);
    return [ino, size, mtime?.getTime()].join(" ");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return "";
    }
    throw error;
  }
}

function cannotCompute(cause: EngineError): RunError {
  const remedy = "Go on with siren resume --engine wasm.";
  return new RunError(`Cannot compare voxels: ${cause.message}`, remedy, { cause });
}

/**
 * The jobs of a thread, over what is shared with it.
 *
 * @param warn Says what the user should know, though the job goes on.
 */
export function jobs(shared: Partial<Shared>, warn: (text: string) => void = () => {}) {
  const need = <K extends keyof Shared>(key: K): Shared[K] => {
    const value = shared[key];
    if (value === undefined) throw new Error(`Nothing was shared as ${key}`);
    return value;
  };
  /** The engine of the work at hand: it keeps what it prepared. */
  let held:
    | { readonly work: object; readonly name: OneEngine; readonly engine: Engine }
    | undefined;
  /** What failed while it worked, and what computes in its place. */
  const replaced = new Map<OneEngine, OneEngine>();

  /** Gives back what the engine at hand holds; one that has failed may fail at that too. */
  const release = () => {
    const { engine } = held ?? {};
    held = undefined;
    try {
      engine?.close();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
    }
  };

  const open = async (work: object, rows: BitMatrix, columns: BitMatrix): Promise<Engine> => {
    const asked = need("engine");
    const name = replaced.get(asked) ?? asked;
    if (held?.work === work && held.name === name) return held.engine;
    release();
    const found = await findEngine(name, true);
    if (!found.works) throw new EngineError(found.reason);
    const factory = found.open((shared.thread ?? 0) % found.devices);
    held = { work, name, engine: await factory(rows, columns) };
    return held.engine;
  };

  /** Computes with the engine of this work; where a device fails, with the processor from then on. */
  const withEngine = async <T>(
    work: object,
    rows: BitMatrix,
    columns: BitMatrix,
    use: (engine: Engine) => Promise<T>,
  ): Promise<T> => {
    try {
      return await use(await open(work, rows, columns));
    } catch (error) {
      const failed = need("engine");
      if (!(error instanceof EngineError)) throw error;
      if (replaced.has(failed)) throw cannotCompute(error);
      for (const name of onProcessor) {
        if (name === failed || !(await findEngine(name)).works) continue;
        replaced.set(failed, name);
        warn(`engine ${failed} failed, and ${name} goes on in its place: ${error.message}`);
        return await use(await open(work, rows, columns));
      }
      throw cannotCompute(error);
    }
  };

  /** Refuses a map of which another program writes while it is read. */
  const readUndisturbed = async <T>(path: string, read: () => Promise<T>): Promise<T> => {
    const before = stateOf(path);
    const result = await read();
    if (stateOf(path) === before) return result;
    throw new InputError(
      `Cannot use ${path}: it was written to while it was read`,
      "Let nothing write to the maps during a run.",
    );
  };

  /** Refuses a map whose box is not any more what it was when the maps were looked at. */
  const checkBox = ({ nx, ny, nz }: MrcHeader, box: number, path: string) => {
    if (nx === box && ny === box && nz === box) return;
    throw new InputError(
      `Cannot use ${path}: its box has changed while it was read (${nx} x ${ny} x ${nz}, not ${box})`,
      "Let nothing write to the maps during a run.",
    );
  };

  /** Computes a stage in this thread, and keeps nothing of it. */
  const completeHere: CompleteStage = async (stage) => {
    const { engine, thread } = shared;
    const own = jobs({
      ...(engine === undefined ? {} : { engine }),
      ...(thread === undefined ? {} : { thread }),
      [keyOfWork(stage.job)]: stage.work(),
    }, warn);
    const contents: ArrowContent[] = [];
    for (const input of stage.inputs) {
      // The input is that of the stage's job; the compiler does not follow the lookup.
      contents.push({ columns: { ...await own[stage.job](input as never) }, metadata: {} });
    }
    await own.release();
    return contents;
  };

  /** Reads a map once, and writes its occupancy at each of some thresholds to a row of the volumes' bits. */
  const readVolumeAt = async (
    { path, targets }: { path: string; targets: readonly { row: number; threshold: number }[] },
  ): Promise<{ bytes: number; sha256: string; occupied: readonly number[] }> => {
    const hash = createHash("sha256");
    const before = stateOf(path);
    const { fileBytes, result } = await streamMap(path, (header) => {
      const { nx, ny, nz, mode } = header;
      const { words, wordsPerVolume, box } = need("volumes");
      if (nx !== box || ny !== box || nz !== box) {
        throw new InputError(
          `Cannot use ${path}: its box has changed while it was read (${nx} x ${ny} x ${nz}, not ${box})`,
          "Let nothing write to the maps during a run.",
        );
      }
      const sinks = targets.map(({ row, threshold }) => {
        const bits = words.subarray(row * wordsPerVolume, (row + 1) * wordsPerVolume);
        return binariser(header, thresholdFor(mode, threshold), path, bits);
      });
      return {
        add: (raw: Uint8Array) => sinks.forEach((sink) => sink.add(raw)),
        end: () => sinks.map((sink) => sink.end().occupied),
      };
    }, { buffer: comparer().buffer, onBytes: (bytes) => hash.update(bytes) });
    if (stateOf(path) !== before) {
      throw new InputError(
        `Cannot use ${path}: it was written to while it was read`,
        "Let nothing write to the maps during a run.",
      );
    }
    return { bytes: fileBytes, sha256: hash.digest("hex"), occupied: result };
  };

  return {
    /** Reads a map, writes its occupancy to row `row` of the volumes' bits, and says what the file is. */
    async readVolume(
      { path, row, threshold }: { path: string; row: number; threshold: number },
    ): Promise<{ bytes: number; sha256: string; occupied: number }> {
      const { occupied, ...file } = await readVolumeAt({ path, targets: [{ row, threshold }] });
      return { ...file, occupied: occupied[0]! };
    },

    readVolumeAt,

    /** Writes the occupancy of some sections of a map to row `row` of the volumes' bits. */
    async readSections({ path, row, threshold, sections }: {
      path: string;
      row: number;
      threshold: number;
      sections: readonly number[];
    }): Promise<Record<never, never>> {
      const header = await readMapHeader(path);
      const { words, wordsPerVolume } = need("volumes");
      const bits = words.subarray(row * wordsPerVolume, (row + 1) * wordsPerVolume);
      binariseSections(path, header, sections, thresholdFor(header.mode, threshold), bits);
      return {};
    },

    /** Size and hash of a file. */
    hashFile({ path }: { path: string }): { bytes: number; sha256: string } {
      const hash = createHash("sha256");
      const bytes = streamFileSync(path, (piece) => hash.update(piece), comparer().buffer);
      return { bytes, sha256: hash.digest("hex") };
    },

    /** Forgets what a stage was computed from, and gives back what its engine holds. */
    release(): Promise<Record<never, never>> {
      release();
      const works = ["sketch", "links", "phi", "preprocess", "replicates", "occupancy"] as const;
      for (const key of ["volumes", ...works] as const) delete shared[key];
      return Promise.resolve({});
    },

    /** Tries an engine on some voxels. */
    async tryEngine({ name, matrix, milliseconds, isAsked }: {
      name: OneEngine;
      matrix: BitMatrix;
      milliseconds: number;
      isAsked: boolean;
    }): Promise<Tried> {
      return await tryEngine(name, matrix, milliseconds, () => performance.now(), isAsked);
    },

    /** The linked pairs of some tiles. */
    async linkSketch({ tiles }: { tiles: readonly Tile[] }): Promise<SketchEdges> {
      const work = need("sketch");
      const { matrix, flat, places, thresholds, byDistance } = work;
      const links = await withEngine(
        work,
        matrix,
        matrix,
        async (engine) => await engine.links(tiles, thresholds, true),
      );
      const most = links.rows.length;
      const u = new Uint32Array(most), v = new Uint32Array(most), both = new Uint16Array(most);
      let count = 0;
      for (let i = 0; i < links.rows.length; i++) {
        const row = links.rows[i]!, column = links.columns[i]!;
        if (byDistance !== undefined) {
          const { rowClasses, columnClasses, columnClassCount } = thresholds;
          const pair = rowClasses[row]! * columnClassCount + columnClasses[column]!;
          const [one, other] = [flat[row]!, flat[column]!];
          if (!isLinkedAtDistance(byDistance, pair, one, other, links.both[i]!)) continue;
        }
        const first = places[row]! < places[column]! ? row : column;
        u[count] = flat[first]!;
        v[count] = flat[row + column - first]!;
        both[count++] = links.both[i]!;
      }
      return { u: u.slice(0, count), v: v.slice(0, count), both: both.slice(0, count) };
    },

    /** How many pairs of some tiles have each (class, class, both). */
    async countSketch({ tiles }: { tiles: readonly Tile[] }): Promise<SketchCounts> {
      const work = need("sketch");
      const { matrix, thresholds, totals } = work;
      const counts = await withEngine(work, matrix, matrix, async (engine) => {
        const counts = pairCounts(totals, matrix.volumes);
        await countPairs(engine, tiles, thresholds.rowClasses, counts);
        return counts;
      });
      const rowClass: number[] = [], columnClass: number[] = [], both: number[] = [];
      const pairs: number[] = [];
      counts.forEach((row, column, count, multiplicity) => {
        rowClass.push(row);
        columnClass.push(column);
        both.push(count);
        pairs.push(multiplicity);
      });
      return {
        row_class: Uint16Array.from(rowClass),
        column_class: Uint16Array.from(columnClass),
        both: Uint16Array.from(both),
        pairs: Float64Array.from(pairs),
      };
    },

    /** The union voxels of a range that join blocks by links. */
    async expandLinks({ start, end }: { start: number; end: number }): Promise<Joined> {
      const work = need("links");
      const { matrix, seeds, columns, flat, classes, totals, links, share } = work;
      const expand = (leastOfRow: LeastOfRow) =>
        withEngine(
          work,
          matrix,
          seeds,
          (engine) => expandByLinks(engine, start, end, columns, leastOfRow, share),
        );
      if (links.kind === "least") {
        const leastOfRow: LeastOfRow = (row, _block, others, least) => {
          const at = classes[row]! * totals.length;
          others.forEach((other, i) => least[i] = links.least[at + other]!);
        };
        return await expand(leastOfRow);
      }
      const { volumes } = matrix;
      const leastOfRow: LeastOfRow = (row, block, others, least) => {
        const d = distance(position(flat[row]!, links.box), links.medians[block]!, links.apix);
        const factor = d === 0 ? distanceFactor(0) : links.factor ?? distanceFactor(d);
        const own = classes[row]!;
        for (let i = 0; i < others.length; i++) {
          const other = others[i]!, pair = own * totals.length + other;
          const [f1, f2] = [totals[own]!, totals[other]!];
          const positive = links.positive[pair]!, negative = links.negative[pair]!;
          const pairCutoffs = { volumes, f1, f2, positive, negative };
          least[i] = leastCount(pairCutoffs, factor, links.negativeFactor);
        }
      };
      return await expand(leastOfRow);
    },

    /** A drawing as a PNG file. */
    drawPng({ drawing }: { drawing: Drawing }): { png: Uint8Array } {
      return { png: encodePng(drawing) };
    },

    /** The union voxels of a range that join blocks by phi. */
    expandPhi({ start, end }: { start: number; end: number }): Joined {
      const { matrix, profiles, options } = need("phi");
      return phiExpand(matrix, start, end, profiles, options);
    },

    /** The voxels of a mask that count. */
    async readMask({ path }: { path: string }): Promise<SparseMask> {
      return sparseMask((await readMap(path)).data, path);
    },

    /** Sum of all densities of a map, in double precision. */
    async sumDensities({ path }: { path: string }): Promise<{ sum: number }> {
      const { data } = await readMap(path);
      let sum = 0;
      for (let i = 0; i < data.length; i++) sum += data[i]!;
      return { sum };
    },

    /** Shares of each region's voxels above the threshold, or without one sums of its weighted densities. */
    async measureOccupancy(
      { path, threshold }: { path: string; threshold?: number },
    ): Promise<{ values: Float64Array<ArrayBuffer> }> {
      const regions = need("occupancy");
      let mode = 0;
      const begin = (header: MrcHeader) => {
        checkBox(header, regions.box, path);
        mode = header.mode;
        return densitiesAt(header, path, regions.voxels);
      };
      const { result } = await readUndisturbed(
        path,
        () => streamMap(path, begin, { buffer: comparer().buffer }),
      );
      return {
        values: threshold === undefined
          ? weightedSums(regions, result)
          : occupiedShares(regions, result, thresholdFor(mode, threshold)),
      };
    },

    /** The blocks of a replicate. */
    async replicates({ replicate }: { replicate: number }): Promise<ReplicateBlocks> {
      const { computeReplicate } = await import("../replicates.ts");
      return await computeReplicate(need("replicates"), replicate, completeHere);
    },

    /** Normalises and downsamples the maps of a range, and writes them. */
    async preprocessMaps(range: { start: number; end: number }): Promise<PreprocessedMaps> {
      return await preprocessMaps(need("preprocess"), range);
    },
  };
}

/** See {@linkcode jobs}. */
export type Jobs = ReturnType<typeof jobs>;
