/**
 * Linked pairs of tiles by WebGPU.
 *
 * @module
 */
import { joinLinks, noLinks } from "../by_tile.ts";
import type { LeastCounts, Links, Tile } from "../engine.ts";
import { sortLinks } from "../sort_links.ts";
import { fittingTiles } from "./compact_least.ts";
import { type Context, MOST_READ } from "./context.ts";
import { decodeLinks, type Starts } from "./decode.ts";
import { type LeastTable, LeastTables } from "./least_table.ts";
import type { Job, Part, Slot } from "./pipeline.ts";
import { SIDE, STRIP_WORDS } from "./shaders.ts";
import {
  type Batch,
  batchesOf,
  encodeBatch,
  type EncodedBatch,
  maskWords,
  segmentsOf,
  stripsOf,
} from "./strips.ts";

/** Most bytes of a batch's bits. */
const MOST_BITS = 2 ** 27;
/** Most segments of a batch. */
const MOST_SEGMENTS = 2 ** 22;
/** Share of the pairs that are taken to be linked before any were looked at. */
const FIRST_GUESS = 0.02;

/** Finds links, and learns how many there are. */
export class LinkFinder {
  readonly #context: Context;
  readonly #tables: LeastTables;
  readonly #linksAtOnce: number | undefined;
  /** Share of the pairs that were linked lately. */
  #linked = FIRST_GUESS;

  /** @param linksAtOnce Links that are read at once, where not as many as are likely to be found. */
  constructor(context: Context, linksAtOnce: number | undefined) {
    this.#context = context;
    this.#tables = new LeastTables(context.device, context.page);
    this.#linksAtOnce = linksAtOnce;
  }

  /** See {@linkcode Engine.links}. */
  async find(
    tiles: readonly Tile[],
    thresholds: LeastCounts,
    triangular: boolean,
  ): Promise<Links> {
    const parts: Links[] = [];
    const most = Math.floor(this.#context.limit / 2);
    for (const fitting of fittingTiles(tiles, thresholds, most)) {
      parts.push(
        await this.#tables.use(
          fitting.thresholds,
          (table) => this.#withTable(fitting.tiles, table, triangular),
        ),
      );
    }
    return joinLinks(parts);
  }

