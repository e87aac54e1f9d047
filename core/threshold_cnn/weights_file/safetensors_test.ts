import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../../errors.ts";
import { type PlainTensor, readSafetensors, writeSafetensors } from "./safetensors.ts";

const numbers = Float32Array.of(1, -2, 0.5);
const count = BigInt64Array.of(7n);
const good = writeSafetensors(
  new Map<string, PlainTensor>([
    ["a", { shape: [3], data: numbers }],
    ["b", { shape: [], data: count }],
  ]),
  new Map([["epoch", "3"]]),
);

/** A file of a header and some bytes of numbers. */
function fileOf(header: string, bytes = 0): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + bytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

function refusal(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    readSafetensors(bytes, "a.safetensors");
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.message.replace("Cannot read a.safetensors: ", "");
  }
  return "";
}

const entry = (dtype: string, shape: number[], from: number, to: number) =>
  `{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${from},${to}]}`;

Deno.test("what was written is read, and lies as the format says", () => {
  const { tensors, metadata } = readSafetensors(good, "a.safetensors");
  assert.deepStrictEqual([...metadata], [["epoch", "3"]]);
  assert.deepStrictEqual([...tensors.keys()], ["b", "a"]);
  assert.deepStrictEqual(tensors.get("a")?.float32s(), numbers);
  assert.strictEqual(tensors.get("b")?.at(0), 7);
  const length = Number(new DataView(good.buffer).getBigUint64(0, true));
  assert.strictEqual(length % 8, 0);
  const header = new TextDecoder().decode(good.subarray(8, 8 + length));
  assert.strictEqual(
    header.trimEnd(),
    `{"__metadata__":{"epoch":"3"},"b":${entry("I64", [], 0, 8)},"a":${entry("F32", [3], 8, 20)}}`,
  );
});

Deno.test("tensors may stand in any order, and be empty", () => {
  const file = fileOf(
    `{"b":${entry("U8", [2], 4, 6)},"n":${entry("F64", [0, 3], 4, 4)},
    "a":${entry("BF16", [2, 1], 0, 4)}}  `,
    6,
  );
  const { tensors } = readSafetensors(file, "a.safetensors");
  assert.deepStrictEqual(Array.from(tensors, ([name, { dtype, shape }]) => [name, dtype, shape]), [
    ["b", "uint8", [2]],
    ["n", "float64", [0, 3]],
    ["a", "bfloat16", [2, 1]],
  ]);
  assert.strictEqual(readSafetensors(fileOf("{}"), "a.safetensors").tensors.size, 0);
});

Deno.test("a file that breaks a rule of the format is refused with what is wrong", () => {
  const one = entry("F32", [1], 0, 4);
  for (
    const [file, said] of [
      [fileOf("{}", 1), /^it goes on after its last numbers, by 1 bytes/],
      [fileOf(`{"a":${one}}`, 3), /^it is cut short, or numbers lie outside of it \(of "a"\)/],
      [fileOf(`{"a":${one},"b":${entry("F32", [1], 2, 6)}}`, 6), /^numbers overlap/],
      [fileOf(`{"a":${one},"b":${one}}`, 4), /^numbers overlap/],
      [
        fileOf(`{"a":${one},"b":${entry("F32", [1], 5, 9)}}`, 9),
        /^numbers .* a gap \(before .* "b"/,
      ],
      [fileOf(`{"a":${entry("F32", [1], 4, 0)}}`, 4), /^it is cut short, or numbers lie outside/],
      [fileOf(`{"a":${entry("F32", [2], 0, 4)}}`, 4), /^the place of numbers is not as long/],
      [fileOf(`{"a":${entry("F32", [2 ** 52, 2 ** 52], 0, 4)}}`, 4), /^the place of numbers/],
      [fileOf(`{"a":${entry("F32", Array(65).fill(1), 0, 4)}}`, 4), /^type, shape or place/],
      [
        fileOf(`{"a":${entry("F32", [-1], 0, 4)}}`, 4),
        /^type, shape or place are not as they must/,
      ],
      [
        fileOf(`{"a":${entry("F32", [1.5], 0, 4)}}`, 4),
        /^type, shape or place are not as they must/,
      ],
      [
        fileOf(`{"a":{"dtype":"F32","shape":[1]}}`, 4),
        /^type, shape or place are not as they must/,
      ],
      [fileOf(`{"a":[]}`), /^type, shape or place are not as they must be \(of "a"\)/],
      [fileOf(`{"a":${entry("F8_E4M3", [4], 0, 4)}}`, 4), /^numbers of the type "F8_E4M3" are not/],
      [
        fileOf(`{"a":${entry("toString", [4], 0, 4)}}`, 4),
        /^numbers of the type "toString" are not/,
      ],
      [fileOf(`{"__metadata__":{"a":1}}`), /^its metadata is not all text/],
      [fileOf(`{"__metadata__":["a"]}`), /^its metadata is not a JSON object/],
      [fileOf(`{"a":${one},"a":${one}}`, 4), /^a name is there twice \(a\)/],
      [fileOf(`{"a":${one},"\\u0061":${one}}`, 4), /^a name is there twice \(a\)/],
      [fileOf(`{"__metadata__":{"k":"{","k" :"}"}}`), /^a name is there twice \(k\)/],
      [fileOf(`[]`), /^its header is not a JSON object/],
      [fileOf(` {}`), /^its header is not a JSON object/],
      [fileOf(`{"a":`), /^its header is not JSON/],
      [fileOf("\0\0"), /^its header is not JSON/],
      [good.slice(0, 7), /^it is cut short, within its header/],
      [good.slice(0, 20), /^it is cut short, within its header/],
      [good.slice(0, -1), /^it is cut short, or numbers lie outside of it/],
      [Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 0x7b), /^its header is too long \(4294967295/],
      [Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0, 0x7b), /^its header is too long \(16777217/],
      [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0), /^it is cut short, within its header/],
    ] as const
  ) assert.match(refusal(file), said);
});

Deno.test("names need not be plain", () => {
  const name = '__proto__"\\ é\n';
  const file = fileOf(
    `{${JSON.stringify(name)}:${entry("F32", [1], 0, 4)},"__proto__":${entry("U8", [1], 4, 5)}}`,
    5,
  );
  assert.deepStrictEqual([...readSafetensors(file, "a.safetensors").tensors.keys()], [
    name,
    "__proto__",
  ]);
});

Deno.test("no bytes make the reader of safetensors hang or fail", () => {
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
      const bytes = Uint8Array.from(good);
      for (const [at, byte] of changes) bytes[at] = byte;
      refusal(bytes);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.json(), fc.nat(9), (header, bytes) => void refusal(fileOf(header, bytes))),
  );
});
