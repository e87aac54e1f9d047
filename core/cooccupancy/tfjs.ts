/**
 * The engine that counts by TensorFlow.js: occupancies as matrices of 0 and 1, counts as their product.
 *
 * On a GPU it serves where there is a TensorFlow.js that works and no driver for the other engines. On
 * the processor it is far slower than they are, and there to be tested.
 *
 * @module
 */
import {
  backendNames,
  NoBackend,
  openTfjs,
  type TfjsBackend as AnyBackend,
  type TfjsBase,
  type TfjsModules,
  tfjsModules,
  withBackend,
} from "../tfjs/load.ts";
import type { BitMatrix } from "./bit_matrix.ts";
import { joinLinks } from "./by_tile.ts";
import { checkBlocks, checkLeastCounts, checkMatrices, checkTile } from "./checks.ts";
import type { ColumnBlocks, Engine, EngineFactory, LeastCounts, Links, Tile } from "./engine.ts";
import { EngineError, type Found, type MissingEngine } from "./found.ts";

export { tfjsModules };
export type { TfjsModules };

/** Ways in which TensorFlow.js computes; for WebGPU there is an engine that is faster. */
export type TfjsBackend = Exclude<AnyBackend, "webgpu">;

/** What is used of a tensor. */
interface Tensor {
  dataSync(): ArrayLike<number>;
  dispose(): void;
}

/** What is used of TensorFlow.js. */
interface Tfjs extends TfjsBase {
  tensor2d(values: Float32Array, shape: [number, number]): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
}

/** TensorFlow.js with a back end that counts right. */
function open(backend: TfjsBackend, modules: TfjsModules): Promise<Tfjs> {
  return openTfjs<Tfjs>({ backend, modules, used: ["tensor2d", "matMul"], probe });
}

/** Refuses back ends that add up in half precision, which holds no odd number this large. */
function probe(tfjs: Tfjs): void {
  const rows = new Float32Array(2 * VOLUMES_AT_ONCE).fill(1);
  rows[0] = 0;
  const [first, second] = multiply(
    tfjs,
    { values: rows, shape: [2, VOLUMES_AT_ONCE] },
    { values: new Float32Array(VOLUMES_AT_ONCE).fill(1), shape: [VOLUMES_AT_ONCE, 1] },
    (counts) => Array.from(counts),
  );
  if (first !== VOLUMES_AT_ONCE - 1 || second !== VOLUMES_AT_ONCE) {
    throw new NoBackend(`it is not exact (${first} for ${VOLUMES_AT_ONCE - 1})`);
  }
}

interface Values {
  readonly values: Float32Array;
  readonly shape: [number, number];
}

