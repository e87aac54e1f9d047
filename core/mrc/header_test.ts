import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import {
  encodeHeader,
  FIELDS,
  HEADER_BYTES,
  makeHeader,
  MAX_SIDE,
  type MrcHeader,
  parseHeader,
  promisedBytes,
  stampByteOrder,
} from "./header.ts";

const side = fc.integer({ min: 1, max: MAX_SIDE });
const label = fc.string({ unit: fc.constantFrom(..."abc XYZ019_-./"), maxLength: 80 })
  .map((text) => text.trimEnd());

/** A header with any value in any field, of sizes that make sense. */
const anyHeader: fc.Arbitrary<MrcHeader> = fc.constantFrom("little" as const, "big" as const)
  .chain((byteOrder) => {
    const fields: Record<string, fc.Arbitrary<unknown>> = {};
    for (const [key, { type }] of Object.entries(FIELDS)) {
      if (type === "int32") fields[key] = fc.integer();
      else if (type === "float32") fields[key] = fc.float();
      else if (type === "text4") fields[key] = fc.constantFrom("MAP ", "CCP4", "\0\0\0\0");
      else if (type === "hex4") fields[key] = fc.constantFrom("00 00 00 00", "44 41 00 00");
      else fields[key] = fc.array(label, { maxLength: 10 });
    }
    return fc.record({ ...fields, nx: side, ny: side, nz: side, byteOrder: fc.constant(byteOrder) })
      .map((header) => {
        const any = header as unknown as MrcHeader;
        return { ...any, nlabl: any.labels.length };
      });
  });

Deno.test("the field table covers the header without overlap", () => {
  const length = { int32: 4, float32: 4, text4: 4, hex4: 4, labels: 800 };
  const fields = Object.values(FIELDS).sort((a, b) => a.byte - b.byte);
  const ends = fields.map(({ byte, type }) => byte + length[type]);
  const gaps = fields.map(({ byte }, i) => [ends[i - 1] ?? 0, byte]).filter(([a, b]) => a !== b);
  assert.deepStrictEqual(gaps, [[96, 104], [112, 196]]);
  assert.strictEqual(ends.at(-1), HEADER_BYTES);
});

Deno.test("parseHeader gives back what encodeHeader wrote, in either byte order", () => {
  fc.assert(fc.property(anyHeader, (header) => {
    assert.deepStrictEqual(parseHeader(encodeHeader(header), "a.mrc"), header);
  }));
});

Deno.test("parseHeader reads the fields from where MRC2014 has them", () => {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  [64, 65, 66, 6, -1, -2, -3, 128, 129, 130].forEach((n, i) => view.setInt32(4 * i, n));
  [1.5, 2.5, 3.5, 90, 91, 92].forEach((n, i) => view.setFloat32(40 + 4 * i, n));
  [3, 1, 2].forEach((n, i) => view.setInt32(64 + 4 * i, n));
  [-7, 8, 0.5].forEach((n, i) => view.setFloat32(76 + 4 * i, n));
  view.setInt32(88, 401);
  view.setInt32(92, 80);
  bytes.set(new TextEncoder().encode("SERI"), 104);
  view.setInt32(108, 20140);
  [10, 20, 30].forEach((n, i) => view.setFloat32(196 + 4 * i, n));
  bytes.set(new TextEncoder().encode("MAP "), 208);
  bytes.set([0x11, 0x11, 0, 0], 212);
  view.setFloat32(216, 0.25);
  view.setInt32(220, 2);
  bytes.set(new TextEncoder().encode("first   "), 224);
  bytes.set(new TextEncoder().encode("second"), 304);
  assert.deepStrictEqual(parseHeader(bytes, "a.mrc"), {
    byteOrder: "big",
    ...{ nx: 64, ny: 65, nz: 66, mode: 6, nxstart: -1, nystart: -2, nzstart: -3 },
    ...{ mx: 128, my: 129, mz: 130, cellaX: 1.5, cellaY: 2.5, cellaZ: 3.5 },
    ...{ alpha: 90, beta: 91, gamma: 92, mapc: 3, mapr: 1, maps: 2 },
    ...{ dmin: -7, dmax: 8, dmean: 0.5, ispg: 401, nsymbt: 80, exttyp: "SERI", nversion: 20140 },
    ...{ originX: 10, originY: 20, originZ: 30, map: "MAP ", machst: "11 11 00 00", rms: 0.25 },
    ...{ nlabl: 2, labels: ["first", "second"] },
  });
});

