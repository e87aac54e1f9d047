/**
 * Every table, to save.
 *
 * @module
 */
import { tableFiles } from "../csv.ts";
import { button, figure, h, save } from "../dom.ts";
import type { Store } from "../store.ts";

/** Makes the panel. */
export function tables({ report }: Store): HTMLElement {
  return figure(
    "tables",
    "Tables",
    "Comma-separated values, made in this page from what it holds; full precision.",
    h(
      "ul",
      { class: "files screen-only" },
      ...tableFiles(report).map(({ name, about, make }) =>
        h(
          "li",
          {},
          button(name, () => save(name, make()), { class: "file", "data-file": name }),
          h("span", {}, about),
        )
      ),
    ),
  );
}
