/**
 * Conditions on volumes, as text: `b3 > 0.8 && b5 < 0.1`.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { suggest } from "../suggest.ts";
import { told } from "../told.ts";
import type { Analysis } from "./analysis.ts";

/** What conditions are about: an analysis, or a table alone. */
export type Selectable =
  & Pick<Analysis, "table">
  & Partial<Pick<Analysis, "clusters" | "presence" | "junk" | "components">>;

/** Value of a condition or of an operand for the volume at a place of the table. */
type Test = (volume: number) => boolean;
type Operand = (volume: number) => number;

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

/** Words that mean something without being a region's name. */
const WORDS = ["cluster", "present", "absent", "junk", "pc1"];

const HELP =
  "Write it as in 'b3 > 0.8 && b5 < 0.1', 'cluster == 2 || present(b3)' or '!junk'; quote odd " +
  'names: "mask 1" > 0.5.';

/** Conditions within conditions, at most: more is no condition that anyone wrote. */
const DEEPEST = 200;

/**
 * The volumes that meet a condition.
 *
 * A condition compares (`<`, `<=`, `>`, `>=`, `==`, `!=`) regions' occupancies, by the regions' names,
 * `cluster` and `pc1`, `pc2`, ... (scores of the components over regions) with numbers or each other.
 * `present(b3)` and `absent(b3)` say whether a region is there by its cutoff, and `junk` whether the volume
 * is unlike the others. Conditions go together by `&&`, `||` (which binds less), `!` and brackets. A name
 * that is no word of letters, digits, `_` and `.`, or that is one of these words, stands in quotes, single
 * or double.
 *
 * @returns Places in the table, ascending.
 * @throws {UsageError} It is no condition, or names what there is not; the message says where.
 * @example
 * ```ts
 * import { selectVolumes } from "./where.ts";
 * import assert from "node:assert";
 *
 * const table = {
 *   volumes: ["vol_000.mrc", "vol_001.mrc"],
 *   regions: [{ name: "b0", voxels: 9 }, { name: "b3", voxels: 7 }],
 *   values: Float64Array.of(0.1, 0.2, 0.9, 0.05),
 * };
 * assert.deepStrictEqual(selectVolumes({ table }, "b0 > 0.8 && b3 < 0.1"), [1]);
 * ```
 */
export function selectVolumes(from: Selectable, where: string): number[] {
  const test = new Parser(where, from).condition();
  return from.table.volumes.map((_, volume) => volume).filter(test);
}

type Kind = "number" | "name" | "quoted" | "sign" | "end";

interface Token {
  readonly kind: Kind;
  readonly text: string;
  /** Place in the condition, from 0. */
  readonly at: number;
}

/** Recursive descent over the tokens of a condition. */
class Parser {
  readonly #where: string;
  readonly #from: Selectable;
  readonly #tokens: readonly Token[];
  readonly #regions: ReadonlyMap<string, number>;
  #next = 0;
  #depth = 0;

  constructor(where: string, from: Selectable) {
    this.#where = where;
    this.#from = from;
    this.#tokens = tokensOf(where);
    this.#regions = new Map(from.table.regions.map(({ name }, k) => [name, k]));
  }

