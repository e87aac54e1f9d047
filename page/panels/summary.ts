/**
 * The head of the report: what was found in what, and what to know first.
 *
 * @module
 */
import { h } from "../dom.ts";
import type { Report } from "../data.ts";
import { count, counted, percent, shortNumber } from "../text.ts";

/** Title, figures, and the page's own buttons. */
export function header(report: Report, ...controls: readonly HTMLElement[]): HTMLElement {
  const { name, siren, grid } = report;
  return h(
    "header",
    { class: "head" },
    h(
      "div",
      { class: "title" },
      h("p", { class: "eyebrow" }, "Structural blocks of an ensemble"),
      h("h1", {}, name),
      h(
        "p",
        { class: "facts" },
        `Box of ${grid.box} voxels of ${shortNumber(grid.apix)} \u212b \u00b7 siren ${siren}`,
      ),
    ),
    h("div", { class: "controls" }, ...controls),
  );
}

/** Key figures and warnings. */
export function summary(report: Report): HTMLElement {
  const { blocks, volumes, leftOut, union, unassigned, junk, warnings } = report;
  const figures: (readonly [string, string, string])[] = [
    [
      count(blocks.length),
      blocks.length === 1 ? "block" : "blocks",
      blocks.length === 0
        ? "none was found"
        : `${count(Math.min(...blocks.map(({ voxels }) => voxels)))} to ${
          counted(Math.max(...blocks.map(({ voxels }) => voxels)), "voxel")
        }`,
    ],
    [
      count(volumes.length),
      volumes.length === 1 ? "volume" : "volumes",
      leftOut.length === 0 ? "none left out" : `${count(leftOut.length)} left out`,
    ],
    [
      union === 0 ? "0 %" : percent(1 - unassigned / union),
      "in blocks",
      `${count(unassigned)} of ${counted(union, "voxel")} in none`,
    ],
    [
      count(report.clusterCount),
      report.clusterCount === 1 ? "cluster" : "clusters",
      `of volumes, ${report.linkage === "ward" ? "Ward's" : "average"} linkage`,
    ],
    [
      count(junk.length),
      junk.length === 1 ? "junk volume" : "junk volumes",
      junk.length === 0 ? "none is unlike all others" : "empty, over-full or unlike the others",
    ],
  ];
  return h(
    "section",
    { id: "summary", "aria-label": "Summary" },
    h(
      "dl",
      { class: "key-figures" },
      ...figures.map(([value, what, detail]) =>
        h(
          "div",
          {},
          h("dt", {}, what),
          h("dd", { class: "value" }, value),
          h("dd", { class: "detail" }, detail),
        )
      ),
    ),
    warnings.length === 0 ? undefined : h(
      "div",
      { class: "warnings", role: "note", "aria-label": "Warnings" },
      h(
        "h2",
        {},
        warnings.length === 1 ? "To know first" : `${warnings.length} things to know first`,
      ),
      h(
        "ul",
        {},
        ...warnings.map(({ text, remedy }) =>
          h("li", {}, text, remedy === undefined ? undefined : h("span", {}, ` ${remedy}`))
        ),
      ),
    ),
  );
}
