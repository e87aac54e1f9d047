/**
 * The default engine: bit-sliced counting in WebAssembly with SIMD, one thread.
 *
 * @module
 */
import type { BitMatrix } from "./bit_matrix.ts";
import { byTile, noLinks } from "./by_tile.ts";
import { checkMatrices } from "./checks.ts";
import type { LeastCounts, Links, SyncEngineFactory } from "./engine.ts";
import type { Found } from "./found.ts";
import { bitSlicedLimit, fullAddersPerSecond } from "./limit.ts";
import { kernel } from "./wasm/kernel.ts";

/** What `wasm/kernel.as` exports, where all is explained. */
interface Kernel {
  readonly emitted: { readonly value: number };
  fullAdders(rounds: number): number;
  setUp(volumes: number, listStride: number): void;
  list(bits: number, voxels: number, lists: number): void;
  slice(bits: number, planes: number, everything: number): void;
  add(names: number, blocks: number, planes: number, sum: number, depth: number): void;
  unslice(sum: number, to: number, depth: number): void;
  gather(
    table: number,
    setOffsets: number,
    sets: number,
    laneOffsets: number,
    lanes: number,
    least: number,
  ): void;
  counts(voxels: number, lists: number, planes: number, to: number, stride: number): void;
  link(
    order: number,
    voxels: number,
    lists: number,
    planes: number,
    least: number,
    diagonal: number,
    masks: number,
    stride: number,
  ): void;
  ones(from: number, bytes: number): number;
  emit(
    row: number,
    rows: number,
    masks: number,
    groups: number,
    rowBits: number,
    columnBits: number,
    rowStart: number,
    columnStart: number,
    pairs: number,
    room: number,
  ): number;
}

/** Voxels in a sliced group. */
const LANES = 128;
/** Bytes of a plane: a bit for each voxel of a group. */
const PLANE = 16;
/** The kernel's own scratch ends here. */
const FIRST_FREE = 4096;
/** No lane is below the diagonal: what `link` takes where all pairs count. */
const NO_DIAGONAL = -0x40000000;
const PAGE = 65536;
/** Bytes of least counts that are held at once: no less than one for each possible class. */
const TABLE = 2 ** 20;
/** Most counts that are given at once: their addresses stay below 2^31. */
const MAX_COUNTS = 2 ** 29;

/** Where everything lies in an engine's memory, and how much of a tile it holds at once. */
function layOut(volumes: number, wordsPerVoxel: number) {
  const rowBytes = wordsPerVoxel * 4;
  const planeCount = wordsPerVoxel * 32;
  // At most half of the volumes, in blocks of 8 u16, after 16 bytes of header.
  const listStride = 16 + 16 * Math.ceil(Math.floor(volumes / 2) / 8);
  // The planes, one of zeros, the totals.
  const groupStride = (planeCount + 1 + 16) * PLANE;
  // As much as stays in the second-level cache, but some of it however many volumes there are.
  const listed = Math.min(2048, Math.max(64, Math.floor(2 ** 21 / listStride)));
  const groups = Math.min(32, Math.max(1, Math.floor(2 ** 19 / groupStride)));
  const room = Math.max(groups * LANES, 16384);

  let end = FIRST_FREE;
  const place = (bytes: number) => {
    const address = end;
    end = Math.ceil((end + bytes) / 64) * 64;
    return address;
  };
  return {
    rowBytes,
    listStride,
    groupStride,
    listed,
    groups,
    /** Pairs that are written at once. */
    room,
    /** All u16 in order: the list of all planes, or of all masks. */
    everything: place(2 * Math.max(planeCount, listed + 8)),
    listedBits: place(listed * rowBytes),
    lists: place(listed * listStride),
    slicedBits: place(groups * LANES * rowBytes),
    planes: place(groups * groupStride),
    order: place(listed * 4),
    table: place(TABLE),
    setOffsets: place(listed * 4),
    laneOffsets: place(groups * LANES * 4),
    least: place(listed * LANES * 2),
    masks: place((listed + 8) * groups * PLANE),
    tallySum: place(16 * PLANE),
    tally: place(LANES * 2),
    pairs: place(room * 10),
    /** Counts go here; the memory grows as they need. */
    counts: place(0),
  };
}

let module: WebAssembly.Module | undefined;

/** Compiles the kernel once in each thread. */
function compiled(): WebAssembly.Module {
  return module ??= new WebAssembly.Module(Uint8Array.fromBase64(kernel));
}

/** Whether this machine's WebAssembly can run the kernel, which needs SIMD. */
function hasWasm(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.fromBase64(kernel));
}

