import assert from "node:assert";
import fc from "fast-check";
import { softMask, voxelsAbove } from "./soft_mask.ts";

/** Voxels whose centres are in a ball around the middle of a box, or around another place. */
function ball(box: number, apix: number, radius: number, place = [0, 0, 0]): Uint8Array {
  return Uint8Array.from({ length: box ** 3 }, (_, v) => {
    const [x, y, z] = [v % box, Math.floor(v / box) % box, Math.floor(v / box ** 2)].map(
      (i, axis) => (i - (box - 1) / 2) * apix - place[axis]!,
    ) as [number, number, number];
    return Math.hypot(x, y, z) <= radius ? 1 : 0;
  });
}

const sets = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer()).map(([box, seed]) => ({
  box,
  inside: Uint8Array.from({ length: box ** 3 }, (_, i) => (i * 7919 + seed) % 11 === 0 ? 1 : 0),
}));
const width = fc.double({ min: 0, max: 12, noNaN: true });

Deno.test("softMask is the cosine of the distance beyond what is extended", () => {
  fc.assert(
    fc.property(
      sets,
      fc.double({ min: 0.3, max: 8, noNaN: true }),
      width,
      width,
      ({ box, inside }, apix, extend, soft) => {
        const { data, voxels, touchesEdge } = softMask(inside, { box, apix }, { extend, soft });
        const place = (v: number) => [v % box, Math.floor(v / box) % box, Math.floor(v / box ** 2)];
        let above = 0, touches = false;
        data.forEach((weight, v) => {
          let distance = Infinity;
          inside.forEach((is, other) => {
            if (is === 0) return;
            const steps = place(v).map((at, axis) => at - place(other)[axis]!);
            distance = Math.min(distance, apix * Math.hypot(...steps));
          });
          const beyond = distance - extend;
          const wanted = beyond <= 0
            ? 1
            : beyond < soft
            ? (1 + Math.cos(Math.PI * beyond / soft)) / 2
            : 0;
          // Where the edge is narrow, rounding decides on which side of it a voxel is.
          const isOn = Math.abs(beyond) < 1e-4 || Math.abs(beyond - soft) < 1e-4;
          assert.ok(isOn || Math.abs(weight - wanted) < 1e-4, `${weight} ${wanted}`);
          assert.ok(weight >= 0 && weight <= 1);
          if (weight > 0.5) above++;
          if (weight > 0 && place(v).some((at) => at === 0 || at === box - 1)) touches = true;
        });
        assert.deepStrictEqual([voxels, touchesEdge], [above, touches]);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("softMask takes multiples of the voxel size for what they are", () => {
  for (const apix of [0.7, 1.06, 6.55]) {
    const inside = new Uint8Array(15 ** 3);
    inside[(7 * 15 + 7) * 15 + 7] = 1;
    const { data } = softMask(inside, { box: 15, apix }, { extend: 3 * apix, soft: 2 * apix });
    const row = [...data.subarray((7 * 15 + 7) * 15 + 7, (7 * 15 + 8) * 15)];
    [1, 1, 1, 1, 0.5, 0, 0, 0].forEach((weight, i) => assert.ok(Math.abs(weight - row[i]!) < 1e-5));
  }
});

Deno.test("a mask never shrinks as it is extended, or as its edge widens", () => {
  fc.assert(fc.property(sets, width, width, width, width, ({ box, inside }, e1, e2, s1, s2) => {
    const [near, far] = [Math.min(e1, e2), Math.max(e1, e2)];
    const [hard, soft] = [Math.min(s1, s2), Math.max(s1, s2)];
    const grid = { box, apix: 1.7 };
    const small = softMask(inside, grid, { extend: near, soft: hard }).data;
    const large = softMask(inside, grid, { extend: far, soft }).data;
    small.forEach((weight, i) => assert.ok(large[i]! >= weight - 1e-6));
    inside.forEach((is, i) => assert.ok(is === 0 || small[i] === 1));
  }));
});

Deno.test("a ball becomes a ball of the radius extended, at any voxel size", () => {
  for (
    const [box, apix, place] of [[80, 1, [0, 0, 0]], [64, 1.3, [3, -2, 1.5]], [36, 2.2, [
      0.4,
      0,
      1,
    ]]] as const
  ) {
    for (const [radius, extend, soft] of [[12, 6, 12], [18, 3, 5], [10, 0, 0]] as const) {
      const inside = ball(box, apix, radius, [...place]);
      const { data, voxels } = softMask(inside, { box, apix }, { extend, soft });
      // Distances are those between the centres of voxels, so less than a voxel is missing. One half is
      // reached in the middle of the edge.
      const wanted = radius + extend + soft / 2;
      const found = Math.cbrt(voxels * apix ** 3 * 3 / (4 * Math.PI));
      assert.ok(Math.abs(found - wanted) < 0.7 * apix, `${found} ${wanted} ${apix}`);
      const ones = data.reduce((n, weight) => n + (weight === 1 ? 1 : 0), 0);
      const full = Math.cbrt(ones * apix ** 3 * 3 / (4 * Math.PI));
      assert.ok(Math.abs(full - radius - extend) < 0.7 * apix, `${full} ${radius + extend}`);
    }
  }
});

Deno.test("a mask that reaches a face of the box says so, and an empty one is empty", () => {
  const touches = (place: number[], extend: number) =>
    softMask(ball(20, 2, 4.5, place), { box: 20, apix: 2 }, { extend, soft: 0 }).touchesEdge;
  assert.strictEqual(touches([0, 0, 0], 13), false);
  assert.strictEqual(touches([0, 0, 0], 16), true);
  for (const axis of [0, 1, 2]) {
    for (const side of [-1, 1]) {
      const place = [0, 0, 0];
      place[axis] = side * 13;
      assert.strictEqual(touches(place, 0), false);
      assert.strictEqual(touches(place, 2), true);
    }
  }
  const empty = softMask(new Uint8Array(27), { box: 3, apix: 1 }, { extend: 9, soft: 9 });
  assert.deepStrictEqual([empty.voxels, empty.touchesEdge, Math.max(...empty.data)], [0, false, 0]);
});

Deno.test("a mask may be wider than its box", () => {
  const inside = new Uint8Array(27);
  inside[13] = 1;
  for (const [extend, soft] of [[1e9, 0], [0, 1e9], [1e300, 1e300]] as const) {
    const { data, voxels } = softMask(inside, { box: 3, apix: 0.1 }, { extend, soft });
    assert.strictEqual(voxels, 27);
    assert.ok(data.every((weight) => weight > 0.99));
  }
});

Deno.test("voxelsAbove takes what is above, not what is at the threshold", () => {
  assert.deepStrictEqual([...voxelsAbove(Float32Array.of(0.5, 0.6, -1, NaN), 0.5)], [0, 1, 0, 0]);
});
