import assert from "node:assert";
import fc from "fast-check";
import { readPickle } from "../pickle/mod.ts";
import { pickleDict, pickleList } from "./pickle.ts";

const read = (bytes: Uint8Array) => readPickle(bytes, "a.pkl", { globals: new Map() });

const integer = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 65500, max: 65600 }),
  fc.integer(),
  fc.maxSafeInteger(),
);
const dict = fc.array(fc.tuple(integer, fc.array(integer))).map((entries) => new Map(entries));

Deno.test("pickles read back", () => {
  fc.assert(fc.property(fc.array(integer), (values) => {
    assert.deepStrictEqual(read(pickleList(values)), values);
  }));
  fc.assert(fc.property(dict, (lists) => {
    const back = read(pickleDict(lists));
    assert.deepStrictEqual(back, lists);
    assert.ok(back instanceof Map);
    assert.deepStrictEqual([...back.keys()], [...lists.keys()]);
  }));
});

Deno.test("pickleDict and pickleList write the opcodes of protocol 2", () => {
  assert.deepStrictEqual(
    [...pickleDict(new Map([[3, Uint32Array.of(255, 256, 65536)]]))],
    // PROTO 2, dict, mark, 3, list, mark, 255, 256, 65536, appends, setitems, stop
    [0x80, 2, 0x7d, 0x28, 0x4b, 3, 0x5d, 0x28, 0x4b, 255, 0x4d, 0, 1, 0x4a, 0, 0, 1, 0, 0x65]
      .concat([0x75, 0x2e]),
  );
  assert.deepStrictEqual([...pickleList([])], [0x80, 2, 0x5d, 0x28, 0x65, 0x2e]);
});

Deno.test("pickleList refuses what is no integer", () => {
  for (const value of [0.5, NaN, 2 ** 53]) {
    assert.throws(
      () => pickleList([value]),
      new RangeError(`Cannot pickle ${value}: it is not an integer below 2^53`),
    );
  }
});

/** Runs a Python program on some bytes; undefined where there is no Python. */
async function python(program: string, stdin: Uint8Array): Promise<Uint8Array | undefined> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("python3", {
      args: ["-c", program],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    throw error;
  }
  const writer = child.stdin.getWriter();
  await writer.write(stdin);
  await writer.close();
  const { success, stdout } = await child.output();
  assert.ok(success, "python3 failed");
  return stdout;
}

const hasPython = await python("", new Uint8Array()) !== undefined;

Deno.test({ name: "Python's pickle reads ours", ignore: !hasPython }, async () => {
  const lists = new Map([
    [5, [0, 1, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 40, -1, -(2 ** 31), -(2 ** 40)]],
    [2, []],
    [70000, Array.from({ length: 5000 }, (_, i) => 37 * i)],
  ]);
  const program = "import pickle, json, sys\n" +
    "print(json.dumps(list(pickle.load(sys.stdin.buffer).items())))";
  const out = await python(program, pickleDict(lists));
  assert.deepStrictEqual(JSON.parse(new TextDecoder().decode(out)), [...lists]);
});

Deno.test({ name: "we read Python's pickles, protocols 2 to 5", ignore: !hasPython }, async () => {
  for (const protocol of [2, 3, 4, 5]) {
    const program = "import pickle, sys\n" +
      "d = {4: list(range(0, 3000, 7)), -9: [], 300: [70000, 2**31, -2**40], 1: [12]}\n" +
      `sys.stdout.buffer.write(pickle.dumps(d, ${protocol}))`;
    const bytes = await python(program, new Uint8Array());
    assert.deepStrictEqual(
      read(bytes!), // there is a Python
      new Map([
        [4, Array.from({ length: 429 }, (_, i) => 7 * i)],
        [-9, []],
        [300, [70000, 2 ** 31, -(2 ** 40)]],
        [1, [12]],
      ]),
    );
  }
});
