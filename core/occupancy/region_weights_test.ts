import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { makeHeader } from "../mrc/header.ts";
import { decodeVoxels } from "../mrc/decode.ts";
import { voxelBytes } from "../mrc/modes.ts";
import { random } from "../random.ts";
import { thresholdFor } from "../volumes/precision.ts";
import { sparseMask } from "./mask.ts";
import { densitiesAt, occupiedShares, regionWeights, weightedSums } from "./region_weights.ts";

const orders = [[1, 2, 3], [2, 1, 3], [3, 2, 1], [2, 3, 1], [3, 1, 2], [0, 0, 0]] as const;

/** A map of some mode, byte order and order of axes, as bytes of a file. */
const maps = fc.record({
  box: fc.integer({ min: 1, max: 7 }),
  mode: fc.constantFrom(0, 1, 2, 6, 12),
  order: fc.constantFrom(...orders),
  big: fc.boolean(),
  seed: fc.nat(),
}).map(({ box, mode, order: [mapc, mapr, maps], big, seed }) => {
  const sizes = { nx: box, ny: box, nz: box, mode, mapc, mapr, maps };
  const header = { ...makeHeader(sizes), byteOrder: big ? "big" as const : "little" as const };
  const rng = random(seed);
  const raw = new Uint8Array(box ** 3 * voxelBytes(mode));
  const view = new DataView(raw.buffer);
  for (let i = 0; i < box ** 3; i++) {
    const value = rng.normal() * (mode === 2 || mode === 12 ? 1 : 40);
    if (mode === 0) view.setInt8(i, value);
    else if (mode === 1) view.setInt16(2 * i, value, !big);
    else if (mode === 6) view.setUint16(2 * i, Math.abs(value), !big);
    else if (mode === 12) view.setFloat16(2 * i, value, !big);
    else view.setFloat32(4 * i, value, !big);
  }
  return { header, raw, box, rng };
});

Deno.test("occupancies of regions are those of a plain computation over whole maps", () => {
  fc.assert(
    fc.property(maps, fc.integer({ min: 1, max: 4 }), ({ header, raw, box, rng }, count) => {
      const masks = Array.from({ length: count }, () => {
        const filled = rng.uniform();
        const data = Float32Array.from(
          { length: box ** 3 },
          () => rng.uniform() < filled ? rng.uniform() : 0,
        );
        data[0] = 1;
        return data;
      });
      const regions = regionWeights(box, masks.map((mask) => sparseMask(mask, "m.mrc")));
      const sink = densitiesAt(header, "a.mrc", regions.voxels);
      for (let at = 0; at < raw.length; at += 128) sink.add(raw.slice(at, at + 128));
      const densities = sink.end();

      const whole = decodeVoxels(header, raw);
      const naive = masks.map((mask) =>
        mask.reduce((sum, weight, i) => weight === 0 ? sum : sum + weight * whole[i]!, 0)
      );
      assert.deepStrictEqual([...weightedSums(regions, densities)], naive);

      const threshold = thresholdFor(header.mode, rng.normal());
      const shares = masks.map((mask) => {
        const own = whole.filter((_, i) => mask[i]! !== 0);
        return own.filter((density) => density > threshold).length / own.length;
      });
      assert.deepStrictEqual([...occupiedShares(regions, densities, threshold)], shares);
    }),
  );
});

Deno.test("regions without weights count every voxel alike, over shared memory too", () => {
  const regions = [{ voxels: Uint32Array.of(1, 5, 7) }, { voxels: Uint32Array.of(0, 5) }];
  for (const shared of [false, true]) {
    const together = regionWeights(2, regions, shared);
    assert.strictEqual(together.weights, undefined);
    assert.strictEqual(together.voxels.buffer instanceof SharedArrayBuffer, shared);
    assert.deepStrictEqual([...together.voxels], [0, 1, 5, 7]);
    const densities = Float32Array.of(1, 10, 100, 1000);
    assert.deepStrictEqual([...weightedSums(together, densities)], [1110, 101]);
    assert.deepStrictEqual([...occupiedShares(together, densities, 10)], [2 / 3, 1 / 2]);
  }
});

Deno.test("a map with any density that is no number is refused, with its place", () => {
  for (const [order, place] of [[[1, 2, 3], "1, 0, 0"], [[3, 2, 1], "0, 0, 1"]] as const) {
    const [mapc, mapr, maps] = order;
    const header = makeHeader({ nx: 2, ny: 2, nz: 2, mode: 2, mapc, mapr, maps });
    for (const broken of [NaN, Infinity, -Infinity]) {
      const data = new Float32Array(8);
      data[4] = broken;
      const sink = densitiesAt(header, "a.mrc", Uint32Array.of(0));
      sink.add(new Uint8Array(data.buffer));
      assert.throws(
        () => sink.end(),
        (error) =>
          error instanceof InputError &&
          error.message ===
            `Cannot measure a.mrc: its density is ${broken} at voxel (z, y, x) = (${place})`,
      );
    }
  }
});
