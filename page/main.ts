/**
 * The report's page.
 *
 * @module
 */
import type { PackedScene } from "../core/report/packed_scene.ts";
import type { PageData } from "../core/report/page_data.ts";
import { unpackReport } from "./data.ts";
import { button, drawNow, h } from "./dom.ts";
import { blockTable } from "./panels/block_table.ts";
import { componentScatter } from "./panels/components.ts";
import { dependencyGraph } from "./panels/dependencies.ts";
import { dock } from "./panels/dock.ts";
import { heatMap } from "./panels/heat_map.ts";
import { histograms } from "./panels/histograms.ts";
import { pairMatrix } from "./panels/pairs.ts";
import { junkVolumes, provenance } from "./panels/provenance.ts";
import { header, summary } from "./panels/summary.ts";
import { tables } from "./panels/tables.ts";
import { viewerPanel } from "./panels/viewer_panel.ts";
import { runFolder } from "./run_folder.ts";
import { NOTHING } from "./selection.ts";
import { makeStore } from "./store.ts";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

/** What a script element of the page holds. */
function read<T>(id: string): T {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

/** Draws the page. */
function show(): void {
  const report = unpackReport(read<PageData>("data"));
  const store = makeStore(report, dark.matches ? "dark" : "light");
  /** The theme that the reader chose; undefined while it follows the system's. */
  let chosen: "light" | "dark" | undefined;
  const theme = button("", () => {
    chosen = store.get().theme === "dark" ? "light" : "dark";
    store.set({ theme: chosen });
  }, { class: "theme" });
  dark.addEventListener("change", () => {
    if (chosen === undefined) store.set({ theme: dark.matches ? "dark" : "light" });
  });
  // First of all listeners: the others take their colours from what it sets.
  store.listen((now, before) => {
    if (now.theme === before?.theme) return;
    root.dataset.theme = now.theme;
    theme.textContent = now.theme === "dark" ? "Light" : "Dark";
    theme.setAttribute("aria-label", `${now.theme === "dark" ? "Light" : "Dark"} colours`);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") store.set({ selection: NOTHING, volume: null });
  });
  // Paper is light.
  let onScreen = store.get().theme;
  addEventListener("beforeprint", () => {
    onScreen = store.get().theme;
    store.set({ theme: "light" });
    drawNow();
  });
  addEventListener("afterprint", () => store.set({ theme: onScreen }));

  const hasBlocks = report.blocks.length > 0;
  const links = [
    ["three-d", "3-D"],
    ["blocks", "Blocks"],
    ["occupancy", "Occupancy"],
    ["components", "Components"],
    ["order", "Order"],
    ["pairs", "Pairs"],
    ["histograms", "Distributions"],
    ["tables", "Tables"],
    ["provenance", "Provenance"],
  ] as const;
  document.getElementById("page")?.replaceChildren(
    header(
      report,
      theme,
      button("Print", () => print(), { class: "print" }),
    ),
    h(
      "nav",
      { "aria-label": "Figures" },
      ...links.filter(([id]) =>
        hasBlocks || ["three-d", "blocks", "tables", "provenance"].includes(id)
      )
        .map(([id, text]) =>
          button(text, () => {
            const target = document.getElementById(id);
            target?.scrollIntoView({ behavior: "smooth" });
            target?.setAttribute("tabindex", "-1");
            target?.focus({ preventScroll: true });
          })
        ),
    ),
    h(
      "main",
      {},
      summary(report),
      h(
        "div",
        { class: "row blocks-row" },
        viewerPanel(store, read<PackedScene | null>("scene")),
        blockTable(store),
      ),
      ...hasBlocks
        ? [
          h("div", { class: "row" }, heatMap(store), componentScatter(store)),
          h("div", { class: "row" }, dependencyGraph(store), pairMatrix(store)),
          histograms(store),
        ]
        : [],
      ...[junkVolumes(store)].filter((panel) => panel !== undefined),
      h("div", { class: "row last" }, tables(store), provenance(store)),
    ),
    dock(store, runFolder(location.href, report.name)),
  );
}

show();
