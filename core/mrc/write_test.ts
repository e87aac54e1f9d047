import assert from "node:assert";
import { join } from "node:path";
import fc from "fast-check";
import { RunError } from "../errors.ts";
import { parseHeader } from "./header.ts";
import { decodeMap, readMap } from "./read.ts";
import { statistics } from "./statistics.ts";
import { withFolder } from "./testing.ts";
import { validateHeader, validateStatistics } from "./validate.ts";
import { encodeMap, writeMap } from "./write.ts";

const zero = { x: 0, y: 0, z: 0 };
const grid = { box: 2, apix: 1.5, origin: { x: -3, y: 0.5, z: 9 }, nstart: { x: -1, y: 2, z: 3 } };
const mask = Float32Array.of(0, 0, 1, 0, 0, 0, 0, 1);

Deno.test("a map that is written breaks no rule and comes back as it was", () => {
  const float = fc.float({ noDefaultInfinity: true, noNaN: true });
  const plain = { noNullPrototype: true };
  const vector = fc.record({ x: float, y: float, z: float }, plain);
  const input = fc.integer({ min: 1, max: 5 }).chain((box) =>
    fc.record({
      data: fc.float32Array({
        ...{ minLength: box ** 3, maxLength: box ** 3 },
        ...{ noNaN: true, noDefaultInfinity: true },
      }),
      grid: fc.record({
        box: fc.constant(box),
        apix: fc.integer({ min: 1000, max: 999_999 }).map((n) => n / 1e5),
        origin: vector,
        nstart: fc.record({ x: fc.integer(), y: fc.integer(), z: fc.integer() }, plain),
      }, plain),
    })
  );
  fc.assert(fc.property(input, ({ data, grid }) => {
    const bytes = encodeMap(data, grid, "a label");
    const map = decodeMap(bytes, "a.mrc");
    assert.deepStrictEqual(map.data, data);
    assert.deepStrictEqual(map.grid, grid);
    assert.deepStrictEqual(validateHeader(map.header, bytes.length), []);
    assert.deepStrictEqual(validateStatistics(map.header, statistics(data)), []);
  }));
});

Deno.test("the header is that of MRC2014", () => {
  const header = parseHeader(encodeMap(mask, grid, "block 1", "µm"), "a.mrc");
  assert.deepStrictEqual(header, {
    byteOrder: "little",
    ...{ nx: 2, ny: 2, nz: 2, mode: 2, nxstart: -1, nystart: 2, nzstart: 3 },
    ...{ mx: 2, my: 2, mz: 2, cellaX: 3, cellaY: 3, cellaZ: 3, alpha: 90, beta: 90, gamma: 90 },
    ...{ mapc: 1, mapr: 2, maps: 3, dmin: 0, dmax: 1, dmean: 0.25, ispg: 1, nsymbt: 0 },
    ...{ exttyp: "\0\0\0\0", nversion: 20141, originX: -3, originY: 0.5, originZ: 9 },
    ...{ map: "MAP ", machst: "44 44 00 00", rms: Math.fround(Math.sqrt(3) / 4) },
    ...{ nlabl: 2, labels: ["block 1", "?m"] },
  });
});

Deno.test("an unknown voxel size stays unknown", () => {
  const unknown = { ...grid, apix: undefined };
  assert.deepStrictEqual(decodeMap(encodeMap(mask, unknown), "a.mrc").grid, unknown);
});

Deno.test("statistics are marked as unknown where a voxel is not finite", () => {
  const { dmin, dmax, dmean, rms } = parseHeader(
    encodeMap(Float32Array.of(NaN), { ...grid, box: 1 }),
    "a.mrc",
  );
  assert.deepStrictEqual([dmin, dmax, dmean, rms], [0, -1, -2, -1]);
});

Deno.test("data that does not fill the box, and an eleventh label, are refused", () => {
  assert.throws(
    () => encodeMap(mask, { ...grid, box: 3 }),
    new RangeError("Cannot encode a map: box 3 has 27 voxels (8)"),
  );
  assert.throws(
    () => encodeMap(mask, grid, ..."abcdefghijk"),
    new RangeError("Cannot encode a map: it has more than 10 labels (11)"),
  );
});

Deno.test("writeMap replaces a file and leaves nothing else behind", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "block_1.mrc");
    await Deno.writeTextFile(path, "an older file");
    await writeMap(path, mask, grid, "block 1");
    assert.deepStrictEqual(
      await Deno.readFile(path),
      encodeMap(mask, grid, "block 1"),
    );
    assert.deepStrictEqual((await readMap(path)).data, mask);
    assert.deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["block_1.mrc"]);
  });
});

Deno.test("writeMap says why the system refuses, and leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    const refused = async (path: string, message: string) => {
      await assert.rejects(writeMap(path, mask, { ...grid, nstart: zero }), (error: RunError) => {
        assert.ok(error instanceof RunError);
        assert.strictEqual(error.message, message);
        return true;
      });
    };
    const missing = join(folder, "missing", "a.mrc");
    await refused(missing, `Cannot write ${missing}: there is no such file or folder`);
    const taken = join(folder, "taken.mrc");
    await Deno.mkdir(join(taken, "full"), { recursive: true });
    await refused(taken, `Cannot write ${taken}: Is a directory (os error 21)`);
    assert.deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["taken.mrc"]);
  });
});
