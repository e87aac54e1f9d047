/**
 * The native engine: bit-sliced counting in C, with the vector instructions this processor has, one
 * thread. `deno task native` compiles it where there is a C compiler.
 *
 * @module
 */
import { type BitMatrix, popcount, totals } from "./bit_matrix.ts";
import { noLinks } from "./by_tile.ts";
import { checkBlocks, checkLeastCounts, checkMatrices, checkTile } from "./checks.ts";
import type { SyncEngineFactory } from "./engine.ts";
import { EngineError, type Found } from "./found.ts";
import { fullAddersPerSecond } from "./limit.ts";
import {
  instructions,
  type Library,
  libraryFile,
  loadLibrary,
  type VariantName,
  variantNames,
  variantsOf,
} from "./native/library.ts";

/** Most counts that are given at once: 4 GiB of them. */
const MAX_COUNTS = 2 ** 31;

/** Which compiled kernel to use. */
export interface NativeOptions {
  /** Default: that of this program and machine. */
  readonly library?: URL;
  /** Default: the best that this processor has the instructions for. */
  readonly variant?: VariantName;
}

/**
 * Makes a factory of engines that count in C. Such an engine keeps what it has prepared of the matrices,
 * up to some MiB, so the matrices must not change. It holds memory outside JavaScript's: close it.
 *
 * @throws {Deno.errors.NotCapable} Without `--allow-ffi`.
 * @throws {Error} If the library cannot be loaded.
 * @throws {RangeError} If the library or the processor lacks the variant.
 */
export function nativeEngine(options: NativeOptions = {}): SyncEngineFactory {
  const library = loadLibrary(options.library ?? libraryFile());
  const present = variantsOf(library.siren_variants());
  const variant = options.variant ?? present.at(-1)!; // all have the portable one
  if (!present.includes(variant)) {
    throw new RangeError(
      `Cannot count natively: the variant is not there (${variant}, not ${present.join(", ")})`,
    );
  }
  return (rows, columns) => makeEngine(library, variant, rows, columns);
}

const makeEngine = (
  library: Library,
  variant: VariantName,
  rows: BitMatrix,
  columns: BitMatrix,
): ReturnType<SyncEngineFactory> => {
  checkMatrices(rows, columns);
  const handle = library.siren_open(variantNames.indexOf(variant), rows.volumes);
  if (handle === null) throw noMemory();
  // What tells one matrix from another in what the engine keeps.
  const rowSide = 0, columnSide = columns === rows ? 0 : 1;
  let held = new Uint16Array(0);
  let isOpen = true;
  const open = () => {
    if (!isOpen) throw new Error("Cannot count natively: the engine is closed");
    return handle;
  };

  return {
    name: "native",

    counts(tile) {
      checkTile(tile, rows, columns);
      const { rowStart, rowEnd, columnStart, columnEnd } = tile;
      const size = (rowEnd - rowStart) * (columnEnd - columnStart);
      if (size > MAX_COUNTS) {
        throw new RangeError(
          `Cannot count a tile: it has more than ${MAX_COUNTS} pairs (${size})`,
        );
      }
      if (held.length < size) held = new Uint16Array(size);
      library.siren_counts(
        open(),
        ...[rows.words, rowSide, rowStart, rowEnd - rowStart] as const,
        ...[columns.words, columnSide, columnStart, columnEnd - columnStart] as const,
        held,
      );
      return held.subarray(0, size);
    },

    links(tiles, thresholds, triangular) {
      for (const tile of tiles) {
        checkTile(tile, rows, columns);
        checkLeastCounts(tile, thresholds, rows, columns);
      }
      const { rowClasses, columnClasses, columnClassCount, least } = thresholds;
      let size = 0;
      library.siren_forget(open()); // what the arrays found no memory for, the last time
      for (const { rowStart, rowEnd, columnStart, columnEnd } of tiles) {
        const found = library.siren_links(
          handle,
          ...[rows.words, rowSide, rowStart, rowEnd - rowStart] as const,
          ...[columns.words, columnSide, columnStart, columnEnd - columnStart] as const,
          ...[rowClasses, columnClasses, columnClassCount, least] as const,
          Number(triangular),
        );
        if (found < 0) throw noMemory();
        size += found;
      }
      const links = noLinks(size);
      library.siren_take(
        handle,
        ...[rows.words, columns.words] as const,
        ...[links.rows, links.columns, links.both] as const,
      );
      return links;
    },

    tally(rowStart, rowEnd, blocks, least) {
      checkBlocks(rowStart, rowEnd, blocks, least, rows, columns);
      const { starts, classes } = blocks;
      const classCounts = Uint32Array.from(blocks.classCounts);
      const result = new Uint32Array((rowEnd - rowStart) * classCounts.length);
      library.siren_tally(
        open(),
        ...[rows.words, rowSide, rowStart, rowEnd - rowStart] as const,
        ...[columns.words, columnSide] as const,
        ...[classCounts.length, starts, classes, classCounts] as const,
        least,
        result,
      );
      return result;
    },

    close() {
      if (isOpen) library.siren_close(handle);
      isOpen = false;
    },
  };
};

