import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { type NumpyArray, pickleIndices, readNumpyPickle } from "./mod.ts";

const read = (text: string) => readNumpyPickle(bytesOf(text), "a.pkl");

/** The bytes of text in which each character stands for a byte. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const DTYPE = "cnumpy\ndtype\n\x8c\x02i8\x89\x88\x87R(K\x03\x8c\x01<NNNJ\xff\xff\xff\xff" +
  "J\xff\xff\xff\xffK\x00tb";
const TWO = "\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0";
const twelve: NumpyArray = { type: "i8", shape: [2], data: BigInt64Array.of(1n, 2n) };

/** The array of 1 and 2 as NumPy 2 writes it in protocols 4 and 5, and as NumPy 1 does. */
const inModule = (core: string) => [
  `\x80\x04c${core}.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R` +
  `(K\x01K\x02\x85${DTYPE}\x89C\x10${TWO}tb.`,
  `\x80\x05c${core}.numeric\n_frombuffer\n(\x96\x10\0\0\0\0\0\0\0${TWO}${DTYPE}K\x02\x85\x8c\x01CtR.`,
];

Deno.test("arrays are read by the names of NumPy 1 and 2", () => {
  for (const pickle of [...inModule("numpy.core"), ...inModule("numpy._core")]) {
    assert.deepStrictEqual(read(pickle), twelve);
  }
  for (const core of ["numpy.core", "numpy._core"]) {
    assert.deepStrictEqual(
      read(`\x80\x04](c${core}.multiarray\nscalar\n${DTYPE}C\x08${TWO.slice(8)}\x86RK\x07e.`),
      [2n, 7],
    );
  }
});

Deno.test("arrays are read in all types, orders and protocols that NumPy writes", () => {
  const types = ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"];
  for (const type of types) {
    for (const [order, isBig] of [["<", false], [">", true]] as const) {
      const size = Number(type[1]);
      const bytes = [1, 0, 2].map((value) => {
        const view = new DataView(new ArrayBuffer(size));
        if (type === "f4") view.setFloat32(0, value, !isBig);
        else if (type === "f8") view.setFloat64(0, value, !isBig);
        else view.setUint8(isBig ? size - 1 : 0, value);
        return String.fromCharCode(...new Uint8Array(view.buffer));
      }).join("");
      const array = read(
        `\x80\x04cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01K\x03\x85` +
          `cnumpy\ndtype\n\x8c\x02${type}\x89\x88\x87R(K\x03\x8c\x01${order}NNNK\x00K\x00K\x00tb\x89` +
          `C${String.fromCharCode(bytes.length)}${bytes}tb.`,
      ) as NumpyArray;
      assert.deepStrictEqual(Array.from(array.data, Number), [1, 0, 2], `${order}${type}`);
      assert.strictEqual(array.type, type);
      const one = read(
        `\x80\x04cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x02${type}\x85R` +
          `(K\x03\x8c\x01${order}NNNK\x00K\x00K\x00tbC${String.fromCharCode(size)}` +
          `${bytes.slice(2 * size)}\x86R.`,
      );
      assert.strictEqual(typeof one, type.endsWith("8") && type !== "f8" ? "bigint" : "number");
      assert.strictEqual(Number(one), 2);
    }
  }
  // Protocol 0, where numbers are text of any length.
  const long =
    `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I9000\nt` +
    `cnumpy\ndtype\n(Vu1\nI00\nI01\ntR(I3\nV|\nNNNI-1\nI-1\nI0\ntbI00\n` +
    `c_codecs\nencode\n(V${"\\u0000a\xe9".repeat(3000)}\nVlatin1\ntRtb.`;
  assert.deepStrictEqual(
    (read(long) as NumpyArray).data,
    Uint8Array.from({ length: 9000 }, (_, i) => [0, 0x61, 0xe9][i % 3]!),
  );
});

Deno.test("an array in Fortran's order is the same array", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), (shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    // Its first axis is the fastest: the place of (i, j, k) is i + shape[0] (j + shape[1] k).
    const expected: number[] = [];
    const walk = (axis: number, place: number, step: number) => {
      if (axis === shape.length) return void expected.push(place);
      for (let i = 0; i < shape[axis]!; i++) walk(axis + 1, place + step * i, step * shape[axis]!);
    };
    walk(0, 0, 1);
    const numbers = String.fromCharCode(...Array.from({ length }, (_, i) => i));
    const array = read(
      `\x80\x05cnumpy.core.numeric\n_frombuffer\n(B${
        String.fromCharCode(length & 0xff, length >> 8)
      }` +
        `\0\0${numbers}cnumpy\ndtype\n\x8c\x02u1\x85R(${
          shape.map((axis) => `K${String.fromCharCode(axis)}`).join("")
        }t\x8c\x01FtR.`,
    ) as NumpyArray;
    assert.deepStrictEqual([...array.data], expected);
    assert.deepStrictEqual(array.shape, shape);
  }));
});

