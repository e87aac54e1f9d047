import assert from "node:assert";
import fc from "fast-check";
import { makeNotebook } from "./notebook.ts";

Deno.test("makeNotebook: cells, ids and what nbformat 4.5 asks for", () => {
  const script =
    "import this\n# %% [markdown]\n# # Title\n#\n# - text {{kept}}\n\n# %%\nx = {{x}}\n\n" +
    "# a comment\ny = 1\n\n\n# %%\n";
  const notebook = JSON.parse(makeNotebook(script, new Map([["x", "a"]])));
  assert.deepStrictEqual(notebook, {
    cells: [
      {
        cell_type: "markdown",
        id: "cell-01",
        metadata: {},
        source: ["# Title\n", "\n", "- text {{kept}}"],
      },
      {
        cell_type: "code",
        execution_count: null,
        outputs: [],
        id: "cell-02",
        metadata: {},
        source: ['x = "a"\n', "\n", "# a comment\n", "y = 1"],
      },
      {
        cell_type: "code",
        execution_count: null,
        outputs: [],
        id: "cell-03",
        metadata: {},
        source: [],
      },
    ],
    metadata: {
      kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
      language_info: { name: "python" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  });
});

Deno.test("makeNotebook: values as Python has them", () => {
  const line = (
    value: Parameters<typeof makeNotebook>[1] extends ReadonlyMap<string, infer V> ? V
      : never,
  ) => JSON.parse(makeNotebook("# %%\n{{v}}", new Map([["v", value]]))).cells[0].source[0];
  assert.strictEqual(line(null), "None");
  assert.strictEqual(line({ b0: "#0072b2", 'b"1': "x" }), '{"b0": "#0072b2", "b\\"1": "x"}');
  assert.strictEqual(line({}), "{}");
  // A Python literal of any text is JSON's, and stays on one line whatever a line end is taken to be.
  const odd = fc.constantFrom(
    '"',
    "\\",
    "\n",
    "\u0085",
    "\u2028",
    "\ud800",
    "é",
    "\u{1f9ec}",
    "{{v}}",
  );
  const text = fc.array(fc.oneof(odd, fc.string())).map((parts) => parts.join(""));
  fc.assert(fc.property(text, (text) => {
    const literal = line(text);
    assert.strictEqual(JSON.parse(literal), text);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(literal, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  }));
});

Deno.test("makeNotebook: exact messages", () => {
  assert.throws(() => makeNotebook("x = 1\n", new Map()), {
    name: "InputError",
    message: "Cannot make a notebook of the template: it has no cells",
  });
  assert.throws(() => makeNotebook("# %%\nx = {{y}}\n", new Map([["x", null]])), {
    name: "InputError",
    message: "Cannot make a notebook of the template: line 2 has a name that is not known (y)",
    remedy: "The names are x.",
  });
  assert.throws(() => makeNotebook("\n# %% [markdown]\n# a\ntext\n", new Map()), {
    name: "InputError",
    message:
      "Cannot make a notebook of the template: line 4 is no comment, in a cell of text (text)",
  });
});

Deno.test("siren's own notebook names all that it is filled with, and is the same every time", async () => {
  const script = await Deno.readTextFile(new URL("../../templates/analysis.py", import.meta.url));
  const names = ["results", "maps", "run", "colours"];
  for (const name of names) assert.ok(script.includes(`{{${name}}}`), name);
  const values = new Map<string, string | null>(names.map((name) => [name, null]));
  const notebook = makeNotebook(script, values);
  assert.strictEqual(makeNotebook(script, values), notebook);
  const { cells } = JSON.parse(notebook);
  assert.ok(cells.length > 15);
  assert.strictEqual(cells[0].cell_type, "markdown");
  assert.strictEqual(new Set(cells.map(({ id }: { id: string }) => id)).size, cells.length);
});
