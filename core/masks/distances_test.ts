import assert from "node:assert";
import fc from "fast-check";
import { squaredDistances } from "./distances.ts";

/** The definition, voxel by voxel. */
function expected(inside: Uint8Array, [nx, ny, nz]: readonly [number, number, number]): number[] {
  const places = [];
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) places.push([x, y, z] as const);
  }
  const set = places.filter((_, i) => inside[i] !== 0);
  return places.map(([x, y, z]) =>
    set.reduce((least, [a, b, c]) => {
      return Math.min(least, (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2);
    }, Infinity)
  );
}

Deno.test("squaredDistances are those of the definition, in boxes of any size", () => {
  const side = fc.integer({ min: 1, max: 20 });
  const boxes = fc.tuple(side, side, side).filter(([x, y, z]) => x * y * z <= 900).chain((size) => {
    const length = size[0] * size[1] * size[2];
    return fc.tuple(
      fc.constant(size),
      fc.double({ min: 0, max: 1, noNaN: true }).chain((share) =>
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
          minLength: length,
          maxLength: length,
        })
          .map((drawn) => Uint8Array.from(drawn, (value) => value < share * share * share ? 1 : 0))
      ),
    );
  });
  fc.assert(fc.property(boxes, fc.integer({ min: 0, max: 12 }), ([size, inside], reach) => {
    const wanted = expected(inside, size);
    assert.deepStrictEqual([...squaredDistances(inside, size)], wanted);
    squaredDistances(inside, size, reach).forEach((square, i) => {
      if (wanted[i]! <= reach * reach) assert.strictEqual(square, wanted[i]);
      else assert.ok(square >= wanted[i]!);
    });
  }));
});

Deno.test("squaredDistances of nothing are infinite, and long ones exact", () => {
  assert.ok(squaredDistances(new Uint8Array(8), [2, 2, 2]).every((square) => square === Infinity));
  const row = new Uint8Array(2048);
  row[0] = 255;
  assert.strictEqual(squaredDistances(row, [2048, 1, 1])[2047], 2047 ** 2);
  assert.strictEqual(squaredDistances(row, [1, 2048, 1])[2047], 2047 ** 2);
  assert.strictEqual(squaredDistances(row, [1, 1, 2048])[2047], 2047 ** 2);
});
