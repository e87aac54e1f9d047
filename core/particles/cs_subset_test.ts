import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { withFolder } from "../mrc/testing.ts";
import { readCsParticles, writeCsSubset } from "./cs_subset.ts";
import { readNpyHeader } from "./npy_header.ts";
import { csBytes } from "./testing.ts";

/** The bytes of a .npy file up to its rows. */
function headOf(text: string, major = 1): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(text);
  const start = major === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + body.length);
  bytes.set(Array.from("\x93NUMPY", (character) => character.charCodeAt(0)));
  bytes[6] = major;
  const view = new DataView(bytes.buffer);
  if (major === 1) view.setUint16(8, body.length, true);
  else view.setUint32(8, body.length, true);
  bytes.set(body, start);
  return bytes;
}

const header = (descr: string, shape = "(7,)", order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

Deno.test("the rows that are kept stay as they are, and the header tells how many", () =>
  withFolder(async (folder) => {
    const path = `${folder}/in.cs`, to = `${folder}/out.cs`;
    const count = 400_000; // more than are read at once
    await Deno.writeFile(path, csBytes(count));
    const particles = await readCsParticles(path);
    assert.strictEqual(particles.rows, count);
    assert.strictEqual(await writeCsSubset(particles, () => true, to), count);
    assert.deepStrictEqual(await Deno.readFile(to), await Deno.readFile(path));
    const isKept = (row: number) => row % 7 === 3;
    const kept = await writeCsSubset(particles, isKept, to);
    const bytes = await Deno.readFile(to);
    const { offset, rows, rowBytes } = readNpyHeader(bytes, "out.cs");
    assert.deepStrictEqual([rows, rowBytes, offset % 64], [kept, 23, 0]);
    assert.strictEqual(bytes.length, offset + kept * rowBytes);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < kept; i += 1000) {
      assert.strictEqual(view.getBigUint64(offset + i * rowBytes, true), BigInt(7 * i + 3));
    }
  }));

Deno.test("headers of all versions and kinds of fields are read", () => {
  const sizes: readonly (readonly [descr: string, size: number])[] = [
    ["'<f4'", 4],
    ["'|b1'", 1],
    ["'?'", 1],
    ["[('a', '<f8'), ('b', '|S12'), ('c', '<U3'), ('d', '<c16')]", 8 + 12 + 12 + 16],
    ["[('a', '<f4', (3, 2)), ('b', '<i2', 5), (('title', 'c'), '>u4', ())]", 24 + 10 + 4],
    ["[('a', [('x', '<f4'), ('y', '<f4', (2,))], (2,)), ('t', '<M8[ns]')]", 24 + 8],
    ['[("a", "<f4",), ("b\'s", "<f4")]', 8],
  ];
  for (const major of [1, 2, 3]) {
    for (const [descr, size] of sizes) {
      const { rows, rowBytes, withRows } = readNpyHeader(headOf(header(descr), major), "a.cs");
      assert.deepStrictEqual([rows, rowBytes], [7, size], descr);
      const again = withRows(123456789);
      assert.strictEqual(again[6], major);
      assert.strictEqual(again.at(-1), 0x0a);
      const text = new TextDecoder().decode(again);
      assert.ok(text.includes(header(descr, "(123456789,)").trim()), text);
      assert.strictEqual(readNpyHeader(again, "a.cs").rows, 123456789);
    }
  }
  const odd = readNpyHeader(
    headOf("{'shape': (7L,), 'fortran_order': True, \"descr\":'<f4'}"),
    "a.cs",
  );
  assert.deepStrictEqual([odd.rows, odd.rowBytes], [7, 4]);
});

const refused: readonly (readonly [bytes: Uint8Array, said: RegExp])[] = [
  [new Uint8Array(), /it is no \.cs or \.npy file/],
  [new TextEncoder().encode("PK\x03\x04"), /it is no \.cs or \.npy file/],
  [Uint8Array.of(0x94, 0x43, 0x53, 0x44, 0x41, 0x54), /in cryoSPARC's compressed format/],
  [headOf(header("'<f4'")).subarray(0, 30), /it is cut short/],
  [headOf(header("'<f4'"), 4), /its format is of version 4\.0/],
  [headOf(header("[('a', '|O')]")), /its rows hold Python's objects/],
  [headOf(header("'|O8'")), /its rows hold Python's objects/],
  [headOf(header("[('a', '<x4')]")), /a field of an unknown type \(<x4\)/],
  [headOf(header("'<f'")), /a field of an unknown type/],
  [headOf(header("[('a', '<f4', (3,-1))]")), /its header is damaged/],
  [headOf(header("[('a',)]")), /does not tell the type of its rows/],
  [headOf(header("[]")), /its rows are empty/],
  [headOf(header("'<f4'", "(7, 2)")), /it has 2 axes, not rows alone/],
  [headOf(header("'<f4'", "()")), /it has 0 axes/],
  [headOf(header("'<f4'", "(7)")), /its header is damaged/],
  [headOf(header("'<f4'", "(7,)", "0")), /does not tell the order of axes/],
  [headOf("{'descr': '<f4', 'shape': (7,)}"), /its header is damaged/],
  [headOf(header("'<f4'").replace("}", "'x': 1}")), /its header is damaged/],
  [headOf(header("'<f4'").replace("}", "'shape': (8,)}")), /its header is damaged/],
  [headOf(header("__import__('os').system('ls')")), /its header is damaged/],
  [headOf(header("'<f4'") + "1"), /its header is damaged/],
  [headOf(header("[".repeat(100_000)), 2), /its header is damaged/],
  [headOf(header("[('a', '<f8', (99999, 99999))]")), /its rows are too large/],
];

Deno.test("headers that are none, or of what siren does not cut, are refused", () => {
  for (const [bytes, said] of refused) {
    assert.throws(() => readNpyHeader(bytes, "a.cs"), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, said);
      return true;
    });
  }
});

Deno.test("no bytes make the reader of headers hang or fail", () => {
  const seed = csBytes(3).subarray(0, 128);
  const change = fc.tuple(fc.nat(127), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
      const bytes = Uint8Array.from(seed);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        readNpyHeader(bytes, "a.cs").withRows(5);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("files with fewer or more bytes than they say are refused", () =>
  withFolder(async (folder) => {
    const path = `${folder}/in.cs`;
    const whole = csBytes(9);
    for (const bytes of [whole.subarray(0, whole.length - 1), Uint8Array.from([...whole, 0])]) {
      await Deno.writeFile(path, bytes);
      await assert.rejects(readCsParticles(path), /it says that it has 9 particles of 23 bytes/);
    }
    await Deno.writeFile(path, whole);
    const particles = await readCsParticles(path);
    await Deno.writeFile(path, whole.subarray(0, whole.length - 30));
    await assert.rejects(
      writeCsSubset(particles, () => true, `${folder}/out.cs`),
      /it was changed meanwhile/,
    );
    assert.deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["in.cs"]);
    await assert.rejects(readCsParticles(`${folder}/none.cs`), /there is no such file/);
  }));
