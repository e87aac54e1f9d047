/**
 * The report: one page of HTML that needs nothing but itself.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type PageData, pageData, type ReportData } from "./page_data.ts";
import type { PackedScene } from "./packed_scene.ts";

/** The page's parts, as they lie in `templates/`. */
export interface PageParts {
  /** `report.html`: its places `{{...}}` are filled. */
  readonly html: string;
  readonly css: string;
  readonly js: string;
}

/** Stands in a page for its checksum while that is computed. */
const NO_CHECKSUM = "0".repeat(64);
const CHECKSUM = /(<meta name="siren-checksum" content=")([0-9a-f]{64})(">)/;
const KEY = /<meta name="siren-key" content="([0-9a-f]{64})">/;
/** Within so many characters from the beginning is what tells of a page. */
const HEAD = 4096;

/**
 * Makes the page.
 *
 * Nothing can leave it and nothing from elsewhere can run in it: a content security policy permits the two
 * scripts and the style sheet of the page by their hashes, and no address at all.
 *
 * @param key What the page is made from, as 64 hexadecimal digits: {@linkcode readPageKey} gives it again.
 * @throws {RangeError} The template has no place for a part, or another one.
 */
export function reportHtml(
  data: ReportData,
  scene: PackedScene | undefined,
  { html, css, js }: PageParts,
  key: string,
): string {
  const script = inScript(withLineFeeds(js));
  const page: PageData = pageData(data);
  const style = withLineFeeds(css).replaceAll("</style", "<\\/style");
  const policy = [
    "default-src 'none'",
    `script-src '${sourceHash(script)}'`,
    `style-src '${sourceHash(style)}'`,
    "img-src data: blob:",
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  const parts: Readonly<Record<string, string>> = {
    checksum: NO_CHECKSUM,
    key,
    policy,
    title: escapeHtml(`${data.name} - siren report`),
    style,
    data: inScript(JSON.stringify(page)),
    scene: inScript(JSON.stringify(scene ?? null)),
    script,
  };
  const missing = new Set(Object.keys(parts));
  const text = html.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new RangeError(`Cannot fill the report: no such part (${name})`);
    missing.delete(name);
    return part;
  });
  if (missing.size > 0) {
    throw new RangeError(`Cannot fill the report: it has no place for ${[...missing].join(", ")}`);
  }
  return text.replace(CHECKSUM, (_, before, _digits, after) => before + digest(text) + after);
}

/** Whether a file is a page as {@linkcode reportHtml} made it: its checksum is that of the file. */
export function isOwnPage(text: string): boolean {
  const head = text.slice(0, HEAD);
  const checksum = CHECKSUM.exec(head)?.[2];
  if (checksum === undefined) return false;
  const blank = head.replace(CHECKSUM, `$1${NO_CHECKSUM}$3`);
  return digest(blank + text.slice(HEAD)) === checksum;
}

/** What a page says that it was made from. */
export function readPageKey(text: string): string | undefined {
  return KEY.exec(text.slice(0, HEAD))?.[1];
}

/** Text that may stand anywhere between tags, or between the quotes of an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Code or JSON that may stand in a script element: nothing in it ends the element, or begins what would hide
 * its end. Of what is replaced none can stand but in strings, comments or regular expressions, where it means the same.
 */
function inScript(text: string): string {
  return text.replace(/<(?=\/script|!--|script)/gi, "\\u003c")
    .replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}

/** What a browser makes of line ends before it takes the hash. */
function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

function sourceHash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
