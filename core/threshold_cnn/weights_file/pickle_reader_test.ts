import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../../errors.ts";
import { readPickle } from "./pickle_reader.ts";
import { type AllowedGlobals, PickleTuple, type PickleValue } from "./pickle_values.ts";
import { type PickleData, PickledTuple, PickleFloat, writePickle } from "./pickle_writer.ts";
import { bytesOf, smallNetwork, testCheckpoint, torchFileOf } from "./testing.ts";
import { readTorchWeights } from "./torch_weights.ts";
import { checkpointOf } from "./fit.ts";
import { readTorchFile } from "./torch_reader.ts";
import { torchBytes } from "./torch_writer.ts";
import { readZip } from "./zip_reader.ts";

const none: AllowedGlobals = new Map();
const read = (bytes: Uint8Array, globals = none) => readPickle(bytes, "a.pkl", { globals });
const readText = (text: string, globals = none) => read(bytesOf(text), globals);
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

Deno.test("what was written is read again", () => {
  const data = fc.letrec<{ value: PickleData }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double().map((value) => new PickleFloat(value)),
      fc.string({ unit: "grapheme" }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(tie("value"), { maxLength: 4 }).map((items) => new PickledTuple(...items)),
      fc.uniqueArray(fc.tuple(fc.string(), tie("value")), {
        maxLength: 4,
        selector: ([key]) => key,
      })
        .map((items) => new Map(items)),
    ),
  })).value;
  const plain = (value: PickleData): PickleValue => {
    if (value instanceof PickleFloat) return value.value;
    if (value instanceof PickledTuple) return tuple(...value.items.map(plain));
    if (Array.isArray(value)) return value.map(plain);
    if (value instanceof Map) {
      return new Map(Array.from(value, ([key, item]) => [key, plain(item)]));
    }
    return value;
  };
  fc.assert(fc.property(data, (value) => {
    assert.deepStrictEqual(read(writePickle(value)), plain(value));
  }));
  assert.throws(() => writePickle(2 ** 31), RangeError);
});

/** Pickles that would run something, and the name that must be told. */
const malicious: readonly (readonly [what: string, pickle: string, name: string])[] = [
  ["REDUCE", "\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.", "os.system"],
  ["its real name", "\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.", "posix.system"],
  ["one that is only named", "\x80\x02cos\nsystem\n.", "os.system"],
  ["in a tuple in a dict", "\x80\x02}X\x01\x00\x00\x00aK\x01cnt\nsystem\nK\x02\x87s.", "nt.system"],
  [
    "put into the memo and popped",
    "\x80\x02cos\nsystem\nq\x000h\x00X\x02\x00\x00\x00ls\x85R.",
    "os.system",
  ],
  ["thrown away", "\x80\x02cos\nsystem\n0N.", "os.system"],
  ["STACK_GLOBAL", "\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.", "os.system"],
  [
    "STACK_GLOBAL of memoised text",
    "\x80\x04\x8c\x06system\x940\x8c\x02os\x940h\x01h\x00\x93\x8c\x02ls\x85R.",
    "os.system",
  ],
  ["INST", "(S'ls'\nios\nsystem\n.", "os.system"],
  ["OBJ", "(cos\nsystem\nS'ls'\no.", "os.system"],
  ["NEWOBJ", "\x80\x02csubprocess\nPopen\nX\x02\x00\x00\x00ls\x85\x81.", "subprocess.Popen"],
  ["NEWOBJ_EX", "\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93)}\x92.", "subprocess.Popen"],
  ["EXT1", "\x80\x02\x82\x05.", "extension 5 of copyreg"],
  ["EXT2", "\x80\x02\x83\x05\x01.", "extension 261 of copyreg"],
  ["EXT4", "\x80\x02\x84\x05\x00\x00\x01.", "extension 16777221 of copyreg"],
  ["eval", "cbuiltins\neval\n(S'1'\ntR.", "builtins.eval"],
  ["eval of Python 2", "c__builtin__\neval\n(S'1'\ntR.", "__builtin__.eval"],
  ["exec", "cbuiltins\nexec\n(S'1'\ntR.", "builtins.exec"],
  ["getattr", "cbuiltins\ngetattr\n(c__builtin__\nset\nS'x'\ntR.", "builtins.getattr"],
  [
    "a name beside an allowed one",
    "\x80\x02ctorch._utils\n_import_dotted_name\n.",
    "torch._utils._import_dotted_name",
  ],
  [
    "an attribute of an allowed one",
    "\x80\x04\x8c\x0ctorch._utils\x8c\x1e_rebuild_tensor_v2.__globals__\x93.",
    "torch._utils._rebuild_tensor_v2.__globals__",
  ],
  [
    "an allowed one cut elsewhere",
    "\x80\x04\x8c\x05torch\x8c\x19_utils._rebuild_tensor_v2\x93.",
    "torch._utils._rebuild_tensor_v2",
  ],
  ["torch.load", "\x80\x02ctorch\nload\n.", "torch.load"],
  ["a name that moves a terminal", "c\x1b[2J\nx\n.", "?[2J.x"],
  ["a storage, called", "\x80\x02ctorch\nFloatStorage\n)R.", "torch.FloatStorage"],
  ["state of a tensor's size", "\x80\x02ctorch\nSize\n)\x85R}b.", "torch.Size.__setstate__"],
];

