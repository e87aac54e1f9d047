import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
import { random } from "../random.ts";
import { blockOccupancy } from "./block_occupancy.ts";

const names = (count: number) => Array.from({ length: count }, (_, i) => `vol_${i}.mrc`);

Deno.test("occupancies of blocks are those counted bit by bit", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 90 }),
      fc.nat(),
      fc.array(fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 60 }), { maxLength: 4 }),
      (voxels, volumes, seed, drawn) => {
        const matrix = bitMatrix(voxels, volumes);
        const rng = random(seed);
        const isSet = (row: number, volume: number) =>
          matrix.words[row * matrix.wordsPerVoxel + (volume >> 5)]! >>> (volume & 31) & 1;
        for (let row = 0; row < voxels; row++) {
          const often = rng.uniform();
          for (let k = 0; k < volumes; k++) {
            if (rng.uniform() < often) {
              matrix.words[row * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << k;
            }
          }
        }
        const blocks = drawn.map((rows, id) => ({
          id: 3 * id,
          members: Uint32Array.from(new Set(rows.map((row) => row % voxels))),
        }));
        const table = blockOccupancy(matrix, blocks, names(volumes));
        const naive = names(volumes).flatMap((_, k) =>
          blocks.map(({ members }) =>
            members.reduce((sum, row) => sum + isSet(row, k), 0) / members.length
          )
        );
        assert.deepStrictEqual([...table.values], naive);
        assert.deepStrictEqual(
          table.regions,
          blocks.map(({ id, members }) => ({ name: `b${id}`, voxels: members.length })),
        );
      },
    ),
  );
});

Deno.test("many full rows are counted without loss", () => {
  const matrix = bitMatrix(100_003, 33);
  matrix.words.fill(0xffffffff);
  for (let row = 0; row < matrix.voxels; row++) matrix.words[2 * row + 1] = 1;
  const members = Uint32Array.from({ length: matrix.voxels }, (_, row) => row);
  const { values } = blockOccupancy(matrix, [{ id: 0, members }], names(33));
  assert.ok(values.every((value) => value === 1));
});

Deno.test("a block to which no voxel was left is nowhere", () => {
  const matrix = bitMatrix(3, 2);
  matrix.words.fill(0b11);
  const blocks = [[0, 1], []].map((rows, id) => ({ id, members: Uint32Array.from(rows) }));
  const { regions, values } = blockOccupancy(matrix, blocks, names(2));
  assert.deepStrictEqual(regions, [{ name: "b0", voxels: 2 }, { name: "b1", voxels: 0 }]);
  assert.deepStrictEqual(values, Float64Array.of(1, 0, 1, 0));
});

Deno.test("blocks that are not of the matrix are refused", () => {
  const matrix = bitMatrix(3, 2);
  const measure = (members: number[], count = 2) => () =>
    blockOccupancy(matrix, [{ id: 4, members: Uint32Array.from(members) }], names(count));
  assert.throws(measure([1, 3]), /block 4: there is no row 3/);
  assert.throws(measure([1], 3), /3, not 2/);
});
