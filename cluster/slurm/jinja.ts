/**
 * Jinja2 templates, taken strictly: a variable that is not known is an error instead of an empty text, and
 * so is putting out one that has no value. Templates run no code but Jinja's own.
 *
 * @module
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { InputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";

/** A variable's value; undefined is a known variable without a value, which templates can ask about. */
export type JinjaValue =
  | string
  | number
  | undefined
  | readonly JinjaValue[]
  | { readonly [key: string]: JinjaValue };

type Program = ReturnType<typeof parse>;
type Statement = Program["body"][number];
type RuntimeValue = ReturnType<Interpreter["evaluate"]>;

/** What the library's nodes have in common, to walk over them. */
interface Node extends Statement {
  readonly [field: string]: unknown;
}

/** Names that mean something in every template. */
const GLOBALS = ["true", "false", "none", "True", "False", "None", "range", "namespace", "loop"];
const MACRO_NAMES = ["caller", "varargs", "kwargs"];

/** Filters that hand on a text as it is, or whole items of a list; `length` looks into a text alone. */
const PASSING = new Set("safe string default list first last reverse join".split(" "));

const COMPARING = new Set("== != < > <= >= in".split(" ").concat("not in"));

/** `round` is missing from the library; templates cannot spell this name. */
const ROUND = "|round";

/**
 * Renders a template with Jinja2's own defaults: blocks leave their newlines behind, one newline at the
 * end is dropped.
 *
 * @param template The template's text.
 * @param name What to call it in messages.
 * @param values All variables that a template may use.
 * @param mark A character that texts hold which stand for others, so that a template must not look into
 *   them: compare them, cut them, change their case.
 * @throws {InputError} The template is wrong, uses what is not known, or looks into a marked text.
 */
export function renderJinja(
  template: string,
  name: string,
  values: Readonly<Record<string, JinjaValue>>,
  mark: string,
): string {
  try {
    const program = parse(tokenize(template));
    const survey = surveyOf(program);
    const unknown = [...survey.used].filter((used) => !survey.known.has(used) && !(used in values));
    if (unknown.length > 0) {
      throw new InputError(
        unknown.map((variable) =>
          `Cannot use template ${name}: there is no such variable ` +
          parenthesised(
            variable,
            told(linesUsing(template, variable)),
            guess(variable, Object.keys(values)),
          )
        ).join("\n"),
        `Known are ${Object.keys(values).join(", ")}. ` +
          "Those of your site's own can be set in the template: {% set my_variable = ... %}.",
      );
    }
    const environment = new Environment();
    for (const [key, value] of Object.entries({ ...constants, ...values })) {
      environment.set(key, value);
    }
    const interpreter = new StrictInterpreter(environment, survey, mark, (node, reason) => {
      const variables = namesIn(node);
      const lines = variables.flatMap((variable) => linesUsing(template, variable));
      return new InputError(
        `Cannot use template ${name}: ${reason} ` +
          parenthesised(variables.join(", "), told([...new Set(lines)])),
        "Ask whether a variable is there with {% if ... %}, and put it out as it is.",
      );
    });
    return String(interpreter.run(program).value);
  } catch (cause) {
    if (cause instanceof InputError || !(cause instanceof Error)) throw cause;
    // The library is given nothing but the template to fail on; it reads past the end of a broken one.
    const reason = cause instanceof TypeError
      ? "a block or an expression does not end, or is not Jinja2"
      : cause.message;
    const empty = Object.keys(values).filter((key) =>
      values[key] === undefined && linesUsing(template, key).length > 0
    );
    throw new InputError(
      `Cannot use template ${name}: ${reason}`,
      empty.length === 0 ? undefined : `Without a value here: ${empty.join(", ")}.`,
      { cause },
    );
  }
}

/** Numbers of a template's lines, from 1, on which Jinja is given a name. */
export function linesUsing(template: string, name: string): number[] {
  const pattern = new RegExp(`\\{[{%](?:(?![}%]\\}).)*\\b${name}\\b`);
  return template.split("\n").flatMap((line, i) => pattern.test(line) ? [i + 1] : []);
}

