import assert from "node:assert";
import { InputError } from "../../core/errors.ts";
import { type JinjaValue, linesUsing, renderJinja } from "./jinja.ts";

const MARK = "\ue000";
const render = (template: string, values: Record<string, JinjaValue> = {}) =>
  renderJinja(template, "T", values, MARK);

Deno.test("renderJinja follows Jinja2's own defaults for white space", () => {
  const values = { list: ["a", "b"] };
  assert.strictEqual(render("{% for x in list %}\n{{ x }}\n{% endfor %}\n", values), "\na\n\nb\n");
  assert.strictEqual(render("{%- for x in list %}\n{{ x }}\n{%- endfor %}\n", values), "\na\nb");
  assert.strictEqual(render("a {#- gone -#} b\n\n"), "ab\n");
});

Deno.test("renderJinja knows what templates of clusters compute with", () => {
  const values = { ram: 6, gpus: 0, none_given: undefined, list: [], name: "ab" };
  const cases: [string, string][] = [
    ["{{ (ram*2)|int }}G", "12G"],
    ["{{ (ram*1.3)|int }}", "7"],
    ["{{ (ram*1.3)|round|int }}", "8"],
    ["{{ (ram/4)|round(1) }}", "1.5"],
    ["{{ (ram/4)|round(0, 'ceil')|int }}", "2"],
    ["{{ (ram/4)|round(method='floor') }}", "1"],
    ["{{ ram // 4 }}{{ ram % 4 }}", "12"],
    ["{{ 'x' if gpus else 'y' }}{{ 'z' if gpus }}", "y"],
    ["{{ none_given or 'other' }}", "other"],
    ["{{ none_given | default('other') }}", "other"],
    ["{% if list %}a{% else %}b{% endif %}", "b"],
    [
      "{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(2, 8, 3) %}{{ i }}{% endfor %}",
      "01225",
    ],
    ["{% set ns = namespace(n=1) %}{% set ns.n = ns.n + ram %}{{ ns.n }}", "7"],
    ["{% macro m(a, b='!') %}{{ a }}{{ b }}{% endmacro %}{{ m(name) }}", "ab!"],
    ["{{ name | upper }}{{ name.replace('a', 'c') }}{{ name[0] }}", "ABcba"],
    ["{% if name in ['ab', 'cd'] and not gpus %}y{% endif %}", "y"],
  ];
  for (const [template, text] of cases) {
    assert.strictEqual(render(template, values), text, template);
  }
});

Deno.test("renderJinja finds unknown variables in branches that are not taken", () => {
  assert.throws(() => render("{% if false %}{{ a | upper }}{{ b[c] }}{% endif %}"), {
    message: "Cannot use template T: there is no such variable (a, line 1)\n" +
      "Cannot use template T: there is no such variable (b, line 1)\n" +
      "Cannot use template T: there is no such variable (c, line 1)",
  });
});

Deno.test("renderJinja refuses a list that would be searched for what is marked", () => {
  const values = { list: [`${MARK}0${MARK}`, "a"] };
  assert.strictEqual(render("{{ list | join(' ') }}", values), `${MARK}0${MARK} a`);
  assert.strictEqual(render("{{ list | length }}", values), "2");
  for (const filter of ["tojson", "sort", "unique", "tojson(ensure_ascii=true)"]) {
    assert.throws(() => render(`{{ list | ${filter} }}`, values), InputError, filter);
  }
});

Deno.test("renderJinja does not run away", () => {
  assert.throws(() => render("{% for i in range(1000000000) %}{% endfor %}"), /too long/);
  assert.throws(() => render("{% for i in range(3, 9, 0) %}{% endfor %}"), /too long/);
});

Deno.test("renderJinja gives templates nothing but their variables", () => {
  for (
    const name of ["constructor", "__proto__", "Deno", "globalThis", "toString", "strftime_now"]
  ) {
    assert.throws(() => render(`{{ ${name} }}`, { a: 1 }), InputError, name);
  }
  assert.throws(() => render("{{ a.constructor }}", { a: "text" }), /no value/);
});

Deno.test("linesUsing finds the lines where Jinja is given a name", () => {
  const template =
    "run_cmd\n{{ run_cmd }}\n{% if run_cmd %}\n{{ my_run_cmd }} run_cmd\n{{ a }} {{ run_cmd }}";
  assert.deepStrictEqual(linesUsing(template, "run_cmd"), [2, 3, 5]);
});
