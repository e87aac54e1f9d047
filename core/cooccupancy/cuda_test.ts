import assert from "node:assert";
import { fileURLToPath } from "node:url";
import {
  buildDriverWithoutCard,
  DriverWithoutCard,
  type Setting,
  whyNoDriver,
} from "../../tests/cuda/driver_without_card.ts";
import type { Question } from "../../tests/cuda/thread.ts";
import type { BitMatrix } from "./bit_matrix.ts";
import { randomMatrix, testEngine } from "./conformance.ts";
import type { CudaOptions } from "./cuda/engine.ts";
import { findCuda } from "./cuda.ts";
import type { Engine, EngineFactory, LeastCounts, Tile } from "./engine.ts";
import { EngineError, type WorkingEngine } from "./found.ts";
import { referenceEngine } from "./reference.ts";

const skipped = whyNoDriver();
const folder = skipped === undefined ? await Deno.makeTempDir() : "";
const path = skipped === undefined ? await buildDriverWithoutCard(folder) : "";
// A driver of its own for what does not close its engines.
const other = `${folder}/conformance.so`;
if (skipped === undefined) await Deno.copyFile(path, other);
addEventListener("unload", () => {
  if (folder !== "") Deno.removeSync(folder, { recursive: true });
});

const name = (what: string) => skipped === undefined ? what : `${what} (skipped: ${skipped})`;

/** A test that needs the driver without a card; nothing may be held at its end. */
function test(
  what: string,
  body: (card: DriverWithoutCard) => Promise<void> | void,
  settings: Readonly<Partial<Record<Setting, string>>> = {},
): void {
  Deno.test({
    name: name(`cuda ${what}`),
    ignore: skipped !== undefined,
    async fn() {
      const card = new DriverWithoutCard(path), before = card.held();
      await card.with(settings, () => body(card));
      assert.strictEqual(card.held(), before);
    },
  });
}

/** The engine where it works. */
function working(...of: Parameters<typeof findCuda>): WorkingEngine {
  const found = findCuda(...of);
  assert.ok(found.works);
  return found;
}

/** The engine with options of its own. */
const withOptions = (options: CudaOptions, library: string): EngineFactory =>
  working(library, options).open(0);

const tile = (rows: number, columns: number): Tile => ({
  rowStart: 0,
  rowEnd: rows,
  columnStart: 0,
  columnEnd: columns,
});

/** One class, and so one least count. */
const oneClass = (rows: BitMatrix, columns: BitMatrix, least: number): LeastCounts => ({
  rowClasses: new Uint16Array(rows.voxels),
  columnClasses: new Uint16Array(columns.voxels),
  columnClassCount: 1,
  least: Uint16Array.of(least),
});

/** Asks an engine for something of each kind, and compares with the reference. */
async function compare(engine: Engine, rows: BitMatrix, columns: BitMatrix): Promise<void> {
  const reference = referenceEngine(rows, columns);
  const whole = tile(rows.voxels, columns.voxels), thresholds = oneClass(rows, columns, 5);
  assert.deepStrictEqual(
    await engine.links([whole, whole], thresholds, false),
    reference.links([whole, whole], thresholds, false),
  );
  assert.deepStrictEqual((await engine.counts(whole)).slice(), reference.counts(whole));
  const blocks = {
    starts: Uint32Array.of(0, 3, 3, columns.voxels),
    classes: thresholds.columnClasses,
    classCounts: [1, 2, 3],
  };
  const least = Uint16Array.from({ length: 6 * rows.voxels }, (_, i) => i % 9);
  assert.deepStrictEqual(
    await engine.tally(0, rows.voxels, blocks, least),
    reference.tally(0, rows.voxels, blocks, least),
  );
}

const effort = { runs: 15, largest: 300, mostVolumes: [65505] };
for (const linkKernel of ["popcount", "tensor"] as const) {
  testEngine(`cuda, ${linkKernel},`, skipped ?? withOptions({ linkKernel }, other), effort);
}
// So little room that every answer comes in parts.
const rooms = { words: 701, links: 5000, counts: 3000, tally: 5000 };
testEngine(
  "cuda, little room,",
  skipped ?? withOptions({ linkKernel: "popcount", rooms }, other),
  { runs: 15, largest: 300, mostVolumes: [65505] },
);

test("takes the faster kernel, which gives the same", async () => {
  const rows = randomMatrix(300, 200, 1), columns = randomMatrix(700, 200, 2);
  const engine = await working(path).open(0)(rows, columns);
  await compare(engine, rows, columns);
  engine.close();
});

