import assert from "node:assert";
import fc from "fast-check";
import { PickleTuple, type PickleValue, readPickle } from "../../pickle/mod.ts";
import { type PickleData, PickledTuple, PickleFloat, writePickle } from "./pickle_writer.ts";

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
    if (value instanceof PickledTuple) return new PickleTuple(value.items.map(plain));
    if (Array.isArray(value)) return value.map(plain);
    if (value instanceof Map) {
      return new Map(Array.from(value, ([key, item]) => [key, plain(item)]));
    }
    return value;
  };
  fc.assert(fc.property(data, (value) => {
    const read = readPickle(writePickle(value), "a.pkl", { globals: new Map() });
    assert.deepStrictEqual(read, plain(value));
  }));
  assert.throws(() => writePickle(2 ** 31), RangeError);
});
