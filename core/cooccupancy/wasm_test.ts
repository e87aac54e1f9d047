import assert from "node:assert";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type BitMatrix, bitMatrix } from "./bit_matrix.ts";
import { type EngineFactory, type LeastCounts, NEVER, type Tile } from "./engine.ts";
import { random } from "../random.ts";
import { referenceEngine } from "./reference.ts";
import { wasmEngine } from "./wasm.ts";

/** Rows of random densities, some of them empty, some full, some alike. */
function randomMatrix(voxels: number, volumes: number, seed: number): BitMatrix {
  const rng = random(seed);
  const matrix = bitMatrix(voxels, volumes);
  const { words, wordsPerVoxel } = matrix;
  for (let v = 0; v < voxels; v++) {
    const kind = rng.integer(8);
    if (kind === 0 && v > 0) {
      words.copyWithin(v * wordsPerVoxel, (v - 1) * wordsPerVoxel, v * wordsPerVoxel);
      continue;
    }
    const density = kind === 1 ? 0 : kind === 2 ? 1 : rng.uniform();
    for (let k = 0; k < volumes; k++) {
      if (rng.uniform() < density) words[v * wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
    }
  }
  return matrix;
}

const classesOf = (voxels: number, count: number, seed: number) => {
  const rng = random(seed, 1);
  return Uint16Array.from({ length: voxels }, () => rng.integer(count));
};

/** Least counts around what occurs; some nothing reaches, some everything does. */
const leastOf = (size: number, volumes: number, seed: number) => {
  const rng = random(seed, 2);
  return Uint16Array.from({ length: size }, () => {
    const kind = rng.integer(6);
    return kind === 0 ? NEVER : kind === 1 ? 0 : rng.integer(volumes + 2);
  });
};

interface Case {
  readonly rows: BitMatrix;
  readonly columns: BitMatrix;
  readonly tile: Tile;
  readonly thresholds: LeastCounts;
  readonly tallyLeast: Uint16Array;
}

/** Both matrices the same object in a third of the cases. */
function makeCase(
  volumes: number,
  rowCount: number,
  columnCount: number,
  seed: number,
  cut: number,
): Case {
  const rows = randomMatrix(rowCount, volumes, seed);
  const columns = seed % 3 === 0 ? rows : randomMatrix(columnCount, volumes, seed + 1);
  const rng = random(seed, 3);
  const part = (size: number): [number, number] => {
    if (cut === 0) return [0, size];
    const ends = [rng.integer(size + 1), rng.integer(size + 1)];
    return [Math.min(...ends), Math.max(...ends)];
  };
  const [rowStart, rowEnd] = part(rows.voxels);
  const [columnStart, columnEnd] = part(columns.voxels);
  const rowClassCount = 1 + rng.integer(20);
  const columnClassCount = 1 + rng.integer(20);
  return {
    rows,
    columns,
    tile: { rowStart, rowEnd, columnStart, columnEnd },
    thresholds: {
      rowClasses: classesOf(rows.voxels, rowClassCount, seed),
      columnClasses: classesOf(columns.voxels, columnClassCount, seed + 1),
      columnClassCount,
      least: leastOf(rowClassCount * columnClassCount, volumes, seed),
    },
    tallyLeast: leastOf((rowEnd - rowStart) * columnClassCount, volumes, seed + 1),
  };
}

const answers = (factory: EngineFactory, { rows, columns, tile, thresholds, tallyLeast }: Case) => {
  const engine = factory(rows, columns);
  const { columnClasses, columnClassCount } = thresholds;
  return {
    counts: engine.counts(tile).slice(),
    tally: engine.tally(tile, columnClasses, columnClassCount, tallyLeast),
    links: engine.links(tile, thresholds, false),
    triangular: engine.links(tile, thresholds, true),
    // Again, from what is held by now.
    again: engine.tally(tile, columnClasses, columnClassCount, tallyLeast),
    countsAgain: engine.counts(tile).slice(),
  };
};

Deno.test("wasm equals the reference for any shape", () => {
  const shape = fc.record({
    volumes: fc.oneof(
      fc.integer({ min: 1, max: 130 }),
      fc.constantFrom(31, 32, 33, 255, 256, 511, 512, 513),
      fc.integer({ min: 1, max: 5000 }),
    ),
    rows: fc.integer({ min: 0, max: 150 }),
    columns: fc.integer({ min: 0, max: 300 }),
    seed: fc.nat(),
    cut: fc.integer({ min: 0, max: 2 }),
  });
  fc.assert(
    fc.property(shape, ({ volumes, rows, columns, seed, cut }) => {
      const given = makeCase(volumes, rows, columns, seed, cut);
      assert.deepStrictEqual(answers(wasmEngine, given), answers(referenceEngine, given));
    }),
    { numRuns: 400 },
  );
});

Deno.test("wasm equals the reference where a tile is larger than what it holds at once", () => {
  // Rows, and both matrices' voxels, beyond every fixed maximum.
  const rows = randomMatrix(2200, 20, 1);
  const columns = randomMatrix(4300, 20, 2);
  const tile = { rowStart: 3, rowEnd: 2190, columnStart: 5, columnEnd: 4290 };
  const thresholds: LeastCounts = {
    rowClasses: classesOf(2200, 2100, 3),
    columnClasses: classesOf(4300, 5000, 4),
    columnClassCount: 5000, // more than the table holds for 128 rows
    least: leastOf(2100 * 5000, 20, 5).map((least) => least < 15 ? NEVER : least),
  };
  const [wasm, reference] = [wasmEngine(rows, columns), referenceEngine(rows, columns)];
  assert.ok(Buffer.from(wasm.counts(tile)).equals(Buffer.from(reference.counts(tile))));
  for (const triangular of [false, true]) {
    const found = wasm.links(tile, thresholds, triangular);
    assert.ok(found.rows.length > 2 * 16384);
    assert.deepStrictEqual(found, reference.links(tile, thresholds, triangular));
  }
  const some = { ...tile, rowEnd: 303 };
  const least = leastOf(300 * 5000, 20, 6);
  assert.deepStrictEqual(
    wasm.tally(some, thresholds.columnClasses, 5000, least),
    reference.tally(some, thresholds.columnClasses, 5000, least),
  );
});

Deno.test("wasm equals the reference with the most volumes there can be", () => {
  for (const volumes of [65504, 65505, 65534]) {
    const given = makeCase(volumes, 70, 140, 1, 0);
    assert.deepStrictEqual(answers(wasmEngine, given), answers(referenceEngine, given));
  }
});

Deno.test("both engines count what booleans say", () => {
  const shape = fc.integer({ min: 1, max: 70 }).chain((volumes) => {
    const voxel = fc.array(fc.boolean(), { minLength: volumes, maxLength: volumes });
    return fc.array(voxel, { minLength: 1, maxLength: 12 });
  });
  fc.assert(fc.property(shape, fc.integer({ min: 0, max: 70 }), (occupied, least) => {
    const volumes = occupied[0]!.length;
    const matrix = bitMatrix(occupied.length, volumes);
    occupied.forEach((voxel, v) =>
      voxel.forEach((bit, k) => {
        if (bit) matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
      })
    );
    const size = occupied.length;
    const counts = occupied.flatMap((u) =>
      occupied.map((v) => u.filter((bit, k) => bit && v[k]).length)
    );
    const linked = counts.flatMap((both, i) =>
      both >= least ? [{ row: Math.floor(i / size), column: i % size, both }] : []
    );
    const above = linked.filter(({ row, column }) => column > row);
    const tile = { rowStart: 0, rowEnd: size, columnStart: 0, columnEnd: size };
    const classes = new Uint16Array(size);
    const thresholds = {
      rowClasses: classes,
      columnClasses: classes,
      columnClassCount: 1,
      least: Uint16Array.of(least),
    };
    for (const factory of [referenceEngine, wasmEngine]) {
      const engine = factory(matrix, matrix);
      assert.deepStrictEqual([...engine.counts(tile)], counts);
      const found = engine.links(tile, thresholds, true);
      assert.deepStrictEqual([...found.rows], above.map(({ row }) => row));
      assert.deepStrictEqual([...found.columns], above.map(({ column }) => column));
      assert.deepStrictEqual([...found.both], above.map(({ both }) => both));
      assert.deepStrictEqual(
        [...engine.tally(tile, classes, 1, new Uint16Array(size).fill(least))],
        occupied.map((_, u) => linked.filter(({ row }) => row === u).length),
      );
    }
  }));
});

Deno.test("a matrix over shared memory counts like any other", () => {
  const given = randomMatrix(200, 77, 9);
  const shared = bitMatrix(200, 77, true);
  shared.words.set(given.words);
  const tile = { rowStart: 0, rowEnd: 200, columnStart: 0, columnEnd: 200 };
  const expected = referenceEngine(given, given).counts(tile);
  assert.deepStrictEqual(wasmEngine(shared, shared).counts(tile).slice(), expected);
});

Deno.test("what an engine holds is not taken for other voxels", () => {
  const rows = randomMatrix(300, 90, 11);
  const columns = randomMatrix(300, 90, 12);
  const [wasm, reference] = [wasmEngine(rows, columns), referenceEngine(rows, columns)];
  const rng = random(13);
  for (let i = 0; i < 50; i++) {
    // Few different ranges, so that many are the same as the last.
    const rowStart = 64 * rng.integer(3), columnStart = 64 * rng.integer(3);
    const rowEnd = rowStart + 64 * (1 + rng.integer(2)), columnEnd = columnStart + 64;
    const tile = { rowStart, rowEnd, columnStart, columnEnd };
    if (rng.integer(2) === 0) {
      assert.deepStrictEqual(wasm.counts(tile).slice(), reference.counts(tile));
    } else {
      const classes = new Uint16Array(300);
      const least = leastOf(rowEnd - rowStart, 90, i);
      const expected = reference.tally(tile, classes, 1, least);
      assert.deepStrictEqual(wasm.tally(tile, classes, 1, least), expected);
    }
  }
});

Deno.test("more counts than fit into the memory are refused", () => {
  const matrix = bitMatrix(2 ** 15, 1);
  const tile = { rowStart: 0, rowEnd: 2 ** 15, columnStart: 0, columnEnd: 2 ** 14 + 1 };
  assert.throws(() => wasmEngine(matrix, matrix).counts(tile), {
    name: "RangeError",
    message: "Cannot count a tile: it has more than 536870912 pairs (536903680)",
  });
});
