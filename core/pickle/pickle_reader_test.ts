import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { type AllowedGlobals, PickleTuple, type PickleValue, readPickle } from "./mod.ts";

const none: AllowedGlobals = new Map();
const read = (bytes: Uint8Array, globals = none) => readPickle(bytes, "a.pkl", { globals });
const readText = (text: string, globals = none) => read(bytesOf(text), globals);
/** The bytes of text in which each character stands for a byte. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
const tuple = (...items: PickleValue[]) => new PickleTuple(items);

/** One list, as Python 3.11 writes it in the protocols 0 to 5. */
const written = [
  "KGxwMApJMAphSS0xCmFJMjU1CmFJMjU2CmFJNjU1MzYKYUktNzAwMDAKYUw5MDA3MTk5MjU0NzQwOTkxTAphTDkwMD" +
  "cxOTkyNTQ3NDA5OTJMCmFMLTExODA1OTE2MjA3MTc0MTEzMDM0MjRMCmFGMS41CmFGLWluZgphTmFJMDEKYUkwMAph" +
  "VmjpXHUwMDBhXHUwMDVjIFxVMDAwMWY2MDAKcDEKYShscDIKSTEKYShscDMKSTIKYWFhKHRhKEkxCnRwNAphKEkxCk" +
  "kyCnRwNQphKEkxCkkyCkkzCnRwNgphKEkxCkkyCkkzCkk0CnRwNwphKGRwOApWYQpwOQpJMQpzSTIKKGRwMTAKc2FW" +
  "cwpwMTEKYWcxMQphLg==",
  "XXEAKEsASv////9L/00AAUoAAAEASpDu/v9MOTAwNzE5OTI1NDc0MDk5MUwKTDkwMDcxOTkyNTQ3NDA5OTJMCkwtMT" +
  "E4MDU5MTYyMDcxNzQxMTMwMzQyNEwKRz/4AAAAAAAAR//wAAAAAAAATkkwMQpJMDAKWAoAAABow6kKXCDwn5iAcQFd" +
  "cQIoSwFdcQNLAmFlKShLAXRxBChLAUsCdHEFKEsBSwJLA3RxBihLAUsCSwNLBHRxB31xCChYAQAAAGFxCUsBSwJ9cQ" +
  "p1WAEAAABzcQtoC2Uu",
  "gAJdcQAoSwBK/////0v/TQABSgAAAQBKkO7+/4oH////////H4oHAAAAAAAAIIoJAAAAAAAAAADARz/4AAAAAAAAR/" +
  "/wAAAAAAAAToiJWAoAAABow6kKXCDwn5iAcQFdcQIoSwFdcQNLAmFlKUsBhXEESwFLAoZxBUsBSwJLA4dxBihLAUsC" +
  "SwNLBHRxB31xCChYAQAAAGFxCUsBSwJ9cQp1WAEAAABzcQtoC2Uu",
  "gANdcQAoSwBK/////0v/TQABSgAAAQBKkO7+/4oH////////H4oHAAAAAAAAIIoJAAAAAAAAAADARz/4AAAAAAAAR/" +
  "/wAAAAAAAAToiJWAoAAABow6kKXCDwn5iAcQFdcQIoSwFdcQNLAmFlKUsBhXEESwFLAoZxBUsBSwJLA4dxBihLAUsC" +
  "SwNLBHRxB31xCChYAQAAAGFxCUsBSwJ9cQp1WAEAAABzcQtoC2Uu",
  "gASVlwAAAAAAAABdlChLAEr/////S/9NAAFKAAABAEqQ7v7/igf///////8figcAAAAAAAAgigkAAAAAAAAAAMBHP/" +
  "gAAAAAAABH//AAAAAAAABOiImMCmjDqQpcIPCfmICUXZQoSwFdlEsCYWUpSwGFlEsBSwKGlEsBSwJLA4eUKEsBSwJL" +
  "A0sEdJR9lCiMAWGUSwFLAn2UdYwBc5RoC2Uu",
  "gAWVlwAAAAAAAABdlChLAEr/////S/9NAAFKAAABAEqQ7v7/igf///////8figcAAAAAAAAgigkAAAAAAAAAAMBHP/" +
  "gAAAAAAABH//AAAAAAAABOiImMCmjDqQpcIPCfmICUXZQoSwFdlEsCYWUpSwGFlEsBSwKGlEsBSwJLA4eUKEsBSwJL" +
  "A0sEdJR9lCiMAWGUSwFLAn2UdYwBc5RoC2Uu",
].map((text) => Uint8Array.fromBase64(text));