test("brings more links than it has room for in parts", async () => {
  const matrix = randomMatrix(200, 40, 3), thresholds = oneClass(matrix, matrix, 0);
  const few = { words: 2 ** 20, links: 777, counts: 2 ** 20, tally: 2 ** 20 };
  for (const linkKernel of ["popcount", "tensor"] as const) {
    const engine = await withOptions({ linkKernel, rooms: few }, path)(matrix, matrix);
    const tiles = [tile(200, 200), tile(3, 199)];
    const found = await engine.links(tiles, thresholds, false);
    assert.strictEqual(found.rows.length, 200 * 200 + 3 * 199);
    const expected = referenceEngine(matrix, matrix).links(tiles, thresholds, false);
    assert.deepStrictEqual(found, expected);
    engine.close();
  }
});

test("finds the one pair of a square that is above the diagonal", async () => {
  const matrix = randomMatrix(300, 40, 3), thresholds = oneClass(matrix, matrix, 0);
  for (const linkKernel of ["popcount", "tensor"] as const) {
    const engine = await working(path, { linkKernel }).open(0)(matrix, matrix);
    for (const [above, size] of [0, 0, 1, 3].entries()) {
      const tiles = [{ rowStart: 130, rowEnd: 300, columnStart: 0, columnEnd: 130 + above }];
      const found = await engine.links(tiles, thresholds, true);
      assert.strictEqual(found.rows.length, size);
      const expected = referenceEngine(matrix, matrix).links(tiles, thresholds, true);
      assert.deepStrictEqual(found, expected);
    }
    engine.close();
  }
});

test("holds a matrix that is rows and columns once", async (card) => {
  const matrix = randomMatrix(50, 40, 3);
  const open = working(path).open(0);
  const one = await open(matrix, matrix), held = card.held();
  one.close();
  const two = await open(matrix, randomMatrix(50, 40, 3));
  assert.strictEqual(card.held(), held + 2); // bits and totals
  two.close();
});

test("lists the cards that are visible", async (card) => {
  const found = () => {
    const { what, devices, on } = working(path);
    return { what, devices, on };
  };
  await card.with({ SIREN_TEST_GPUS: "3" }, async () => {
    assert.deepStrictEqual(found(), { what: "3 x driver without a card", devices: 3, on: "gpu" });
    const names = "NVIDIA A30,NVIDIA H200";
    await card.with({ SIREN_TEST_CUDA_NAMES: names }, () => {
      assert.strictEqual(found().what, "NVIDIA A30, 2 x NVIDIA H200");
    });
    await card.with({ CUDA_VISIBLE_DEVICES: "2,0" }, () => assert.strictEqual(found().devices, 2));
    await card.with({ CUDA_VISIBLE_DEVICES: "1,7,0" }, () => {
      assert.strictEqual(found().devices, 1);
    });
  });
});

test("computes on several cards at once", async () => {
  const found = working(path), rows = randomMatrix(90, 70, 4), columns = randomMatrix(80, 70, 5);
  assert.strictEqual(found.devices, 2);
  const engines = [await found.open(0)(rows, columns), await found.open(1)(rows, rows)] as const;
  await Promise.all([compare(engines[0], rows, columns), compare(engines[1], rows, rows)]);
  await compare(engines[0], rows, columns);
  for (const engine of engines) engine.close();
  assert.throws(() => found.open(2), {
    name: "RangeError",
    message: "Cannot open a device: it must be 0 to 1 (2)",
  });
}, { SIREN_TEST_GPUS: "2" });

