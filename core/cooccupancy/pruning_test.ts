import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix, totals } from "./bit_matrix.ts";
import { NEVER, type Tile } from "./engine.ts";
import { liveTiles, triangularTiles } from "./pruning.ts";
import { referenceEngine } from "./reference.ts";
import { random } from "../random.ts";

/** Every pair of some tiles, as "row column", in their order. */
const pairsOf = (tiles: readonly Tile[]) =>
  tiles.flatMap(({ rowStart, rowEnd, columnStart, columnEnd }) => {
    const pairs: string[] = [];
    for (let row = rowStart; row < rowEnd; row++) {
      for (let column = columnStart; column < columnEnd; column++) pairs.push(`${row} ${column}`);
    }
    return pairs;
  });

const size = fc.integer({ min: 0, max: 40 });
const side = fc.integer({ min: 1, max: 50 });

Deno.test("triangular tiles hold every pair of different voxels once", () => {
  fc.assert(fc.property(size, side, (voxels, side) => {
    const pairs = pairsOf(triangularTiles(voxels, side));
    const above = pairs.filter((pair) => {
      const [row, column] = pair.split(" ").map(Number);
      return column! > row!;
    });
    assert.strictEqual(new Set(pairs).size, pairs.length);
    assert.strictEqual(above.length, (voxels ** 2 - voxels) / 2);
  }));
});

Deno.test("tiles need a positive side", () => {
  const message = "Cannot cut pairs into tiles: side must be a positive integer (0)";
  assert.throws(() => triangularTiles(5, 0), { name: "RangeError", message });
});

Deno.test("a tile is dead where the rarer voxel cannot reach the least count", () => {
  const tile = { rowStart: 0, rowEnd: 2, columnStart: 1, columnEnd: 3 };
  const dead = (least: number[], found: number[]) => {
    const classes = Uint16Array.of(0, 0, 1);
    const thresholds = {
      rowClasses: classes,
      columnClasses: classes,
      columnClassCount: 2,
      least: Uint16Array.from(least),
    };
    return liveTiles([tile], thresholds, found, found).length === 0;
  };
  assert.strictEqual(dead([3, 3, 0, 0], [1, 2, 9]), true);
  assert.strictEqual(dead([3, 2, 0, 0], [1, 2, 9]), false);
  assert.strictEqual(dead([NEVER, NEVER, 0, 0], [9, 9, 9]), true);
  assert.strictEqual(dead([NEVER, 9, 0, 0], [9, 9, 9]), false);
});

Deno.test("live tiles hold every link, and the others are dead", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      side,
      fc.double({ min: 1, max: 4, noNaN: true }),
      (seed, side, factor) => {
        const rng = random(seed);
        const matrix = bitMatrix(40, 30);
        matrix.words.forEach((_, v) => {
          const density = v / 40;
          for (let k = 0; k < 30; k++) if (rng.uniform() < density) matrix.words[v]! |= 1 << k;
        });
        const found = totals(matrix);
        const classes = Uint16Array.from(found);
        const least = Uint16Array.from({ length: 31 * 31 }, (_, i) => {
          const expected = Math.floor(i / 31) * (i % 31) / 30;
          return Math.ceil(1 + factor * expected);
        });
        const thresholds = {
          rowClasses: classes,
          columnClasses: classes,
          columnClassCount: 31,
          least,
        };
        const engine = referenceEngine(matrix, matrix);
        const all = triangularTiles(40, side);
        const live = new Set(liveTiles(all, thresholds, found, found));
        for (const tile of all) {
          const reachable = pairsOf([tile]).some((pair) => {
            const [f1, f2] = pair.split(" ").map((voxel) => found[Number(voxel)]!) as [
              number,
              number,
            ];
            return least[f1 * 31 + f2]! <= Math.min(f1, f2);
          });
          assert.strictEqual(live.has(tile), reachable);
          if (!live.has(tile)) {
            assert.strictEqual(
              engine.links([tile], thresholds, false).rows.length,
              0,
            );
          }
        }
      },
    ),
  );
});
