import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../../errors.ts";
import { bytesOf } from "./testing.ts";
import { readZip } from "./zip_reader.ts";
import { writeZip } from "./zip_writer.ts";

const entries = new Map([
  ["a/data.pkl", bytesOf("\x80\x02N.")],
  ["a/../../b", bytesOf("numbers")],
  ["a/empty", bytesOf("")],
]);
const archive = writeZip(entries);
const CENTRAL = archive.length - 22 - (46 + 10) - (46 + 9) - (46 + 7);

/** The archive with bytes of its own at places counted from the first entry of its directory. */
function changed(changes: Readonly<Record<number, readonly number[]>>): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(archive);
  for (const [at, values] of Object.entries(changes)) bytes.set(values, CENTRAL + Number(at));
  return bytes;
}

function refusal(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    readZip(bytes, "a.pth");
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.message.replace("Cannot read a.pth: ", "");
  }
  return "";
}

Deno.test("an archive gives its entries by name, and starts their bytes at multiples of 64", () => {
  const read = readZip(archive, "a.pth");
  assert.deepStrictEqual(read, entries);
  assert.deepStrictEqual([...read.values()].map(({ byteOffset }) => byteOffset % 64), [0, 0, 0]);
  assert.strictEqual(archive[CENTRAL], 0x50);
  assert.deepStrictEqual(readZip(writeZip(new Map()), "a.pth"), new Map());
});

Deno.test("sizes and places may stand in their 64-bit fields, and a comment at the end", () => {
  const first = Array.from(archive.subarray(CENTRAL, CENTRAL + 56));
  const size = first.slice(24, 28);
  const wide = [...first.slice(0, 20), ...Array(8).fill(0xff), ...first.slice(28, 30), 24, 0];
  wide.push(...first.slice(32, 42), 0xff, 0xff, 0xff, 0xff, ...first.slice(46));
  const rest = archive.subarray(CENTRAL + 56, archive.length - 22);
  const extra = [
    7,
    0,
    0,
    0,
    1,
    0,
    24,
    0,
    ...size,
    0,
    0,
    0,
    0,
    ...size,
    0,
    0,
    0,
    0,
    ...Array(8).fill(0),
  ];
  wide[30] = extra.length;
  const directory = Uint8Array.of(...wide, ...extra, ...rest);
  const end = new DataView(new ArrayBuffer(56 + 20 + 22 + 2));
  end.setUint32(0, 0x06064b50, true);
  for (const [at, value] of [[32, 3], [40, directory.length], [48, CENTRAL]] as const) {
    end.setBigUint64(at, BigInt(value), true);
  }
  end.setUint32(56, 0x07064b50, true);
  end.setBigUint64(64, BigInt(CENTRAL + directory.length), true);
  end.setUint32(76, 0x06054b50, true);
  end.setUint16(96, 2, true);
  const bytes = Uint8Array.of(
    ...archive.subarray(0, CENTRAL),
    ...directory,
    ...new Uint8Array(end.buffer),
  );
  assert.deepStrictEqual(readZip(bytes, "a.pth"), entries);
  end.setBigUint64(32, 2n ** 40n, true);
  bytes.set(new Uint8Array(end.buffer), CENTRAL + directory.length);
  assert.match(refusal(bytes), /^it is a damaged zip archive/); // at once, not after 2^40 entries
});

Deno.test("an archive cut short is refused, wherever the cut is", () => {
  for (let length = 0; length < archive.length; length++) {
    assert.match(refusal(archive.slice(0, length)), /^it is (cut short|a damaged)/, String(length));
  }
});

Deno.test("a damaged archive is refused with what is wrong", () => {
  const at = CENTRAL + 56 + 55 + 53;
  const whole = (change: (view: DataView) => void) => {
    const bytes = Uint8Array.from(archive);
    change(new DataView(bytes.buffer));
    return refusal(bytes);
  };
  assert.match(refusal(changed({ 0: [0] })), /^it is a damaged zip archive \(at byte \d+\)/);
  assert.match(refusal(changed({ 8: [1] })), /^it is an encrypted zip archive/);
  assert.match(refusal(changed({ 10: [8] })), /^it is a compressed zip archive/);
  assert.match(refusal(changed({ 16: [1] })), /^it is damaged: a checksum is wrong \(of "a\/data/);
  assert.match(refusal(changed({ 20: [5] })), /^it is a damaged/, "sizes that differ");
  assert.match(refusal(changed({ 20: [0, 9], 24: [0, 9] })), /^it is a damaged/, "beyond the file");
  assert.match(refusal(changed({ 28: [255, 255] })), /^it is a damaged/, "a long name");
  assert.match(refusal(changed({ 42: [1] })), /^it is a damaged/, "no local header there");
  assert.match(refusal(changed({ 42: [255, 255, 255, 255] })), /^it is a damaged/, "no wide field");
  assert.match(refusal(changed({ 46: [255] })), /^it is a damaged/, "a name that is not UTF-8");
  assert.match(whole((view) => view.setUint16(at + 10, 4, true)), /^it is a damaged/, "one more");
  assert.match(whole((view) => view.setUint32(at + 16, 2 ** 31, true)), /^it is a damaged/, "far");
  const twice = changed({ 56: Array.from(archive.subarray(CENTRAL, CENTRAL + 46)) });
  assert.match(refusal(twice), /^it is a damaged/, "entries that share their bytes");
});

Deno.test("an entry without a checksum is taken as it is", () => {
  assert.deepStrictEqual(readZip(changed({ 16: [0, 0, 0, 0] }), "a.pth"), entries);
});

Deno.test("no bytes make the reader of archives hang or fail", () => {
  const change = fc.tuple(fc.nat(archive.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
      const bytes = Uint8Array.from(archive);
      for (const [at, byte] of changes) bytes[at] = byte;
      refusal(bytes);
    }),
    { numRuns: 1000 },
  );
});
