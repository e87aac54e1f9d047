/**
 * Tallies of rows and blocks by WebGPU.
 *
 * @module
 */
import type { ColumnBlocks } from "../engine.ts";
import type { Context } from "./context.ts";
import type { Job } from "./pipeline.ts";
import { SIDE } from "./shaders.ts";
import { encodeBatch, pieces, stripsOf } from "./strips.ts";
import {
  classStarts,
  pieceColumns,
  pieceLeast,
  type TallyPiece,
  tallyPieces,
} from "./tally_pieces.ts";

/** See {@linkcode Engine.tally}. */
export async function tallyBlocks(
  context: Context,
  rowStart: number,
  rowEnd: number,
  blocks: ColumnBlocks,
  least: Uint16Array,
): Promise<Uint32Array<ArrayBuffer>> {
  const { page, limit, pipeline } = context;
  const width = blocks.classCounts.length;
  const result = new Uint32Array((rowEnd - rowStart) * width);
  const starts = classStarts(blocks);
  const rowsAtOnce = (blockStart: number, blockEnd: number) => {
    const columns = blocks.starts[blockEnd]! - blocks.starts[blockStart]!;
    return Math.floor(SIDE * pipeline.work / context.workOf({ columns: Math.max(1, columns) }));
  };
  const take = (piece: TallyPiece, tallies: Uint32Array) => {
    const own = piece.blockEnd - piece.blockStart;
    for (let row = piece.rowStart, from = 0; row < piece.rowEnd; row++, from += own) {
      const to = (row - rowStart) * width + piece.blockStart;
      result.set(tallies.subarray(from, from + own), to);
    }
  };
  const jobs = tallyPieces(rowStart, rowEnd, blocks, page, limit, rowsAtOnce)
    .filter(({ blockStart, blockEnd }) => blocks.starts[blockStart]! < blocks.starts[blockEnd]!)
    .map((piece) => {
      const leastOfPiece = () => pieceLeast(piece, [rowStart, rowEnd], starts, least);
      return tallyJob(context, piece, blocks, starts, leastOfPiece, take);
    });
  await pipeline.run(jobs);
  return result;
}

function tallyJob(
  context: Context,
  piece: TallyPiece,
  blocks: ColumnBlocks,
  starts: Float64Array,
  leastOfPiece: () => Uint16Array<ArrayBuffer>,
  take: (piece: TallyPiece, tallies: Uint32Array) => void,
): Job {
  const { page } = context;
  const { rowStart, rowEnd, blockStart, blockEnd } = piece;
  const first = blocks.starts[blockStart]!, end = blocks.starts[blockEnd]!;
  const size = (rowEnd - rowStart) * (blockEnd - blockStart);
  return {
    work: Math.ceil((rowEnd - rowStart) / SIDE) * context.workOf({ columns: end - first }),

    encode(encoder, slot) {
      const least = slot.upload("least", leastOfPiece());
      const params = slot.params(blockEnd - blockStart, 0, 0, 0);
      const tallies = slot.storage("tallies", size * 4);
      encoder.clearBuffer(tallies, 0, size * 4);
      const pass = encoder.beginComputePass();
      for (const [columnStart, columnEnd] of pieces(first, end, page)) {
        const columnPage = Math.floor(columnStart / page);
        const rowPage = Math.floor(rowStart / page);
        const strips = [...stripsOf([{ rowStart, rowEnd, columnStart, columnEnd }], page)];
        // A strip's base is its first row's place in the piece.
        const laidOut = encodeBatch({ strips, rowPage, columnPage }, page, () => 1, false);
        const columns = pieceColumns(piece, [columnStart, columnEnd], blocks, starts);
        context.device.dispatch(
          pass,
          "tally",
          {
            ...context.bitsOf({ rowPage, columnPage }),
            2: slot.upload(`strips ${columnPage}`, laidOut.strips),
            3: params,
            4: slot.upload(`columns ${columnPage}`, columns),
            5: least,
            6: tallies,
          },
          Math.ceil((columnEnd - columnStart) / SIDE),
          strips.length,
        );
      }
      pass.end();
      return [{ buffer: tallies, bytes: size * 4 }];
    },

    decode([tallies]) {
      take(piece, tallies!);
      return undefined;
    },
  };
}
