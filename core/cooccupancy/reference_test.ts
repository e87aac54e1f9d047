import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix } from "./bit_matrix.ts";
import { testEngine } from "./conformance.ts";
import { referenceEngine } from "./reference.ts";

testEngine("reference", referenceEngine, { runs: 20, largest: 300 });

Deno.test("the reference counts what booleans say", () => {
  const shape = fc.integer({ min: 1, max: 70 }).chain((volumes) => {
    const voxel = fc.array(fc.boolean(), { minLength: volumes, maxLength: volumes });
    return fc.array(voxel, { minLength: 1, maxLength: 12 });
  });
  fc.assert(fc.property(shape, fc.integer({ min: 0, max: 70 }), (occupied, least) => {
    const volumes = occupied[0]!.length;
    const matrix = bitMatrix(occupied.length, volumes);
    occupied.forEach((voxel, v) =>
      voxel.forEach((bit, k) => {
        if (bit) matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
      })
    );
    const size = occupied.length;
    const counts = occupied.flatMap((u) =>
      occupied.map((v) => u.filter((bit, k) => bit && v[k]).length)
    );
    const linked = counts.flatMap((both, i) =>
      both >= least ? [{ row: Math.floor(i / size), column: i % size, both }] : []
    );
    const above = linked.filter(({ row, column }) => column > row);
    const tile = { rowStart: 0, rowEnd: size, columnStart: 0, columnEnd: size };
    const classes = new Uint16Array(size);
    const thresholds = {
      rowClasses: classes,
      columnClasses: classes,
      columnClassCount: 1,
      least: Uint16Array.of(least),
    };
    const engine = referenceEngine(matrix, matrix);
    assert.deepStrictEqual([...engine.counts(tile)], counts);
    const found = engine.links([tile], thresholds, true);
    assert.deepStrictEqual([...found.rows], above.map(({ row }) => row));
    assert.deepStrictEqual([...found.columns], above.map(({ column }) => column));
    assert.deepStrictEqual([...found.both], above.map(({ both }) => both));
    const blocks = { starts: Uint32Array.of(0, size), classes, classCounts: [1] };
    assert.deepStrictEqual(
      [...engine.tally(0, size, blocks, new Uint16Array(size).fill(least))],
      occupied.map((_, u) => linked.filter(({ row }) => row === u).length),
    );
  }));
});
