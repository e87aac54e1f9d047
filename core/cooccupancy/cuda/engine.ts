/**
 * Counting on an NVIDIA card: `kernel.cu`, which says how, fed from here.
 *
 * @module
 */
import type { BitMatrix } from "../bit_matrix.ts";
import { joinLinks, noLinks } from "../by_tile.ts";
import { checkBlocks, checkLeastCounts, checkMatrices, checkTile } from "../checks.ts";
import type { ColumnBlocks, LeastCounts, Links, SyncEngine, Tile } from "../engine.ts";
import { batches, packTiles } from "./batches.ts";
import type { Driver } from "./driver.ts";
import { type LinkKernel, type Parameter, type Room, Session } from "./session.ts";

/** Rows and columns of a thread block, as in kernel.cu. */
const SIDES = { popcount: 64, tensor: 128 } as const;
/** Threads of a block. */
const THREADS = 256;
/** Words of link bits that a thread block sums or writes. */
const GROUP = 4 * THREADS;
/** Words of 32 volumes that a voxel is padded to a multiple of. */
const QUAD = 4;
/** Words that are copied at once where voxels have to be padded. */
const STAGED = 2 ** 20;
/** Most counts that are given at once. */
const MAX_COUNTS = 2 ** 31;
/** Most words of 32 volumes that a launch compares: a card that also shows a screen ends what takes long. */
const MAX_WORK = 2 ** 35;
/** With this much memory free, an engine takes what {@linkcode ROOMS} says; with less, less. */
const PLENTY = 2 ** 30;
/** Seconds that a launch should take for its time to be worth something. */
const WORTH_TIMING = 2e-4;

/** How much is on the card at once, besides the matrices. */
export interface Rooms {
  /** Words of 32 pairs of which links are looked for. */
  readonly words: number;
  /** Links that are brought here. */
  readonly links: number;
  /** Counts that are brought here. */
  readonly counts: number;
  /** Bytes of least counts and results of a tally. */
  readonly tally: number;
}

/** 2^30 pairs; 160 MiB; 128 MiB; 256 MiB. */
const ROOMS: Rooms = { words: 2 ** 25, links: 2 ** 24, counts: 2 ** 26, tally: 2 ** 28 };

/** How an engine differs from what is best. */
export interface CudaOptions {
  /** What finds links; where it is not given, whichever is faster. */
  readonly linkKernel?: LinkKernel;
  /** How much is on the card at once; where it is not given, as much as there is memory for. */
  readonly rooms?: Rooms;
}

/** A matrix on the card. */
interface Resident {
  readonly bits: Room;
  readonly totals: Room;
}

/** Parts of a range, each of at most so many. */
function* pieces(start: number, end: number, size: number): Generator<[number, number]> {
  for (let at = start; at < end; at += size) yield [at, Math.min(at + size, end)];
}

const greatest = (values: Uint16Array) => values.reduce((a, b) => a > b ? a : b, 0);
const squares = (rows: number, columns: number) =>
  Math.ceil(rows / SIDES.popcount) * Math.ceil(columns / SIDES.popcount);

/** Tiles that begin a batch, with about so many pairs. */
function firstTiles(batch: readonly Tile[], pairs: number): Tile[] {
  const result: Tile[] = [];
  for (let i = 0, left = pairs; i < batch.length && left > 0; i++) {
    const tile = batch[i]!, width = tile.columnEnd - tile.columnStart;
    const rows = Math.min(tile.rowEnd - tile.rowStart, Math.ceil(left / width));
    result.push({ ...tile, rowEnd: tile.rowStart + rows });
    left -= rows * width;
  }
  return result;
}

