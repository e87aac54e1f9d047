import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { firstVoxel, type Grid } from "../mrc/grid.ts";
import { otherGrid, sameVolumeIn, voxelsAboveIn } from "./other_box.ts";

const zero = { x: 0, y: 0, z: 0 };
const grid: Grid = { box: 8, apix: 4, origin: { x: 10, y: 0, z: -3 }, nstart: zero };

Deno.test("otherGrid keeps the cube and the place of the centre voxel", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 600 }),
      fc.integer({ min: 2, max: 600 }),
      fc.constantFrom(zero, { x: -3, y: 7, z: 2 }),
      (from, to, nstart) => {
        const own = { box: from, apix: 3.3, origin: zero, nstart };
        const other = otherGrid(own, { box: to }, "a.mrc");
        assert.ok(Math.abs(other.box * other.apix - from * 3.3) < 1e-9);
        for (const axis of ["x", "y", "z"] as const) {
          const centre = firstVoxel(own)[axis] + Math.floor(from / 2) * 3.3;
          const moved = firstVoxel(other)[axis] + Math.floor(to / 2) * other.apix;
          assert.ok(Math.abs(centre - moved) < 1e-9);
        }
      },
    ),
  );
});

Deno.test("otherGrid finds the box of a voxel size, and leaves a grid that is not to change", () => {
  assert.strictEqual(otherGrid(grid, {}, "a.mrc"), grid);
  assert.strictEqual(otherGrid(grid, { box: 8 }, "a.mrc"), grid);
  assert.strictEqual(otherGrid(grid, { apix: 2 }, "a.mrc").box, 16);
  assert.strictEqual(otherGrid(grid, { apix: 2.01 }, "a.mrc").apix, 2.01);
});

Deno.test("otherGrid refuses another cube, unless it may be padded or cropped", () => {
  for (const other of [{ box: 16, apix: 2.03 }, { box: 16, apix: 1 }, { apix: 3 }, { apix: 100 }]) {
    assert.throws(() => otherGrid(grid, other, "a.mrc"), InputError);
    assert.strictEqual(otherGrid(grid, { ...other, centre: true }, "a.mrc").apix, other.apix);
  }
});

/** Voxels of a ball, as densities of 1, on a grid. */
function ball(
  { box, apix, ...rest }: Grid,
  place: readonly number[],
  radius: number,
): Float32Array {
  const first = firstVoxel({ box, apix, ...rest });
  return Float32Array.from({ length: box ** 3 }, (_, v) => {
    const [x, y, z] = [v % box, Math.floor(v / box) % box, Math.floor(v / box ** 2)] as const;
    return Math.hypot(
        first.x + x * apix - place[0]!,
        first.y + y * apix - place[1]!,
        first.z + z * apix - place[2]!,
      ) <= radius
      ? 1
      : 0;
  });
}

/** Number and centroid, in Å, of voxels on a grid. */
function momentsOf(inside: Uint8Array, { box, apix, ...rest }: Grid): number[] {
  const first = firstVoxel({ box, apix, ...rest });
  let n = 0, x = 0, y = 0, z = 0;
  inside.forEach((is, v) => {
    n += is;
    x += is * (v % box);
    y += is * (Math.floor(v / box) % box);
    z += is * Math.floor(v / box ** 2);
  });
  return [n * apix ** 3, first.x + apix * x / n, first.y + apix * y / n, first.z + apix * z / n];
}

Deno.test("sameVolumeIn shows the same ball in the same place, in larger and smaller boxes", () => {
  const own: Grid = { box: 32, apix: 3, origin: { x: 5, y: -20, z: 0 }, nstart: zero };
  const place = [5 + 46.7, -20 + 51.1, 48], radius = 24;
  const data = ball(own, place, radius);
  const others = [
    { box: 64 },
    { box: 63 },
    { box: 48, apix: 2.01 },
    { box: 24 },
    { box: 80, apix: 1.5, centre: true },
    { box: 51, apix: 1.7, centre: true },
    { box: 25, apix: 3, centre: true },
  ];
  for (const other of others) {
    const to = otherGrid(own, other, "a.mrc");
    const [volume, ...centre] = momentsOf(
      sameVolumeIn(data, own, to),
      to,
    );
    const wanted = 4 / 3 * Math.PI * radius ** 3;
    const cropped = other.centre === true && to.box * to.apix < 80;
    assert.ok(
      cropped || Math.abs(volume! / wanted - 1) < 0.07,
      `${JSON.stringify(other)}: ${volume}`,
    );
    centre.forEach((at, axis) => assert.ok(Math.abs(at - place[axis]!) < (cropped ? 1.5 : 0.5)));
  }
});

