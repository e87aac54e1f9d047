/**
 * Histograms: the occupancy of each block, and how full the volumes are.
 *
 * @module
 */
import { button, figure, h, mark, rove, s } from "../dom.ts";
import { toggleBlock } from "../selection.ts";
import type { State, Store } from "../store.ts";
import { count, counted, percent, shortNumber } from "../text.ts";
import { isAdding } from "./block_table.ts";

const BINS = 20, WIDTH = 150, HEIGHT = 46;
/** Blocks that are shown at first. */
const FIRST = 36;
const VOLUME_BINS = 40, VOLUME_WIDTH = 640, VOLUME_HEIGHT = 96;

/** Makes the panel. */
export function histograms(store: Store): HTMLElement {
  const { report } = store;
  const { blocks, values, cutoffs, volumes } = report;
  const k = blocks.length, n = volumes.length;

  const make = (place: number) => {
    const block = blocks[place]!;
    const all = new Array<number>(BINS).fill(0);
    for (let volume = 0; volume < n; volume++) all[binOf(values[volume * k + place]!, BINS)]!++;
    const most = Math.max(1, ...all);
    const bars = bins(all, most, WIDTH, HEIGHT, "all");
    const chosen = s("g", { class: "chosen" });
    const cutoff = cutoffs[place]! * WIDTH;
    const svg = s(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT + 1}`, "aria-hidden": "true" },
      s("line", { x1: 0, x2: WIDTH, y1: HEIGHT + 0.5, y2: HEIGHT + 0.5, class: "axis" }),
      bars,
      chosen,
      s("line", { x1: cutoff, x2: cutoff, y1: 0, y2: HEIGHT, class: "cutoff" }),
    );
    svg.style.setProperty("--block", block.colour);
    const element = h(
      "button",
      {
        type: "button",
        class: "histogram",
        "data-block": block.name,
        "aria-label": `${block.name}: present in ${
          counted(report.present[place]!, "volume")
        } of ${report.sound}, where its occupancy is at least ${shortNumber(cutoffs[place]!)}`,
        onclick: (event: MouseEvent) => {
          store.select((now) => toggleBlock(now, place, isAdding(event)));
        },
        onpointerenter: () => store.set({ hoverBlock: place }),
        onpointerleave: () => store.set({ hoverBlock: null }),
      },
      h(
        "span",
        { class: "histogram-title" },
        h("b", {}, block.name),
        h("span", {}, report.sound === 0 ? "" : percent(report.present[place]! / report.sound)),
      ),
      svg,
    );
    const update = (chosenVolumes: ReadonlySet<number> | null) => {
      const counts = new Array<number>(BINS).fill(0);
      for (const volume of chosenVolumes ?? []) counts[binOf(values[volume * k + place]!, BINS)]!++;
      chosen.replaceChildren(
        ...chosenVolumes === null ? [] : [bins(counts, most, WIDTH, HEIGHT, "part")],
      );
      mark(element, "data-selecting", chosenVolumes !== null);
    };
    return { element, update };
  };
  /** Those after the first are made when they are asked for. */
  const small = Array.from({ length: Math.min(k, FIRST) }, (_, place) => make(place));
  const grid = h("div", { class: "histograms" }, ...small.map(({ element }) => element));
  const settle = rove(grid, ".histogram");
  settle();
  const update = ({ selection, volumes }: State, from = 0) =>
    small.slice(from).forEach(({ element, update }, i) => {
      update(volumes);
      element.setAttribute("aria-pressed", String(selection.blocks.has(from + i)));
    });
  if (k > FIRST) {
    const more = button(`Show all ${k} blocks`, () => {
      for (let place = FIRST; place < k; place++) small.push(make(place));
      more.replaceWith(...small.slice(FIRST).map(({ element }) => element));
      settle();
      small[FIRST]?.element.focus();
      update(store.get(), FIRST);
    });
    grid.append(more);
  }

  const fullness = volumeHistogram(store);
  store.listen((now, before) => {
    if (now.selection !== before?.selection) {
      update(now);
      fullness.update(now.volumes);
    }
    if (now.hoverBlock !== before?.hoverBlock) {
      small.forEach(({ element }, place) => mark(element, "data-hover", place === now.hoverBlock));
    }
  });
  return figure(
    "histograms",
    "Distributions",
    h(
      "span",
      {},
      "How many volumes have which occupancy, 0 to 1, of each block; from the dashed line on the block counts as present. ",
      "Below, how many voxels of the union the volumes occupy; triangles mark junk volumes. ",
      "Solid bars are the selected volumes.",
    ),
    grid,
    fullness.element,
  );
}

function volumeHistogram(
  { report }: Store,
): { element: HTMLElement; update: (chosen: ReadonlySet<number> | null) => void } {
  const occupied = report.volumes.map(({ occupied }) => occupied ?? 0);
  const low = Math.min(...occupied), high = Math.max(...occupied);
  const span = Math.max(1, high - low);
  const share = (volume: number) => (occupied[volume]! - low) / span;
  const all = new Array<number>(VOLUME_BINS).fill(0);
  occupied.forEach((_, volume) => all[binOf(share(volume), VOLUME_BINS)]!++);
  const most = Math.max(1, ...all);
  const chosen = s("g", { class: "chosen" });
  const svg = s(
    "svg",
    {
      viewBox: `0 0 ${VOLUME_WIDTH} ${VOLUME_HEIGHT + 12}`,
      role: "img",
      "aria-label": occupied.length === 0
        ? "No volumes"
        : `Occupied voxels: ${count(low)} to ${count(high)}`,
    },
    s("line", {
      x1: 0,
      x2: VOLUME_WIDTH,
      y1: VOLUME_HEIGHT + 0.5,
      y2: VOLUME_HEIGHT + 0.5,
      class: "axis",
    }),
    bins(all, most, VOLUME_WIDTH, VOLUME_HEIGHT, "all"),
    chosen,
    ...report.junk.map(({ volume, reason }) => {
      const x = share(volume) * VOLUME_WIDTH;
      return s(
        "path",
        { d: `M${x} ${VOLUME_HEIGHT + 2} l4 8 h-8 Z`, class: "junk" },
        s("title", {}, `${report.volumes[volume]!.file}: ${reason}`),
      );
    }),
  );
  const element = h(
    "div",
    { class: "fullness" },
    h("h3", {}, "Occupied voxels of the volumes"),
    svg,
    h(
      "div",
      { class: "ends", "aria-hidden": "true" },
      h("span", {}, occupied.length === 0 ? "" : count(low)),
      h("span", {}, occupied.length === 0 ? "" : count(high)),
    ),
  );
  const update = (volumes: ReadonlySet<number> | null) => {
    const counts = new Array<number>(VOLUME_BINS).fill(0);
    for (const volume of volumes ?? []) counts[binOf(share(volume), VOLUME_BINS)]!++;
    chosen.replaceChildren(
      ...volumes === null ? [] : [bins(counts, most, VOLUME_WIDTH, VOLUME_HEIGHT, "part")],
    );
    mark(element, "data-selecting", volumes !== null);
  };
  return { element, update };
}

function binOf(share: number, bins: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(share * bins)));
}

/** Bars of a histogram; what is there at all is seen. */
function bins(
  counts: readonly number[],
  most: number,
  width: number,
  height: number,
  name: string,
): SVGGElement {
  const step = width / counts.length;
  return s(
    "g",
    { class: name },
    ...counts.flatMap((count, i) => {
      if (count === 0) return [];
      const tall = Math.max(1.5, count / most * height);
      return [s("rect", { x: i * step + 0.5, y: height - tall, width: step - 1, height: tall })];
    }),
  );
}
