import assert from "node:assert";
import fc from "fast-check";
import { InputError, UsageError } from "../errors.ts";
import { fillChimeraX, type Scene } from "./chimerax.ts";

const scene: Scene = {
  consensus: { path: "consensus.mrc", level: 0.25 },
  blocks: [
    { path: "block_7.mrc", id: 7, colour: "#0072b2" },
    { path: "block_12.mrc", id: 12, colour: "#d55e00" },
  ],
};

Deno.test("fillChimeraX: the script of siren's template", async () => {
  const template = await Deno.readTextFile(
    new URL("../../templates/open_blocks.cxc", import.meta.url),
  );
  const script = fillChimeraX(template, scene);
  const commands = script.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepStrictEqual(commands, [
    'open "consensus.mrc"',
    'open "block_7.mrc"',
    'open "block_12.mrc"',
    "volume #1 show style surface region all step 1 level 0.25 color #b0b0b040",
    'rename #1 "consensus"',
    "volume #2 show style surface region all step 1 level 0.5 color #0072b2",
    "volume #3 show style surface region all step 1 level 0.5 color #d55e00",
    'rename #2 "block 7"',
    'rename #3 "block 12"',
    "volume showOutlineBox false",
    "set bgColor white",
    "lighting soft",
    "view",
  ]);
});

Deno.test("fillChimeraX: names in comments stay, spaces in braces do not matter", () => {
  const template = "# {{anything}}\ncolor #{{ blocks.models }} {{block.colour}}\n";
  assert.strictEqual(
    fillChimeraX(template, scene),
    "# {{anything}}\ncolor #2-3 #0072b2\ncolor #2-3 #d55e00\n",
  );
});

Deno.test("fillChimeraX: no blocks, no lines about them", () => {
  assert.strictEqual(
    fillChimeraX("open {{consensus.path}}\nopen {{block.path}}\nhide #{{blocks.models}}\nview", {
      ...scene,
      blocks: [],
    }),
    'open "consensus.mrc"\nview',
  );
});

/** Reads a quoted ChimeraX token at the start of a text, and says what is left. */
function readQuoted(text: string): [value: string, rest: string] {
  assert.strictEqual(text[0], '"');
  let value = "";
  let i = 1;
  for (; text[i] !== '"'; i++) {
    if (text[i] === "\\") i++;
    assert.ok(i < text.length, "unfinished quote");
    value += text[i];
  }
  return [value, text.slice(i + 1)];
}

Deno.test("fillChimeraX: any path comes back whole from its one line and token, or is refused", () => {
  const odd = fc.constantFrom('"', "\\", ";", "#", "~", "{{block.path}}", " ", "'", "$", "\n", "é");
  const path = fc.array(fc.oneof(odd, fc.string()), { minLength: 1 }).map((p) => p.join(""));
  fc.assert(
    fc.property(path, (path) => {
      let script: string;
      try {
        script = fillChimeraX("open {{block.path}} name x", {
          ...scene,
          blocks: [{ path, id: 1, colour: "#000000" }],
        });
      } catch (error) {
        assert.ok(error instanceof UsageError);
        // deno-lint-ignore no-control-regex
        assert.match(path, /[$\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        return;
      }
      const [value, rest] = readQuoted(script.slice("open ".length));
      assert.strictEqual(value, path.startsWith("~") ? `./${path}` : path);
      assert.strictEqual(rest, " name x");
      assert.ok(!script.includes("\n"));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("fillChimeraX: exact messages", () => {
  const block = (path: string, colour = "#000000") => ({
    ...scene,
    blocks: [{ path, id: 3, colour }],
  });
  for (
    const [template, given, kind, message] of [
      [
        "view\nopen {{block.file}}",
        scene,
        InputError,
        "Cannot use the ChimeraX template: line 2 has a name that is not known (block.file)",
      ],
      [
        "view",
        block("a\nexit"),
        UsageError,
        'Cannot write the ChimeraX script: a path has a control character or a line break ("a\\nexit")',
      ],
      [
        "view",
        block("$HOME/a.mrc"),
        UsageError,
        'Cannot write the ChimeraX script: ChimeraX would expand the $ of a path ("$HOME/a.mrc")',
      ],
      [
        "view",
        block("a.mrc", "red; exit"),
        UsageError,
        "Cannot write the ChimeraX script: the colour of block 3 is not of the form #rrggbb (red; exit)",
      ],
      [
        "view",
        { ...scene, consensus: { path: "a.mrc", level: NaN } },
        UsageError,
        "Cannot write the ChimeraX script: the level is not a number (NaN)",
      ],
    ] as const
  ) {
    assert.throws(
      () => fillChimeraX(template, given),
      (error) => error instanceof kind && error.message === message,
    );
  }
});
