/**
 * Bundles the report's page: `page/main.ts` and what it imports, into `templates/report.js`.
 *
 *     deno task page [--check]
 *
 * With `--check` nothing is written: it fails if `templates/report.js` is not what the sources give.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const TARGET = new URL("../templates/report.js", import.meta.url);

const HEAD =
  "// Made from page/*.ts by `deno task page`: change these, not this.\n// deno-lint-ignore-file\n";

/** The page's program as one file. */
async function bundle(): Promise<string> {
  const { success, outputFiles, errors } = await Deno.bundle({
    entrypoints: [fileURLToPath(new URL("main.ts", import.meta.url))],
    write: false,
    platform: "browser",
    format: "iife",
    minify: true,
  });
  const [file] = outputFiles ?? [];
  if (!success || file === undefined) {
    throw new Error(`Cannot bundle page/main.ts: ${errors.map(({ text }) => text).join("; ")}`);
  }
  return HEAD + file.text();
}

const text = await bundle();
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(TARGET, text);
} else if (await Deno.readTextFile(TARGET) !== text) {
  console.error("templates/report.js is not what page/*.ts give: run without --check.");
  Deno.exit(1);
}
