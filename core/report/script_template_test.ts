import assert from "node:assert";
import { chimeraColour, chimeraNumber, fillScript, quoteChimeraText } from "./script_template.ts";

const list = (word: string, ...items: string[]) =>
  [word, {
    names: [`${word}.path`],
    items: items.map((item) => new Map([[`${word}.path`, item]])),
  }] as const;

Deno.test("fillScript: lists, single values, what has none, and comments", () => {
  const content = {
    values: new Map([["level", "2"], ["models", undefined]]),
    lists: new Map([list("map", "a", "b"), list("mask")]),
  };
  assert.strictEqual(
    fillScript(
      "# {{any}}\nopen {{map.path}} {{ level }}\r\nopen {{mask.path}}\nhide {{models}}\nview\n",
      content,
    ),
    "# {{any}}\nopen a 2\nopen b 2\nview\n",
  );
});

Deno.test("fillScript: values are not filled in anew, and special signs in them mean nothing", () => {
  const content = {
    values: new Map([["a", "{{b}} $& $1"], ["b", "no"]]),
    lists: new Map(),
  };
  assert.strictEqual(fillScript("x {{a}}", content), "x {{b}} $& $1");
});

Deno.test("fillScript: exact messages", () => {
  const content = { values: new Map(), lists: new Map([list("map", "a"), list("mask", "b")]) };
  assert.throws(() => fillScript("view\n{{level}}", content), {
    name: "InputError",
    message: "Cannot use the ChimeraX template: line 2 has a name that is not known (level)",
    remedy: "The names are map.path, mask.path.",
  });
  assert.throws(() => fillScript("{{map.path}} {{mask.path}}", content), {
    name: "InputError",
    message:
      "Cannot use the ChimeraX template: line 1 names things of two kinds (map.path, mask.path)",
  });
});

Deno.test("texts, numbers and colours of scripts", () => {
  assert.strictEqual(quoteChimeraText('a "b" \\ c\nd'), '"a \\"b\\" \\\\ c d"');
  assert.strictEqual(chimeraNumber(-0.25, "level"), "-0.25");
  assert.throws(() => chimeraNumber(Infinity, "level"), {
    message: "Cannot write the ChimeraX script: the level is not a number (Infinity)",
  });
  assert.strictEqual(chimeraColour("#0072B2", "block 1"), "#0072B2");
  assert.throws(() => chimeraColour("blue", "block 1"), {
    message:
      "Cannot write the ChimeraX script: the colour of block 1 is not of the form #rrggbb (blue)",
  });
});