/** The product of two matrices, which lives as long as `use` runs. */
function multiply<T>(tfjs: Tfjs, a: Values, b: Values, use: (product: ArrayLike<number>) => T): T {
  const tensors: Tensor[] = [];
  const keep = (tensor: Tensor) => {
    tensors.push(tensor);
    return tensor;
  };
  try {
    const left = keep(tfjs.tensor2d(a.values, a.shape));
    const right = keep(tfjs.tensor2d(b.values, b.shape));
    return use(keep(tfjs.matMul(left, right)).dataSync());
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

/** Volumes of a product; single precision is exact far beyond. */
const VOLUMES_AT_ONCE = 4096;
/** Voxels of a product. */
const ROWS_AT_ONCE = 1024;
const COLUMNS_AT_ONCE = 4096;
/** Counts that are held at once, in whole rows. */
const COUNTS_AT_ONCE = 2 ** 22;

/** Ranges of [start, end) of so many each. */
function* pieces(start: number, end: number, size: number): Generator<[number, number]> {
  for (let from = start; from < end; from += size) yield [from, Math.min(from + size, end)];
}

/** Bits of voxels [start, end) in volumes [first, last) as 0 and 1; a row for each voxel. `first` is a multiple of 32. */
function voxelMajor(
  { words, wordsPerVoxel }: BitMatrix,
  [start, end]: readonly [number, number],
  [first, last]: readonly [number, number],
): Values {
  const width = last - first;
  const values = new Float32Array((end - start) * width);
  for (let v = start, at = 0; v < end; v++) {
    for (let k = first; k < last; k++) {
      values[at++] = (words[v * wordsPerVoxel + (k >> 5)]! >>> (k & 31)) & 1;
    }
  }
  return { values, shape: [end - start, width] };
}

/** The same with a row for each volume. */
function volumeMajor(
  { words, wordsPerVoxel }: BitMatrix,
  [start, end]: readonly [number, number],
  [first, last]: readonly [number, number],
): Values {
  const width = end - start;
  const values = new Float32Array((last - first) * width);
  for (let k = first, at = 0; k < last; k++) {
    for (let v = start; v < end; v++) {
      values[at++] = (words[v * wordsPerVoxel + (k >> 5)]! >>> (k & 31)) & 1;
    }
  }
  return { values, shape: [last - first, width] };
}

/** An engine over TensorFlow.js; what it is given has been checked. */
class TfjsEngine {
  readonly #tfjs: Tfjs;
  readonly #backend: TfjsBackend;
  readonly #rows: BitMatrix;
  readonly #columns: BitMatrix;

  constructor(tfjs: Tfjs, backend: TfjsBackend, rows: BitMatrix, columns: BitMatrix) {
    this.#tfjs = tfjs;
    this.#backend = backend;
    this.#rows = rows;
    this.#columns = columns;
  }

  #error(error: unknown): EngineError {
    const { what } = backendNames[this.#backend];
    const reason = error instanceof Error ? error.message : String(error);
    return new EngineError(`Cannot compute with ${what}: ${reason}`, { cause: error });
  }

  /** Multiplies with this engine's back end. */
  async #multiply(
    a: Values,
    b: Values,
    use: (product: ArrayLike<number>) => void,
  ): Promise<void> {
    const tfjs = this.#tfjs;
    try {
      await withBackend(tfjs, this.#backend, () => multiply(tfjs, a, b, use));
    } catch (error) {
      throw this.#error(error);
    }
  }

  /** Counts of a tile, row-major. */
  async counts({ rowStart, rowEnd, columnStart, columnEnd }: Tile): Promise<Uint16Array> {
    const width = columnEnd - columnStart;
    const result = new Uint16Array((rowEnd - rowStart) * width);
    for (const ofColumns of pieces(columnStart, columnEnd, COLUMNS_AT_ONCE)) {
      for (const ofVolumes of pieces(0, this.#rows.volumes, VOLUMES_AT_ONCE)) {
        const right = volumeMajor(this.#columns, ofColumns, ofVolumes);
        for (const ofRows of pieces(rowStart, rowEnd, ROWS_AT_ONCE)) {
          const left = voxelMajor(this.#rows, ofRows, ofVolumes);
          const [from, columns] = [ofColumns[0] - columnStart, ofColumns[1] - ofColumns[0]];
          const add = (product: ArrayLike<number>) => {
            for (let row = ofRows[0], i = 0; row < ofRows[1]; row++) {
              const to = (row - rowStart) * width + from;
              for (let column = 0; column < columns; column++) {
                result[to + column]! += product[i++]!;
              }
            }
          };
          await this.#multiply(left, right, add);
        }
      }
    }
    return result;
  }

  /** Linked pairs of a tile, in order of (row, column). */
  async links(tile: Tile, thresholds: LeastCounts, triangular: boolean): Promise<Links> {
    const { columnStart, columnEnd } = tile;
    const { rowClasses, columnClasses, columnClassCount, least } = thresholds;
    const width = Math.max(1, columnEnd - columnStart);
    const parts: Links[] = [];
    const height = Math.max(1, Math.floor(COUNTS_AT_ONCE / width));
    for (const [rowStart, rowEnd] of pieces(tile.rowStart, tile.rowEnd, height)) {
      // No pair of the first columns is above the diagonal.
      const from = triangular ? Math.max(columnStart, rowStart + 1) : columnStart;
      if (from >= columnEnd) continue;
      const counts = await this.counts({ rowStart, rowEnd, columnStart: from, columnEnd });
      const rows: number[] = [], columns: number[] = [], both: number[] = [];
      for (let row = rowStart, i = 0; row < rowEnd; row++) {
        const tableRow = rowClasses[row]! * columnClassCount;
        for (let column = from; column < columnEnd; column++, i++) {
          if (counts[i]! < least[tableRow + columnClasses[column]!]!) continue;
          if (triangular && column <= row) continue;
          rows.push(row);
          columns.push(column);
          both.push(counts[i]!);
        }
      }
      parts.push({
        rows: Uint32Array.from(rows),
        columns: Uint32Array.from(columns),
        both: Uint16Array.from(both),
      });
    }
    return joinLinks(parts);
  }

  /** As {@linkcode Engine.tally}. */
  async tally(
    rowStart: number,
    rowEnd: number,
    { starts, classes, classCounts }: ColumnBlocks,
    least: Uint16Array,
  ): Promise<Uint32Array<ArrayBuffer>> {
    const width = classCounts.length;
    const result = new Uint32Array((rowEnd - rowStart) * width);
    // Blocks may be small: columns are counted across their ends.
    const columnEnd = starts[width]!;
    for (const [from, to] of pieces(starts[0]!, columnEnd, COLUMNS_AT_ONCE)) {
      for (const [firstRow, endRow] of pieces(rowStart, rowEnd, ROWS_AT_ONCE)) {
        const tile = { rowStart: firstRow, rowEnd: endRow, columnStart: from, columnEnd: to };
        const counts = await this.counts(tile);
        let table = 0;
        for (let block = 0; block < width; block++) {
          const classCount = classCounts[block]!;
          const first = Math.max(from, starts[block]!), end = Math.min(to, starts[block + 1]!);
          for (let row = firstRow; row < endRow; row++) {
            const ofRow = table + (row - rowStart) * classCount;
            const ofCounts = (row - firstRow) * (to - from) - from;
            let linked = 0;
            for (let column = first; column < end; column++) {
              if (counts[ofCounts + column]! >= least[ofRow + classes[column]!]!) linked++;
            }
            result[(row - rowStart) * width + block]! += linked;
          }
          table += (rowEnd - rowStart) * classCount;
        }
      }
    }
    return result;
  }
}

/**
 * Makes engines that count by TensorFlow.js.
 *
 * @param backend What computes.
 * @param modules Where TensorFlow.js is imported from.
 * @returns Making an engine throws EngineError where the back end does not work, and RangeError where
 *   matrices, tile and least counts do not match each other. A question throws EngineError where the back
 *   end fails.
 * @example
 * ```ts
 * import { bitMatrix } from "./bit_matrix.ts";
 * import { tfjsEngine, tfjsModules } from "./tfjs.ts";
 * import assert from "node:assert";
 *
 * const voxels = bitMatrix(2, 5);
 * const makeEngine = tfjsEngine("node-gpu", { ...tfjsModules, nodeGpu: "/nowhere" });
 * await assert.rejects(async () => await makeEngine(voxels, voxels), { name: "EngineError" });
 * ```
 */
export function tfjsEngine(
  backend: TfjsBackend,
  modules: TfjsModules = tfjsModules,
): EngineFactory {
  return async (rows, columns): Promise<Engine> => {
    checkMatrices(rows, columns);
    const tfjs = await open(backend, modules).catch((error: unknown) => {
      if (!(error instanceof NoBackend)) throw error;
      throw new EngineError(`Cannot compute with ${backendNames[backend].what}: ${error.message}`);
    });
    const engine = new TfjsEngine(tfjs, backend, rows, columns);
    return {
      name: "tfjs",
      // Asynchronous, so that what is refused is refused by the promise.
      async counts(tile) {
        checkTile(tile, rows, columns);
        return await engine.counts(tile);
      },
      async links(tiles, thresholds, triangular) {
        for (const tile of tiles) {
          checkTile(tile, rows, columns);
          checkLeastCounts(tile, thresholds, rows, columns);
        }
        const parts: Links[] = [];
        for (const tile of tiles) parts.push(await engine.links(tile, thresholds, triangular));
        return joinLinks(parts);
      },
      async tally(rowStart, rowEnd, blocks, least) {
        checkBlocks(rowStart, rowEnd, blocks, least, rows, columns);
        return await engine.tally(rowStart, rowEnd, blocks, least);
      },
      // What is computed with is given back after each product.
      close() {},
    };
  };
}

/**
 * Looks for a back end of TensorFlow.js. Fetches the packages that "wasm" and "cpu" take, if they are not
 * here yet, and none otherwise.
 *
 * @param backends Those that will do, the best first. By default only that which uses a GPU: all others
 *   are slower than the engines that need nothing.
 * @returns Never rejected: where none works, why.
 */
export async function findTfjs(
  backends: readonly TfjsBackend[] = ["node-gpu"],
  modules: TfjsModules = tfjsModules,
): Promise<Found> {
  const missing: MissingEngine[] = [];
  for (const backend of backends) {
    const { what } = backendNames[backend];
    try {
      await open(backend, modules);
    } catch (error) {
      const reason = `${what}: ${error instanceof Error ? error.message : String(error)}`;
      const remedy = error instanceof NoBackend ? error.remedy : undefined;
      missing.push({ works: false, reason, ...(remedy === undefined ? {} : { remedy }) });
      continue;
    }
    const software = backend !== "node-gpu";
    return {
      works: true,
      what,
      on: software ? "cpu" : "gpu",
      software,
      devices: 1,
      open(device) {
        if (device === 0) return tfjsEngine(backend, modules);
        throw new RangeError(`Cannot open a device by tfjs: there is one only (${device})`);
      },
    };
  }
  const remedy = missing.find((one) => one.remedy !== undefined)?.remedy;
  const reason = missing.map(({ reason }) => reason).join("; ");
  return { works: false, reason, ...(remedy === undefined ? {} : { remedy }) };
}