Deno.test("the machine stamp is read from byte 212, by its first two bytes", () => {
  // A reader that is a byte or two late takes the last two for another stamp.
  assert.strictEqual(stampByteOrder("44 44 00 00"), "little");
  assert.strictEqual(stampByteOrder("44 41 00 00"), "little");
  assert.strictEqual(stampByteOrder("44 44 11 11"), "little");
  assert.strictEqual(stampByteOrder("11 11 44 44"), "big");
  assert.strictEqual(stampByteOrder("00 44 44 00"), undefined);
  assert.strictEqual(stampByteOrder("00 00 00 00"), undefined);
  const bytes = encodeHeader(makeHeader({ nx: 4, ny: 4, nz: 4, machst: "44 41 11 11" }));
  assert.deepStrictEqual([...bytes.subarray(211, 217)], [0x20, 0x44, 0x41, 0x11, 0x11, 0]);
  assert.strictEqual(parseHeader(bytes, "a.mrc").machst, "44 41 11 11");
});

Deno.test("parseHeader infers the byte order where the stamp is unknown or wrong", () => {
  for (const byteOrder of ["little", "big"] as const) {
    for (const machst of ["00 00 00 00", "11 11 00 00", "44 44 00 00", "de ad be ef"]) {
      const header = makeHeader({ nx: 64, ny: 256, nz: 1, byteOrder, machst, nversion: 0 });
      assert.deepStrictEqual(parseHeader(encodeHeader(header), "a.mrc"), header);
    }
  }
});

Deno.test("no side that is believed is one in the other byte order too", () => {
  fc.assert(fc.property(side, (n) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setInt32(0, n);
    const reversed = view.getInt32(0, true);
    assert.ok(reversed < 1 || reversed > MAX_SIDE);
  }));
});

Deno.test("parseHeader refuses what is no MRC file", () => {
  const text = new TextEncoder().encode("ATOM      1  N   MET".repeat(60));
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "Cannot read a.mrc: an MRC header has 1024 bytes, the file has 0"],
    [new Uint8Array(1023), "Cannot read a.mrc: an MRC header has 1024 bytes, the file has 1023"],
    [
      new Uint8Array(1024),
      "Cannot read a.mrc: it is no MRC map, for its sizes are not 1 to 65535 (0 x 0 x 0)",
    ],
    [
      encodeHeader({ ...makeHeader({ nx: 64, ny: 64, nz: -64 }) }),
      "Cannot read a.mrc: it is no MRC map, for its sizes are not 1 to 65535 (64 x 64 x -64)",
    ],
    [
      text,
      "Cannot read a.mrc: it is no MRC map, for its sizes are not 1 to 65535 " +
      "(1297044545 x 538976288 x 540090400)",
    ],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => parseHeader(bytes, "a.mrc"), new InputError(message));
  }
});

Deno.test("encodeHeader cuts labels to ten of 80 characters", () => {
  const labels = Array.from({ length: 12 }, (_, i) => `${i}`.repeat(100));
  const header = parseHeader(encodeHeader(makeHeader({ nx: 1, ny: 1, nz: 1, labels })), "a.mrc");
  assert.deepStrictEqual(header.labels, labels.slice(0, 10).map((text) => text.slice(0, 80)));
});

Deno.test("promisedBytes counts header, extended header and voxels", () => {
  const sizes = { nx: 3, ny: 5, nz: 7, nsymbt: 80 };
  const bytes = (mode: number) => promisedBytes(makeHeader({ ...sizes, mode }));
  assert.deepStrictEqual([0, 1, 2, 4, 6, 12, 101].map(bytes), [
    1024 + 80 + 105,
    1024 + 80 + 210,
    1024 + 80 + 420,
    1024 + 80 + 840,
    1024 + 80 + 210,
    1024 + 80 + 210,
    1024 + 80 + 53,
  ]);
  assert.strictEqual(bytes(5), NaN);
});
