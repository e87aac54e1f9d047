/**
 * The graph of dependencies: the order in which blocks assemble.
 *
 * @module
 */
import { condense } from "../../core/analysis/condense.ts";
import { button, figure, h, mark, onWidth, s, save } from "../dom.ts";
import { layOut } from "../layers.ts";
import { pickBlocks, toggleBlock } from "../selection.ts";
import type { Store } from "../store.ts";
import { counted, percent, significance } from "../text.ts";
import { hideTooltip, showTooltip } from "../tooltip.ts";
import { isAdding } from "./block_table.ts";

const ROW = 44, NODE_WIDTH = 72, NODE_HEIGHT = 28, MARGIN = 10;
/** Narrowest and widest distance of layers. */
const COLUMN = { least: 112, most: 172 } as const;
/** Dependencies that the tooltip of an arrow lists. */
const MOST_LINES = 4;
/** More exclusions than these hide the graph. */
const MOST_EXCLUSIONS = 24;

/** Makes the panel. */
export function dependencyGraph(store: Store): HTMLElement {
  const { report } = store;
  const { blocks, dependencies } = report;
  const k = blocks.length;
  const exclusions = report.pairs.filter(({ exclusive }) => exclusive === 1);
  const holder = h("div", { class: "scroll graph", tabindex: "-1" });
  let showAll = false, showExclusions = exclusions.length <= MOST_EXCLUSIONS;
  let nodes: SVGGElement[] = [];
  let lines: { readonly element: SVGElement; readonly ends: readonly number[] }[] = [];

  const { groups, groupOf, isDirect, reaches } = condense(
    blocks.map((_, block) =>
      dependencies.filter(({ region }) => region === block).map(({ needs }) => needs)
    ),
  );
  const edgesOf = (isEdge: (from: number, to: number) => boolean) =>
    groups.flatMap((_, to) => groups.flatMap((_, from) => isEdge(to, from) ? [{ from, to }] : []));
  const direct = edgesOf(isDirect), all = edgesOf(reaches);
  const namesOf = (group: number) => groups[group]!.map((block) => blocks[block]!.name).join(" = ");

  const draw = () => {
    const edges = showAll ? all : direct;
    const plan = layOut(groups.map(({ length }) => length), edges);
    const steps = Math.max(0, plan.layers - 1);
    const room = (holder.clientWidth - 2 * MARGIN - NODE_WIDTH) / Math.max(1, steps);
    const column = Math.min(COLUMN.most, Math.max(COLUMN.least, Math.floor(room)));
    const x = (layer: number) => MARGIN + layer * column;
    const width = 2 * MARGIN + steps * column + NODE_WIDTH;
    const height = 2 * MARGIN + plan.height * ROW;
    /** Where a block's node is: those of a group stand one below the other. */
    const spot = (block: number) => {
      const group = groups[groupOf[block]!]!;
      const { layer, middle } = plan.nodes[groupOf[block]!]!;
      const place = middle - group.length / 2 + group.indexOf(block) + 0.5;
      return { x: x(layer), y: MARGIN + place * ROW };
    };
    lines = [];
    const frames = groups.flatMap((group, node) => {
      if (group.length < 2) return [];
      const { layer, middle } = plan.nodes[node]!;
      return [s(
        "rect",
        {
          x: x(layer) - 5,
          y: MARGIN + (middle - group.length / 2) * ROW + 2,
          width: NODE_WIDTH + 10,
          height: group.length * ROW - 4,
          rx: 8,
          class: "together",
        },
        s("title", {}, `${namesOf(node)}: each is never seen without the others`),
      )];
    });
    const arcs = edges.map(({ from, to }, i) => {
      const path = curve(plan.routes[i]!.map(({ layer, middle }, at, route) => {
        const isEnd = at === 0 || at === route.length - 1;
        const node = at === 0 ? from : to;
        const pad = isEnd && groups[node]!.length > 1 ? 5 : 0;
        return {
          left: x(layer) - pad,
          right: x(layer) + (isEnd ? NODE_WIDTH + pad : NODE_WIDTH / 2),
          y: MARGIN + middle * ROW,
        };
      }));
      const between = dependencies.filter(({ region, needs }) =>
        groupOf[region] === to && groupOf[needs] === from
      );
      const text = [
        `${namesOf(to)} ${groups[to]!.length > 1 ? "need" : "needs"} ${namesOf(from)}`,
        ...between.slice(0, MOST_LINES).map(({ region, needs, volumes, exceptions, q }) =>
          `${blocks[region]!.name} without ${blocks[needs]!.name} in ${exceptions} of ${
            counted(volumes, "volume")
          }, q ${significance(q)}`
        ),
        ...isDirect(to, from) ? [] : ["follows from others"],
      ];
      const ends = [...groups[from]!, ...groups[to]!];
      const element = s("path", {
        d: path,
        class: isDirect(to, from) ? "edge" : "edge indirect",
        "marker-end": "url(#arrow)",
        onpointermove: (event: PointerEvent) => showTooltip(event, text),
        onpointerleave: hideTooltip,
        onclick: () => store.select((now) => pickBlocks(now, ends, false)),
      });
      lines.push({ element, ends });
      return element;
    });
    const bars = (showExclusions ? exclusions : []).map(({ a, b, both, qApart }) => {
      const [from, to] = [spot(a), spot(b)];
      const element = s("path", {
        d: chord(from.x, from.y, to.x, to.y),
        class: "exclusion",
        onpointermove: (event: PointerEvent) =>
          showTooltip(event, [
            `${blocks[a]!.name} and ${blocks[b]!.name} exclude each other`,
            both === 0 ? "never together" : `together in ${counted(both, "volume")}`,
            `q ${significance(qApart)}`,
          ]),
        onpointerleave: hideTooltip,
        onclick: () => store.select((now) => pickBlocks(now, [a, b], false)),
      });
      lines.push({ element, ends: [a, b] });
      return element;
    });
    nodes = blocks.map(({ name, colour }, block) => {
      const { x, y } = spot(block);
      const share = report.sound === 0 ? 0 : report.present[block]! / report.sound;
      const needs = dependencies.filter(({ region, direct }) => direct && region === block)
        .map(({ needs }) => blocks[needs]!.name);
      return s(
        "g",
        {
          class: "node",
          transform: `translate(${x} ${y - NODE_HEIGHT / 2})`,
          tabindex: "0",
          role: "button",
          "data-block": name,
          "aria-label": `${name}, in ${percent(share)} of the volumes${
            needs.length === 0 ? "" : `, needs ${needs.join(", ")}`
          }`,
          onclick: (event: MouseEvent) => {
            store.select((now) => toggleBlock(now, block, isAdding(event)));
          },
          onkeydown: (event: KeyboardEvent) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            store.select((now) => toggleBlock(now, block, isAdding(event)));
          },
          onpointerenter: () => store.set({ hoverBlock: block }),
          onpointermove: (event: PointerEvent) =>
            showTooltip(event, [
              name,
              `present in ${percent(share)} of the volumes`,
              needs.length === 0 ? "needs no other" : `needs ${needs.join(", ")}`,
            ]),
          onpointerleave: () => {
            hideTooltip();
            store.set({ hoverBlock: null });
          },
        },
        s("rect", { width: NODE_WIDTH, height: NODE_HEIGHT, rx: 5, class: "box" }),
        s("rect", { x: 0, y: 0, width: 7, height: NODE_HEIGHT, rx: 3, fill: colour }),
        s("rect", {
          x: 12,
          y: NODE_HEIGHT - 6,
          width: NODE_WIDTH - 18,
          height: 2.5,
          class: "track",
        }),
        s("rect", {
          x: 12,
          y: NODE_HEIGHT - 6,
          width: share * (NODE_WIDTH - 18),
          height: 2.5,
          class: "share",
        }),
        s("text", { x: 12, y: NODE_HEIGHT / 2 + 2 }, shorten(name)),
      );
    });
    holder.replaceChildren(s(
      "svg",
      {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        role: "group",
        "aria-label": "Graph of dependencies",
      },
      s(
        "defs",
        {},
        s(
          "marker",
          {
            id: "arrow",
            viewBox: "0 0 8 8",
            refX: 7,
            refY: 4,
            markerUnits: "userSpaceOnUse",
            markerWidth: 9,
            markerHeight: 9,
            orient: "auto",
          },
          s("path", { d: "M0 0.8 L7.5 4 L0 7.2 Z", class: "tip" }),
        ),
      ),
      ...frames,
      ...bars,
      ...arcs,
      ...nodes,
    ));
    update();
  };
  const update = () => {
    const { selection, hoverBlock } = store.get();
    const isMeant = (block: number) => selection.blocks.has(block) || hoverBlock === block;
    nodes.forEach((node, block) => {
      node.setAttribute("aria-pressed", String(selection.blocks.has(block)));
      mark(node, "data-hover", hoverBlock === block);
    });
    for (const { element, ends } of lines) mark(element, "data-near", ends.some(isMeant));
  };

  const option = (text: string, isOn: boolean, set: (value: boolean) => void) => {
    const input = h("input", {
      type: "checkbox",
      checked: isOn,
      onchange: () => {
        set(input.checked);
        draw();
      },
    });
    return h("label", {}, input, text);
  };
  const indirect = all.length - direct.length;
  onWidth(holder, draw);
  store.listen((now, before) => {
    if (now.selection !== before?.selection || now.hoverBlock !== before.hoverBlock) update();
  });
  return figure(
    "order",
    "Assembly order",
    h(
      "span",
      {},
      dependencies.length === 0
        ? "No block was found to need another. "
        : "An arrow leads from a block to one that is never, or hardly ever, seen without it. ",
      groups.length === k ? "" : "Blocks in one frame need each other. ",
      exclusions.length === 0 ? "" : "Dashed lines join blocks that exclude each other. ",
      "The bar in a node is the share of volumes that have the block.",
    ),
    h(
      "div",
      { class: "toolbar" },
      indirect === 0 ? undefined : option(
        `${counted(indirect, "dependency", "dependencies")} that follow from others`,
        false,
        (value) => {
          showAll = value;
        },
      ),
      exclusions.length === 0
        ? undefined
        : option(counted(exclusions.length, "exclusion"), showExclusions, (value) =>
          showExclusions = value),
      h("span", { class: "spacer" }),
      button("Save SVG", () => {
        const svg = holder.querySelector("svg");
        if (svg !== null) save("dependencies.svg", standAlone(svg), "image/svg+xml");
      }),
    ),
    holder,
  );
}

