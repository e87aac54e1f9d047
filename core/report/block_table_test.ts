import assert from "node:assert";
import { tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
import type { Grid } from "../mrc/grid.ts";
import { blockArrow, type BlockRow, blockTable, formatBlockCsv } from "./block_table.ts";

const NONE = { x: 0, y: 0, z: 0 };
const grid: Grid = { box: 10, apix: 2, origin: { x: 100, y: 0, z: -5 }, nstart: NONE };

/** A bit matrix from rows of "1" and "0", one character for each volume. */
function matrixOf(rows: readonly string[]) {
  const matrix = bitMatrix(rows.length, rows[0]!.length);
  for (const [v, row] of rows.entries()) {
    for (const [k, bit] of [...row].entries()) {
      if (bit === "1") matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
    }
  }
  return matrix;
}

Deno.test("blockTable: size, place, occupancy and cohesion of blocks worked out by hand", () => {
  const matrix = matrixOf(["1100", "1100", "1000", "1111"]);
  const voxels = [0, 1, 10, 999];
  const [a, b] = blockTable(
    [{ id: 4, members: Uint32Array.of(0, 1, 2) }, { id: 9, members: Uint32Array.of(3) }],
    matrix,
    voxels,
    grid,
  );
  // The profile is 1100: phi is 1, 1, and (4 * 1 - 1 * 2) / sqrt(1 * 3 * 2 * 2) for 1000.
  assert.deepStrictEqual(a, {
    id: 4,
    voxels: 3,
    volume: 24,
    x: 100 + 2 / 3,
    y: 2 / 3,
    z: -5,
    voxelX: 1 / 3,
    voxelY: 1 / 3,
    voxelZ: 0,
    meanOccupancy: 5 / 3 / 4,
    cohesion: (2 + 2 / Math.sqrt(12)) / 3,
  });
  // Voxel 999 is the last corner; it is always there, which tells nothing.
  assert.deepStrictEqual([b!.x, b!.y, b!.z], [118, 18, 13]);
  assert.strictEqual(b!.meanOccupancy, 1);
  assert.strictEqual(b!.cohesion, 0);
});

Deno.test("blockTable: exactly half of the voxels are no majority", () => {
  const matrix = matrixOf(["1100", "1001"]);
  const [row] = blockTable([{ id: 0, members: Uint32Array.of(0, 1) }], matrix, [0, 1], grid);
  // The profile is 1000.
  assert.strictEqual(row!.cohesion, 2 / Math.sqrt(2 * 2 * 1 * 3));
});

Deno.test("blockTable: voxels that are alike hold together perfectly, any others less", () => {
  const rowOf = fc.array(fc.constantFrom("0", "1"), { minLength: 40, maxLength: 40 })
    .map((bits) => bits.join("")).filter((row) => row.includes("0") && row.includes("1"));
  fc.assert(fc.property(rowOf, rowOf, fc.integer({ min: 2, max: 6 }), (row, other, n) => {
    const cohesionOf = (rows: string[]) =>
      blockTable(
        [{ id: 1, members: Uint32Array.from(rows, (_, i) => i) }],
        matrixOf(rows),
        rows.map((_, i) => i),
        grid,
      )[0]!.cohesion;
    const alike = Array.from({ length: n }, () => row);
    assert.strictEqual(cohesionOf(alike), 1);
    if (row !== other) assert.ok(cohesionOf([...alike, other]) < 1);
  }));
});

const rows: BlockRow[] = [
  {
    id: 4,
    voxels: 1234,
    volume: 1234 * 6.55 ** 3,
    x: 100.12345,
    y: -3,
    z: 1 / 3,
    voxelX: 15,
    voxelY: 1.5,
    voxelZ: 2 / 3,
    meanOccupancy: 0.123456789,
    cohesion: -0.5,
  },
];

Deno.test("formatBlockCsv", () => {
  assert.strictEqual(
    formatBlockCsv(rows),
    "id,voxels,volume_A3,x_A,y_A,z_A,x_voxel,y_voxel,z_voxel,mean_occupancy,cohesion\n" +
      "4,1234,346768.0,100.123,-3.000,0.333,15.000,1.500,0.667,0.12346,-0.50000\n",
  );
  assert.strictEqual(formatBlockCsv([]).split("\n").length, 2);
});

Deno.test("blockArrow holds the rows in full, in an IPC file", () => {
  const bytes = blockArrow(rows);
  assert.strictEqual(new TextDecoder().decode(bytes.subarray(0, 6)), "ARROW1");
  const table = tableFromIPC(bytes);
  assert.deepStrictEqual(
    table.schema.fields.map(({ name, type }) => `${name} ${type}`),
    [
      "id Int32",
      "voxels Int32",
      "volume_A3 Float64",
      ...["x_A", "y_A", "z_A", "x_voxel", "y_voxel", "z_voxel", "mean_occupancy", "cohesion"]
        .map((name) => `${name} Float64`),
    ],
  );
  assert.deepStrictEqual(
    Object.values(table.get(0)!.toJSON()),
    Object.values(rows[0]!),
  );
  assert.deepStrictEqual(blockArrow(rows), bytes);
  assert.strictEqual(tableFromIPC(blockArrow([])).numRows, 0);
});