const NDARRAY = "\x80\x04cnumpy\nndarray\nK\x00\x85R";
const refused: readonly (readonly [pickle: string, said: RegExp])[] = [
  ["cos\nsystem\n(S'ls'\ntR.", /its pickle calls os\.system, which siren does not know/],
  ["\x80\x04cnumpy.core.multiarray\nfromstring\n.", /calls numpy\.core\.multiarray\.fromstring/],
  ["\x80\x04cnumpy.core.multiarray\n_reconstruct\ncnumpy\nmatrix\n.", /calls numpy\.matrix/],
  ["\x80\x04cbuiltins\neval\n.", /calls builtins\.eval/],
  ["\x80\x04cnumpy\ndtype\n\x8c\x02O8\x89\x88\x87R.", /an array of objects, not of numbers/],
  ["\x80\x04cnumpy\ndtype\n\x8c\x02M8\x89\x88\x87R.", /an array of an unknown type \(M8\)/],
  ["\x80\x04cnumpy\ndtype\n\x8c\x03V12\x89\x88\x87R.", /an array of an unknown type \(V12\)/],
  ["\x80\x04cnumpy\ndtype\nK\x01\x85R.", /whose name is no text/],
  ["\x80\x04cnumpy\ndtype\n\x8c\x02i4\x85R(K\x03K\x01NNNtb.", /whose byte order is none/],
  ["\x80\x04cnumpy\ndtype\n\x8c\x02i4\x85R(K\x03\x8c\x01<NK\x01NtbN.", /with fields/],
  [`${NDARRAY}.`, /makes an array and does not fill it/],
  [`${NDARRAY}(K\x01K\x03\x85${DTYPE}\x89C\x10${TWO}tb.`, /does not fit its bytes \(3\)/],
  [`${NDARRAY}(K\x01J\xff\xff\xff\xff\x85${DTYPE}\x89C\x10${TWO}tb.`, /does not fit .* \(-1\)/],
  [`${NDARRAY}(K\x01G?\xe0\0\0\0\0\0\0\x85${DTYPE}\x89C\x10${TWO}tb.`, /does not fit .* \(0.5\)/],
  [`${NDARRAY}(K\x01]q\x00h\x00a\x85${DTYPE}\x89C\x10${TWO}tb.`, /fills an array in an unknown/],
  [`${NDARRAY}(K\x01K\x02\x85${DTYPE}\x89]tb.`, /an array of objects/],
  [`${NDARRAY}(K\x01K\x02\x85${DTYPE}NC\x10${TWO}tb.`, /fills an array in an unknown way/],
  [`\x80\x04cnumpy.core.multiarray\nscalar\n${DTYPE}C\x01a\x86R.`, /makes a number in an unknown/],
  [`\x80\x02c_codecs\nencode\nX\x01\0\0\0aX\x05\0\0\0utf-8\x86R.`, /encodes text in an unknown/],
  [`\x80\x02c_codecs\nencode\nX\x03\0\0\0\xe2\x82\xacX\x06\0\0\0latin1\x86R.`, /encodes text in/],
];

Deno.test("what is no array of numbers is refused, by the name of what it calls", () => {
  for (const [pickle, said] of refused) {
    assert.throws(() => read(pickle), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, said);
      assert.match(error.remedy ?? "", /^Nothing of it was run\./);
      return true;
    }, pickle);
  }
});

Deno.test("a pickle that fills arrays from the same bytes again and again is refused", () => {
  const many = 50_000;
  const start = performance.now();
  assert.throws(
    () =>
      read(
        `\x80\x05B\x40\x42\x0f\0${
          "\0".repeat(1_000_000)
        }q\x010${"cnumpy.core.numeric\n_frombuffer\nq\x020cnumpy\ndtype\n\x8c\x02u1\x85Rq\x030"}J\x40\x42\x0f\0\x85q\x040](${
          "h\x02(h\x01h\x03h\x04\x8c\x01CtR".repeat(many)
        }e.`,
      ),
    /fills arrays with more bytes than it has/,
  );
  assert.ok(performance.now() - start < 2000);
});

Deno.test("no bytes make the reader of arrays fail", () => {
  const seeds = [
    ...[...inModule("numpy.core"), ...inModule("numpy._core")].map(bytesOf),
    pickleIndices(Int32Array.of(1, 2, 3)),
  ];
  const change = fc.tuple(fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(
      fc.nat(seeds.length - 1),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (which, changes) => {
        const bytes = Uint8Array.from(seeds[which]!); // it is one of them
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        try {
          readNumpyPickle(bytes, "a.pkl");
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("pickled indices read back, and take no names that not every NumPy has", () => {
  fc.assert(fc.property(fc.array(fc.integer()), (values) => {
    const bytes = pickleIndices(Int32Array.from(values));
    assert.deepStrictEqual(readNumpyPickle(bytes, "a.pkl"), {
      type: "i8",
      shape: [values.length],
      data: BigInt64Array.from(values, BigInt),
    });
  }));
  assert.ok(!new TextDecoder().decode(pickleIndices(new Int32Array(1))).includes("core"));
});
