import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../../errors.ts";
import { checkpointOf, differences } from "./fit.ts";
import { bytesOf, smallNetwork, torchFileOf } from "./testing.ts";
import { readTorchWeights } from "./torch_weights.ts";

const text = (value: string) => `X${String.fromCharCode(value.length)}\x00\x00\x00${value}`;
const global = (module: string, name: string) => `c${module}\n${name}\n`;
const dict = (...items: string[]) => `}(${items.join("")}u`;
const call = (made: string, ...args: string[]) => `${made}(${args.join("")}tR`;
const id = (parts: string) => `(${parts}tQ`;

const FLOATS = global("torch", "FloatStorage");
const ID = [text("storage"), FLOATS, text("0"), text("cpu"), "K\x02"];
const TENSOR = [id(ID.join("")), "K\x00", "K\x02\x85", "K\x01\x85", "\x89", "}"];
const V2 = global("torch._utils", "_rebuild_tensor_v2");
const V3 = global("torch._utils", "_rebuild_tensor_v3");
const tensor = call(V2, ...TENSOR);
const model = dict(text("mlp.0.bias"), tensor);
const DTYPE = global("numpy", "dtype");
const SCALAR = global("numpy.core.multiarray", "scalar");
const float64 = `${call(DTYPE, text("f8"))}(K\x03${text("<")}NNNtb`;

/** A checkpoint with a loss. */
const withLoss = (loss: string) => dict(text("model_state_dict"), model, text("loss"), loss);
/** A checkpoint with an optimizer that has some group and state. */
const withAdam = (group: string, state: string) =>
  dict(
    ...[text("model_state_dict"), model, text("optimizer_state_dict")],
    dict(text("state"), state, text("param_groups"), `](${group}e`),
  );
const GROUP = dict(text("lr"), "K\x01", text("params"), "](K\x00e");
const moments = (step: string, mean: string, square: string) =>
  dict("K\x00", dict(text("step"), step, text("exp_avg"), mean, text("exp_avg_sq"), square));

/** Pickles of files of torch.save with any value, which is put in as often as @ stands there. */
const places = [
  ...["@", dict("@", "N"), dict(text("a"), "@"), dict(text("a"), tensor, "@", "N")],
  ...["model_state_dict", "state_dict", "model"].map((key) => dict(text(key), "@")),
  ...["epoch", "loss", "optimizer_state_dict", "optimizer"].map((key) =>
    dict(text("model_state_dict"), model, text(key), "@")
  ),
  ...[withAdam("@", "@"), withAdam(GROUP, "@"), withAdam(GROUP, dict("K\x00", "@"))],
  ...["lr", "params"].map((key) => withAdam(`${GROUP}${text(key)}@s`, moments("K\x01", "@", "@"))),
  withAdam(GROUP.replace("(K\x00e", "(@e"), moments("K\x01", tensor, tensor)),
  ...[["@", tensor, tensor], ["K\x01", "@", tensor], ["K\x01", tensor, "@"]].map((three) =>
    withAdam(GROUP, moments(...three as [string, string, string]))
  ),
  ...[call(DTYPE, "@"), `${call(DTYPE, text("f8"))}@b`, `${call(DTYPE, text("f8"))}(K\x03@tb`],
  ...[call(SCALAR, "@", "@"), call(SCALAR, float64, "@"), call(SCALAR, call(DTYPE, "@"), "C\x00")],
  ...["torch.Size", "collections.OrderedDict", "torch._utils._rebuild_parameter", "_codecs.encode"]
    .flatMap((name) => {
      const made = global(...name.split(/\.(?=\w+$)/) as [string, string]);
      return [call(made, "@"), `${call(made, "@")}@b`, `${call(made)}@b`];
    }),
  call(global("numpy.core.multiarray", "_reconstruct"), "@"),
  `${call(global("torch.nn.modules.loss", "MSELoss"))}@b`,
  ...["@@\x93", `${text("torch")}@\x93`, "@@R", `${FLOATS}@R`, `${DTYPE}@@\x92`, "@@b", "(@@o"],
].map((place) => place.startsWith("}(") ? place : withLoss(place)).concat(
  ...ID.map((_, i) => withLoss(id(ID.with(i, "@").join("")))),
  ...["@Q", id("@"), id(ID.join("") + "@")].map(withLoss),
  ...TENSOR.map((_, i) => withLoss(call(V2, ...TENSOR.with(i, "@")))),
  ...[withLoss(call(V2, ...TENSOR, "@")), withLoss(call(V3, ...TENSOR, "@"))],
  // Among the sizes of axes, and as what is looked up by a key.
  ...[2, 3].map((i) => withLoss(call(V2, ...TENSOR.with(i, "(@@t")))),
);

