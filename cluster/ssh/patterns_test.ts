import assert from "node:assert";
import * as fc from "fast-check";
import { fits, fitsAny } from "./patterns.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });

Deno.test("a pattern fits what the same regular expression fits", () => {
  fc.assert(fc.property(pattern, word, (pattern, name) => {
    const source = pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".");
    assert.strictEqual(fits(pattern, name), new RegExp(`^${source}$`).test(name));
  }));
});

Deno.test("a pattern of many stars is decided at once", () => {
  assert.ok(!fits("*a".repeat(100) + "b", "a".repeat(10_000)));
});

Deno.test("one negated pattern that fits decides against the name", () => {
  assert.ok(fitsAny(["a*", "!ab"], "ac"));
  assert.ok(!fitsAny(["a*", "!ab"], "ab"));
  assert.ok(!fitsAny(["!ab", "a*"], "ab"));
  assert.ok(!fitsAny(["!ab"], "ac"), "negated ones alone fit nothing");
  assert.ok(!fitsAny([], "a"));
});
