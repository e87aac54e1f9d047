/**
 * The engine that counts by TensorFlow.js: occupancies as matrices of 0 and 1, counts as their product.
 *
 * On a GPU it serves where there is a TensorFlow.js that works and no driver for the other engines. On
 * the processor it is far slower than they are, and there to be tested.
 *
 * @module
 */
import { createRequire } from "node:module";
import { isAbsolute } from "node:path";
import util from "node:util";
import type { BitMatrix } from "./bit_matrix.ts";
import { joinLinks } from "./by_tile.ts";
import { checkBlocks, checkLeastCounts, checkMatrices, checkTile } from "./checks.ts";
import type { ColumnBlocks, Engine, EngineFactory, LeastCounts, Links, Tile } from "./engine.ts";
import { EngineError, type Found, type MissingEngine } from "./found.ts";

/** Ways in which TensorFlow.js computes: its C library with CUDA, WebAssembly, or plain JavaScript. */
export type TfjsBackend = "node-gpu" | "wasm" | "cpu";

/** Where the packages are imported from. */
export interface TfjsModules {
  readonly core: string;
  readonly cpu: string;
  readonly wasm: string;
  /**
   * Absolute path of a folder in which `npm install @tensorflow/tfjs-node-gpu` was run: npm fetches the
   * package's native library, which Deno does not. By default what the variable SIREN_TFJS_NODE_GPU says.
   */
  readonly nodeGpu?: string;
}

const VERSION = "4.22.0";
/** The variable that names where npm has installed tfjs-node-gpu. */
const FOLDER = "SIREN_TFJS_NODE_GPU";

/** The packages as npm has them, fetched when they are first used. */
export const tfjsModules: TfjsModules = {
  core: `npm:@tensorflow/tfjs-core@${VERSION}`,
  cpu: `npm:@tensorflow/tfjs-backend-cpu@${VERSION}`,
  wasm: `npm:@tensorflow/tfjs-backend-wasm@${VERSION}`,
};

/** What is used of a tensor. */
interface Tensor {
  dataSync(): ArrayLike<number>;
  dispose(): void;
}

/** What is used of TensorFlow.js. */
interface Tfjs {
  enableProdMode(): void;
  env(): { set(flag: string, value: boolean): void };
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  backend(): unknown;
  tensor2d(values: Float32Array, shape: [number, number]): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
}

const used = [
  "enableProdMode",
  "env",
  "setBackend",
  "getBackend",
  "backend",
  "tensor2d",
  "matMul",
] as const satisfies readonly (keyof Tfjs)[];

/** Names of the back ends within TensorFlow.js, and for the user. */
const names = {
  "node-gpu": { own: "tensorflow", what: "tfjs-node-gpu (CUDA)" },
  wasm: { own: "wasm", what: "tfjs wasm" },
  cpu: { own: "cpu", what: "tfjs cpu" },
} as const;

/** A back end cannot be used, and why. */
class NoBackend extends Error {
  constructor(reason: string, readonly remedy?: string) {
    super(reason);
  }
}

/** What a package exports; `get` takes its name from a variable, so that it is fetched only then. */
async function load(
  name: string,
  get: () => Promise<Partial<Record<string, unknown>>>,
): Promise<Partial<Record<string, unknown>>> {
  try {
    return await get();
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new NoBackend(`${name} does not load (${line!.trim()})`);
  }
}

function isTfjs(module: Partial<Record<string, unknown>>): module is Record<keyof Tfjs, never> {
  return used.every((name) => typeof module[name] === "function");
}

function asTfjs(module: Partial<Record<string, unknown>>, name: string): Tfjs {
  if (!isTfjs(module)) throw new NoBackend(`${name} is not TensorFlow.js`);
  return module;
}

/** TensorFlow.js as npm has installed it with its native library. */
async function loadNodeGpu(folder: string | undefined): Promise<Tfjs> {
  if (folder === undefined) {
    throw new NoBackend(
      "no folder is named where it is",
      `Run "npm install @tensorflow/tfjs-node-gpu@${VERSION}" in a folder, set ${FOLDER} to its path, ` +
        "and start siren with all permissions and --engine tfjs.",
    );
  }
  if (!isAbsolute(folder)) throw new NoBackend(`${FOLDER} is not an absolute path (${folder})`);
  // It calls this function, which Deno's node:util does not have.
  const old = util as { isNullOrUndefined?: (value: unknown) => boolean };
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
  try {
    const require = createRequire(`${folder}/`);
    // deno-lint-ignore require-await -- what it throws is to reject
    return asTfjs(await load(folder, async () => require("@tensorflow/tfjs-node-gpu")), folder);
  } catch (error) {
    if (!(error instanceof NoBackend)) throw error;
    throw new NoBackend(
      error.message,
      "It takes CUDA, cuDNN, its native library, and --allow-env --allow-ffi --allow-sys.",
    );
  }
}

/** Where the user has it. */
function nodeGpuFolder(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: FOLDER });
  return state === "granted" ? Deno.env.get(FOLDER) : undefined;
}

/** TensorFlow.js with a back end that counts right. */
async function open(backend: TfjsBackend, modules: TfjsModules): Promise<Tfjs> {
  let tfjs: Tfjs;
  if (backend === "node-gpu") tfjs = await loadNodeGpu(modules.nodeGpu ?? nodeGpuFolder());
  else {
    const { core, cpu, wasm } = modules;
    tfjs = asTfjs(await load(core, () => import(core)), core);
    // Or it advises on the terminal to install tfjs-node.
    tfjs.enableProdMode();
    await load(cpu, () => import(cpu));
    if (backend === "wasm") {
      await load(wasm, () => import(wasm));
      tfjs.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    }
  }
  tfjs.enableProdMode();
  await inTurn(() => start(tfjs, backend));
  return tfjs;
}

/** Makes a back end the current one, and sees whether it will do. */
async function start(tfjs: Tfjs, backend: TfjsBackend): Promise<void> {
  let isReady: boolean;
  try {
    isReady = await tfjs.setBackend(names[backend].own);
  } catch (error) {
    throw new NoBackend(`it does not start (${error instanceof Error ? error.message : error})`);
  }
  if (!isReady) throw new NoBackend("it does not start");
  if (backend === "node-gpu") {
    const library = tfjs.backend() as { isUsingGpuDevice?: unknown };
    if (library.isUsingGpuDevice !== true) throw new NoBackend("it finds no CUDA device");
  }
  probe(tfjs);
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

let lastTurn: Promise<unknown> = Promise.resolve();

/** Does one thing after the other: a thread's TensorFlow.js has one back end at a time, for all. */
function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(act);
  // Who waits for this turn learns of its failure; the next is not concerned.
  lastTurn = turn.catch(() => {});
  return turn;
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
    const { what } = names[this.#backend];
    const reason = error instanceof Error ? error.message : String(error);
    return new EngineError(`Cannot compute with ${what}: ${reason}`, { cause: error });
  }

  /** Multiplies with this engine's back end. */
  #multiply(a: Values, b: Values, use: (product: ArrayLike<number>) => void): Promise<void> {
    const { own } = names[this.#backend];
    return inTurn(async () => {
      try {
        const tfjs = this.#tfjs;
        if (tfjs.getBackend() !== own && !await tfjs.setBackend(own)) {
          throw new Error("it does not start again");
        }
        multiply(tfjs, a, b, use);
      } catch (error) {
        throw this.#error(error);
      }
    });
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
      throw new EngineError(`Cannot compute with ${names[backend].what}: ${error.message}`);
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
    const { what } = names[backend];
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