/** How a value holds the one before it, which is in the memo at 0; each time it is put there too. */
const holders = {
  list: "](h\x00h\x00e",
  nested: "](h\x00e",
  tuple: "h\x00h\x00\x86",
  dict: "}(K\x01h\x00K\x02h\x00u",
  mixed: "](h\x00K\x01h\x00h\x00\x86e",
} as const;

/** The pickle of a place with a value that is nested. */
function pickled(place: string, leaf: string, levels: readonly (keyof typeof holders)[]): string {
  const value = levels.map((kind) => `${holders[kind]}q\x000`).join("");
  return `\x80\x02${leaf}q\x000${value}${place.replaceAll("@", "h\x00")}.`;
}

/** Reads a pickle as the weights of a network, and says what was wrong with it. */
function use(pickle: string): string {
  const file = torchFileOf(bytesOf(pickle), { "data/0": new Uint8Array(8) });
  try {
    const stored = readTorchWeights(file, "a.pth");
    differences(stored.tensors, smallNetwork);
    checkpointOf(stored, smallNetwork, "a.pth");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    assert.ok(error.message.length < 1000, error.message);
    return error.message;
  }
  return "";
}

/** What is called where a list, a dict or a set is turned into text, or gone through. */
const watched: readonly (readonly [prototype: object, keys: readonly PropertyKey[]])[] = [
  [Array.prototype, ["join", "toString", "flat", Symbol.iterator]],
  [Map.prototype, ["entries", "keys", "values", "forEach", Symbol.iterator]],
  [Set.prototype, ["values", "forEach", Symbol.iterator]],
];

/** Whether something gets by with so many calls of what is {@linkcode watched}; it is stopped if not. */
function takesAtMost(most: number, use: () => unknown): boolean {
  const tooMany = new Error("too many visits");
  const visit = () => {
    if (++visits > most) throw tooMany;
  };
  const restore: (() => void)[] = [];
  let visits = 0;
  try {
    watched.forEach(([prototype, keys]) =>
      keys.forEach((key) => {
        const descriptor = Object.getOwnPropertyDescriptor(prototype, key)!; // all are there
        const value = function (this: unknown, ...args: unknown[]) {
          visit();
          return Reflect.apply(descriptor.value, this, args);
        };
        restore.push(() => Object.defineProperty(prototype, key, descriptor));
        Object.defineProperty(prototype, key, { ...descriptor, value });
      })
    );
    const toJSON = function (this: unknown) {
      visit();
      return this;
    };
    Object.defineProperty(Array.prototype, "toJSON", { value: toJSON, configurable: true });
    use();
    return true;
  } catch (error) {
    if (error !== tooMany) throw error;
    return false;
  } finally {
    visits = -Infinity;
    restore.forEach((one) => one());
    Reflect.deleteProperty(Array.prototype, "toJSON");
  }
}

Deno.test("values that hold one another twice are noticed where they are unfolded", () => {
  let list: unknown = 1, dict: unknown = 1;
  for (let i = 0; i < 10; i++) [list, dict] = [[list, list], new Map([[1, dict], [2, dict]])];
  const throughAll = (value: unknown): unknown => value instanceof Map && value.forEach(throughAll);
  for (const use of [() => `${list}`, () => JSON.stringify(list), () => throughAll(dict)]) {
    assert.ok(!takesAtMost(1000, use) && takesAtMost(100_000, use));
  }
});

