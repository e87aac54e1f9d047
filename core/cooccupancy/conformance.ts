/**
 * What every engine has to pass: the reference's answers, to the bit.
 *
 * @module
 */
import assert from "node:assert";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { random } from "../random.ts";
import { type BitMatrix, bitMatrix } from "./bit_matrix.ts";
import { type EngineFactory, type LeastCounts, NEVER, type Tile } from "./engine.ts";
import { referenceEngine } from "./reference.ts";

/** Rows of random densities, some of them empty, some full, some alike. */
export function randomMatrix(voxels: number, volumes: number, seed: number): BitMatrix {
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
function leastOf(size: number, volumes: number, seed: number): Uint16Array {
  const rng = random(seed, 2);
  return Uint16Array.from({ length: size }, () => {
    const kind = rng.integer(6);
    return kind === 0 ? NEVER : kind === 1 ? 0 : rng.integer(volumes + 2);
  });
}

interface Case {
  readonly rows: BitMatrix;
  readonly columns: BitMatrix;
  readonly tiles: readonly [Tile, Tile, Tile];
  readonly thresholds: LeastCounts;
  readonly blocks: {
    readonly starts: Uint32Array;
    readonly classes: Uint16Array;
    readonly classCounts: readonly number[];
  };
  readonly blockLeast: Uint16Array;
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
  const makeTile = (): Tile => {
    const [rowStart, rowEnd] = part(rows.voxels);
    const [columnStart, columnEnd] = part(columns.voxels);
    return { rowStart, rowEnd, columnStart, columnEnd };
  };
  const tiles = [makeTile(), makeTile(), makeTile()] as const;
  const rowClassCount = 1 + rng.integer(20);
  const columnClassCount = 1 + rng.integer(20);
  const classCounts = Array.from({ length: rng.integer(5) }, () => 1 + rng.integer(20));
  const starts = Uint32Array.from(
    { length: classCounts.length + 1 },
    () => rng.integer(columns.voxels + 1),
  ).sort();
  const classes = new Uint16Array(columns.voxels);
  classCounts.forEach((count, b) => {
    for (let c = starts[b]!; c < starts[b + 1]!; c++) classes[c] = rng.integer(count);
  });
  const perRow = classCounts.reduce((sum, count) => sum + count, 0);
  return {
    rows,
    columns,
    tiles,
    thresholds: {
      rowClasses: classesOf(rows.voxels, rowClassCount, seed),
      columnClasses: classesOf(columns.voxels, columnClassCount, seed + 1),
      columnClassCount,
      least: leastOf(rowClassCount * columnClassCount, volumes, seed),
    },
    blocks: { starts, classes, classCounts },
    blockLeast: leastOf((tiles[0].rowEnd - tiles[0].rowStart) * perRow, volumes, seed + 1),
  };
}

async function answers(factory: EngineFactory, given: Case) {
  const { rows, columns, tiles, thresholds, blocks, blockLeast } = given;
  const engine = await factory(rows, columns);
  const [{ rowStart, rowEnd }, other] = tiles;
  const result = {
    counts: (await engine.counts(tiles[0])).slice(),
    tally: await engine.tally(rowStart, rowEnd, blocks, blockLeast),
    links: await engine.links(tiles, thresholds, false),
    triangular: await engine.links(tiles, thresholds, true),
    // Again, from what is held by now.
    again: await engine.tally(rowStart, rowEnd, blocks, blockLeast),
    others: (await engine.counts(other)).slice(),
    none: await engine.links([], thresholds, true),
  };
  engine.close();
  return result;
}

/** How hard an engine is tried, where it is slow here. */
export interface Effort {
  /** Random cases; default 400. */
  readonly runs?: number;
  /** Most voxels of the large tile; default 4300. */
  readonly largest?: number;
  /** Numbers of volumes at the upper end; default 65504, 65505 and 65534. */
  readonly mostVolumes?: readonly number[];
}

/**
 * Registers the tests of an engine.
 *
 * @param factory The engine; where it does not work here, why not: its tests are then skipped by name.
 */
export function testEngine(
  name: string,
  factory: EngineFactory | string,
  { runs = 400, largest = 4300, mostVolumes = [65504, 65505, 65534] }: Effort = {},
): void {
  const test = (what: string, body: (factory: EngineFactory) => Promise<void>) => {
    if (typeof factory === "string") {
      Deno.test({ name: `${name} ${what} (skipped: ${factory})`, ignore: true, fn() {} });
    } else Deno.test(`${name} ${what}`, () => body(factory));
  };

  test("equals the reference for any shape", async (factory) => {
    const shape = fc.record({
      volumes: fc.oneof(
        fc.integer({ min: 1, max: 130 }),
        fc.constantFrom(31, 32, 33, 255, 256, 511, 512, 513),
        fc.integer({ min: 1, max: 5000 }),
      ),
      rows: fc.integer({ min: 0, max: 150 }),
      columns: fc.integer({ min: 0, max: 700 }),
      seed: fc.nat(),
      cut: fc.integer({ min: 0, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ volumes, rows, columns, seed, cut }) => {
        const given = makeCase(volumes, rows, columns, seed, cut);
        assert.deepStrictEqual(
          await answers(factory, given),
          await answers(referenceEngine, given),
        );
      }),
      { numRuns: runs },
    );
  });

  test("equals the reference where a tile is larger than what it holds at once", async (factory) => {
    // Rows, and both matrices' voxels, beyond every fixed maximum.
    const height = Math.floor(largest / 2) + 50;
    const rows = randomMatrix(height, 20, 1);
    const columns = randomMatrix(largest, 20, 2);
    const tile = { rowStart: 3, rowEnd: height - 10, columnStart: 5, columnEnd: largest - 10 };
    const thresholds: LeastCounts = {
      rowClasses: classesOf(height, 2100, 3),
      columnClasses: classesOf(largest, 5000, 4),
      columnClassCount: 5000,
      least: leastOf(2100 * 5000, 20, 5).map((least) => least < 15 ? NEVER : least),
    };
    const [engine, reference] = [await factory(rows, columns), referenceEngine(rows, columns)];
    assert.ok(Buffer.from(await engine.counts(tile)).equals(Buffer.from(reference.counts(tile))));
    for (const triangular of [false, true]) {
      const found = await engine.links([tile], thresholds, triangular);
      assert.ok(found.rows.length > height * largest / 300);
      assert.deepStrictEqual(found, reference.links([tile], thresholds, triangular));
    }
    const half = Math.floor(largest / 2);
    const blocks = {
      starts: Uint32Array.of(5, half, largest - 10),
      classes: thresholds.columnClasses,
      classCounts: [5000, 5000],
    };
    const some = Math.min(300, height - 10);
    const least = leastOf(some * 10000, 20, 6);
    assert.deepStrictEqual(
      await engine.tally(3, 3 + some, blocks, least),
      reference.tally(3, 3 + some, blocks, least),
    );
    engine.close();
  });

  test("equals the reference where every pair is linked", async (factory) => {
    const matrix = bitMatrix(1500, 65);
    matrix.words.forEach((_, i) => matrix.words[i] = i % 3 === 2 ? 1 : 0xffffffff);
    const classes = new Uint16Array(1500);
    const thresholds = {
      rowClasses: classes,
      columnClasses: classes,
      columnClassCount: 1,
      least: Uint16Array.of(65),
    };
    const tiles = [
      { rowStart: 0, rowEnd: 1024, columnStart: 0, columnEnd: 1024 },
      { rowStart: 0, rowEnd: 1024, columnStart: 1024, columnEnd: 1500 },
      { rowStart: 1024, rowEnd: 1500, columnStart: 1024, columnEnd: 1500 },
    ];
    const engine = await factory(matrix, matrix);
    const found = await engine.links(tiles, thresholds, true);
    assert.strictEqual(found.rows.length, 1500 * 1499 / 2);
    const expected = referenceEngine(matrix, matrix).links(tiles, thresholds, true);
    assert.deepStrictEqual(found, expected);
    engine.close();
  });

  test("equals the reference with the most volumes there can be", async (factory) => {
    for (const volumes of mostVolumes) {
      const given = makeCase(volumes, 70, 140, 1, 0);
      assert.deepStrictEqual(await answers(factory, given), await answers(referenceEngine, given));
    }
  });

  test("counts voxels over shared memory like any other", async (factory) => {
    const given = randomMatrix(200, 77, 9);
    const shared = bitMatrix(200, 77, true);
    shared.words.set(given.words);
    const tile = { rowStart: 0, rowEnd: 200, columnStart: 0, columnEnd: 200 };
    const expected = referenceEngine(given, given).counts(tile);
    const engine = await factory(shared, shared);
    assert.deepStrictEqual((await engine.counts(tile)).slice(), expected);
    engine.close();
  });

  test("does not take what it holds for other voxels", async (factory) => {
    const rows = randomMatrix(300, 90, 11);
    const columns = randomMatrix(300, 90, 12);
    const [engine, reference] = [await factory(rows, columns), referenceEngine(rows, columns)];
    const rng = random(13);
    const classes = new Uint16Array(300);
    for (let i = 0; i < 50; i++) {
      // Few different ranges, so that many are the same as the last.
      const rowStart = 64 * rng.integer(3), columnStart = 64 * rng.integer(3);
      const rowEnd = rowStart + 64 * (1 + rng.integer(2)), columnEnd = columnStart + 64;
      const tile = { rowStart, rowEnd, columnStart, columnEnd };
      const kind = rng.integer(3);
      if (kind === 0) {
        assert.deepStrictEqual((await engine.counts(tile)).slice(), reference.counts(tile));
      } else if (kind === 1) {
        const blocks = {
          starts: Uint32Array.of(columnStart, columnEnd),
          classes,
          classCounts: [1],
        };
        const least = leastOf(rowEnd - rowStart, 90, i);
        const expected = reference.tally(rowStart, rowEnd, blocks, least);
        assert.deepStrictEqual(await engine.tally(rowStart, rowEnd, blocks, least), expected);
      } else {
        // Another table each time.
        const least = Uint16Array.of(rng.integer(90));
        const thresholds = {
          rowClasses: classes,
          columnClasses: classes,
          columnClassCount: 1,
          least,
        };
        const expected = reference.links([tile], thresholds, false);
        assert.deepStrictEqual(await engine.links([tile], thresholds, false), expected);
      }
    }
    engine.close();
  });

  test("answers questions that are asked before the last is answered", async (factory) => {
    const rows = randomMatrix(400, 60, 21), columns = randomMatrix(500, 60, 22);
    const [engine, reference] = [await factory(rows, columns), referenceEngine(rows, columns)];
    const thresholds = {
      rowClasses: classesOf(400, 3, 1),
      columnClasses: classesOf(500, 4, 2),
      columnClassCount: 4,
      least: leastOf(12, 60, 3),
    };
    const tiles = [0, 100, 200, 300].map((from) => [
      { rowStart: from, rowEnd: from + 100, columnStart: 0, columnEnd: 500 - from },
    ]);
    const ask = (of: typeof engine) => tiles.map((own) => of.links(own, thresholds, false));
    assert.deepStrictEqual(await Promise.all(ask(engine)), await Promise.all(ask(reference)));
    engine.close();
  });

  testRefusals(test);
}

type Test = (what: string, body: (factory: EngineFactory) => Promise<void>) => void;

/** Wrong shapes are refused, never counted wrongly. */
function testRefusals(test: Test): void {
  const classes = new Uint16Array(3);
  const tile = { rowStart: 0, rowEnd: 3, columnStart: 0, columnEnd: 3 };
  const table = { rowClasses: classes, columnClasses: classes, columnClassCount: 1 };
  const blocks = { starts: Uint32Array.of(0, 3), classes, classCounts: [2] };
  const matrix = bitMatrix(3, 10);
  const refusals: [string, (factory: EngineFactory) => unknown, string][] = [
    [
      "other volumes",
      (factory) => factory(matrix, bitMatrix(3, 11)),
      "Cannot count voxels of different ensembles: volumes differ (10, 11)",
    ],
    [
      "too many volumes",
      (factory) => factory(bitMatrix(1, 65535), bitMatrix(1, 65535)),
      "Cannot count voxels: volumes must be 1 to 65534 (65535)",
    ],
    [
      "no volumes",
      (factory) => factory(bitMatrix(1, 0), bitMatrix(1, 0)),
      "Cannot count voxels: volumes must be 1 to 65534 (0)",
    ],
    [
      "words that are missing",
      (factory) => factory(matrix, { ...matrix, words: new Uint32Array(2) }),
      "Cannot count voxels: words do not match voxels and volumes (2, 3, 10)",
    ],
    [
      "a tile past the end",
      async (factory) => (await factory(matrix, matrix)).counts({ ...tile, columnEnd: 4 }),
      "Cannot count a tile: it does not lie within 3 x 3 voxels (rows 0 to 3, columns 0 to 4)",
    ],
    [
      "a tile backwards",
      async (factory) =>
        (await factory(matrix, matrix)).counts({ ...tile, rowStart: 2, rowEnd: 1 }),
      "Cannot count a tile: it does not lie within 3 x 3 voxels (rows 2 to 1, columns 0 to 3)",
    ],
    [
      "too few classes",
      async (factory) =>
        (await factory(matrix, matrix)).links(
          [tile],
          { ...table, rowClasses: new Uint16Array(2), least: Uint16Array.of(1) },
          true,
        ),
      "Cannot compare counts: one class is needed for each of 3 voxels (2)",
    ],
    [
      "a row class past the table",
      async (factory) =>
        (await factory(matrix, matrix)).links(
          [tile],
          { ...table, rowClasses: Uint16Array.of(0, 1, 0), least: Uint16Array.of(1) },
          true,
        ),
      "Cannot compare counts: class is not below 1 (1)",
    ],
    [
      "a column class past the table",
      async (factory) =>
        (await factory(matrix, matrix)).tally(
          0,
          3,
          { ...blocks, classes: Uint16Array.of(0, 0, 7) },
          new Uint16Array(6),
        ),
      "Cannot compare counts: class is not below 2 (7)",
    ],
    [
      "a tally without least counts for every row",
      async (factory) => (await factory(matrix, matrix)).tally(0, 3, blocks, new Uint16Array(4)),
      "Cannot compare counts: each of 3 rows needs a least count for each class (6, not 4)",
    ],
    [
      "blocks without an end",
      async (factory) =>
        (await factory(matrix, matrix)).tally(
          0,
          3,
          { ...blocks, starts: Uint32Array.of(0) },
          new Uint16Array(6),
        ),
      "Cannot compare counts: 1 blocks need one start more (1)",
    ],
  ];
  for (const [what, act, message] of refusals) {
    test(
      `refuses ${what}`,
      (factory) => assert.rejects(async () => await act(factory), { name: "RangeError", message }),
    );
  }
}
