import assert from "node:assert";
import { bitMatrix } from "../cooccupancy/mod.ts";
import { halveScene } from "./scene.ts";

const at = (box: number, x: number, y: number, z: number) => (z * box + y) * box + x;

/** A scene in a box of 5: a cell of eight voxels, a cell with three, and one voxel at the far corner. */
function scene() {
  const flat = Uint32Array.of(
    ...[0, 1, 5, 6, 25, 26, 30, 31],
    ...[at(5, 2, 0, 0), at(5, 3, 0, 0), at(5, 2, 1, 0)],
    at(5, 4, 4, 4),
  ).sort();
  const rowOf = new Map(Array.from(flat, (voxel, row) => [voxel, row]));
  const rows = (...voxels: number[]) => voxels.map((voxel) => rowOf.get(voxel)!);
  const matrix = bitMatrix(flat.length, 33);
  const occupy = (volume: number, ...voxels: number[]) => {
    for (const row of rows(...voxels)) {
      matrix.words[2 * row + (volume >> 5)]! |= 1 << (volume & 31);
    }
  };
  return { flat, rows, matrix, occupy };
}

Deno.test("a coarse voxel is occupied where four of its eight are", () => {
  const { flat, matrix, occupy } = scene();
  occupy(0, 0, 1, 5, 6, 25, 26, 30, 31);
  occupy(1, 0, 1, 5, 6);
  occupy(2, 0, 1, 5);
  occupy(32, 0, 1, 5, 26, 30, at(5, 2, 0, 0), at(5, 3, 0, 0), at(5, 2, 1, 0));
  const halved = halveScene({ box: 5, apix: 2, flat, matrix, blocks: [] });
  assert.strictEqual(halved.box, 3);
  assert.strictEqual(halved.apix, 4);
  assert.deepStrictEqual([...halved.flat as Uint32Array], [0]);
  assert.deepStrictEqual(halved.matrix, {
    voxels: 1,
    volumes: 33,
    wordsPerVoxel: 2,
    words: Uint32Array.of(0b011, 0b1),
  });
});

Deno.test("a block gets the cells that it has half of, or all that it touches where it has half of none", () => {
  const { flat, rows, matrix, occupy } = scene();
  occupy(0, 0, 1, 5, 6);
  const block = (id: number, ...voxels: number[]) => (
    { id, name: `b${id}`, colour: "#000000", members: rows(...voxels) }
  );
  const blocks = [
    block(1, 0, 1, 25, 26, at(5, 2, 0, 0)),
    block(2, 31, at(5, 3, 0, 0), at(5, 4, 4, 4)),
    block(3),
  ];
  const halved = halveScene({ box: 5, apix: 2, flat, matrix, blocks });
  // The cells of block 2 are there though no volume occupies half of them.
  assert.deepStrictEqual([...halved.flat as Uint32Array], [0, 1, 26]);
  assert.deepStrictEqual([...halved.matrix.words], [1, 0, 0, 0, 0, 0]);
  assert.deepStrictEqual(
    halved.blocks.map(({ id, members }) => [id, ...members as Uint32Array]),
    [[1, 0], [2, 0, 1, 2], [3]],
  );
});

Deno.test("counts of all eight are right in every place of a word", () => {
  const flat = Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
  const matrix = bitMatrix(8, 32);
  // Volume k is occupied in as many voxels as k has one bits, or one more.
  for (let v = 0; v < 8; v++) {
    for (let k = 0; k < 32; k++) {
      if (v < 5 ? k >> v & 1 : v === 5 && k > 15) matrix.words[v]! |= 1 << k;
    }
  }
  const expected = Array.from(
    { length: 32 },
    (_, k) => k.toString(2).replaceAll("0", "").length + (k > 15 ? 1 : 0) >= 4,
  );
  const { matrix: halved } = halveScene({ box: 2, apix: 1, flat, matrix, blocks: [] });
  assert.deepStrictEqual(
    Array.from({ length: 32 }, (_, k) => (halved.words[0]! >>> k & 1) === 1),
    expected,
  );
});

Deno.test("a scene without voxels can be halved", () => {
  const halved = halveScene({ box: 8, apix: 1, flat: [], matrix: bitMatrix(0, 4), blocks: [] });
  assert.strictEqual(halved.flat.length, 0);
  assert.strictEqual(halved.box, 4);
});