Deno.test("voxelsAboveIn keeps what is on voxels of both grids, and goes linearly between", () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: true, min: -1, max: 1 }), { minLength: 125, maxLength: 125 }),
      fc.float({ noNaN: true, min: -1, max: 1 }),
      (values, threshold) => {
        const own: Grid = { box: 5, apix: 2, origin: zero, nstart: zero };
        const data = Float32Array.from(values);
        const to = otherGrid(own, { box: 15 }, "a.mrc");
        const inside = voxelsAboveIn(data, own, to, threshold);
        data.forEach((density, v) => {
          // The centre voxels, 2 and 7, are one.
          const [x, y, z] = [v % 5, Math.floor(v / 5) % 5, Math.floor(v / 25)].map((i) =>
            3 * i + 1
          );
          const at = (z! * 15 + y!) * 15 + x!;
          assert.strictEqual(inside[at], density > threshold ? 1 : 0);
          if (v % 5 === 4) return;
          const third = (2 * density + data[v + 1]!) / 3;
          if (Math.abs(third - threshold) > 1e-6) {
            assert.strictEqual(inside[at + 1], third > threshold ? 1 : 0);
          }
        });
      },
    ),
  );
});

Deno.test("voxelsAboveIn finds nothing beyond the map, whatever the threshold", () => {
  const data = new Float32Array(8 ** 3).fill(-1);
  const to = otherGrid(grid, { box: 12, apix: 4, centre: true }, "a.mrc");
  const inside = voxelsAboveIn(data, grid, to, -5);
  assert.strictEqual(inside.reduce((a, b) => a + b, 0), 8 ** 3);
  const same = otherGrid(grid, { box: 16 }, "a.mrc");
  assert.ok(
    voxelsAboveIn(data, grid, same, -5).every((is) => is === 1),
    "the box is full to its faces",
  );
});

Deno.test("sameVolumeIn keeps the volume of a set of voxels, and a single voxel", () => {
  const own: Grid = { box: 9, apix: 2, origin: zero, nstart: zero };
  const sets = fc.uniqueArray(fc.integer({ min: 0, max: 6 ** 3 - 1 }), {
    minLength: 1,
    maxLength: 90,
  });
  fc.assert(fc.property(sets, fc.constantFrom(18, 27, 31, 36), (voxels, box) => {
    const data = new Float32Array(9 ** 3);
    for (const v of voxels) {
      data[(Math.floor(v / 36) + 1) * 81 + (Math.floor(v / 6) % 6 + 1) * 9 + v % 6 + 1] = 1;
    }
    const to = otherGrid(own, { box }, "a.mrc");
    const inside = sameVolumeIn(data, own, to);
    const count = inside.reduce((a, b) => a + b, 0);
    const wanted = voxels.length * (box / 9) ** 3;
    // Voxels that are alike, around each voxel that is apart, are all above the level or none.
    assert.ok(Math.abs(count - wanted) <= 24 + 0.2 * wanted, `${count} ${wanted}`);
  }));
});

/** Voxels in a box that is larger by a whole number or not, over those that the volume stands for. */
function growth(data: Float32Array, box: number, to: number): number {
  const own: Grid = { box, apix: 3, origin: zero, nstart: zero };
  const inside = sameVolumeIn(data, own, otherGrid(own, { box: to }, "a.mrc"));
  const before = data.reduce((a, b) => a + b, 0);
  return inside.reduce((a, b) => a + b, 0) / (before * (to / box) ** 3);
}

Deno.test("sameVolumeIn keeps the volume in a box of twice and of four times the voxels", () => {
  const own: Grid = { box: 24, apix: 3, origin: zero, nstart: zero };
  for (const radius of [4.5, 7.5, 12, 24]) {
    const data = ball(own, [35.1, 34.2, 36.9], radius);
    for (const box of [48, 72, 96, 97]) {
      const share = growth(data, 24, box);
      assert.ok(Math.abs(share - 1) < 0.03, `radius ${radius}, box ${box}: ${share}`);
    }
  }
  for (const [side, off] of [[3, 0.07], [5, 0.02]] as const) {
    const cube = Float32Array.from({ length: 24 ** 3 }, (_, v) => {
      const place = [v % 24, Math.floor(v / 24) % 24, Math.floor(v / 24 ** 2)];
      return place.every((at) => at >= 9 && at < 9 + side) ? 1 : 0;
    });
    for (const box of [48, 96]) {
      const share = growth(cube, 24, box);
      assert.ok(Math.abs(share - 1) < off, `side ${side}, box ${box}: ${share}`);
    }
  }
});

Deno.test("sameVolumeIn leaves a voxel of what is smaller than one", () => {
  const own: Grid = { box: 8, apix: 3, origin: zero, nstart: zero };
  for (const voxel of [0, 100, 292, 511]) {
    const data = new Float32Array(8 ** 3);
    data[voxel] = 1;
    const inside = sameVolumeIn(data, own, otherGrid(own, { box: 4 }, "a.mrc"));
    assert.ok(inside.includes(1));
  }
});
