/**
 * Jupyter notebooks from scripts in which comments part the cells.
 *
 * @module
 */
import { InputError } from "../errors.ts";

/** A line that begins a cell: `# %%` of code, `# %% [markdown]` of text. */
const CELL = /^# %%( \[markdown\])?\s*$/;
const NAME = /\{\{([^{}]*)\}\}/g;

/** A value in a notebook, as Python has it. */
export type PythonValue = string | null | Readonly<Record<string, string>>;

/**
 * Makes a notebook of nbformat 4.5 from a Python script in percent format: `# %%` begins a cell of code, `# %%
 * [markdown]` one of text, whose lines are comments. In code `{{name}}` stands for a value. The notebook has
 * no outputs; the same script and values give the same bytes.
 *
 * @param script Text of the script; `templates/analysis.py` is the one that siren uses.
 * @param values Values by name.
 * @throws {InputError} The script has no cells, a name that is not known, or text that is no comment.
 * @example
 * ```ts
 * import { makeNotebook } from "./notebook.ts";
 * import assert from "node:assert";
 *
 * const script = "# %% [markdown]\n# # A title\n\n# %%\nfolder = {{folder}}\n";
 * const { cells } = JSON.parse(makeNotebook(script, new Map([["folder", "../run"]])));
 * assert.deepStrictEqual(cells[0].source, ["# A title"]);
 * assert.deepStrictEqual(cells[1].source, ['folder = "../run"']);
 * ```
 */
export function makeNotebook(script: string, values: ReadonlyMap<string, PythonValue>): string {
  const lines = script.split(/\r?\n/);
  const starts = [...lines.keys()].filter((i) => CELL.test(lines[i]!));
  if (starts.length === 0) {
    throw new InputError(
      "Cannot make a notebook of the template: it has no cells",
      "Begin each with a line # %% or # %% [markdown].",
    );
  }
  const cells = starts.map((start, i) => {
    const isText = lines[start]!.includes("[markdown]");
    const body = trimmed(lines.slice(start + 1, starts[i + 1] ?? lines.length));
    const source = body.map((line, k) =>
      isText ? uncommented(line, start + k + 2) : filled(line, start + k + 2, values)
    );
    const id = `cell-${String(i + 1).padStart(2, "0")}`;
    const common = { id, metadata: {}, source: source.map((line, k) => withEnd(line, k, source)) };
    return isText
      ? { cell_type: "markdown", ...common }
      : { cell_type: "code", execution_count: null, outputs: [], ...common };
  });
  const notebook = {
    cells,
    metadata: {
      kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
      language_info: { name: "python" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return JSON.stringify(notebook, undefined, 1) + "\n";
}

/** Lines without empty ones at the beginning and the end. */
function trimmed(lines: readonly string[]): readonly string[] {
  const isFull = (line: string) => line.trim() !== "";
  const first = lines.findIndex(isFull);
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex(isFull) + 1);
}

function uncommented(line: string, number: number): string {
  const text = /^#(?: (.*))?$/.exec(line);
  if (text !== null) return text[1] ?? "";
  throw new InputError(
    `Cannot make a notebook of the template: line ${number} is no comment, in a cell of text (${line})`,
    "Begin its lines with #.",
  );
}

function filled(
  line: string,
  number: number,
  values: ReadonlyMap<string, PythonValue>,
): string {
  return line.replaceAll(NAME, (_whole, name: string) => {
    const value = values.get(name.trim());
    if (value !== undefined) return inPython(value);
    throw new InputError(
      `Cannot make a notebook of the template: line ${number} has a name that is not known (${name.trim()})`,
      `The names are ${[...values.keys()].join(", ")}.`,
    );
  });
}

/** Lines of a cell end with line ends, but for the last. */
function withEnd(line: string, place: number, lines: readonly string[]): string {
  return place < lines.length - 1 ? `${line}\n` : line;
}

/** A value as a Python literal. JSON's strings are Python's, with surrogates and line ends escaped. */
function inPython(value: PythonValue): string {
  if (value === null) return "None";
  const text = (of: string) =>
    JSON.stringify(of).replace(
      /[\u007f-\u009f\u2028\u2029]/g,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  if (typeof value === "string") return text(value);
  return `{${Object.entries(value).map(([key, one]) => `${text(key)}: ${text(one)}`).join(", ")}}`;
}
