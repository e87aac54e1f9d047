import assert from "node:assert";
import { tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import { bitMatrix, totals } from "../core/cooccupancy/mod.ts";
import { InputError } from "../core/errors.ts";
import { random, sample } from "../core/random.ts";
import { decodeVolumes, encodeVolumes, type SampledUnion } from "./volumes_file.ts";

/** A union of random voxels and bits. */
function randomUnion(box: number, voxels: number, volumes: number, sampled: number, seed: number) {
  const rng = random(seed);
  const matrix = bitMatrix(voxels, volumes, true);
  for (let v = 0; v < voxels; v++) {
    for (let k = 0; k < volumes; k++) {
      if (rng.uniform() < 0.4) {
        matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
      }
    }
  }
  const flat = sample(box ** 3, voxels, rng).sort();
  return { box, flat, totals: totals(matrix), matrix, sampled: sample(voxels, sampled, rng) };
}

const unions = fc.record({
  box: fc.integer({ min: 4, max: 40 }),
  voxels: fc.integer({ min: 1, max: 64 }),
  volumes: fc.integer({ min: 1, max: 100 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.nat(),
}).map(({ box, voxels, volumes, share, seed }) =>
  randomUnion(box, voxels, volumes, Math.round(share * voxels), seed)
);

const plain = ({ matrix: { words, ...matrix }, ...union }: SampledUnion) => ({
  ...union,
  ...matrix,
  words: Array.from(words),
});

Deno.test("volumes.arrow comes back as it was written, the order of the sample too", () => {
  fc.assert(fc.property(unions, (union) => {
    const back = decodeVolumes(encodeVolumes(union, "key").slice(), "key", "volumes.arrow");
    assert.deepStrictEqual(plain(back), plain(union));
    assert.ok(back.matrix.words.buffer instanceof SharedArrayBuffer);
  }));
});

Deno.test("volumes.arrow says to any reader where a voxel is and in how many volumes", () => {
  const union = randomUnion(33, 40, 50, 7, 1);
  const table = tableFromIPC(encodeVolumes(union, "key"));
  assert.deepStrictEqual(table.schema.fields.map(({ name, type }) => `${name}: ${type}`), [
    "voxel: Uint32",
    "z: Uint16",
    "y: Uint16",
    "x: Uint16",
    "total: Uint32",
    "place: Int32",
    "bits: FixedSizeBinary[8]",
  ]);
  for (const [row, { voxel, z, y, x, total, place, bits }] of table.toArray().entries()) {
    assert.strictEqual((z * 33 + y) * 33 + x, voxel);
    assert.strictEqual(voxel, union.flat[row]);
    const ones = [...bits as Uint8Array].map((byte) => byte.toString(2)).join("").replaceAll(
      "0",
      "",
    );
    assert.strictEqual(ones.length, total);
    assert.strictEqual(union.sampled.indexOf(row), place);
  }
});

Deno.test("volumes.arrow of another run, or altered, is refused", () => {
  const bytes = encodeVolumes(randomUnion(8, 5, 10, 2, 1), "key").slice();
  assert.throws(
    () => decodeVolumes(bytes, "other", "run/volumes.arrow"),
    (error) => {
      assert.ok(error instanceof InputError);
      assert.strictEqual(
        error.message,
        "Cannot use run/volumes.arrow: it belongs to other maps or options",
      );
      return true;
    },
  );
  bytes[bytes.length - 50]! ^= 1;
  assert.throws(() => decodeVolumes(bytes, "key", "run/volumes.arrow"), InputError);
});
