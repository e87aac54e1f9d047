import assert from "node:assert";
import { bitMatrix } from "./bit_matrix.ts";
import { randomMatrix, testEngine } from "./conformance.ts";
import { EngineError } from "./found.ts";
import { referenceEngine } from "./reference.ts";
import { findTfjs, tfjsEngine, tfjsModules } from "./tfjs.ts";

// tfjs cpu takes minutes for what this asks, by the same code; it is compared below.
testEngine("tfjs wasm", tfjsEngine("wasm"), { runs: 30, largest: 300 });

Deno.test("tfjs cpu equals the reference, with the most volumes there can be too", async () => {
  for (const [volumes, rowCount, columnCount] of [[65534, 9, 17], [33, 70, 300]] as const) {
    const rows = randomMatrix(rowCount, volumes, 1),
      columns = randomMatrix(columnCount, volumes, 2);
    const [engine, reference] = [
      await tfjsEngine("cpu")(rows, columns),
      referenceEngine(rows, columns),
    ];
    const tile = { rowStart: 2, rowEnd: rowCount, columnStart: 1, columnEnd: columnCount };
    assert.deepStrictEqual(await engine.counts(tile), reference.counts(tile));
    const thresholds = {
      rowClasses: new Uint16Array(rowCount),
      columnClasses: new Uint16Array(columnCount).map((_, i) => i % 2),
      columnClassCount: 2,
      least: Uint16Array.of(volumes >> 3, volumes >> 2),
    };
    const expected = reference.links([tile, tile], thresholds, true);
    assert.ok(expected.rows.length > 0);
    assert.deepStrictEqual(await engine.links([tile, tile], thresholds, true), expected);
    engine.close();
  }
});

Deno.test("tfjs back ends take turns in a thread", async () => {
  const matrix = randomMatrix(60, 200, 3);
  const tile = { rowStart: 0, rowEnd: 60, columnStart: 0, columnEnd: 60 };
  const engines = [
    await tfjsEngine("cpu")(matrix, matrix),
    await tfjsEngine("wasm")(matrix, matrix),
  ];
  const counts = await Promise.all([...engines, ...engines].map((one) => one.counts(tile)));
  const expected = referenceEngine(matrix, matrix).counts(tile);
  for (const found of counts) assert.deepStrictEqual(found, expected);
});

Deno.test("tfjs on the processor is found where it is asked for", async () => {
  for (const [backend, what] of [["wasm", "tfjs wasm"], ["cpu", "tfjs cpu"]] as const) {
    const found = await findTfjs([backend]);
    assert.ok(found.works && found.software === true);
    assert.deepStrictEqual([found.what, found.on, found.devices], [what, "cpu", 1]);
    assert.throws(() => found.open(1), {
      name: "RangeError",
      message: "Cannot open a device by tfjs: there is one only (1)",
    });
  }
});

/**
 * Installs a package that stands for tfjs-node-gpu, whose native library cannot be had here.
 *
 * @returns What the engine is told of it; disposed of, it is gone.
 */