/** An engine over two matrices that lie on a card. */
class CudaEngine implements SyncEngine {
  readonly name = "cuda";
  readonly #session: Session;
  readonly #rows: BitMatrix;
  readonly #columns: BitMatrix;
  /** 128-bit words of a voxel. */
  readonly #quads: number;
  readonly #rooms: Rooms;
  /** Most pairs of a launch. */
  readonly #pairs: number;
  readonly #rowsThere: Resident;
  readonly #columnsThere: Resident;
  #linkKernel: LinkKernel | undefined;
  /** What was last brought to the card, by the objects it came from. */
  readonly #held = new Map<Room, readonly unknown[]>();
  #counts = new Uint16Array(0);
  // Memory on the card.
  readonly #rowClasses: Room;
  readonly #columnClasses: Room;
  readonly #least: Room;
  readonly #tiles: Room;
  readonly #linked: Room;
  readonly #sums: Room;
  readonly #linkRows: Room;
  readonly #linkColumns: Room;
  readonly #linkCounts: Room;
  readonly #countsThere: Room;
  readonly #blockOf: Room;
  readonly #places: Room;
  readonly #classCounts: Room;
  readonly #classesBefore: Room;
  readonly #tallied: Room;

  constructor(session: Session, rows: BitMatrix, columns: BitMatrix, options: CudaOptions) {
    this.#session = session;
    this.#rows = rows;
    this.#columns = columns;
    this.#quads = Math.ceil(rows.wordsPerVoxel / QUAD);
    this.#pairs = MAX_WORK / (this.#quads * QUAD);
    const room = (what: string) => session.room(what);
    this.#rowClasses = room("the classes of rows");
    this.#columnClasses = room("the classes of columns");
    this.#least = room("least counts");
    this.#tiles = room("tiles");
    this.#linked = room("a bit for each pair");
    this.#sums = room("sums of links");
    this.#linkRows = room("rows of links");
    this.#linkColumns = room("columns of links");
    this.#linkCounts = room("counts of links");
    this.#countsThere = room("counts");
    this.#blockOf = room("the blocks of columns");
    this.#places = room("the classes of columns within their blocks");
    this.#classCounts = room("numbers of classes");
    this.#classesBefore = room("sums of classes");
    this.#tallied = room("a tally");
    this.#rowsThere = this.#bring(rows);
    this.#columnsThere = columns === rows ? this.#rowsThere : this.#bring(columns);
    const [only, ...others] = session.linkKernels;
    this.#linkKernel = options.linkKernel ?? (others.length === 0 ? only : undefined);
    this.#rooms = options.rooms ?? this.#roomsFor(session.freeMemory());
  }

