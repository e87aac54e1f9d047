import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix, totals } from "../../core/cooccupancy/bit_matrix.ts";
import { packScene } from "../../core/report/pack_scene.ts";
import type { UnionScene } from "../../core/report/scene.ts";
import { occupiedIn, unpackScene } from "./unpack.ts";

const box = 12;

/** Any scene: voxels, bits, and blocks that may overlap or be empty. */
const scenes = fc.record({
  voxels: fc.uniqueArray(fc.nat(box ** 3 - 1), { maxLength: 80 }),
  volumes: fc.integer({ min: 1, max: 70 }),
  seed: fc.array(fc.nat(0xffff_ffff), { minLength: 1, maxLength: 9 }),
  blocks: fc.array(fc.uniqueArray(fc.nat(79), { maxLength: 30 }), { maxLength: 5 }),
}).map(({ voxels, volumes, seed, blocks }): UnionScene => {
  const matrix = bitMatrix(voxels.length, volumes);
  for (let v = 0; v < voxels.length; v++) {
    for (let k = 0; k < volumes; k++) {
      const isIn = seed[(v * 7 + k) % seed.length]! >>> (v + k & 31) & 1;
      matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= isIn << (k & 31);
    }
  }
  return {
    box,
    apix: 3.5,
    flat: Uint32Array.from(voxels).sort(),
    matrix,
    blocks: blocks.map((rows, i) => ({
      id: 3 * i,
      name: `b${3 * i}`,
      colour: "#0072b2",
      members: rows.filter((row) => row < voxels.length),
    })),
  };
});

Deno.test("a scene comes out as it was packed", async () => {
  await fc.assert(fc.asyncProperty(scenes, async (scene) => {
    const packed = packScene(scene);
    assert.deepStrictEqual(packScene(scene), packed);
    const { blocks, shape, volumes } = await unpackScene(JSON.parse(JSON.stringify(packed)));
    assert.deepStrictEqual(
      blocks,
      scene.blocks.map(({ id, name, colour }) => ({ id, name, colour })),
    );
    assert.deepStrictEqual({ ...shape, union: [...shape.union] }, {
      box,
      apix: 3.5,
      binning: 1,
      union: [...scene.flat as Uint32Array],
      consensus: Uint8Array.from(
        totals(scene.matrix),
        (total) => Math.round(255 * total / scene.matrix.volumes),
      ),
      members: scene.blocks.map(({ members }) => Uint32Array.from(members).sort()),
    });
    assert.ok(volumes !== undefined && volumes.grid === shape);
    assert.strictEqual(volumes.count, scene.matrix.volumes);
    const { words, wordsPerVoxel } = scene.matrix;
    for (let k = 0; k < volumes.count; k++) {
      const rows = [...shape.union.keys()]
        .filter((row) => words[row * wordsPerVoxel + (k >> 5)]! >>> (k & 31) & 1);
      assert.deepStrictEqual(occupiedIn(volumes, k), rows);
    }
  }));
});

Deno.test("a scene on coarser grids comes out whole", async () => {
  const side = 48, flat = Uint32Array.from({ length: 4000 }, (_, i) => 27 * i);
  const matrix = bitMatrix(flat.length, 40);
  matrix.words.forEach((_, i) => matrix.words[i] = Math.imul(i + 1, 0x9e3779b1) >>> i % 2 * 24);
  const block = { id: 0, name: "b0", colour: "#d55e00", members: Uint32Array.of(5, 6, 7) };
  const packed = packScene({ box: side, apix: 2, flat, matrix, blocks: [block] }, { bytes: 9000 });
  const { shape, volumes } = await unpackScene(packed);
  assert.strictEqual(shape.binning, 1);
  assert.strictEqual(volumes?.grid.binning, 2);
  assert.strictEqual(volumes.grid.box, 24);
  assert.strictEqual(volumes.grid.apix, 4);
  assert.strictEqual(volumes.grid.union.length, volumes.grid.consensus.length);
  assert.ok(volumes.grid.members[0]!.length > 0);
});

Deno.test("a damaged text is refused", async () => {
  const matrix = { ...bitMatrix(2, 3), words: Uint32Array.of(7, 2) };
  const packed = packScene({ box, apix: 1, flat: [1, 9], matrix, blocks: [] });
  await assert.rejects(
    unpackScene({ ...packed, shape: { ...packed.shape, voxels: 3 } }),
    new TypeError("Cannot unpack the scene: its text is damaged"),
  );
  await assert.rejects(
    unpackScene({ ...packed, volumes: { ...packed.volumes!, count: 9 } }),
    new TypeError("Cannot unpack the scene: its text is damaged"),
  );
});