Deno.test("a pickle of any protocol gives the values that Python wrote", () => {
  const expected = [
    ...[0, -1, 255, 256, 65536, -70000, Number.MAX_SAFE_INTEGER, 2n ** 53n, -(2n ** 70n)],
    ...[1.5, -Infinity, null, true, false, "h\u00e9\n\\ \u{1f600}", [1, [2]]],
    ...[tuple(), tuple(1), tuple(1, 2), tuple(1, 2, 3), tuple(1, 2, 3, 4)],
    new Map<PickleValue, PickleValue>([["a", 1], [2, new Map()]]),
    ...["s", "s"],
  ];
  for (const bytes of written) assert.deepStrictEqual(read(bytes), expected);
});

Deno.test("bytes, sets and text of Python 2 are read", () => {
  const bytes = (text: string) => new Uint8Array(bytesOf(text));
  const four = Uint8Array.fromBase64("gASVHQAAAAAAAABdlChDAJRDBWJ5dGVzlI+UKEsBSwKQKEsDkZRlLg==");
  assert.deepStrictEqual(read(four), [bytes(""), bytes("bytes"), new Set([1, 2]), new Set([3])]);
  assert.deepStrictEqual(read(Uint8Array.fromBase64("gAWVEAAAAAAAAABdlJYCAAAAAAAAAGJhlGEu")), [
    bytes("ba"),
  ]);
  assert.deepStrictEqual(readText("(lS'it\\'s \\x41\\n'\naS\"b\"\naU\x01caU\x01\xffa."), [
    ...["it's A\n", "b", "c"],
    bytes("\xff"),
  ]);
});

Deno.test("a pickle within a pickle is bytes, and is not read", () => {
  const inner = "cos\nsystem\n.";
  assert.deepStrictEqual(
    readText(`\x80\x03C${String.fromCharCode(inner.length)}${inner}.`),
    new Uint8Array(bytesOf(inner)),
  );
});

Deno.test("calls go to the handlers of allowed globals alone", () => {
  const calls: unknown[] = [];
  const globals: AllowedGlobals = new Map([["a.b", {
    make: (args) => {
      calls.push(args);
      return { args };
    },
    build: (made, state) => void calls.push([made, state]),
  }]]);
  for (
    const call of ["ca\nb\n(K\x01tR", "ca\nb\nK\x01\x85\x81", "(K\x01ia\nb\n", "(ca\nb\nK\x01o"]
  ) {
    calls.length = 0;
    readText(`\x80\x02${call}}b.`, globals);
    assert.deepStrictEqual(calls, [[1], [{ args: [1] }, new Map()]]);
  }
  assert.throws(() => readText("]K\x01\x85R.", globals), /its pickle calls what is no global/);
  assert.throws(() => readText("ca\nb\nK\x01R.", globals), /its pickle calls without arguments/);
  assert.throws(() => readText("}}b.", globals), /sets the state of what has none/);
  assert.throws(() => readText("ca\nb\n)}K\x01K\x02s\x92.", globals), /named arguments/);
});