/** Names that do not fit are cut. */
function shorten(name: string): string {
  return name.length > 8 ? `${name.slice(0, 7)}\u2026` : name;
}

/** A smooth line through places, level where it meets one. */
function curve(places: readonly { left: number; right: number; y: number }[]): string {
  const [start, ...rest] = places;
  let path = `M${start!.right} ${start!.y}`, x = start!.right, y = start!.y;
  rest.forEach((place, i) => {
    const end = i === rest.length - 1 ? place.left - 1 : place.left;
    const middle = (x + end) / 2;
    path += ` C${middle} ${y} ${middle} ${place.y} ${end} ${place.y}`;
    x = end;
    y = place.y;
    if (i < rest.length - 1) {
      path += ` L${place.right} ${place.y}`;
      x = place.right;
    }
  });
  return path;
}

/** Between the middles of two nodes, bent. */
function chord(x1: number, y1: number, x2: number, y2: number): string {
  const [ax, bx] = [x1 + NODE_WIDTH / 2, x2 + NODE_WIDTH / 2];
  const [mx, my] = [(ax + bx) / 2, (y1 + y2) / 2];
  const bend = 0.18;
  return `M${ax} ${y1} Q${mx + bend * (y2 - y1)} ${my - bend * (bx - ax)} ${bx} ${y2}`;
}

/** The picture with the page's style written into it. */
function standAlone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const styled = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size"];
  const originals = svg.querySelectorAll<SVGElement>("*");
  copy.querySelectorAll<SVGElement>("*").forEach((element, i) => {
    const style = getComputedStyle(originals[i]!);
    for (const name of styled) element.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["tabindex", "role", "class"]) element.removeAttribute(name);
  });
  return new XMLSerializer().serializeToString(copy);
}