  #roomsFor(free: number): Rooms {
    const share = (most: number) => Math.ceil(most * Math.min(1, free / PLENTY));
    return {
      words: Math.min(share(ROOMS.words), this.#pairs / 32),
      links: share(ROOMS.links),
      counts: Math.min(share(ROOMS.counts), this.#pairs),
      tally: share(ROOMS.tally),
    };
  }

  /** Brings a matrix to the card, and counts its totals there. */
  #bring({ voxels, words, wordsPerVoxel }: BitMatrix): Resident {
    const session = this.#session, stride = this.#quads * QUAD;
    const bits = session.room(`the bits of ${voxels} voxels`), totals = session.room("totals");
    session.reserve(bits, voxels * stride * 4);
    session.reserve(totals, voxels * 2);
    if (voxels === 0) return { bits, totals };
    if (stride === wordsPerVoxel) session.upload(bits, words);
    else {
      const atOnce = Math.max(1, Math.floor(STAGED / stride));
      const staged = new Uint32Array(Math.min(atOnce, voxels) * stride);
      for (const [start, end] of pieces(0, voxels, atOnce)) {
        for (let v = start; v < end; v++) {
          const from = v * wordsPerVoxel;
          staged.set(words.subarray(from, from + wordsPerVoxel), (v - start) * stride);
        }
        session.upload(bits, staged.subarray(0, (end - start) * stride), start * stride * 4);
        session.synchronize(); // before what is staged changes
      }
    }
    session.launch("totals", Math.ceil(voxels / THREADS), [bits, this.#quads, voxels, totals]);
    session.synchronize();
    return { bits, totals };
  }

  /** Whether a room holds what came of these objects; from now on it does. */
  #holds(room: Room, ...objects: readonly unknown[]): boolean {
    const held = this.#held.get(room);
    if (held?.length === objects.length && objects.every((own, i) => own === held[i])) return true;
    this.#held.set(room, objects);
    return false;
  }

  /** Brings an array to the card, unless it is there. */
  #keep(room: Room, array: Uint16Array): void {
    if (!this.#holds(room, array)) this.#session.fill(room, array);
  }

  /** What is held may be incomplete after a failure. */
  #turn<T>(act: () => T): T {
    return this.#session.turn(() => {
      try {
        return act();
      } catch (error) {
        this.#held.clear();
        throw error;
      }
    });
  }

  get #bits(): Parameter[] {
    return [this.#rowsThere.bits, this.#columnsThere.bits, this.#quads];
  }

  counts(tile: Tile): Uint16Array {
    checkTile(tile, this.#rows, this.#columns);
    const { rowStart, rowEnd, columnStart, columnEnd } = tile;
    const width = columnEnd - columnStart, size = (rowEnd - rowStart) * width;
    if (size > MAX_COUNTS) {
      throw new RangeError(`Cannot count a tile: it has more than ${MAX_COUNTS} pairs (${size})`);
    }
    if (this.#counts.length < size) this.#counts = new Uint16Array(size);
    const result = this.#counts.subarray(0, size);
    if (size === 0) return result;
    return this.#turn(() => {
      const session = this.#session, there = this.#countsThere;
      const atOnce = Math.max(1, Math.floor(this.#rooms.counts / width));
      for (const [start, end] of pieces(rowStart, rowEnd, atOnce)) {
        session.reserve(there, (end - start) * width * 2);
        session.launch("counts", squares(end - start, width), [
          ...this.#bits,
          start,
          end,
          columnStart,
          columnEnd,
          there,
        ]);
        const [from, to] = [(start - rowStart) * width, (end - rowStart) * width];
        session.download(result.subarray(from, to), there);
      }
      session.synchronize();
      return result;
    });
  }

  links(tiles: readonly Tile[], thresholds: LeastCounts, triangular: boolean): Links {
    this.#checkLinks(tiles, thresholds);
    return this.#turn(() => {
      this.#keep(this.#rowClasses, thresholds.rowClasses);
      this.#keep(this.#columnClasses, thresholds.columnClasses);
      this.#keep(this.#least, thresholds.least);
      const parts: Links[] = [];
      for (const batch of batches(tiles, this.#rooms.words)) {
        this.#linkKernel ??= this.#fasterKernel(batch, thresholds, triangular);
        parts.push(this.#linksOf(batch, thresholds, triangular));
      }
      this.#session.synchronize();
      return joinLinks(parts);
    });
  }

  #checkLinks(tiles: readonly Tile[], thresholds: LeastCounts): void {
    const { rowClasses, columnClasses, columnClassCount, least } = thresholds;
    // Looking through the classes of each tile would take longer than the card does for the tile.
    const areAllKnown = rowClasses.length === this.#rows.voxels &&
      columnClasses.length === this.#columns.voxels &&
      (this.#greatest(rowClasses) + 1) * columnClassCount <= least.length &&
      this.#greatest(columnClasses) < columnClassCount;
    for (const tile of tiles) {
      checkTile(tile, this.#rows, this.#columns);
      if (!areAllKnown) checkLeastCounts(tile, thresholds, this.#rows, this.#columns);
    }
  }

  readonly #greatestClasses = new WeakMap<Uint16Array, number>();
  #greatest(classes: Uint16Array): number {
    let known = this.#greatestClasses.get(classes);
    if (known === undefined) this.#greatestClasses.set(classes, known = greatest(classes));
    return known;
  }

  /** Starts the kernel that writes a bit for each pair of a batch. */
  #find(
    kernel: LinkKernel,
    batch: readonly Tile[],
    { columnClassCount }: LeastCounts,
    triangular: boolean,
    all: boolean,
  ): { count: number; words: number } {
    const session = this.#session;
    const { tiles, count, words, blocks } = packTiles(batch, SIDES[kernel]);
    session.fill(this.#tiles, tiles);
    session.reserve(this.#linked, words * 4);
    session.launch(kernel, blocks, [
      this.#tiles,
      count,
      ...this.#bits,
      this.#rowsThere.totals,
      this.#columnsThere.totals,
      this.#rowClasses,
      this.#columnClasses,
      this.#least,
      columnClassCount,
      triangular ? 1 : 0,
      all ? 1 : 0,
      this.#linked,
    ]);
    return { count, words };
  }

  /** The kernel that is faster on the first tiles, all squares of which are counted for it. */
  #fasterKernel(batch: readonly Tile[], thresholds: LeastCounts, triangular: boolean): LinkKernel {
    const kernels = this.#session.linkKernels;
    const seconds = (kernel: LinkKernel, tiles: readonly Tile[]) => {
      let best = Infinity;
      // The first time it may have to be brought to the card.
      for (let i = 0; i < 4; i++) {
        const start = performance.now();
        this.#find(kernel, tiles, thresholds, triangular, true);
        this.#session.synchronize();
        if (i > 0) best = Math.min(best, (performance.now() - start) / 1000);
      }
      return best;
    };
    const all = batch.reduce(
      (sum, tile) => sum + (tile.rowEnd - tile.rowStart) * (tile.columnEnd - tile.columnStart),
      0,
    );
    for (let pairs = 2 ** 18;; pairs *= 16) {
      const times = kernels.map((kernel) => seconds(kernel, firstTiles(batch, pairs)));
      const least = Math.min(...times);
      if (least >= WORTH_TIMING || pairs >= all) return kernels[times.indexOf(least)]!;
    }
  }

  #linksOf(batch: readonly Tile[], thresholds: LeastCounts, triangular: boolean): Links {
    const session = this.#session, kernel = this.#linkKernel!;
    const { count, words } = this.#find(kernel, batch, thresholds, triangular, false);
    const groups = Math.ceil(words / GROUP), sums = new Uint32Array(groups);
    session.reserve(this.#sums, groups * 4);
    session.launch("sumLinks", groups, [this.#linked, words, this.#sums]);
    session.download(sums, this.#sums);
    session.synchronize();

    const before = new Uint32Array(groups + 1);
    for (let g = 0; g < groups; g++) before[g + 1] = before[g]! + sums[g]!;
    const size = before[groups]!, result = noLinks(size);
    if (size === 0) return result;
    session.upload(this.#sums, before.subarray(0, groups));
    const room = Math.min(size, this.#rooms.links);
    session.reserve(this.#linkRows, room * 4);
    session.reserve(this.#linkColumns, room * 4);
    session.reserve(this.#linkCounts, room * 2);
    let group = 0;
    for (const [from, to] of pieces(0, size, room)) {
      // The groups with links of these places: the first may have some of the last piece too.
      while (before[group + 1]! <= from) group++;
      let end = group + 1;
      while (before[end]! < to) end++;
      session.launch("writeLinks", end - group, [
        this.#tiles,
        count,
        ...this.#bits,
        this.#linked,
        words,
        this.#sums,
        group,
        from,
        to - from,
        this.#linkRows,
        this.#linkColumns,
        this.#linkCounts,
      ]);
      session.download(result.rows.subarray(from, to), this.#linkRows);
      session.download(result.columns.subarray(from, to), this.#linkColumns);
      session.download(result.both.subarray(from, to), this.#linkCounts);
    }
    session.synchronize();
    return result;
  }

  tally(
    rowStart: number,
    rowEnd: number,
    blocks: ColumnBlocks,
    least: Uint16Array,
  ): Uint32Array<ArrayBuffer> {
    checkBlocks(rowStart, rowEnd, blocks, least, this.#rows, this.#columns);
    const { starts, classCounts } = blocks, width = classCounts.length;
    const result = new Uint32Array((rowEnd - rowStart) * width);
    const columns = width === 0 ? 0 : starts[width]! - starts[0]!;
    if (result.length === 0 || columns === 0) return result;
    return this.#turn(() => {
      const session = this.#session, perRow = this.#bringBlocks(blocks);
      this.#held.delete(this.#least);
      const rowBytes = perRow * 2 + width * 4;
      const atOnce = Math.max(
        1,
        Math.floor(Math.min(this.#rooms.tally / rowBytes, this.#pairs / columns)),
      );
      for (const [start, end] of pieces(rowStart, rowEnd, atOnce)) {
        session.fill(
          this.#least,
          leastOfRows(least, blocks, rowEnd - rowStart, start - rowStart, end - rowStart),
        );
        session.zeros(this.#tallied, (end - start) * width);
        session.launch("tally", squares(end - start, columns), [
          ...this.#bits,
          start,
          end,
          starts[0]!,
          starts[width]!,
          this.#blockOf,
          this.#places,
          this.#classCounts,
          this.#classesBefore,
          this.#least,
          width,
          this.#tallied,
        ]);
        const [from, to] = [(start - rowStart) * width, (end - rowStart) * width];
        session.download(result.subarray(from, to), this.#tallied);
      }
      session.synchronize();
      return result;
    });
  }

  /** Brings blocks to the card, unless they are there, and gives the number of their classes. */
  #bringBlocks({ starts, classes, classCounts }: ColumnBlocks): number {
    const session = this.#session, width = classCounts.length;
    const counts = Uint32Array.from(classCounts);
    const before = new Uint32Array(width + 1);
    counts.forEach((count, b) => before[b + 1] = before[b]! + count);
    if (!this.#holds(this.#blockOf, starts, classes, classCounts)) {
      const blockOf = new Uint32Array(starts[width]! - starts[0]!);
      for (let b = 0; b < width; b++) {
        blockOf.fill(b, starts[b]! - starts[0]!, starts[b + 1]! - starts[0]!);
      }
      session.fill(this.#blockOf, blockOf);
      session.fill(this.#places, classes);
      session.fill(this.#classCounts, counts);
      session.fill(this.#classesBefore, before);
    }
    return before[width]!;
  }

  close(): void {
    this.#session.close();
  }
}

/** Of the least counts of a tally those of some of its rows, [start, end) of `rows`. */
function leastOfRows(
  least: Uint16Array,
  { classCounts }: ColumnBlocks,
  rows: number,
  start: number,
  end: number,
): Uint16Array {
  if (start === 0 && end === rows) return least;
  const result = new Uint16Array(least.length / rows * (end - start));
  for (let block = 0, from = 0, to = 0; block < classCounts.length; block++) {
    const classes = classCounts[block]!;
    result.set(least.subarray(from + start * classes, from + end * classes), to);
    from += rows * classes;
    to += (end - start) * classes;
  }
  return result;
}

/**
 * Makes an engine that counts on a device. The matrices are copied there, and so are classes and tables of
 * least counts; what is the same object the next time is not copied again, so they must not change.
 *
 * @param device Which of the devices that the driver shows.
 * @throws {RangeError} Where matrices, tile and least counts do not match each other.
 * @throws {EngineError} Where the driver or the device fails, or has too little memory.
 */
export function cudaEngine(
  driver: Driver,
  device: number,
  options: CudaOptions = {},
): (rows: BitMatrix, columns: BitMatrix) => SyncEngine {
  return (rows, columns) => {
    checkMatrices(rows, columns);
    const session = new Session(driver, device, options.linkKernel);
    try {
      return session.turn(() => new CudaEngine(session, rows, columns, options));
    } catch (error) {
      session.close();
      throw error;
    }
  };
}
