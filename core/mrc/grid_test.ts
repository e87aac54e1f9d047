import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import {
  apixOf,
  axisOrder,
  boxOf,
  firstVoxel,
  gridOf,
  nstartOf,
  sizeOf,
  voxelSizeOf,
} from "./grid.ts";
import { makeHeader } from "./header.ts";

const cube = { nx: 64, ny: 64, nz: 64 };

Deno.test("size and start follow the axis order", () => {
  const header = makeHeader({
    ...{ nx: 10, ny: 20, nz: 30, nxstart: 1, nystart: 2, nzstart: 3 },
    ...{ mapc: 3, mapr: 1, maps: 2 },
  });
  assert.deepStrictEqual(axisOrder(header), [2, 0, 1]);
  assert.deepStrictEqual(sizeOf(header), { z: 10, x: 20, y: 30 });
  assert.deepStrictEqual(nstartOf(header), { z: 1, x: 2, y: 3 });
});

Deno.test("the voxel size is the cell over its intervals", () => {
  const cell = { cellaX: 100, cellaY: 200, cellaZ: 300 };
  const header = makeHeader({ ...cube, ...cell, mx: 50, my: 50, mz: 50 });
  assert.deepStrictEqual(voxelSizeOf(header), { x: 2, y: 4, z: 6 });
});

Deno.test("a voxel size of up to six digits survives the 32-bit floats of the header", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 999_999 }),
      fc.integer({ min: 1, max: 1024 }),
      (n, box) => {
        const apix = n / 1e5;
        const cell = Math.fround(apix * box);
        const header = makeHeader({
          nx: box,
          ny: box,
          nz: box,
          cellaX: cell,
          cellaY: cell,
          cellaZ: cell,
        });
        assert.strictEqual(apixOf(header, "a.mrc"), apix);
      },
    ),
  );
});

Deno.test("the voxel size is unknown without a cell or intervals", () => {
  const cell = { cellaX: 64, cellaY: 64, cellaZ: 64 };
  for (
    const fields of [
      {},
      { ...cell, cellaZ: 0 },
      { ...cell, cellaX: NaN },
      { ...cell, cellaX: Infinity },
      { ...cell, mx: 0 },
      { ...cell, cellaY: -64, my: -64 },
    ]
  ) {
    assert.strictEqual(apixOf(makeHeader({ ...cube, ...fields }), "a.mrc"), undefined);
  }
});

Deno.test("gridOf carries the position of a cubic map", () => {
  const header = makeHeader({
    ...{ ...cube, cellaX: 128, cellaY: 128, cellaZ: 128.01, originX: 1, originY: -2, originZ: 3.5 },
    ...{ nxstart: -32, nystart: -31, nzstart: -30 },
  });
  assert.deepStrictEqual(gridOf(header, "a.mrc"), {
    box: 64,
    apix: 2,
    origin: { x: 1, y: -2, z: 3.5 },
    nstart: { x: -32, y: -31, z: -30 },
  });
});

Deno.test("boxes and voxels that are not cubes are refused", () => {
  assert.throws(
    () => boxOf(makeHeader({ ...cube, nz: 32 }), "a.mrc"),
    new InputError(
      "Cannot use a.mrc: its box is not a cube (64 x 64 x 32 voxels)",
      "Crop or pad the map to a cube.",
    ),
  );
  assert.throws(
    () => boxOf(makeHeader({ ...cube, mz: 16, ispg: 401 }), "a.mrc"),
    new InputError(
      "Cannot use a.mrc: it is a stack of volumes (64 sections, 16 to a volume)",
      "Write each volume to a file of its own.",
    ),
  );
  assert.throws(
    () => apixOf(makeHeader({ ...cube, cellaX: 64, cellaY: 64, cellaZ: 128 }), "a.mrc"),
    new InputError(
      "Cannot use a.mrc: its voxels are not cubes (1 x 1 x 2 Angstrom)",
      "Resample the map to cubic voxels, or correct its header.",
    ),
  );
});

Deno.test("firstVoxel: the origin, or the start index where there is none", () => {
  const zero = { x: 0, y: 0, z: 0 },
    origin = { x: 100, y: 0, z: -5 },
    nstart = { x: -5, y: 0, z: 3 };
  const grid = { box: 10, apix: 2, origin, nstart };
  assert.deepStrictEqual(firstVoxel(grid), origin);
  assert.deepStrictEqual(firstVoxel({ ...grid, origin: zero }), { x: -10, y: 0, z: 6 });
});
