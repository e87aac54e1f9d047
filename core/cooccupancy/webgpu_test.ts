import assert from "node:assert";
import { bitMatrix } from "./bit_matrix.ts";
import { randomMatrix, testEngine } from "./conformance.ts";
import type { Engine, LeastCounts, Tile } from "./engine.ts";
import { EngineError } from "./found.ts";
import { random } from "../random.ts";
import { referenceEngine } from "./reference.ts";
import { findWebgpu, type WebgpuBounds, webgpuEngine } from "./webgpu.ts";

const found = await findWebgpu();
const reason = found.works ? undefined : found.reason;
if (reason !== undefined && Deno.env.get("CI") === "true") {
  Deno.test("webgpu has an adapter", () => assert.fail(reason));
}

/** A test that needs an adapter. */
function test(what: string, fn: () => Promise<void>): void {
  const name = reason === undefined ? `webgpu ${what}` : `webgpu ${what} (skipped: ${reason})`;
  Deno.test({ name, ignore: reason !== undefined, fn });
}

testEngine("webgpu", reason ?? webgpuEngine(), { runs: 40, largest: 1000 });

const whole = (rows: number, columns = rows): Tile => ({
  rowStart: 0,
  rowEnd: rows,
  columnStart: 0,
  columnEnd: columns,
});

/** Least counts of random classes, which about every other pair of random voxels reaches. */
function someLeast(rows: number, columns: number, classes: number, volumes: number): LeastCounts {
  const rng = random(3);
  const some = (voxels: number) => Uint16Array.from({ length: voxels }, () => rng.integer(classes));
  return {
    rowClasses: some(rows),
    columnClasses: some(columns),
    columnClassCount: classes,
    least: Uint16Array.from({ length: classes ** 2 }, () => rng.integer(volumes >> 1)),
  };
}

/** Everything a device with such bounds says, against the reference. */
async function compare(
  bounds: WebgpuBounds,
  rowCount: number,
  columnCount: number,
  volumes: number,
  tiles: readonly Tile[],
): Promise<void> {
  const rows = randomMatrix(rowCount, volumes, 1), columns = randomMatrix(columnCount, volumes, 2);
  const reference = referenceEngine(rows, columns);
  const engine = await webgpuEngine(bounds)(rows, columns);
  try {
    // More least counts than a small buffer holds.
    for (const classes of [2, 400]) {
      const thresholds = someLeast(rowCount, columnCount, classes, volumes);
      for (const triangular of [false, true]) {
        const expected = reference.links(tiles, thresholds, triangular);
        assert.ok(expected.rows.length > 0);
        assert.deepStrictEqual(await engine.links(tiles, thresholds, triangular), expected);
      }
    }
    for (const tile of tiles) {
      assert.deepStrictEqual(await engine.counts(tile), reference.counts(tile));
    }
    const { rowStart, rowEnd } = tiles[0]!;
    const classCounts = [50, 3, 1, 300, 1, 20];
    const starts = Uint32Array.of(0, 1, 1, 9, columnCount - 90, columnCount - 60, columnCount);
    const rng = random(4);
    const classes = new Uint16Array(columnCount);
    classCounts.forEach((count, b) => {
      for (let c = starts[b]!; c < starts[b + 1]!; c++) classes[c] = rng.integer(count);
    });
    const least = Uint16Array.from(
      { length: (rowEnd - rowStart) * 375 },
      () => rng.integer(volumes >> 1),
    );
    const blocks = { starts, classes, classCounts };
    assert.deepStrictEqual(
      await engine.tally(rowStart, rowEnd, blocks, least),
      reference.tally(rowStart, rowEnd, blocks, least),
    );
  } finally {
    engine.close();
  }
}

test("equals the reference where buffers hold less than is asked for", async () => {
  // Pages of 455 voxels: the first tile's columns lie in three of them, its rows in two.
  await compare({ buffer: 2 ** 16 }, 700, 1300, 1100, [
    { rowStart: 30, rowEnd: 630, columnStart: 5, columnEnd: 1290 },
    { rowStart: 0, rowEnd: 700, columnStart: 300, columnEnd: 300 },
    { rowStart: 454, rowEnd: 456, columnStart: 909, columnEnd: 911 },
  ]);
});