/** Damaged pickles, and a part of what is said about them. */
const damaged: readonly (readonly [what: string, pickle: string, said: string])[] = [
  ["nothing", "", "is cut short (at byte 0)"],
  ["no end", "\x80\x02]", "is cut short (at byte 3)"],
  ["text cut short", "X\xff\xff\xff\x7fab", "is cut short (at byte 7)"],
  ["a length beyond all files", "\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "is cut short"],
  ["a line without an end", "I12", "a line without an end (at byte 1)"],
  ["an unknown opcode", "\x80\x02z.", "an unknown opcode, 0x7a (at byte 2)"],
  ["a later protocol", "\x80\x06N.", "is of protocol 6"],
  ["an empty stack", "0.", "from an empty stack"],
  ["a stack that is empty since the mark", "K\x01(\x85.", "from an empty stack"],
  ["a missing mark", "]e.", "lacks a mark"],
  ["nothing left", ".", "does not end in one value"],
  ["two values left", "NN.", "does not end in one value"],
  ["an open mark", "(N.", "does not end in one value"],
  ["no such memo", "h\x07.", "recalls what it did not put down (at byte 1)"],
  ["items of a number", "K\x01K\x02a.", "appends to what is no list"],
  ["keys of a list", "]NNs.", "sets items of what is no dict"],
  ["a key without a value", "}(Nu.", "sets a key without a value"],
  ["a key that is a list", "}]Ns.", "a list, a dict or a set as a key"],
  ["an element that is a dict", "\x8f(}\x90.", "a list, a dict or a set as a key"],
  ["elements of a list", "](N\x90.", "adds to what is no set"],
  ["text that is not UTF-8", "X\x01\x00\x00\x00\xff.", "not UTF-8 (at byte 5)"],
  ["an integer of letters", "Iabc\n.", "an integer that is none"],
  ["a long integer", "\x8b\xff\xff\x00\x00", "an integer of 65535 bytes"],
  ["a float of letters", "Fabc\n.", "a number that is none"],
  ["a global without a name", "NN\x93.", "whose name is no text"],
  ["another file", "Pa\n.", "refers to another file"],
  ["too many marks", "(".repeat(1001), "is nested too deeply"],
  ["too many steps", "N".repeat(4_000_001), "takes more than 4000000 steps"],
];

Deno.test("a damaged pickle is refused with what is wrong", () => {
  for (const [what, pickle, said] of damaged) {
    assert.throws(() => readText(pickle), (error) => {
      assert.ok(error instanceof InputError, what);
      assert.ok(error.message.startsWith("Cannot read a.pkl: its pickle "), what);
      assert.ok(error.message.includes(said), `${what}: ${error.message}`);
      return true;
    });
  }
});

Deno.test("values are put down at any place, and the last one at a place counts", () => {
  // At 5, before there is anything at 0 to 4; and at 5 once more.
  assert.deepStrictEqual(readText("](I7\np5\nI1\np0\ng5\ng0\ne."), [7, 1, 7, 1]);
  assert.deepStrictEqual(
    readText("](I7\np1\nI8\np0\nI9\np1\ng1\ng0\nI3\n\x94g2\ne."),
    [7, 8, 9, 9, 8, 3, 3],
  );
  assert.throws(() => readText("I7\np-1\n."), /puts a value down at no place/);
  assert.throws(() => readText("I7\np1\ng0\n."), /recalls what it did not put down/);
});

Deno.test("loops and deep nesting are values like others", () => {
  const list = readText("]q\x00h\x00a.");
  assert.ok(Array.isArray(list) && list.length === 1 && list[0] === list);
  const dict = readText("}q\x00K\x01h\x00s.");
  assert.ok(dict instanceof Map && dict.get(1) === dict);
  assert.ok(readText(`N${"\x85".repeat(200_000)}.`) instanceof PickleTuple);
  // Each list holds the one before it twice: 2^5000 values if they were copied.
  assert.ok(Array.isArray(readText(`]${"q\x000](h\x00h\x00e".repeat(5000)}.`)));
});

/** Does something with bytes, which works or finds a file that cannot be used, whatever they are. */
function neverFails(use: () => unknown): void {
  try {
    use();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}

Deno.test("no bytes make the reader of pickles hang or fail", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => neverFails(() => read(bytes))),
    { numRuns: 1000 },
  );
  const change = fc.tuple(fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(
      fc.nat(written.length - 1),
      fc.array(change, { maxLength: 4 }),
      (which, changes) => {
        const bytes = Uint8Array.from(written[which]!); // it is one of them
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        neverFails(() => read(bytes));
      },
    ),
    { numRuns: 1000 },
  );
});
