import assert from "node:assert";
import { InputError } from "../errors.ts";
import { withFolder } from "../mrc/testing.ts";
import { pickleIndices } from "../pickle/mod.ts";
import { readIntegers } from "./integers.ts";
import { pickleFloats } from "./testing.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** What a file with these bytes gives. */
const readBytes = (folder: string, bytes: Uint8Array, least = 0) =>
  Deno.writeFile(`${folder}/a.pkl`, bytes)
    .then(() => readIntegers(`${folder}/a.pkl`, least, "labels"));

Deno.test("integers come as arrays and as lists, also of NumPy's numbers", () =>
  withFolder(async (folder) => {
    const of = async (bytes: Uint8Array) => [...await readBytes(folder, bytes)];
    assert.deepStrictEqual(await of(pickleIndices(Int32Array.of(3, 0, 5))), [3, 0, 5]);
    assert.deepStrictEqual(await of(bytesOf("\x80\x04](K\x03K\x00K\x05e.")), [3, 0, 5]);
    const scalar =
      "cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x02i8\x85RC\x08\x09\0\0\0\0\0\0\0\x86R";
    assert.deepStrictEqual(await of(bytesOf(`\x80\x04]${scalar}a.`)), [9]);
    assert.deepStrictEqual(await of(bytesOf("\x80\x04].")), []);
    assert.deepStrictEqual(await of(bytesOf("\x80\x04K\x03K\x05\x86.")), [3, 5]);
    // A column, as tomoDRGN documents its labels, and whole numbers as floats.
    for (const shape of [[3], [3, 1], [1, 3]]) {
      assert.deepStrictEqual(await of(pickleFloats(Float32Array.of(3, 0, 5), shape)), [3, 0, 5]);
    }
  }));

Deno.test("a list of many of NumPy's numbers is read", () =>
  withFolder(async (folder) => {
    const count = 600_000; // of which four million steps are not enough
    const head = bytesOf(
      "\x80\x04cnumpy.core.multiarray\nscalar\n\x940cnumpy\ndtype\n\x8c\x02i8\x85R\x940](",
    );
    const one = bytesOf("h\0h\x01C\x08\0\0\0\0\0\0\0\0\x94\x86\x94R\x94");
    const bytes = new Uint8Array(head.length + count * one.length + 2);
    bytes.set(head);
    for (let i = 0; i < count; i++) {
      one[6] = i & 0xff;
      bytes.set(one, head.length + i * one.length);
    }
    bytes.set(bytesOf("e."), bytes.length - 2);
    const found = await readBytes(folder, bytes);
    assert.deepStrictEqual([found.length, found[5], found[300]], [count, 5, 44]);
  }));

const refused: readonly (readonly [bytes: Uint8Array, said: RegExp, remedy: RegExp])[] = [
  [bytesOf(""), /it is empty/, /again/],
  [bytesOf("PK\x03\x04"), /it was written by torch\.save/, /NumPy array/],
  [bytesOf("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."), /written by torch\.save/, /NumPy/],
  [bytesOf("\x1f\x8b\x08"), /compressed with gzip/, /gunzip/],
  [bytesOf("x\x9c\x03"), /compressed, as joblib does/, /joblib\.load/],
  [bytesOf("\x93NUMPY\x01\0"), /a \.npy file, not a pickle/, /numpy\.load/],
  [
    bytesOf("\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81."),
    /calls joblib\.numpy_pickle\.NumpyArrayWrapper/,
    /Nothing of it was run\. In Python/,
  ],
  [bytesOf("cos\nsystem\n(S'ls'\ntR."), /calls os\.system/, /Nothing of it was run/],
  [bytesOf("}."), /it holds no array of labels/, /^$/],
  [bytesOf("K\x07."), /it holds no array of labels/, /^$/],
  [bytesOf("](K\x01\x88e."), /what are no labels \(at place 1\)/, /whole numbers from 0/],
  [bytesOf("](K\x01]e."), /what are no labels \(at place 1\)/, /whole numbers from 0/],
  [bytesOf("](G?\xe0\0\0\0\0\0\0e."), /no whole numbers \(0\.5, at place 0\)/, /^Labels are whole/],
  [pickleIndices(Int32Array.of(1, -2)), /labels below 0 \(-2\)/, /^$/],
  [bytesOf("](\x8a\x05\0\0\0\0\x01e."), /labels beyond 2\^31 \(4294967296\)/, /^$/],
  [pickleFloats(Float32Array.of(1, NaN), [2]), /no whole numbers \(NaN, at place 1\)/, /whole/],
  [pickleFloats(new Float32Array(4), [2, 2]), /its array has 2 axes, not one/, /^$/],
  [pickleFloats(new Float32Array(1), []), /its array has 0 axes, not one/, /^$/],
  [
    bytesOf(
      "\x80\x05cnumpy.core.numeric\n_frombuffer\n(C\x01\x01cnumpy\ndtype\n\x8c\x02b1\x85RK\x01\x85\x8c\x01CtR.",
    ),
    /a mask of booleans, not indices/,
    /numpy\.flatnonzero/,
  ],
];

Deno.test("what holds no integers is refused with what it is", () =>
  withFolder(async (folder) => {
    for (const [bytes, said, remedy] of refused) {
      await assert.rejects(readBytes(folder, bytes), (error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, said);
        assert.match(error.remedy ?? "", remedy);
        return true;
      });
    }
    await assert.rejects(readIntegers(`${folder}/none.pkl`, 0, "labels"), /no such file/);
  }));