test("reads links in parts where there are more than expected", async () => {
  await compare({ links: 4000 }, 150, 250, 40, [
    whole(150, 250),
    { rowStart: 70, rowEnd: 80, columnStart: 3, columnEnd: 90 },
  ]);
});

test("equals the reference where a row's links are written in segments", async () => {
  await compare({}, 70, 6200, 33, [whole(70, 6200), { ...whole(70, 6200), columnStart: 4100 }]);
});

test("answers many tiles as one", async () => {
  const matrix = randomMatrix(640, 100, 5);
  const thresholds = someLeast(640, 640, 7, 100);
  const tiles = Array.from({ length: 100 }, (_, i): Tile => ({
    rowStart: Math.floor(i / 10) * 64,
    rowEnd: Math.floor(i / 10) * 64 + 64,
    columnStart: i % 10 * 64,
    columnEnd: i % 10 * 64 + 64,
  }));
  const engine = await webgpuEngine()(matrix, matrix);
  const expected = referenceEngine(matrix, matrix).links(tiles, thresholds, true);
  assert.deepStrictEqual(await engine.links(tiles, thresholds, true), expected);
  engine.close();
});

async function smallEngine(): Promise<Engine> {
  const matrix = bitMatrix(100, 10);
  return await webgpuEngine()(matrix, matrix);
}

const isClosed = (error: unknown) =>
  error instanceof EngineError &&
  /^Cannot compute on .+ by WebGPU: it was closed$/.test(error.message);

test("refuses questions once it is closed, and those that are open then", async () => {
  const engine = await smallEngine();
  const open = [engine.counts(whole(100)), engine.counts(whole(50))];
  engine.close();
  for (const question of [...open, engine.counts(whole(100))]) {
    await assert.rejects(async () => await question, isClosed);
  }
  engine.close();
});

test("fails as an engine where the device is lost", async () => {
  let device: GPUDevice | undefined;
  const adapter = GPUAdapter.prototype;
  const { requestDevice } = adapter;
  adapter.requestDevice = async function (descriptor) {
    return device = await requestDevice.call(this, descriptor);
  };
  try {
    const engine = await smallEngine();
    assert.strictEqual((await engine.counts(whole(2))).length, 4);
    // As when a driver is reset under it.
    device!.destroy();
    await assert.rejects(async () => await engine.counts(whole(100)), { name: "EngineError" });
    engine.close();
  } finally {
    adapter.requestDevice = requestDevice;
  }
});

/** What is found while one function of WebGPU is another. */
async function findWith<T extends object, K extends keyof T>(of: T, key: K, value: T[K]) {
  const own = of[key];
  of[key] = value;
  try {
    const found = await findWebgpu();
    const matrix = bitMatrix(1, 1);
    const made = await Promise.resolve(webgpuEngine()(matrix, matrix)).then(
      () => assert.fail("an engine was made"),
      (error: unknown) => error,
    );
    assert.ok(made instanceof EngineError);
    return { found, message: made.message };
  } finally {
    of[key] = own;
  }
}

Deno.test("no adapter is a reason", async () => {
  const none = () => Promise.resolve(null);
  const { found, message } = await findWith(GPU.prototype, "requestAdapter", none);
  assert.deepStrictEqual(found, {
    works: false,
    reason: "no Vulkan, Metal or DirectX 12 adapter",
    remedy: "Many GPU nodes have the driver for compute only: use the cuda engine there.",
  });
  assert.strictEqual(
    message,
    "Cannot compute by WebGPU: no Vulkan, Metal or DirectX 12 adapter",
  );
});

test("takes a refused device for a reason", async () => {
  const refuse = () => Promise.reject(new DOMException("Not today", "OperationError"));
  const { found: missing } = await findWith(GPUAdapter.prototype, "requestDevice", refuse);
  assert.ok(!missing.works && missing.reason.endsWith(" refuses to open (Not today)"));
});

test("opens one device", () => {
  assert.ok(found.works && found.devices === 1 && found.what !== "");
  assert.strictEqual(found.on, found.software ? "cpu" : "gpu");
  assert.throws(() => found.open(1), {
    name: "RangeError",
    message: "Cannot open a WebGPU device: there is one only (1)",
  });
  return Promise.resolve();
});