/** Numbers of lines in words. */
export function told(lines: readonly number[]): string {
  return lines.length === 0 ? "" : `line${lines.length === 1 ? "" : "s"} ${lines.join(", ")}`;
}

function guess(word: string, names: readonly string[]): string {
  const name = suggest(word, names);
  return name === undefined ? "" : `did you mean ${name}?`;
}

function parenthesised(...parts: readonly string[]): string {
  return `(${parts.filter((part) => part !== "").join(", ")})`;
}

const constants = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range: (start: number, stop?: number, step = 1): number[] => {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    const length = Math.max(0, Math.ceil((to - from) / step));
    if (!(length <= 100_000)) throw new Error("range() is too long");
    return Array.from({ length }, (_, i) => from + i * step);
  },
  [ROUND]: (value: unknown, ...rest: readonly unknown[]): number => {
    const named = rest.find((argument) => argument instanceof Map);
    const [digits = named?.get("precision")?.value ?? 0, method = named?.get("method")?.value] =
      rest
        .filter((argument) => argument !== named);
    if (typeof value !== "number") throw new Error("round is for numbers");
    const scale = 10 ** Number(digits);
    const how = method === "ceil" ? Math.ceil : method === "floor" ? Math.floor : Math.round;
    return how(value * scale) / scale;
  },
};

/** What can be said of a template without running it. */
interface Survey {
  /** Variables that are read, in order. */
  readonly used: Set<string>;
  /** Names that the template defines, or asks whether they are defined. */
  readonly known: Set<string>;
  /** Expressions whose values are put out. */
  readonly outputs: Set<Statement>;
  /** Expressions that are looked into if they are texts. */
  readonly inspected: Set<Statement>;
  /** Expressions that are looked into even if they are lists. */
  readonly searched: Set<Statement>;
}

const emptySurvey = (): Survey => ({
  used: new Set(),
  known: new Set(),
  outputs: new Set(),
  inspected: new Set(),
  searched: new Set(),
});

