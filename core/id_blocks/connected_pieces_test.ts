import assert from "node:assert";
import fc from "fast-check";
import { connectedPieces } from "./connected_pieces.ts";

Deno.test("connectedPieces: opposite sides of the box do not touch", () => {
  const box = 5;
  // The ends of a row of voxels, and the beginning of the next row.
  assert.deepStrictEqual(
    connectedPieces([0, 4, 5], box).map((piece) => [...piece]),
    [[0, 5], [4]],
  );
  assert.deepStrictEqual(connectedPieces([], box), []);
});

Deno.test("connectedPieces: every voxel once, pieces apart, and each piece in one piece", () => {
  const box = 4;
  const touches = (a: number, b: number) =>
    [1, box, box * box].every((step) =>
      Math.abs(Math.floor(a / step) % box - Math.floor(b / step) % box) <= 1
    );
  fc.assert(fc.property(fc.uniqueArray(fc.nat(box ** 3 - 1)), (voxels) => {
    const pieces = connectedPieces(voxels, box);
    assert.deepStrictEqual(
      pieces.flatMap((piece) => [...piece]).sort((a, b) => a - b),
      voxels.toSorted((a, b) => a - b),
    );
    pieces.forEach((piece, i) => {
      assert.ok(i === 0 || pieces[i - 1]!.length >= piece.length);
      for (const other of pieces.slice(i + 1)) {
        assert.ok(!piece.some((a) => other.some((b) => touches(a, b))));
      }
      const reached = new Set([piece[0]!]);
      for (const a of reached) for (const b of piece) if (touches(a, b)) reached.add(b);
      assert.strictEqual(reached.size, piece.length);
    });
  }));
});