  /** The whole condition. */
  condition(): Test {
    const test = this.#or();
    const rest = this.#peek();
    if (rest.kind !== "end") {
      throw this.#fail(
        rest,
        "there is something that nothing joins to what is before",
        rest.text === "and" || rest.text === "or"
          ? `Write ${rest.text === "and" ? "&&" : "||"}.`
          : "Join conditions by && or ||.",
      );
    }
    return test;
  }

  #or(): Test {
    let test = this.#and();
    while (this.#takes("||")) {
      const first = test, second = this.#and();
      test = (volume) => first(volume) || second(volume);
    }
    return test;
  }

  #and(): Test {
    let test = this.#not();
    while (this.#takes("&&")) {
      const first = test, second = this.#not();
      test = (volume) => first(volume) && second(volume);
    }
    return test;
  }

  #not(): Test {
    if (++this.#depth > DEEPEST) throw this.#fail(this.#peek(), "there are too many brackets");
    try {
      if (this.#takes("!")) {
        const test = this.#not();
        return (volume) => !test(volume);
      }
      if (this.#takes("(")) {
        const test = this.#or();
        this.#expect(")", "a bracket is not closed");
        return test;
      }
      return this.#comparison();
    } finally {
      this.#depth--;
    }
  }

  #comparison(): Test {
    const token = this.#peek();
    const isWord = token.kind === "name" && !this.#isComparison(this.#tokens[this.#next + 1]);
    if (isWord && token.text === "junk") {
      this.#next++;
      const junk = new Set(this.#known(token, "junk").map(({ volume }) => volume));
      return (volume) => junk.has(volume);
    }
    if (isWord && (token.text === "present" || token.text === "absent")) return this.#presence();
    const left = this.#operand();
    const sign = this.#peek();
    const compare = this.#isComparison(sign) ? COMPARISONS[sign.text] : undefined;
    if (compare === undefined) {
      throw this.#fail(
        sign,
        `a comparison is missing after ${told(token.text)}`,
        sign.text === "=" ? "Write == for equal." : HELP,
      );
    }
    this.#next++;
    const other = this.#peek();
    const right = this.#operand();
    if (token.kind === "number" && other.kind === "number") {
      throw this.#fail(
        token,
        `two numbers are compared (${told(token.text)} and ${told(other.text)})`,
        `A region of that name stands in quotes: "${told(token.text)}" ${sign.text} ${
          told(other.text)
        }.`,
      );
    }
    const more = this.#peek();
    if (this.#isComparison(more)) {
      throw this.#fail(more, "comparisons cannot be chained", "Write 0.2 < b3 && b3 < 0.8.");
    }
    return (volume) => compare(left(volume), right(volume));
  }

  /** `present(b3)` or `absent(b3)`. */
  #presence(): Test {
    const word = this.#tokens[this.#next++]!; // it was looked at
    this.#expect("(", `a bracket is missing after ${word.text}`);
    const name = this.#peek();
    if (name.kind !== "name" && name.kind !== "quoted") {
      throw this.#fail(name, "a region's name is missing", HELP);
    }
    this.#next++;
    const region = this.#region(name);
    this.#expect(")", "a bracket is not closed");
    const presence = this.#known(word, "presence");
    const regions = this.#regions.size, wanted = word.text === "present" ? 1 : 0;
    return (volume) => presence[volume * regions + region] === wanted;
  }

  #operand(): Operand {
    const token = this.#peek();
    if (token.kind === "number") {
      this.#next++;
      const value = Number(token.text);
      return () => value;
    }
    if (token.kind !== "name" && token.kind !== "quoted") {
      throw this.#fail(token, "a region's name or a number is missing", HELP);
    }
    this.#next++;
    const isRegion = token.kind === "quoted" || this.#regions.has(token.text);
    if (!isRegion && token.text === "cluster") {
      const clusters = this.#known(token, "clusters");
      return (volume) => clusters[volume]!;
    }
    const component = /^pc([1-9]\d*)$/.exec(token.text)?.[1];
    if (!isRegion && component !== undefined) return this.#component(token, Number(component));
    const region = this.#region(token), { values } = this.#from.table;
    const regions = this.#regions.size;
    return (volume) => values[volume * regions + region]!;
  }

  #component(token: Token, number: number): Operand {
    const components = this.#known(token, "components").find(({ of }) => of === "regions");
    const count = components?.shares.length ?? 0;
    if (components === undefined || number > count) {
      throw this.#fail(token, `there are ${count} components (${token.text})`);
    }
    return (volume) => components.scores[volume * count + number - 1]!;
  }

  #region(token: Token): number {
    const region = this.#regions.get(token.text);
    if (region !== undefined) return region;
    const names = [...this.#regions.keys()];
    const close = suggest(token.text, token.kind === "quoted" ? names : [...names, ...WORDS]);
    const few = names.slice(0, 12).join(", ");
    throw this.#fail(
      token,
      `there is no region of this name (${told(token.text)})`,
      close === undefined
        ? `Regions are ${few}${names.length > 12 ? `, ... (${names.length})` : ""}.`
        : `Did you mean ${told(close)}?`,
    );
  }

  #known<K extends "clusters" | "presence" | "junk" | "components">(
    token: Token,
    key: K,
  ): NonNullable<Selectable[K]> {
    const value = this.#from[key];
    if (value !== undefined) return value;
    throw this.#fail(
      token,
      `only an analysis knows it (${token.text})`,
      "Analyse the table first.",
    );
  }

  #peek(): Token {
    return this.#tokens[this.#next]!; // the last token is the end, and is never passed
  }

  #isComparison(token: Token | undefined): boolean {
    return token?.kind === "sign" && Object.hasOwn(COMPARISONS, token.text);
  }

  #takes(sign: string): boolean {
    const token = this.#peek();
    if (token.kind !== "sign" || token.text !== sign) return false;
    this.#next++;
    return true;
  }

  #expect(sign: string, otherwise: string): void {
    if (!this.#takes(sign)) throw this.#fail(this.#peek(), otherwise, HELP);
  }

  #fail(token: Token, reason: string, remedy?: string): UsageError {
    return complaint(this.#where, token.at, reason, remedy);
  }
}

/** "Cannot understand the condition: ...", with the condition and a mark under the place. */
function complaint(where: string, at: number, reason: string, remedy = HELP): UsageError {
  return new UsageError(
    `Cannot understand the condition: ${reason} (at character ${at + 1} of '${told(where)}')`,
    remedy,
  );
}

const TOKEN =
  /\s*(?:(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_.]))|(?<name>[\p{L}\p{N}_.]+)|"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<sign>&&|\|\||<=|>=|==|!=|[<>!()=]))/uy;

function tokensOf(where: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (where.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(where)?.groups;
    const start = at + where.slice(at).search(/\S/);
    if (groups === undefined) throw oddCharacter(where, start);
    at = TOKEN.lastIndex;
    const { number, name, double, single, sign } = groups;
    if (number !== undefined) tokens.push({ kind: "number", text: number, at: start });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, at: start });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign, at: start });
    else tokens.push({ kind: "quoted", text: double ?? single ?? "", at: start });
  }
  if (tokens.length === 0) throw complaint(where, 0, "it is empty");
  return [...tokens, { kind: "end", text: "", at: where.trimEnd().length }];
}

function oddCharacter(where: string, at: number): UsageError {
  const sign = where[at]!; // there is something that is no blank
  if (sign === '"' || sign === "'") return complaint(where, at, "a quotation mark is not closed");
  return complaint(
    where,
    at,
    `there is a sign that means nothing (${told(sign)})`,
    sign === "&" || sign === "|" ? `Write ${sign}${sign}.` : HELP,
  );
}