function noMemory(): EngineError {
  return new EngineError("Cannot count natively: the system gives no memory (malloc)");
}

/**
 * Looks whether the engine works here. Never throws: what stands in its way is the answer.
 *
 * @example
 * ```ts
 * import { findNative } from "./native.ts";
 * import assert from "node:assert";
 *
 * const found = findNative();
 * assert.ok(found.works ? found.on === "cpu" : found.reason !== "");
 * ```
 */
export function findNative(): Found {
  return readFound(libraryFile());
}

/** Looks whether a library works here. Never throws: what stands in its way is the answer. */
export function readFound(file: URL): Found {
  try {
    Deno.statSync(file);
    const library = loadLibrary(file);
    const variant = variantsOf(library.siren_variants()).at(-1)!; // all have the portable one
    return {
      works: true,
      what: instructions[variant],
      on: "cpu",
      devices: 1,
      open: () => nativeEngine({ library: file, variant }),
      limit: (matrix) => limit(library, variant, matrix),
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return {
        works: false,
        reason: "not built here",
        remedy: "`deno task native` builds it; it takes a C compiler.",
      };
    }
    if (error instanceof Deno.errors.NotCapable) {
      const missing = error.message.match(/--allow-\w+/)?.[0] ?? "--allow-ffi";
      return {
        works: false,
        reason: `not permitted (${missing})`,
        remedy: `Start Deno with ${missing}.`,
      };
    }
    const reason = error instanceof Error ? error.message : String(error);
    return {
      works: false,
      reason: `its library cannot be loaded (${reason})`,
      remedy: "`deno task native` builds it for this machine; it takes a C compiler.",
    };
  }
}

/** Pairs a second if all planes were in registers, and nothing but adding had to be done. */
function limit(library: Library, variant: VariantName, matrix: BitMatrix): number {
  const index = variantNames.indexOf(variant);
  const adders = fullAddersPerSecond((rounds) => library.siren_full_adders(index, rounds));
  return library.siren_lanes(index) * adders / Math.max(meanAdded(matrix), 1);
}

/**
 * Planes that are added up for a listed voxel, on average: those of two voxels one after the other are
 * added up together, and what both lists name once.
 */
function meanAdded(matrix: BitMatrix): number {
  const { voxels, volumes, wordsPerVoxel, words } = matrix;
  const own = totals(matrix);
  const listed = (v: number, w: number) =>
    2 * own[v]! > volumes ? ~words[v * wordsPerVoxel + w]! : words[v * wordsPerVoxel + w]!;
  const last = volumes % 32 === 0 ? -1 : (1 << volumes % 32) - 1;
  let sum = 0;
  for (let v = 0; v < voxels; v += 2) {
    for (let w = 0; w < wordsPerVoxel; w++) {
      const either = listed(v, w) | (v + 1 < voxels ? listed(v + 1, w) : 0);
      sum += popcount(w === wordsPerVoxel - 1 ? either & last : either);
    }
  }
  return sum / Math.max(voxels, 1);
}