/** Looks whether the engine works here. */
export function findWasm(): Found {
  if (!hasWasm()) {
    return {
      works: false,
      reason: "this machine's WebAssembly has no SIMD",
      remedy: "Take a newer Deno.",
    };
  }
  return {
    works: true,
    what: "WebAssembly SIMD",
    on: "cpu",
    devices: 1,
    open: () => wasmEngine,
    limit: (matrix) => bitSlicedLimit(matrix, LANES, measureAdders()),
  };
}

function measureAdders(): number {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compiled(), { env: { memory } });
  const { fullAdders } = exports as unknown as Kernel; // As kernel.as declares it.
  return fullAddersPerSecond((rounds) => fullAdders(rounds));
}

/** Part of a tile: pieces of `size` of the range [start, end). */
function* pieces(start: number, end: number, size: number): Generator<[number, number]> {
  for (let at = start; at < end; at += size) yield [at, Math.min(at + size, end)];
}

/** Voxels by class: set s, of class `classes[s]`, is [`starts[s]`, `starts[s + 1]`) of their order. */
interface Sets {
  readonly classes: readonly number[];
  readonly starts: readonly number[];
}

/** Brings links that are each in order, of ranges of columns one after the other, into one order. */
function merge(parts: Links[]): Links {
  if (parts.length === 1) return parts[0]!;
  const size = parts.reduce((sum, part) => sum + part.rows.length, 0);
  const result = noLinks(size);
  const next = parts.map(() => 0);
  for (let i = 0; i < size;) {
    const row = Math.min(...parts.map((part, p) => part.rows[next[p]!] ?? Infinity));
    parts.forEach((part, p) => {
      let at = next[p]!;
      for (; part.rows[at] === row; at++, i++) {
        result.rows[i] = row;
        result.columns[i] = part.columns[at]!;
        result.both[i] = part.both[at]!;
      }
      next[p] = at;
    });
  }
  return result;
}

/**
 * Makes an engine that counts in WebAssembly. It keeps what it has prepared of the matrices until it is
 * asked for other voxels, so tiles that share rows or columns best follow each other, and the matrices
 * must not change. Its memory is a few MiB whatever the tile's size, and the counts themselves where
 * `counts` is asked for.
 *
 * @throws {RangeError} Where matrices, tile and least counts do not match each other.
 * @example
 * ```ts
 * import { bitMatrix } from "./bit_matrix.ts";
 * import { wasmEngine } from "./wasm.ts";
 * import assert from "node:assert";
 *
 * const voxels = bitMatrix(2, 5);
 * voxels.words.set([0b10111, 0b00110]);
 * const tile = { rowStart: 0, rowEnd: 2, columnStart: 0, columnEnd: 2 };
 * assert.deepStrictEqual([...wasmEngine(voxels, voxels).counts(tile)], [4, 2, 2, 2]);
 * ```
 */