Deno.test("a value that is held twice over and over is gone through once, in any place", () => {
  const kinds = Object.keys(holders) as (keyof typeof holders)[];
  const leaf = fc.constantFrom("K\x05", text("f8"), "]", tensor, DTYPE, "N", "G?\xf0\0\0\0\0\0\0");
  const run = fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 30 }))
    .map(([kind, length]) => Array<keyof typeof holders>(length).fill(kind));
  fc.assert(
    fc.property(leaf, fc.array(run, { minLength: 1, maxLength: 3 }), (leaf, runs) => {
      for (const place of places) {
        const pickle = pickled(place, leaf, runs.flat());
        const isBounded = takesAtMost(2 * pickle.length + 300, () => use(pickle));
        assert.ok(isBounded, `${JSON.stringify(place)} with ${pickle.length} bytes`);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("values nested twenty thousand times are read, or refused, in any place", () => {
  for (const place of places) {
    for (const kind of ["nested", "tuple"] as const) {
      use(pickled(place, "K\x05", Array(20_000).fill(kind)));
    }
  }
});

Deno.test("numbers and names that are lists of lists are refused", () => {
  const twice = Array(30).fill("list"), deep = Array(20_000).fill("nested");
  for (const levels of [twice, deep]) {
    const read = (place: string) => use(pickled(withLoss(place), "K\x05", levels));
    assert.strictEqual(
      read(call(DTYPE, "@")),
      "Cannot read a.pth: its pickle has a NumPy type whose name is no text",
    );
    assert.strictEqual(
      read(`${call(DTYPE, text("f8"))}(K\x03@tb`),
      "Cannot read a.pth: its pickle has a NumPy type whose byte order is no text",
    );
    assert.strictEqual(
      read(id(ID.with(4, "@").join(""))),
      "Cannot read a.pth: its pickle refers to something that is no storage of numbers",
    );
  }
});

Deno.test("a NumPy number is read by its type, and none where the type is of another name", () => {
  const scalar = (type: string) =>
    withLoss(call(SCALAR, call(DTYPE, text(type)), "C\x08\0\0\0\0\0\0\xf0?"));
  const lossOf = (pickle: string) =>
    readTorchWeights(
      torchFileOf(bytesOf(`${pickle}.`), { "data/0": new Uint8Array(8) }),
      "a.pth",
    ).loss;
  assert.strictEqual(lossOf(scalar("f8")), 1);
  for (const name of ["constructor", "toString", "__proto__", "f4", "u8"]) {
    assert.strictEqual(lossOf(scalar(name)), undefined, name);
  }
});

Deno.test("more tensors, or longer names, than a network may have are refused", () => {
  const count = 150_000;
  const name = (i: number) => text(String(i));
  const many = Array.from({ length: count }, (_, i) => `${name(i)}h\x00`).join("");
  const group = dict(text("lr"), "K\x01", text("params"), `](${"K\x00".repeat(count)}e`);
  assert.strictEqual(
    use(`${tensor}q\x000${withAdam(group, "}").replace(model, `}(${many}u`)}.`),
    "Cannot read a.pth: it holds 150000 tensors, more than the 10000 that are read",
  );
  const long = "module.".repeat(32_000);
  const inBytes = String.fromCharCode(long.length & 255, long.length >> 8 & 255, long.length >> 16);
  assert.strictEqual(
    use(`${dict(`X${inBytes}\0${long}`, tensor)}.`),
    "Cannot read a.pth: the name of a tensor is of 224000 characters, more than the 1000 that are " +
      `read (${"module.".repeat(9).slice(0, 60)}...)`,
  );
});

Deno.test("a tensor of more numbers than can be counted is refused", () => {
  const size = "\x8a\x07\0\0\0\0\0\0\x10"; // 2^52
  for (const shape of [`${size}${size}\x86`, `${size.repeat(30)}K\x00`]) {
    const axes = shape.startsWith(`${size}${size}\x86`) ? shape : `(${shape}t`;
    const strides = axes.replaceAll(size, "K\x00");
    assert.match(
      use(`${withLoss(call(V2, ...TENSOR.with(2, axes).with(3, strides)))}.`),
      /^Cannot read a\.pth: its pickle has a tensor that reaches beyond its numbers$/,
    );
  }
});
