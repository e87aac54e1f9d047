import assert from "node:assert";
import { crc32 } from "node:zlib";
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

Deno.test("no bytes are gone through for checksums before it is known that entries share none", () => {
  const first = archive.subarray(CENTRAL, CENTRAL + 46);
  // Both checksums are wrong, which is told only where the entries may both be there.
  const shared = changed({ 56: [...first], 16: [1], 72: [1] });
  assert.match(refusal(shared), /^it is a damaged zip archive/);
  assert.match(
    refusal(changed({ 16: [1], 111: [0] })),
    /^it is a damaged zip archive/,
    "a later entry",
  );
  assert.match(refusal(changed({ 16: [1], 72: [1] })), /^it is damaged: a checksum is wrong/);
});

Deno.test("an entry with a longer name than any of torch.save is refused", () => {
  const named = (length: number) => writeZip(new Map([["a".repeat(length), bytesOf("N.")]]));
  assert.strictEqual(refusal(named(1000)), "");
  assert.strictEqual(
    refusal(named(1001)),
    `it is a zip archive with a name of 1001 bytes (${"a".repeat(60)}...)`,
  );
});

Deno.test("what to do about a compressed archive is told", () => {
  assert.throws(() => readZip(changed({ 10: [8] }), "a.pth"), {
    name: "InputError",
    message: "Cannot read a.pth: it is a compressed zip archive, which torch.save does not write",
    remedy:
      "If there is a weights file in it, unpack it and give that; else unpack it and pack it " +
      "again with zip -0 -r, or load it in PyTorch and torch.save it again.",
  });
});

Deno.test("an archive that was written in one go, with data descriptors, is read", () => {
  const parts: number[] = [], directory: number[] = [];
  const little = (value: number, bytes: number) =>
    Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
  for (const [name, data] of entries) {
    const at = parts.length;
    const sum = [...little(crc32(data), 4), ...little(data.length, 4), ...little(data.length, 4)];
    const head = [20, 0, 8, 8, 0, 0, 0, 0, 0, 0];
    const length = little(name.length, 2);
    parts.push(0x50, 0x4b, 3, 4, ...head, ...Array(12).fill(0), ...length, 0, 0, ...bytesOf(name));
    parts.push(...data, 0x50, 0x4b, 7, 8, ...sum);
    directory.push(0x50, 0x4b, 1, 2, 20, 0, ...head, ...sum, ...length, ...Array(12).fill(0));
    directory.push(...little(at, 4), ...bytesOf(name));
  }
  const end = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 3, 0, 3, 0, ...little(directory.length, 4)];
  end.push(...little(parts.length, 4), 0, 0);
  assert.deepStrictEqual(readZip(Uint8Array.of(...parts, ...directory, ...end), "a.pth"), entries);
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
