/**
 * Where everything came from: versions, options, files and their hashes; and volumes to look at twice.
 *
 * @module
 */
import { button, figure, h } from "../dom.ts";
import { pickVolumes } from "../selection.ts";
import type { Store } from "../store.ts";
import { count, shortNumber } from "../text.ts";

/** Makes the panel of junk volumes, and of those that were left out; nothing where there are none. */
export function junkVolumes(store: Store): HTMLElement | undefined {
  const { junk, leftOut, volumes } = store.report;
  if (junk.length === 0 && leftOut.length === 0) return undefined;
  const all = junk.map(({ volume }) => volume);
  return figure(
    "junk",
    "Volumes to look at twice",
    "Volumes that are unlike all others mostly are failed reconstructions. They are still in every figure; to be rid of them, leave them out of the folder of maps and run again.",
    junk.length === 0 ? undefined : h(
      "div",
      { class: "toolbar" },
      button(
        "Select them all",
        () => store.select((now) => pickVolumes(now, all, "junk volumes", false)),
      ),
    ),
    h(
      "div",
      { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Volumes and why" },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ...["Volume", "Kind", "Why"].map((title) => h("th", { scope: "col" }, title)),
          ),
        ),
        h(
          "tbody",
          {},
          ...junk.map(({ volume, kind, reason }) =>
            h(
              "tr",
              {},
              h(
                "th",
                { scope: "row" },
                button(volumes[volume]!.file, () => {
                  store.set({ volume });
                  store.select((now) => pickVolumes(now, [volume], volumes[volume]!.file, false));
                }, { class: "link" }),
              ),
              h("td", {}, kind),
              h("td", { class: "words" }, reason),
            )
          ),
          ...leftOut.map(({ file, threshold }) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, file),
              h("td", {}, "left out"),
              h(
                "td",
                { class: "words" },
                `Its threshold (${shortNumber(threshold)}) is far from the others, or it is empty.`,
              ),
            )
          ),
        ),
      ),
    ),
  );
}

/** Makes the panel. */
export function provenance({ report }: Store): HTMLElement {
  const { options, hashes, volumes, leftOut, siren, deno } = report;
  const groups = [
    { title: "Program", rows: [["siren", siren], ["Deno", deno]] as (readonly [string, string])[] },
    ...options,
  ];
  return figure(
    "provenance",
    "How this was made",
    "With the same maps, options and version, siren gives the same blocks and this same page, to the byte, but for the times.",
    h(
      "div",
      { class: "options" },
      ...groups.map(({ title, rows }) =>
        h(
          "section",
          {},
          h("h3", {}, title),
          h(
            "dl",
            {},
            ...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
          ),
        )
      ),
    ),
    details(
      `SHA-256 of ${count(hashes.length)} files of the run`,
      ["File", "SHA-256"],
      hashes.map(([path, hash]) => [path, hash]),
    ),
    details(
      `Maps: ${count(volumes.length + leftOut.length)}`,
      ["Map", "Bytes", "Threshold", "SHA-256"],
      [...volumes, ...leftOut].map(({ file, bytes, threshold, sha256 }) => [
        file,
        count(bytes),
        shortNumber(threshold),
        sha256 ?? "",
      ]),
    ),
  );
}

/** A table that opens; its rows are made then. */
function details(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  const body = h("tbody");
  const element = h(
    "details",
    {
      class: "screen-only",
      ontoggle: () => {
        if (body.childElementCount > 0) return;
        body.append(...rows.map((cells) => {
          const [first, ...rest] = cells;
          return h(
            "tr",
            {},
            h("th", { scope: "row" }, first),
            ...rest.map((cell) => h("td", { class: "code" }, cell)),
          );
        }));
      },
    },
    h("summary", {}, title),
    h(
      "div",
      { class: "scroll tall", tabindex: "0", role: "region", "aria-label": title },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)))),
        body,
      ),
    ),
  );
  return element;
}