export const wasmEngine: SyncEngineFactory = (rows, columns) => {
  checkMatrices(rows, columns);
  const { volumes, wordsPerVoxel } = rows;
  const at = layOut(volumes, wordsPerVoxel);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(at.counts / PAGE) });
  const instance = new WebAssembly.Instance(compiled(), { env: { memory } });
  const kernel = instance.exports as unknown as Kernel; // As kernel.as declares them.
  kernel.setUp(volumes, at.listStride);
  let u16 = new Uint16Array(memory.buffer);
  let u32 = new Uint32Array(memory.buffer);
  for (let i = at.everything; i < at.listedBits; i += 2) u16[i >> 1] = (i - at.everything) >> 1;

  /** What the listed and the sliced side hold now. */
  let listed = { matrix: rows, start: 0, end: 0 };
  let sliced = { matrix: rows, start: 0, end: 0 };
  const isHeld = (held: typeof listed, matrix: BitMatrix, start: number, end: number) =>
    held.matrix === matrix && held.start === start && held.end === end;
  const copyBits = (matrix: BitMatrix, start: number, end: number, to: number) =>
    u32.set(matrix.words.subarray(start * wordsPerVoxel, end * wordsPerVoxel), to >> 2);

  function listVoxels(matrix: BitMatrix, start: number, end: number): void {
    if (isHeld(listed, matrix, start, end)) return;
    copyBits(matrix, start, end, at.listedBits);
    kernel.list(at.listedBits, end - start, at.lists);
    listed = { matrix, start, end };
  }

  function sliceVoxels(matrix: BitMatrix, start: number, end: number): void {
    if (isHeld(sliced, matrix, start, end)) return;
    const groups = Math.ceil((end - start) / LANES);
    copyBits(matrix, start, end, at.slicedBits);
    const used = at.slicedBits + (end - start) * at.rowBytes;
    u32.fill(0, used >> 2, (at.slicedBits + groups * LANES * at.rowBytes) >> 2);
    for (let g = 0; g < groups; g++) {
      const bits = at.slicedBits + g * LANES * at.rowBytes;
      kernel.slice(bits, at.planes + g * at.groupStride, at.everything);
    }
    sliced = { matrix, start, end };
  }

  /** Orders the listed voxels by class, for `link`: those of a class are a set. */
  function orderByClass(classes: Uint16Array, start: number, end: number): Sets {
    const order = u32.subarray(at.order >> 2, (at.order >> 2) + end - start);
    for (let i = start; i < end; i++) order[i - start] = classes[i]! * 65536 + i - start;
    order.sort();
    const present: number[] = [];
    const starts: number[] = [];
    order.forEach((entry, i) => {
      const value = entry >>> 16;
      if (present.at(-1) !== value) starts[present.push(value) - 1] = i;
      order[i] = (present.length - 1) * 65536 + (entry & 0xffff);
    });
    return { classes: present, starts: [...starts, order.length] };
  }

  /** Links the voxels of sets [from, to), whose least counts lie in the table, with one group. */
  function link(
    { starts }: Sets,
    [from, to]: [number, number],
    group: { index: number; laneOffsets: number; lanes: number; diagonal: number },
    masks: number,
    stride: number,
  ): void {
    kernel.gather(at.table, at.setOffsets, to - from, group.laneOffsets, group.lanes, at.least);
    kernel.link(
      at.order + starts[from]! * 4,
      starts[to]! - starts[from]!,
      at.lists,
      at.planes + group.index * at.groupStride,
      // The first of these sets lies where set 0 would.
      at.least - from * LANES * 2,
      group.diagonal,
      masks,
      stride,
    );
  }

  function linksOfPiece(
    [rowStart, rowEnd]: [number, number],
    [columnStart, columnEnd]: [number, number],
    { rowClasses, columnClasses, columnClassCount, least }: LeastCounts,
    triangular: boolean,
  ): Links {
    const rowCount = rowEnd - rowStart;
    const groups = Math.ceil((columnEnd - columnStart) / LANES);
    const stride = groups * PLANE;
    listVoxels(rows, rowStart, rowEnd);
    sliceVoxels(columns, columnStart, columnEnd);
    const sets = orderByClass(rowClasses, rowStart, rowEnd);

    // Of each set, the least counts of the classes that the columns have.
    const classes = columnClasses.subarray(columnStart, columnEnd);
    const first = classes.reduce((a, b) => Math.min(a, b));
    const width = classes.reduce((a, b) => Math.max(a, b)) + 1 - first;
    classes.forEach((value, i) => u32[(at.laneOffsets >> 2) + i] = (value - first) * 2);
    for (const [from, to] of pieces(0, sets.classes.length, Math.floor(TABLE / (width * 2)))) {
      for (let s = from; s < to; s++) {
        const row = sets.classes[s]! * columnClassCount + first;
        u16.set(least.subarray(row, row + width), (at.table >> 1) + (s - from) * width);
        u32[(at.setOffsets >> 2) + s - from] = (s - from) * width * 2;
      }
      for (let index = 0; index < groups; index++) {
        const column = columnStart + index * LANES;
        const laneOffsets = at.laneOffsets + index * LANES * 4;
        const lanes = Math.min(LANES, columnEnd - column);
        const diagonal = triangular ? rowStart + 1 - column : NO_DIAGONAL;
        const group = { index, laneOffsets, lanes, diagonal };
        link(sets, [from, to], group, at.masks + index * PLANE, stride);
      }
    }

    const size = kernel.ones(at.masks, rowCount * stride);
    const result = noLinks(size);
    const { pairs, room } = at;
    for (let row = 0, done = 0; done < size; done += kernel.emitted.value) {
      row = kernel.emit(
        row,
        rowCount,
        at.masks,
        groups,
        at.listedBits,
        at.slicedBits,
        rowStart,
        columnStart,
        pairs,
        room,
      );
      const n = kernel.emitted.value;
      const words = pairs >> 2;
      result.rows.set(u32.subarray(words, words + n), done);
      result.columns.set(u32.subarray(words + room, words + room + n), done);
      const halves = (pairs >> 1) + 4 * room;
      result.both.set(u16.subarray(halves, halves + n), done);
    }
    return result;
  }

  /** Writes, for each row of a sliced group, the number of listed voxels it is linked with. */
  function tallyGroup(index: number, sets: Sets, least: Uint16Array, classCount: number): void {
    const lanes = least.length / classCount;
    // Of each row, the least counts of so many classes.
    const width = Math.min(classCount, TABLE / 2 / LANES);
    const laneOffsets = at.laneOffsets;
    for (let i = 0; i < lanes; i++) u32[(laneOffsets >> 2) + i] = i * width * 2;
    const group = { index, laneOffsets, lanes, diagonal: NO_DIAGONAL };
    const { classes, starts } = sets;
    for (let from = 0, to = 0; from < classes.length; from = to) {
      const first = width === classCount ? 0 : classes[from]!;
      for (; to < classes.length && classes[to]! < first + width; to++) {
        u32[(at.setOffsets >> 2) + to - from] = (classes[to]! - first) * 2;
      }
      if (width === classCount) u16.set(least, at.table >> 1);
      else {
        for (let i = 0; i < lanes; i++) {
          const row = i * classCount;
          const part = least.subarray(row + first, row + Math.min(first + width, classCount));
          u16.set(part, (at.table >> 1) + i * width);
        }
      }
      link(sets, [from, to], group, at.masks, PLANE);
    }
    // How many voxels a row is linked with is one more sum of planes: of the masks.
    const count = starts.at(-1)!;
    const blocks = Math.ceil(count / 8);
    u32.fill(0, (at.masks + count * PLANE) >> 2, (at.masks + blocks * 8 * PLANE) >> 2);
    const depth = 32 - Math.clz32(count);
    kernel.add(at.everything, blocks, at.masks, at.tallySum, depth);
    kernel.unslice(at.tallySum, at.tally, depth);
  }

  return byTile(
    {
      name: "wasm",

      counts(tile) {
        const { rowStart, rowEnd, columnStart, columnEnd } = tile;
        const width = columnEnd - columnStart;
        const size = (rowEnd - rowStart) * width;
        if (size > MAX_COUNTS) {
          throw new RangeError(
            `Cannot count a tile: it has more than ${MAX_COUNTS} pairs (${size})`,
          );
        }
        const missing = at.counts + (size + LANES) * 2 - memory.buffer.byteLength;
        if (missing > 0) {
          memory.grow(Math.ceil(missing / PAGE));
          u16 = new Uint16Array(memory.buffer);
          u32 = new Uint32Array(memory.buffer);
        }
        // A ragged group writes past the end of its row: so rows in order, but groups from the last to
        // the first, and what is written too much is overwritten by what belongs there.
        for (const [start, end] of pieces(rowStart, rowEnd, at.listed)) {
          listVoxels(rows, start, end);
          for (
            const [from, to] of [...pieces(columnStart, columnEnd, at.groups * LANES)].reverse()
          ) {
            sliceVoxels(columns, from, to);
            for (let g = Math.ceil((to - from) / LANES) - 1; g >= 0; g--) {
              const first = (start - rowStart) * width + from - columnStart + g * LANES;
              const planes = at.planes + g * at.groupStride;
              kernel.counts(end - start, at.lists, planes, at.counts + first * 2, width * 2);
            }
          }
        }
        return u16.subarray(at.counts >> 1, (at.counts >> 1) + size);
      },

      links(tile, thresholds, triangular) {
        const { rowStart, rowEnd, columnStart, columnEnd } = tile;
        const parts = [...pieces(rowStart, rowEnd, at.listed)].map((ofRows) =>
          merge(
            [...pieces(columnStart, columnEnd, at.groups * LANES)].map((ofColumns) =>
              linksOfPiece(ofRows, ofColumns, thresholds, triangular)
            ),
          )
        );
        return parts.length === 1 ? parts[0]! : merge(parts);
      },

      tally(tile, columnClasses, columnClassCount, least) {
        const result = new Uint32Array(tile.rowEnd - tile.rowStart);
        // The rows are sliced here: a few columns against many rows leave no lane empty.
        for (const [rowStart, rowEnd] of pieces(tile.rowStart, tile.rowEnd, at.groups * LANES)) {
          sliceVoxels(rows, rowStart, rowEnd);
          for (const [from, to] of pieces(tile.columnStart, tile.columnEnd, at.listed)) {
            listVoxels(columns, from, to);
            const sets = orderByClass(columnClasses, from, to);
            for (const [start, end] of pieces(rowStart, rowEnd, LANES)) {
              const index = (start - rowStart) / LANES;
              const perRow = least.subarray(
                (start - tile.rowStart) * columnClassCount,
                (end - tile.rowStart) * columnClassCount,
              );
              tallyGroup(index, sets, perRow, columnClassCount);
              const tally = u16.subarray(at.tally >> 1, (at.tally >> 1) + end - start);
              tally.forEach((linked, i) => result[start - tile.rowStart + i]! += linked);
            }
          }
        }
        return result;
      },
      close() {},
    },
    rows,
    columns,
  );
};
