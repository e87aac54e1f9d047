import assert from "node:assert";
import { bitMatrix } from "../cooccupancy/mod.ts";
import { packScene } from "./pack_scene.ts";
import type { UnionScene } from "./scene.ts";

/** A cube of so many voxels a side, of bits that cannot be packed well. */
function noise(side: number, volumes: number, box = side): UnionScene {
  const flat = new Uint32Array(side ** 3);
  for (let row = 0; row < flat.length; row++) {
    const x = row % side, y = Math.floor(row / side) % side, z = Math.floor(row / side / side);
    flat[row] = (z * box + y) * box + x;
  }
  const matrix = bitMatrix(flat.length, volumes);
  for (let v = 0, state = 1; v < matrix.words.length; v++) {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    const isLast = v % matrix.wordsPerVoxel === matrix.wordsPerVoxel - 1;
    matrix.words[v] = isLast && volumes % 32 > 0 ? state >>> 32 - volumes % 32 : state;
  }
  return { box, apix: 1.5, flat, matrix, blocks: [] };
}

Deno.test("what is small is packed as it is", () => {
  const { shape, volumes } = packScene(noise(10, 20, 64));
  assert.strictEqual(shape.binning, 1);
  assert.strictEqual(shape.voxels, 1000);
  assert.strictEqual(volumes?.grid, undefined);
});

Deno.test("the volumes get a coarser grid, and then none, where they take too many bytes", () => {
  const scene = noise(40, 64);
  const packed = packScene(scene, { bytes: 100_000 });
  assert.strictEqual(packed.shape.binning, 1);
  assert.strictEqual(packed.volumes?.grid?.binning, 2);
  assert.strictEqual(packed.volumes.grid.apix, 3);
  assert.ok(packed.volumes.data.length <= 100_000 * 4 / 3 + 4);
  assert.strictEqual(packScene(scene, { bytes: 1000 }).volumes, undefined);
});

Deno.test("a limit holds also where all volumes together take more than was told beforehand", () => {
  // Under 1.3 times the limit by the samples, over it in truth.
  const scene = noise(40, 64), all = packScene(scene).volumes!.data.length * 3 / 4;
  const packed = packScene(scene, { bytes: Math.floor(all * 0.9) });
  assert.strictEqual(packed.volumes?.grid?.binning, 2);
});

Deno.test("both get a coarser grid where there are too many voxels, or the box is too large", () => {
  const { shape, volumes } = packScene(noise(40, 5), { voxels: 10_000 });
  assert.strictEqual(shape.binning, 2);
  assert.strictEqual(shape.box, 20);
  assert.strictEqual(volumes?.grid, undefined);
  assert.strictEqual(packScene(noise(4, 5, 512)).shape.binning, 2);
});

Deno.test("no blocks and no voxels are packed too", () => {
  const { shape, blocks } = packScene({
    box: 8,
    apix: 1,
    flat: [],
    matrix: bitMatrix(0, 1),
    blocks: [],
  });
  assert.deepStrictEqual([shape.voxels, shape.members, blocks], [0, [], []]);
});

Deno.test("the text is the same on every machine", () => {
  const matrix = { ...bitMatrix(3, 9), words: Uint32Array.of(0b101, 0b111000111, 0) };
  const blocks = [{ id: 0, name: "b0", colour: "#0072b2", members: [2, 0] }];
  const packed = packScene({ box: 40, apix: 1, flat: [5, 6, 40_000], matrix, blocks });
  assert.deepStrictEqual(packed, {
    format: 1,
    blocks: [{ id: 0, name: "b0", colour: "#0072b2" }],
    shape: {
      box: 40,
      apix: 1,
      binning: 1,
      voxels: 3,
      members: [2],
      // 5, 0, 39,993; 57, 170, 0 of 255; 0, 1: as Python's zlib reads it too.
      data: "eJxjZdi5g8lyFQMDIwAO3gJd",
    },
    // 05 00, c7 01, 00 00
    volumes: { count: 9, data: "eJxjZTjOyMAAAANDAM4=" },
  });
});
