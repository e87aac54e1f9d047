import assert from "node:assert";
import fc from "fast-check";
import { random } from "../../random.ts";
import { classStarts, pieceColumns, pieceLeast, tallyPieces } from "./tally_pieces.ts";

Deno.test("pieces have the least count of each row and column once", () => {
  const shape = fc.record({
    classCounts: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
    sizes: fc.array(fc.nat(9), { minLength: 13, maxLength: 13 }),
    firstRow: fc.nat(300),
    rows: fc.nat(300),
    page: fc.integer({ min: 1, max: 400 }),
    limit: fc.integer({ min: 512, max: 60000 }),
    rowsAtOnce: fc.nat(400),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(shape, ({ classCounts, sizes, firstRow, rows, page, limit, rowsAtOnce, seed }) => {
      const rng = random(seed);
      const starts = Uint32Array.from(classCounts.length === 0 ? [5] : [5, ...classCounts]);
      for (let b = 0; b < classCounts.length; b++) starts[b + 1] = starts[b]! + sizes[b]!;
      const classes = new Uint16Array(200);
      classCounts.forEach((count, b) => {
        for (let c = starts[b]!; c < starts[b + 1]!; c++) classes[c] = rng.integer(count);
      });
      const blocks = { starts, classes, classCounts };
      const before = classStarts(blocks);
      const endRow = firstRow + rows;
      const least = Uint16Array.from(
        { length: rows * before.at(-1)! },
        () => rng.integer(65536),
      );
      const seen = new Set<string>();
      for (const piece of tallyPieces(firstRow, endRow, blocks, page, limit, () => rowsAtOnce)) {
        const { rowStart, rowEnd, blockStart, blockEnd } = piece;
        assert.ok(rowStart < rowEnd && blockStart < blockEnd);
        assert.strictEqual(Math.floor(rowStart / page), Math.floor((rowEnd - 1) / page));
        const part = pieceLeast(piece, [firstRow, endRow], before, least);
        assert.ok(part.byteLength <= limit && part.byteLength % 4 === 0);
        assert.ok((rowEnd - rowStart) * (blockEnd - blockStart) * 4 <= limit);
        const columnStart = starts[blockStart]!, columnEnd = starts[blockEnd]!;
        // As where a block's columns lie in two buffers.
        const middle = (columnStart + columnEnd) >> 1;
        for (const range of [[columnStart, middle], [middle, columnEnd]] as const) {
          const columns = pieceColumns(piece, range, blocks, before);
          for (let column = range[0]; column < range[1]; column++) {
            const [from, step, block, end] = columns.subarray((column - range[0]) * 4);
            const b = blockStart + block!;
            assert.ok(starts[b]! <= column && column < starts[b + 1]!);
            assert.strictEqual(end! + range[0], Math.min(starts[b + 1]!, range[1]));
            for (let row = rowStart; row < rowEnd; row++) {
              const expected = before[b]! * rows + (row - firstRow) * classCounts[b]! +
                classes[column]!;
              assert.strictEqual(part[from! + (row - rowStart) * step!], least[expected]);
              assert.ok(!seen.has(`${row} ${b} ${column}`));
              seen.add(`${row} ${b} ${column}`);
            }
          }
        }
      }
      assert.strictEqual(seen.size, rows * (starts.at(-1)! - 5));
    }),
    { numRuns: 60 },
  );
});

Deno.test("a piece has as many rows as fit and are wanted", () => {
  const blocks = {
    starts: Uint32Array.of(0, 10, 20),
    classes: new Uint16Array(20),
    classCounts: [100, 60],
  };
  const cut = (limit: number, rowsAtOnce: number) =>
    [...tallyPieces(0, 1000, blocks, 512, limit, () => rowsAtOnce)]
      .map((
        { rowStart, rowEnd, blockStart, blockEnd },
      ) => [rowStart, rowEnd, blockStart, blockEnd]);
  assert.deepStrictEqual(cut(2 ** 20, 5000), [[0, 512, 0, 2], [512, 1000, 0, 2]]);
  assert.deepStrictEqual(cut(2 ** 20, 300).slice(0, 2), [[0, 256, 0, 2], [256, 512, 0, 2]]);
  // No fewer than a square has.
  assert.deepStrictEqual(cut(2 ** 20, 3)[0], [0, 64, 0, 2]);
  assert.deepStrictEqual(cut(2 ** 15, 5000)[0], [0, 162, 0, 1]);
});
