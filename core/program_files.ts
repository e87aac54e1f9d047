/**
 * Where the program's own files are: those of a checkout, or those of a bundle.
 *
 * A bundle is the program as plain JavaScript: `program/main.js` and `program/thread.js`, with
 * `templates/` and `weights/` beside that folder, as they are beside `core/` in a checkout.
 *
 * @module
 */

/** Whether this very module was bundled: TypeScript is what a checkout has. */
export const IS_BUNDLE = import.meta.url.endsWith(".js");

/** Folder of the checkout, or of the bundle. */
export const ROOT = new URL("../", import.meta.url);

/** Place of a file that the program reads while it runs, such as `templates/open_blocks.cxc`. */
export function programFile(path: string): URL {
  return new URL(path, ROOT);
}

/** Place of the threads' program. */
export const THREAD_PROGRAM = programFile(
  IS_BUNDLE ? "program/thread.js" : "cluster/threads/thread.ts",
);

/** Place of the program itself. */
export const MAIN_PROGRAM = programFile(IS_BUNDLE ? "program/main.js" : "cli/main.ts");
