import assert from "node:assert";
import { pathToFileURL } from "node:url";
import { bitMatrix } from "./bit_matrix.ts";
import { randomMatrix, testEngine } from "./conformance.ts";
import { EngineError } from "./found.ts";
import { findNative, nativeEngine, readFound } from "./native.ts";
import { buildLibrary } from "./native/build.ts";
import { loadLibrary, variantsOf } from "./native/library.ts";
import { compilerOrReason, TemporaryFolder } from "./native/testing.ts";

/** A library made of the sources as they are, and the variants that this processor can run. */
async function fresh() {
  const found = await compilerOrReason();
  if ("reason" in found) return found;
  const folder = new TemporaryFolder();
  globalThis.addEventListener("unload", () => folder[Symbol.dispose]());
  const path = folder.file("siren.so");
  await buildLibrary({ ...Deno.build, ...found }, path);
  const library = pathToFileURL(path);
  return { library, variants: variantsOf(loadLibrary(library).siren_variants()) };
}

const built = await fresh();
if ("reason" in built) testEngine("native", built.reason);
else {
  const { library, variants } = built;
  for (const variant of variants) {
    const factory = nativeEngine({ library, variant });
    const isBest = variant === variants.at(-1);
    testEngine(
      `native (${variant})`,
      factory,
      isBest ? { runs: 200 } : { runs: 60, largest: 1200 },
    );
  }

  Deno.test("the native engine says what it counts with, and how fast it could", () => {
    const found = readFound(library);
    assert.ok(found.works);
    assert.ok(["portable", "AVX2", "AVX-512", "NEON"].includes(found.what));
    assert.strictEqual(found.on, "cpu");
    assert.ok(found.limit!(randomMatrix(11, 100, 1)) > 1e8);
    const matrix = bitMatrix(1, 5);
    const engine = found.open(0)(matrix, matrix);
    assert.ok(!(engine instanceof Promise));
    engine.close();
    engine.close();
    const tile = { rowStart: 0, rowEnd: 1, columnStart: 0, columnEnd: 1 };
    assert.throws(() => engine.counts(tile), /Cannot count natively: the engine is closed/);
  });

  Deno.test("a variant that a processor lacks is refused", () => {
    const variant = Deno.build.arch === "x86_64" ? "neon" : "avx2";
    assert.throws(() => nativeEngine({ library, variant }), {
      name: "RangeError",
      message: `Cannot count natively: the variant is not there (${variant}, not ${
        variants.join(", ")
      })`,
    });
  });

  Deno.test("more counts than arrays hold are refused", () => {
    const matrix = bitMatrix(2 ** 16, 1);
    const tile = { rowStart: 0, rowEnd: 2 ** 16, columnStart: 0, columnEnd: 2 ** 15 + 1 };
    const engine = nativeEngine({ library })(matrix, matrix);
    assert.throws(() => engine.counts(tile), {
      name: "RangeError",
      message: "Cannot count a tile: it has more than 2147483648 pairs (2147549184)",
    });
    engine.close();
  });

  Deno.test("links that are too many for the memory leave the engine as it was", () => {
    // 2^42 pairs: half a TiB of masks.
    const side = 2 ** 21;
    const matrix = bitMatrix(side, 1);
    const engine = nativeEngine({ library })(matrix, matrix);
    const classes = new Uint16Array(matrix.voxels);
    const thresholds = {
      rowClasses: classes,
      columnClasses: classes,
      columnClassCount: 1,
      least: Uint16Array.of(0),
    };
    const small = { rowStart: 0, rowEnd: 2, columnStart: 0, columnEnd: 3 };
    const large = { rowStart: 0, rowEnd: side, columnStart: 0, columnEnd: side };
    assert.throws(() => engine.links([small, large], thresholds, false), {
      name: EngineError.name,
      message: "Cannot count natively: the system gives no memory (malloc)",
    });
    assert.deepStrictEqual([...engine.links([small], thresholds, false).columns], [
      0,
      1,
      2,
      0,
      1,
      2,
    ]);
    engine.close();
  });
}

Deno.test("looking for the native engine never throws", () => {
  const found = findNative();
  assert.ok(found.works || /not built here|cannot be loaded/.test(found.reason));
});

Deno.test("a library that is not there, or is none, is said to be so", async () => {
  using folder = new TemporaryFolder();
  assert.deepStrictEqual(readFound(pathToFileURL(folder.file("none.so"))), {
    works: false,
    reason: "not built here",
    remedy: "`deno task native` builds it; it takes a C compiler.",
  });
  await Deno.writeTextFile(folder.file("text.so"), "not a library");
  const found = readFound(pathToFileURL(folder.file("text.so")));
  assert.ok(!found.works);
  assert.match(found.reason, /^its library cannot be loaded \(.+\)$/s);
});

Deno.test({
  name: "without permission the native engine is said not to be permitted",
  permissions: { read: true, ffi: false },
  fn() {
    const found = readFound(new URL(import.meta.url));
    assert.ok(!found.works);
    assert.strictEqual(found.reason, "not permitted (--allow-ffi)");
  },
});
