import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../../errors.ts";
import { checkpointOf } from "./fit.ts";
import { bytesOf, smallNetwork, testCheckpoint, torchFileOf } from "./testing.ts";
import { readTorchFile } from "./torch_reader.ts";
import { readTorchWeights } from "./torch_weights.ts";
import { torchBytes } from "./torch_writer.ts";
import { readZip } from "./zip_reader.ts";

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

Deno.test("no bytes make the reader of torch.save's files hang or fail", () => {
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
