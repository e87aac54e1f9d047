/**
 * Counts of a tile by WebGPU.
 *
 * @module
 */
import type { Tile } from "../engine.ts";
import { type Context, MOST_READ } from "./context.ts";
import type { Job } from "./pipeline.ts";
import { SIDE, STRIP_WORDS } from "./shaders.ts";
import { type Batch, batchesOf, encodeBatch, stripsOf } from "./strips.ts";

/** Words of a row: two counts to a word, four columns to a thread. */
const rowWords = (columns: number) => 2 * Math.ceil(columns / 4);

/** See {@linkcode Engine.counts}. */
export async function countTile(context: Context, tile: Tile): Promise<Uint16Array> {
  const { page, limit, pipeline } = context;
  const { rowStart, rowEnd, columnStart, columnEnd } = tile;
  const width = columnEnd - columnStart;
  const result = new Uint16Array((rowEnd - rowStart) * width);
  const take = (counts: Uint16Array, row: number, column: number) =>
    result.set(counts, (row - rowStart) * width + column - columnStart);
  const most = Math.min(limit, MOST_READ);
  // A strip has to fit.
  const strips = stripsOf([tile], page, Math.floor(most / SIDE / 8) * 4);
  const batches = batchesOf(strips, page, (strip) =>
    Math.max(
      STRIP_WORDS * 4 / limit,
      SIDE * rowWords(strip.columns) * 4 / most,
      context.workOf(strip) / pipeline.work,
    ));
  await pipeline.run(batches.map((batch) => countJob(context, batch, take)));
  return result;
}

function countJob(
  context: Context,
  batch: Batch,
  take: (counts: Uint16Array, row: number, column: number) => void,
): Job {
  const laidOut = encodeBatch(batch, context.page, rowWords, false);
  return {
    work: batch.strips.reduce((sum, strip) => sum + context.workOf(strip), 0),
    encode(encoder, slot) {
      const strips = slot.upload("strips", laidOut.strips);
      const counts = slot.storage("counts", laidOut.words * 4);
      const pass = encoder.beginComputePass();
      context.device.dispatch(
        pass,
        "counts",
        { ...context.bitsOf(batch), 2: strips, 4: counts },
        Math.ceil(laidOut.columns / SIDE),
        batch.strips.length,
      );
      pass.end();
      return [{ buffer: counts, bytes: laidOut.words * 4 }];
    },
    decode([words]) {
      const halves = new Uint16Array(words!.buffer, words!.byteOffset, words!.length * 2);
      let at = 0;
      for (const { row, rows, column, columns } of batch.strips) {
        for (let r = row; r < row + rows; r++) {
          take(halves.subarray(at, at + columns), r, column);
          at += rowWords(columns) * 2;
        }
      }
      return undefined;
    },
  };
}
