import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix } from "../core/cooccupancy/mod.ts";
import { InputError } from "../core/errors.ts";
import { random } from "../core/random.ts";
import type { ShardedStage } from "./shards.ts";
import { decodeWork, encodeWork } from "./work_file.ts";

/** Random bits of voxels in volumes. */
function randomBits(voxels: number, volumes: number, seed: number) {
  const rng = random(seed);
  const matrix = bitMatrix(voxels, volumes, true);
  for (let v = 0; v < voxels; v++) {
    for (let k = 0; k < volumes; k++) {
      if (rng.uniform() < 0.5) matrix.words[v * matrix.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
    }
  }
  return matrix;
}

const uint16s = fc.array(fc.integer({ min: 0, max: 65535 }), { maxLength: 9 })
  .map((list) => Uint16Array.from(list));
const uint32s = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 9 })
  .map((list) => Uint32Array.from(list));
const float64s = fc.array(fc.double(), { maxLength: 9 }).map((list) => Float64Array.from(list));
const matrices = fc.tuple(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 1, max: 70 }),
  fc.nat(),
).map(([voxels, volumes, seed]) => randomBits(voxels, volumes, seed));
const indices = fc.integer({ min: 0, max: 1e9 });
const ranges = fc.array(fc.record({ start: indices, end: indices }), { maxLength: 5 });
const tile = fc.record({
  rowStart: indices,
  rowEnd: indices,
  columnStart: indices,
  columnEnd: indices,
});

const sketches = fc.record({
  name: fc.constantFrom("sketch", "count"),
  key: fc.string(),
  job: fc.constantFrom("linkSketch", "countSketch"),
  work: fc.record({
    matrix: matrices,
    flat: uint32s,
    totals: uint32s,
    places: uint32s,
    thresholds: fc.record({
      rowClasses: uint16s,
      columnClasses: uint16s,
      columnClassCount: indices,
      least: uint16s,
    }),
    byDistance: fc.record({ positive: float64s, box: indices, apix: fc.constantFrom(1.5, 6.55) }),
  }, {
    requiredKeys: ["matrix", "flat", "totals", "places", "thresholds"],
  }),
  inputs: fc.array(fc.record({ tiles: fc.array(tile, { maxLength: 4 }) }), { maxLength: 4 }),
});

const links = fc.record({
  name: fc.constant("expand"),
  key: fc.string(),
  job: fc.constant("expandLinks"),
  work: fc.record({
    matrix: matrices,
    seeds: matrices,
    columns: fc.record({
      starts: uint32s,
      classesOfBlock: fc.array(uint16s, { maxLength: 4 }),
      places: uint16s,
    }),
    flat: uint32s,
    classes: uint16s,
    totals: uint32s,
    share: fc.constantFrom(0.25, 1),
    links: fc.oneof(
      fc.record({ kind: fc.constant("least"), least: uint16s }),
      fc.record({
        kind: fc.constant("cutoffs"),
        positive: float64s,
        negative: float64s,
        factor: fc.constantFrom(1.3),
        negativeFactor: fc.constantFrom(1, 0.5),
        medians: fc.array(fc.record({ z: indices, y: indices, x: indices }), { maxLength: 3 }),
        box: indices,
        apix: fc.constantFrom(1.5, 6.55),
      }, {
        requiredKeys: [
          "kind",
          "positive",
          "negative",
          "negativeFactor",
          "medians",
          "box",
          "apix",
        ],
      }),
    ),
  }),
  inputs: ranges,
});

const phis = fc.record({
  name: fc.constant("expand"),
  key: fc.string(),
  job: fc.constant("expandPhi"),
  work: fc.record({
    matrix: matrices,
    profiles: fc.array(fc.record({ words: uint32s, total: indices }), { maxLength: 4 }),
    options: fc.constantFrom({ level: 0.01 }, { level: 1 }),
  }),
  inputs: ranges,
});

Deno.test("a stage comes back from its work file as it was, and the same stage gives the same bytes", () => {
  fc.assert(fc.property(fc.oneof(sketches, links, phis), (record) => {
    const { work, ...head } = structuredClone(record);
    const pairs = head.inputs.map((_, i) => 7 * i);
    const stage = { ...head, pairs, work: () => work } as ShardedStage;
    const bytes = encodeWork(stage);
    assert.deepStrictEqual(bytes, encodeWork(stage));
    const { work: found, ...rest } = decodeWork(bytes, "work.arrow");
    assert.deepEqual({ ...rest }, { ...head, pairs });
    const plain = (value: unknown) =>
      JSON.stringify(
        value,
        (_key, part) => ArrayBuffer.isView(part) ? [part.constructor.name, `${part}`] : part,
      );
    assert.strictEqual(plain(found()), plain(work));
    const shared = found();
    assert.ok("matrix" in shared && shared.matrix.words.buffer instanceof SharedArrayBuffer);
  }));
});

const stage: ShardedStage<"expandPhi"> = {
  name: "expand",
  key: "key",
  job: "expandPhi",
  work: () => ({
    matrix: randomBits(5, 40, 1),
    profiles: Array.from({ length: 2000 }, () => ({ words: Uint32Array.of(1, 2), total: 2 })),
    options: { level: 0.01 },
  }),
  inputs: [{ start: 0, end: 5 }],
  pairs: [10_000],
};

Deno.test("a stage of thousands of arrays fits into a work file", () => {
  const found = decodeWork(encodeWork(stage), "work.arrow");
  assert.strictEqual(found.job === "expandPhi" && found.work().profiles.length, 2000);
});

Deno.test("a damaged work file, and one whose work does not fit its job, are refused", () => {
  const bytes = encodeWork(stage);
  const altered = bytes.slice();
  altered[200]! ^= 1;
  assert.throws(() => decodeWork(altered, "work.arrow"), InputError);
  assert.throws(() => decodeWork(bytes.slice(0, -9), "work.arrow"), InputError);
  const foreign = encodeWork({ ...stage, job: "linkSketch" } as unknown as ShardedStage);
  assert.throws(() => decodeWork(foreign, "work.arrow"), /not a work file of this siren/);
  const cut = {
    ...stage,
    work: () => ({ ...stage.work(), matrix: { ...bitMatrix(5, 40), voxels: 6 } }),
  };
  assert.throws(() => decodeWork(encodeWork(cut), "work.arrow"), /bits do not fit/);
});
