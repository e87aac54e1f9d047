import assert from "node:assert";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { testData } from "../../page/testing.ts";
import { programFile } from "../program_files.ts";
import { packNumbers, unpackNumbers } from "./packed_numbers.ts";
import { escapeHtml, isOwnPage, type PageParts, readPageKey, reportHtml } from "./page.ts";

const read = (name: string) => Deno.readTextFile(programFile(`templates/report.${name}`));
const [html, css, js] = await Promise.all([read("html"), read("css"), read("js")]);
const own: PageParts = { html, css, js };
const key = "ab".repeat(32);

/** Contents of the elements of a page, of a browser's kind: a script ends at its first end tag. */
function elements(page: string, tag: string): string[] {
  return Array.from(
    page.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}`, "gis")),
    ([, text]) => text!,
  );
}

Deno.test("a page permits its own script and style by their hashes, and nothing from elsewhere", () => {
  const page = reportHtml(testData(8, 2), undefined, own, key);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
  const rules = new Map(
    policy.split("; ").map((rule) => {
      const [name, ...sources] = rule.split(" ");
      return [name, sources.join(" ")];
    }),
  );
  const hash = (text: string | undefined) =>
    `'sha256-${createHash("sha256").update(text ?? "").digest("base64")}'`;
  assert.deepStrictEqual(Object.fromEntries(rules), {
    "default-src": "'none'",
    "script-src": hash(elements(page, "script").at(-1)),
    "style-src": hash(elements(page, "style")[0]),
    "img-src": "data: blob:",
    "form-action": "'none'",
    "base-uri": "'none'",
  });
  assert.ok(page.indexOf("Content-Security-Policy") < page.indexOf("<style"));
  // Neither are there addresses that a browser would ask for.
  assert.doesNotMatch(page.replace(/<script[^]*<\/script>/gi, ""), /(?:src|href)="(?!data:,")/);
});

Deno.test("the page is the same for templates with line ends of Windows", () => {
  const windows = {
    html,
    css: css.replaceAll("\n", "\r\n"),
    js: js.replaceAll("\n", "\r\n"),
  };
  const data = testData(8, 2);
  assert.strictEqual(
    reportHtml(data, undefined, windows, key),
    reportHtml(data, undefined, own, key),
  );
});

Deno.test("no name can end a script, begin one, or be markup", () => {
  const bad = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "</SCRIPT\n>",
    '"><img src=x onerror=alert(1)>',
    "\u2028\u2029\0\ud800",
    "{{data}} $& $1 $`",
  ];
  for (const name of bad) {
    const data = testData(8, 2, { name, volumes: (volume) => `${name}${volume}.mrc` });
    const page = reportHtml(data, undefined, own, key);
    const scripts = elements(page, "script");
    assert.strictEqual(scripts.length, 3, name);
    assert.strictEqual(scripts[2], js.replaceAll("</script", "\\u003c/script"));
    const told = JSON.parse(scripts[0]!);
    assert.strictEqual(told.name, name);
    assert.strictEqual(told.volumes[3].file, `${name}3.mrc`);
    assert.doesNotMatch(scripts[0]!, /<!--|<\/?script/i);
    assert.strictEqual(elements(page, "title")[0], `${escapeHtml(name)} - siren report`);
    assert.ok(isOwnPage(new TextDecoder().decode(new TextEncoder().encode(page))), name);
  }
});

Deno.test("a page knows whether it was changed, and what it was made from", () => {
  const page = reportHtml(testData(8, 2), undefined, own, key);
  assert.ok(isOwnPage(page));
  assert.strictEqual(readPageKey(page), key);
  fc.assert(
    fc.property(fc.nat(page.length - 1), (at) => {
      const other = page[at] === "x" ? "y" : "x";
      assert.ok(!isOwnPage(page.slice(0, at) + other + page.slice(at + 1)));
    }),
    { numRuns: 20 },
  );
  assert.ok(!isOwnPage(page + " "));
  for (const other of ["", "<html></html>", "\x00"]) assert.ok(!isOwnPage(other));
  assert.strictEqual(readPageKey("<html></html>"), undefined);
});

Deno.test("a template without a place for a part, or with one for another, is refused", () => {
  const data = testData(8, 2);
  const changed = (html: string) => () => reportHtml(data, undefined, { ...own, html }, key);
  assert.throws(changed(html.replace("{{scene}}", "")), /no place for scene/);
  assert.throws(changed(html + "{{more}}"), /no such part \(more\)/);
});

Deno.test("numbers come back from text as they went", () => {
  fc.assert(fc.property(
    fc.oneof(fc.float64Array(), fc.uint32Array(), fc.uint8Array()),
    (array) => assert.deepStrictEqual(unpackNumbers(packNumbers(array)), array),
  ));
  const part = Float64Array.of(1, 2, 3).subarray(1);
  assert.deepStrictEqual(unpackNumbers(packNumbers(part)), Float64Array.of(2, 3));
  assert.throws(() => unpackNumbers("x9:AAAA" as "u1:"), RangeError);
});

Deno.test("text of the page stands out from what is behind it, in both themes (WCAG 2.2, level AA)", () => {
  const [light = "", dark = ""] = Array.from(
    css.matchAll(/:root[^{]*\{([^}]*)\}/g),
    ([, text]) => text!,
  );
  const colours = (text: string) =>
    new Map(
      Array.from(text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g), ([, name, hex]) => [name!, hex!]),
    );
  for (const [theme, of] of [["light", colours(light)], ["dark", colours(dark)]] as const) {
    const check = (text: string, behind: string, least: number) => {
      const ratio = contrast(of.get(text) ?? "", of.get(behind) ?? "");
      assert.ok(ratio >= least, `${text} on ${behind} is ${ratio.toFixed(2)} (${theme})`);
    };
    for (const behind of ["paper", "soft", "stage", "accent-soft"]) {
      for (const text of ["ink", "muted", "accent"]) check(text, behind, 4.5);
    }
    for (const text of ["ink", "muted", "warn"]) check(text, "warn-soft", 4.5);
    check("accent", "paper", 3);
  }
});

/** Contrast of two colours, 1 to 21. */
function contrast(a: string, b: string): number {
  const light = (hex: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const level = parseInt(hex.slice(at, at + 2), 16) / 255;
      return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}