function surveyOf(program: Program): Survey {
  const survey = emptySurvey();
  for (const name of [...GLOBALS, ...MACRO_NAMES]) survey.known.add(name);
  visit(program, survey);
  return survey;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

function visit(value: unknown, survey: Survey): void {
  if (Array.isArray(value)) return value.forEach((item) => visit(item, survey));
  if (value instanceof Map) return [...value].flat().forEach((item) => visit(item, survey));
  if (!isNode(value)) return;
  const { used, outputs, inspected, searched } = survey;
  for (const field of ["body", "alternate", "defaultBlock"]) {
    const block = value[field];
    if (!Array.isArray(block)) continue;
    for (const node of block.filter(isNode)) if (!STATEMENTS.has(node.type)) outputs.add(node);
  }
  const inspect = (node: unknown, set = inspected) => {
    if (isNode(node)) set.add(isNode(node.value) ? node.value : node);
  };
  const children = { ...value };
  delete children["operator"]; // a token, which looks like a node
  switch (value.type) {
    case "Identifier":
      used.add(String(value["value"]));
      return;
    case "For":
      declare(value["loopvar"], survey);
      delete children["loopvar"];
      break;
    case "Set":
      if (declare(value["assignee"], survey)) delete children["assignee"];
      break;
    case "Macro":
    case "CallStatement": {
      const parameters = value["args"] ?? value["callerArgs"];
      for (const parameter of Array.isArray(parameters) ? parameters : []) {
        declare(isNode(parameter) && parameter["key"] || parameter, survey);
      }
      if (declare(value["name"], survey)) delete children["name"];
      break;
    }
    case "FilterStatement":
      throw new Error("{% filter %} is not supported");
    case "FilterExpression": {
      const filter = value["filter"];
      const { name, args } = filterOf(filter);
      if (!PASSING.has(name)) inspect(value["operand"]);
      if (!PASSING.has(name) && name !== "length") inspect(value["operand"], searched);
      if (name !== "default" && name !== "join") args.forEach((argument) => inspect(argument));
      if (name === "default") excuse(value["operand"], survey);
      delete children["filter"];
      visit(args, survey);
      break;
    }
    case "TestExpression": {
      const test = isNode(value["test"]) ? value["test"]["value"] : undefined;
      if (test === "defined" || test === "undefined") excuse(value["operand"], survey);
      if (test === "lower" || test === "upper") inspect(value["operand"]);
      delete children["test"];
      break;
    }
    case "MemberExpression":
      inspect(value["object"]);
      if (value["computed"] === true) inspect(value["property"]);
      else delete children["property"];
      break;
    case "CallExpression":
      if (isNode(value["callee"]) && value["callee"].type === "MemberExpression") {
        for (const argument of value["args"] as unknown[]) inspect(argument);
      }
      break;
    case "KeywordArgumentExpression":
      delete children["key"];
      break;
    case "BinaryExpression":
      if (isNode(value["operator"]) && COMPARING.has(String(value["operator"]["value"]))) {
        inspect(value["left"]);
        inspect(value["right"]);
      }
      break;
  }
  Object.values(children).forEach((child) => visit(child, survey));
}

/** Nodes that put nothing out themselves, or may put out nothing: the last is `x if y` without an else. */
const STATEMENTS = new Set(
  "Set If For Macro Comment Break Continue CallStatement SelectExpression".split(" "),
);

function filterOf(filter: unknown): { name: string; args: unknown[] } {
  if (!isNode(filter)) return { name: "", args: [] };
  if (filter.type === "Identifier") return { name: String(filter["value"]), args: [] };
  return {
    name: filterOf(filter["callee"]).name,
    args: Array.isArray(filter["args"]) ? filter["args"] : [],
  };
}

/** Notes the names of an assignment's target; false where it is none of names alone. */
function declare(target: unknown, survey: Survey): boolean {
  if (!isNode(target)) return false;
  if (target.type === "Identifier") survey.known.add(String(target["value"]));
  else if (target.type === "TupleLiteral" && Array.isArray(target["value"])) {
    target["value"].forEach((item) => declare(item, survey));
  } else return false;
  return true;
}

/** A template that asks whether a variable is there may use it. */
function excuse(operand: unknown, survey: Survey): void {
  if (isNode(operand) && operand.type === "Identifier") survey.known.add(String(operand["value"]));
}

/** The variables that a part of a template reads. */
function namesIn(node: Statement): string[] {
  const survey = emptySurvey();
  visit(node, survey);
  return [...survey.used];
}

class StrictInterpreter extends Interpreter {
  readonly #survey: Survey;
  readonly #mark: string;
  readonly #refuse: (node: Statement, reason: string) => InputError;

  constructor(
    environment: Environment,
    survey: Survey,
    mark: string,
    refuse: (node: Statement, reason: string) => InputError,
  ) {
    super(environment);
    this.#survey = survey;
    this.#mark = mark;
    this.#refuse = refuse;
  }

  override evaluate(
    statement: Statement | undefined,
    environment: Environment,
  ): RuntimeValue {
    const value = super.evaluate(spelledOut(statement), environment);
    if (statement === undefined) return value;
    const isNothing = value.type === "UndefinedValue" || value.type === "NullValue";
    if (isNothing && this.#survey.outputs.has(statement)) {
      throw this.#refuse(statement, "a variable has no value and would leave a gap");
    }
    const isInspected = this.#survey.searched.has(statement) ||
      value.type === "StringValue" && this.#survey.inspected.has(statement);
    if (isInspected && value.toString().includes(this.#mark)) {
      throw this.#refuse(statement, "it looks into or changes a value that needs quotes");
    }
    return value;
  }
}

/** A use of the filter `round` as a call; all else as it is. */
function spelledOut(statement: Statement | undefined): Statement | undefined {
  if (!isNode(statement) || statement.type !== "FilterExpression") return statement;
  const { name, args } = filterOf(statement["filter"]);
  if (name !== "round") return statement;
  const call: Node = {
    type: "CallExpression",
    callee: { type: "Identifier", value: ROUND },
    args: [statement["operand"], ...args],
  };
  return call;
}