for (const [what, pickle, name] of malicious) {
  Deno.test(`a pickle that calls something is refused by its name: ${what}`, () => {
    const file = torchFileOf(bytesOf(pickle));
    assert.throws(() => readTorchFile(file, "a.pth"), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.ok(
        error.message.startsWith(`Cannot read a.pth: its pickle calls ${name}, which `),
        error.message,
      );
      return true;
    });
  });
}

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

Deno.test("loops and deep nesting are values like others", () => {
  const list = readText("]q\x00h\x00a.");
  assert.ok(Array.isArray(list) && list.length === 1 && list[0] === list);
  const dict = readText("}q\x00K\x01h\x00s.");
  assert.ok(dict instanceof Map && dict.get(1) === dict);
  assert.ok(readText(`N${"\x85".repeat(200_000)}.`) instanceof PickleTuple);
  // Each list holds the one before it twice: 2^5000 values if they were copied.
  assert.ok(Array.isArray(readText(`]${"q\x000](h\x00h\x00e".repeat(5000)}.`)));
});

Deno.test("persistent ids are refused that are no storages", () => {
  for (const id of ["N", "K\x05", "]", ")", "X\x01\x00\x00\x00a", "X\x07\x00\x00\x00storage\x85"]) {
    assert.throws(
      () => readTorchFile(torchFileOf(bytesOf(`\x80\x02${id}Q.`)), "a.pth"),
      { name: "InputError", message: /a\.pth: its pickle refers to something that is no storage/ },
    );
  }
  assert.throws(
    () => readTorchFile(torchFileOf(bytesOf("Pstorage\n.")), "a.pth"),
    /its pickle refers to something that is no storage/,
  );
});

/** Reads bytes, which gives a value or the error of a file that cannot be used, whatever they are. */
function neverFails(use: () => unknown): void {
  try {
    use();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}

function use(file: Uint8Array<ArrayBuffer>): void {
  checkpointOf(readTorchWeights(file, "a.pth"), smallNetwork, "a.pth");
}

Deno.test("no bytes make the reader hang or fail", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => neverFails(() => read(bytes))),
    { numRuns: 1000 },
  );
  const good = readZip(torchBytes(testCheckpoint(smallNetwork), smallNetwork), "a.pth");
  const pickle = good.get("weights/data.pkl")!;
  const entries = Object.fromEntries(
    Array.from(good, ([name, bytes]) => [name.replace("weights/", ""), bytes]),
  );
  delete entries["data.pkl"];
  use(torchFileOf(pickle, entries));
  const change = fc.tuple(fc.nat(pickle.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Uint8Array.from(pickle);
      for (const [at, byte] of changes) bytes[at] = byte;
      neverFails(() => use(torchFileOf(bytes, entries)));
    }),
    { numRuns: 250 },
  );
  fc.assert(
    fc.property(
      fc.nat(pickle.length - 1),
      fc.uint8Array({ maxLength: 9 }),
      fc.nat(9),
      (at, more, gone) => {
        const bytes = Uint8Array.of(
          ...pickle.subarray(0, at),
          ...more,
          ...pickle.subarray(at + gone),
        );
        neverFails(() => use(torchFileOf(bytes, entries)));
      },
    ),
    { numRuns: 250 },
  );
});
