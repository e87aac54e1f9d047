import assert from "node:assert";
import { InputError } from "../../errors.ts";
import { StoredTensor } from "./stored_tensor.ts";
import { isParameter, namedTensors } from "./stored_weights.ts";

const tensor = new StoredTensor("float32", [], new Uint8Array(4));
const refuse = (reason: string) => new InputError(reason);
const named = (...names: string[]) => {
  const tensors = new Map(names.map((name) => [name, tensor]));
  const { prefix, tensors: found } = namedTensors(tensors, refuse);
  return { prefix, names: [...found.keys()] };
};

Deno.test("what all names begin with is taken off where wrappers put it there", () => {
  assert.deepStrictEqual(named(), { prefix: "", names: [] });
  assert.deepStrictEqual(named("a", "module.b"), { prefix: "", names: ["a", "module.b"] });
  assert.deepStrictEqual(named("module._orig_mod.a", "module._orig_mod.model.b"), {
    prefix: "module._orig_mod.",
    names: ["a", "model.b"],
  });
  assert.deepStrictEqual(named("other.a", "other.b").prefix, "");
});

Deno.test("names are gone through once, however many prefixes they have", () => {
  let read = 0;
  const name = "module.".repeat(142);
  const startsWith = String.prototype.startsWith;
  String.prototype.startsWith = function (searched, from) {
    read += searched.length;
    return startsWith.call(this, searched, from);
  };
  try {
    assert.deepStrictEqual(named(name), { prefix: name, names: [""] });
  } finally {
    String.prototype.startsWith = startsWith;
  }
  assert.ok(read < 3 * name.length, `${read} characters`);
});

Deno.test("long names, and more tensors than a network has, are refused", () => {
  assert.strictEqual(named("a".repeat(1000)).names.length, 1);
  assert.throws(() => named("a".repeat(1001)), {
    name: "InputError",
    message: "the name of a tensor is of 1001 characters, more than the 1000 that are read " +
      `(${"a".repeat(60)}...)`,
  });
  const many = (count: number) => named(...Array.from({ length: count }, (_, i) => `${i}`));
  assert.strictEqual(many(10_000).names.length, 10_000);
  assert.throws(() => many(10_001), /^InputError: it holds 10001 tensors, more than the 10000/);
});

Deno.test("statistics of batch normalisation are no parameters", () => {
  const names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
  assert.deepStrictEqual(names.filter((name) => isParameter(`conv.1.${name}`)), ["weight", "bias"]);
  assert.ok(isParameter("running_mean"));
});