async function nodeGpu({ isUsingGpuDevice = true, round = "(x) => x", first = "" }) {
  const path = await Deno.makeTempDir();
  const folder = `${path}/node_modules/@tensorflow/tfjs-node-gpu`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/package.json`, '{"version": "0.0.0", "main": "index.js"}');
  await Deno.writeTextFile(
    `${folder}/index.js`,
    `
    if (require("node:util").isNullOrUndefined(0)) throw new Error("Not the function it was");
    ${first}
    const round = ${round};
    let current = "";
    const tensor2d = (values, [height, width]) => ({
      values, height, width, dataSync: () => values, dispose() { this.values = undefined; },
    });
    module.exports = {
      tensor2d,
      enableProdMode() {},
      env() {},
      async setBackend(name) { current = name; return name === "tensorflow"; },
      getBackend: () => current,
      backend: () => ({ isUsingGpuDevice: ${isUsingGpuDevice} }),
      matMul(a, b) {
        const values = new Float32Array(a.height * b.width);
        for (let i = 0; i < a.height; i++) {
          for (let j = 0; j < b.width; j++) {
            let sum = 0;
            for (let k = 0; k < a.width; k++) {
              sum = round(sum + a.values[i * a.width + k] * b.values[k * b.width + j]);
            }
            values[i * b.width + j] = sum;
          }
        }
        return tensor2d(values, [a.height, b.width]);
      },
    };
    `,
  );
  return {
    path,
    modules: { ...tfjsModules, nodeGpu: path },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const remedy = "It takes CUDA, cuDNN, its native library, and --allow-env --allow-ffi --allow-sys.";

/** Runs with the user's variable set, or not. */
async function withFolder<T>(path: string | undefined, act: () => Promise<T>): Promise<T> {
  const variable = "SIREN_TFJS_NODE_GPU", own = Deno.env.get(variable);
  const set = (value: string | undefined) =>
    value === undefined ? Deno.env.delete(variable) : Deno.env.set(variable, value);
  set(path);
  try {
    return await act();
  } finally {
    set(own);
  }
}

Deno.test("tfjs-node-gpu is looked for where the user says, and nowhere else", async () => {
  assert.deepStrictEqual(await withFolder(undefined, () => findTfjs()), {
    works: false,
    reason: "tfjs-node-gpu (CUDA): no folder is named where it is",
    remedy: 'Run "npm install @tensorflow/tfjs-node-gpu@4.22.0" in a folder, ' +
      "set SIREN_TFJS_NODE_GPU to its path, and start siren with all permissions and --engine tfjs.",
  });
  assert.deepStrictEqual(await withFolder("somewhere", () => findTfjs()), {
    works: false,
    reason: "tfjs-node-gpu (CUDA): SIREN_TFJS_NODE_GPU is not an absolute path (somewhere)",
  });
  await using folder = await nodeGpu({});
  const found = await withFolder(folder.path, () => findTfjs());
  assert.ok(found.works && found.on === "gpu");
});

Deno.test("tfjs-node-gpu is used where it works", async () => {
  await using folder = await nodeGpu({});
  const found = await findTfjs(undefined, folder.modules);
  assert.ok(found.works && found.software === false);
  assert.deepStrictEqual([found.what, found.on], ["tfjs-node-gpu (CUDA)", "gpu"]);
  const matrix = randomMatrix(30, 70, 3);
  const tile = { rowStart: 0, rowEnd: 30, columnStart: 0, columnEnd: 30 };
  const engine = await found.open(0)(matrix, matrix);
  assert.deepStrictEqual(
    await engine.counts(tile),
    referenceEngine(matrix, matrix).counts(tile),
  );
});

Deno.test("tfjs-node-gpu is missing where it does not load, has no card, or is not exact", async () => {
  const find = async (given: Parameters<typeof nodeGpu>[0]) => {
    await using folder = await nodeGpu(given);
    return { found: await findTfjs(undefined, folder.modules), path: folder.path };
  };
  const first = 'throw new Error("The native addon module can not be found.\\nPlease rebuild.");';
  const { found, path } = await find({ first });
  assert.deepStrictEqual(found, {
    works: false,
    reason:
      `tfjs-node-gpu (CUDA): ${path} does not load (The native addon module can not be found.)`,
    remedy,
  });
  assert.deepStrictEqual((await find({ isUsingGpuDevice: false })).found, {
    works: false,
    reason: "tfjs-node-gpu (CUDA): it finds no CUDA device",
  });
  assert.deepStrictEqual((await find({ round: "Math.f16round" })).found, {
    works: false,
    reason: "tfjs-node-gpu (CUDA): it is not exact (2048 for 4095)",
  });
});

Deno.test("the first back end that works is taken, and all reasons are given if none does", async () => {
  await using folder = await nodeGpu({ isUsingGpuDevice: false });
  const found = await findTfjs(["node-gpu", "cpu"], folder.modules);
  assert.ok(found.works && found.what === "tfjs cpu");
  const core = "data:text/javascript,export const tensor2d = 1";
  assert.deepStrictEqual(await findTfjs(["node-gpu", "cpu"], { ...folder.modules, core }), {
    works: false,
    reason: "tfjs-node-gpu (CUDA): it finds no CUDA device; " +
      `tfjs cpu: ${core} is not TensorFlow.js`,
  });
});

Deno.test("a failure of tfjs is an engine's", async () => {
  const matrix = bitMatrix(3, 10);
  const tile = { rowStart: 0, rowEnd: 3, columnStart: 0, columnEnd: 3 };
  await using without = await nodeGpu({ isUsingGpuDevice: false });
  await assert.rejects(
    async () => await tfjsEngine("node-gpu", without.modules)(matrix, matrix),
    new EngineError("Cannot compute with tfjs-node-gpu (CUDA): it finds no CUDA device"),
  );
  // Works for the probe, and then no more.
  const round =
    "(x) => { if (globalThis.tfjsIsBroken) throw new Error('out of memory'); return x; }";
  await using folder = await nodeGpu({ round });
  const engine = await tfjsEngine("node-gpu", folder.modules)(matrix, matrix);
  Reflect.set(globalThis, "tfjsIsBroken", true);
  try {
    await assert.rejects(async () => await engine.counts(tile), {
      name: "EngineError",
      message: "Cannot compute with tfjs-node-gpu (CUDA): out of memory",
    });
  } finally {
    Reflect.deleteProperty(globalThis, "tfjsIsBroken");
  }
});