test("computes on several threads at once, whose engines share cards", async () => {
  const threads = [0, 1, 0, 1].map(async (device, seed) => {
    const url = new URL("../../tests/cuda/thread.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    const answer = new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    });
    const question: Question = { path, device, seed };
    worker.postMessage(question);
    try {
      return await answer;
    } finally {
      worker.terminate();
    }
  });
  for (const [seed, answer] of (await Promise.all(threads)).entries()) {
    const matrix = randomMatrix(150, 100, seed), thresholds = oneClass(matrix, matrix, 20);
    const expected = referenceEngine(matrix, matrix).links([tile(150, 150)], thresholds, true);
    assert.deepStrictEqual(answer, expected);
  }
}, { SIREN_TEST_GPUS: "2" });

test("leaves out cards that are too old", async (card) => {
  const rows = randomMatrix(20, 30, 6);
  const settings = { SIREN_TEST_GPUS: "2", SIREN_TEST_CUDA_NAMES: "old,new" };
  await card.with({ ...settings, SIREN_TEST_CUDA_CAPABILITY: "6.1,7.5" }, async () => {
    const found = working(path);
    assert.strictEqual(found.what, "new");
    assert.strictEqual(found.devices, 1);
    // 7.5 has no mma.m16n8k32: the other kernel is taken.
    const engine = await found.open(0)(rows, rows);
    await compare(engine, rows, rows);
    engine.close();
    assert.throws(() => working(path, { linkKernel: "tensor" }).open(0)(rows, rows), {
      name: "EngineError",
      message: "Cannot count by tensor cores: it takes compute capability 8.0 (new has 7.5)",
    });
  });
  await card.with({ SIREN_TEST_CUDA_CAPABILITY: "6.1" }, () => {
    assert.deepStrictEqual(findCuda(path), {
      works: false,
      reason: "driver without a card is too old (compute capability 6.1, 7.0 is needed)",
    });
  });
});

test("takes drivers from CUDA 11.0 on", async (card) => {
  await card.with({ SIREN_TEST_CUDA_VERSION: "11000" }, async () => {
    const matrix = randomMatrix(20, 30, 6);
    const engine = await working(path, { linkKernel: "tensor" }).open(0)(matrix, matrix);
    await compare(engine, matrix, matrix);
    engine.close();
  });
  await card.with({ SIREN_TEST_CUDA_VERSION: "10020" }, () => {
    assert.deepStrictEqual(findCuda(path), {
      works: false,
      reason: "the NVIDIA driver is too old (CUDA 10.2, 11.0 is needed)",
      remedy: "Update NVIDIA's driver: it takes 450 or newer.",
    });
  });
});

test("says why the driver does not start", async (card) => {
  const reasonOf = (settings: Readonly<Partial<Record<Setting, string>>>) =>
    card.with(settings, () => {
      const found = findCuda(path);
      assert.ok(!found.works);
      assert.ok(found.remedy !== undefined);
      return found.reason;
    });
  const none = "no NVIDIA card (CUDA_ERROR_NO_DEVICE)";
  assert.strictEqual(await reasonOf({ SIREN_TEST_GPUS: "0" }), none);
  assert.strictEqual(await reasonOf({ CUDA_VISIBLE_DEVICES: "" }), none);
  for (
    const [result, reason] of [
      [34, "libcuda.so.1 is the toolkit's stub, not the driver (CUDA_ERROR_STUB_LIBRARY)"],
      [802, "the cards are not ready (CUDA_ERROR_SYSTEM_NOT_READY)"],
      [
        803,
        "the NVIDIA driver's library and its kernel module are of different versions " +
        "(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH)",
      ],
      [
        804,
        "the CUDA compatibility library does not work with this card " +
        "(CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE)",
      ],
      [999, "the NVIDIA driver does not start (CUDA_ERROR_UNKNOWN)"],
    ] as const
  ) {
    assert.strictEqual(await reasonOf({ SIREN_TEST_CUDA_FAIL: `cuInit=${result}` }), reason);
  }
  await card.with({ SIREN_TEST_CUDA_FAIL: "cuDeviceGetName=101" }, () => {
    const reason = "cuDeviceGetName said CUDA_ERROR_INVALID_DEVICE";
    assert.deepStrictEqual(findCuda(path), { works: false, reason });
  });
});

test("says which call failed, wherever one does", async (card) => {
  const rows = randomMatrix(130, 70, 7), columns = randomMatrix(80, 70, 8);
  const found = working(path);
  const calls = [
    "cuInit",
    "cuDeviceGet",
    "cuDevicePrimaryCtxRetain",
    "cuCtxSetCurrent",
    "cuStreamCreate",
    "cuModuleLoadDataEx",
    "cuModuleGetFunction",
    "cuMemAlloc_v2",
    "cuMemGetInfo_v2",
    "cuMemcpyHtoDAsync_v2",
    "cuMemcpyDtoHAsync_v2",
    "cuMemsetD32Async",
    "cuLaunchKernel",
    "cuStreamSynchronize",
  ];
  for (const call of calls) {
    for (const time of [1, 2, 3, 5, 8]) {
      const settings = { SIREN_TEST_CUDA_FAIL: `${call}:${time}=719` };
      await card.with(settings, async () => {
        let engine: Engine | undefined;
        try {
          engine = await found.open(0)(rows, columns);
          await compare(engine, rows, columns);
          assert.ok(time > 1, `${call} is never called`);
        } catch (error) {
          assert.ok(error instanceof EngineError);
          assert.strictEqual(
            error.message,
            `Cannot compute on the GPU: ${call} said ` +
              "CUDA_ERROR_LAUNCH_FAILED, unspecified launch failure (719)",
          );
        }
        engine?.close();
      });
      assert.strictEqual(card.held(), 0, `${call} ${time}`);
    }
  }
});

test("answers rightly after a failure that passes", async (card) => {
  const rows = randomMatrix(130, 70, 7), columns = randomMatrix(80, 70, 8);
  const engine = await working(path, { linkKernel: "popcount" }).open(0)(rows, columns);
  for (const call of ["cuMemAlloc_v2:3", "cuMemcpyHtoDAsync_v2:2", "cuLaunchKernel:2"]) {
    await card.with({ SIREN_TEST_CUDA_FAIL: call }, async () => {
      await assert.rejects(compare(engine, rows, columns), { name: "EngineError" });
    });
    await compare(engine, rows, columns);
  }
  engine.close();
});

test("says what does not fit into a card's memory", async (card) => {
  const matrix = randomMatrix(2000, 500, 9);
  await card.with({ SIREN_TEST_CUDA_MEMORY: "100000" }, () => {
    assert.throws(() => working(path).open(0)(matrix, matrix), {
      name: "EngineError",
      message: "Cannot hold the bits of 2000 voxels on driver without a card: " +
        "0.1 MiB are needed, 0.1 MiB of 0.1 MiB are free (CUDA_ERROR_OUT_OF_MEMORY)",
    });
  });
});

test("does with little memory what it does with much", async (card) => {
  const matrix = randomMatrix(900, 500, 9);
  await card.with({ SIREN_TEST_CUDA_MEMORY: "200000" }, async () => {
    const engine = await working(path, { linkKernel: "popcount" }).open(0)(matrix, matrix);
    await compare(engine, matrix, matrix);
    engine.close();
  });
});

test("refuses to count more pairs than an array can have", async () => {
  const matrix = { voxels: 2 ** 16, volumes: 1, wordsPerVoxel: 1, words: new Uint32Array(2 ** 16) };
  const engine = await working(path).open(0)(matrix, matrix);
  assert.throws(() => engine.counts(tile(2 ** 16, 2 ** 15 + 1)), {
    name: "RangeError",
    message: "Cannot count a tile: it has more than 2147483648 pairs (2147549184)",
  });
  engine.close();
});

test("is closed once and for all", async () => {
  const matrix = randomMatrix(20, 30, 6);
  const engine = await working(path).open(0)(matrix, matrix);
  engine.close();
  engine.close();
  assert.throws(() => engine.counts(tile(3, 3)), {
    name: "EngineError",
    message: "Cannot compute on the GPU: the engine is closed",
  });
});

Deno.test("cuda without a driver is missing", () => {
  const found = findCuda("/no/such/libcuda.so.1");
  assert.ok(!found.works);
  if (Deno.permissions.querySync({ name: "ffi" }).state === "granted") {
    assert.strictEqual(found.reason, "no NVIDIA driver (/no/such/libcuda.so.1)");
  }
});

/** What `findCuda()` says in a process of its own. */
async function findInProcess(flags: readonly string[], env: Record<string, string>) {
  const program = new URL("../../tests/cuda/print_found.ts", import.meta.url);
  const config = new URL("../../deno.json", import.meta.url);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--config", fileURLToPath(config), ...flags, program.href],
    env,
  }).output();
  assert.strictEqual(new TextDecoder().decode(stderr), "");
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("cuda that is not permitted is missing", async () => {
  assert.deepStrictEqual(await findInProcess([], {}), {
    works: false,
    reason: "not permitted (--allow-ffi)",
    remedy: "Allow it with --allow-ffi.",
  });
});

test("finds the driver as the system does", async () => {
  const env = { LD_LIBRARY_PATH: folder, SIREN_TEST_GPUS: "4", CUDA_VISIBLE_DEVICES: "1,3" };
  assert.deepStrictEqual(await findInProcess(["--allow-ffi"], env), {
    works: true,
    what: "2 x driver without a card",
    on: "gpu",
    devices: 2,
  });
});