  async #withTable(
    tiles: readonly Tile[],
    table: LeastTable,
    triangular: boolean,
  ): Promise<Links> {
    const { page, limit, pipeline } = this.#context;
    const found: { batch: Batch; links: Links; starts: Starts }[] = [];
    const batches = batchesOf(stripsOf(tiles, page), page, (strip) =>
      Math.max(
        STRIP_WORDS * 4 / limit,
        SIDE * maskWords(strip.columns) * 4 / Math.min(MOST_BITS, limit),
        SIDE * segmentsOf(strip.columns) / Math.min(MOST_SEGMENTS, limit / 4),
        this.#context.workOf(strip) / pipeline.work,
      ));
    await pipeline.run(
      batches.map((batch) =>
        this.#job(batch, table, triangular, (links, starts) => {
          found.push({ batch, links, starts });
        })
      ),
    );
    const links = joinLinks(found.map(({ links }) => links));
    const isCut = tiles.some(({ columnStart, columnEnd }) =>
      Math.floor(columnStart / page) < Math.floor((columnEnd - 1) / page)
    );
    if (!isCut) return links;
    // A tile whose columns lie in several buffers was looked at buffer by buffer.
    const tileOf = new Uint32Array(links.rows.length);
    let at = 0;
    for (const { batch: { strips }, starts: { ofStrips } } of found) {
      strips.forEach(({ tile }, s) => tileOf.fill(tile, at + ofStrips[s]!, at + ofStrips[s + 1]!));
      at += ofStrips[strips.length]!;
    }
    return sortLinks(links, tileOf, tiles);
  }

  /** Links that there should be room for in the answer to a batch. */
  #roomFor(pairs: number): number {
    const most = Math.floor(Math.min(this.#context.limit, MOST_READ) / 4);
    return Math.min(most, this.#linksAtOnce ?? Math.ceil(1.5 * this.#linked * pairs) + 2 ** 14);
  }

  #job(
    batch: Batch,
    table: LeastTable,
    triangular: boolean,
    take: (links: Links, starts: Starts) => void,
  ): Job {
    const { device, page } = this.#context;
    const { strips } = batch;
    const laidOut = encodeBatch(batch, page, maskWords, triangular);
    const pairs = strips.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
    const room = this.#roomFor(pairs);
    return {
      work: strips.reduce((sum, strip) => sum + this.#context.workOf(strip), 0),

      encode: (encoder, slot) => {
        const strips = slot.upload("strips", laidOut.strips);
        const { columnClassCount } = table.of;
        const params = slot.params(columnClassCount, 0, room, batch.strips.length);
        const bits = slot.storage("bits", laidOut.words * 4);
        const segmentStarts = slot.storage("segmentStarts", laidOut.segments * 4);
        const stripStarts = slot.storage("stripStarts", (batch.strips.length + 1) * 4);
        const pass = encoder.beginComputePass();
        device.dispatch(
          pass,
          "link",
          {
            ...this.#context.bitsOf(batch),
            2: strips,
            3: params,
            4: table.rowClasses[batch.rowPage]!,
            5: table.columnClasses[batch.columnPage]!,
            6: table.least,
            7: bits,
          },
          Math.ceil(laidOut.columns / SIDE),
          batch.strips.length,
        );
        device.dispatch(
          pass,
          "measure",
          { 2: strips, 4: bits, 5: segmentStarts, 6: stripStarts },
          batch.strips.length,
        );
        device.dispatch(pass, "total", { 3: params, 6: stripStarts }, 1);
        const links = this.#emit(pass, slot, batch, laidOut, params, room);
        pass.end();
        return [
          { buffer: stripStarts, bytes: (batch.strips.length + 1) * 4 },
          { buffer: segmentStarts, bytes: laidOut.segments * 4 },
          links,
        ];
      },

      decode: ([ofStrips, ofSegments, packed]) => {
        const starts = { ofStrips: ofStrips!.slice(), ofSegments: ofSegments!.slice() };
        const size = starts.ofStrips[strips.length]!;
        this.#linked = Math.max(size / pairs, 0.8 * this.#linked);
        const links = noLinks(size);
        take(links, starts);
        decodeLinks(strips, starts, packed!.subarray(0, size), 0, links);
        return size <= room ? undefined : this.#moreLinks(batch, laidOut, starts, room, links);
      },
    };
  }

  /** Encodes the writing of links, whose bits and starts are in the slot's buffers. */
  #emit(
    pass: GPUComputePassEncoder,
    slot: Slot,
    batch: Batch,
    laidOut: EncodedBatch,
    params: GPUBuffer,
    room: number,
  ): Part {
    const links = slot.storage("links", room * 4);
    this.#context.device.dispatch(
      pass,
      "emit",
      {
        ...this.#context.bitsOf(batch),
        2: slot.held("strips"),
        3: params,
        4: slot.held("bits"),
        5: slot.held("segmentStarts"),
        6: slot.held("stripStarts"),
        7: links,
      },
      SIDE * segmentsOf(laidOut.columns),
      batch.strips.length,
    );
    return { buffer: links, bytes: room * 4 };
  }

  /** Reads those of a batch's links that there was no room for. */
  #moreLinks(
    batch: Batch,
    laidOut: EncodedBatch,
    starts: Starts,
    first: number,
    links: Links,
  ): Job {
    const size = links.rows.length;
    const most = this.#linksAtOnce ?? Math.floor(Math.min(this.#context.limit, MOST_READ) / 4);
    const room = Math.min(most, size - first);
    return {
      work: 0,
      encode: (encoder, slot) => {
        const pass = encoder.beginComputePass();
        const params = slot.params(0, first, room, 0);
        const part = this.#emit(pass, slot, batch, laidOut, params, room);
        pass.end();
        return [part];
      },
      decode: ([packed]) => {
        decodeLinks(batch.strips, starts, packed!, first, links);
        const next = first + room;
        return next < size ? this.#moreLinks(batch, laidOut, starts, next, links) : undefined;
      },
    };
  }
}
