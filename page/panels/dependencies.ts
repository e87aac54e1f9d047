/**
 * The graph of dependencies: the order in which blocks assemble.
 *
 * @module
 */
import { condense } from "../../core/analysis/condense.ts";
import { button, figure, h, mark, onWidth, rove, s, save, type Step } from "../dom.ts";
import { layOut } from "../layers.ts";
import { pickBlocks, toggleBlock } from "../selection.ts";
import type { Store } from "../store.ts";
import { counted, percent, significance } from "../text.ts";
import { hideTooltip, showTooltip } from "../tooltip.ts";
import { isAdding } from "./block_table.ts";

const ROW = 44, NODE_WIDTH = 72, NODE_HEIGHT = 28, MARGIN = 10;
/** Most blocks of a group that stand one below the other, and the distance of its columns. */
const GROUP_ROWS = 10, GROUP_COLUMN = NODE_WIDTH + 10;
/** Narrowest and widest distance of layers. */
const COLUMN = { least: 112, most: 172 } as const;
/** Dependencies that the tooltip of an arrow lists. */
const MOST_LINES = 4;
/** Names that a tooltip lists. */
const MOST_NAMES = 12;
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
  const namesOf = (group: number) =>
    someOf(groups[group]!.map((block) => blocks[block]!.name), " = ");

  /** Columns and rows of each group's blocks, and its width. */
  const forms = groups.map(({ length }) => {
    const columns = Math.ceil(length / GROUP_ROWS);
    const wide = (columns - 1) * GROUP_COLUMN + NODE_WIDTH;
    return { columns, rows: Math.ceil(length / columns), wide };
  });
  const draw = () => {
    const edges = showAll ? all : direct;
    const across = holder.clientWidth - 2 * MARGIN - NODE_WIDTH;
    const most = 1 + Math.max(0, Math.floor(across / COLUMN.least));
    const plan = layOut(forms.map(({ rows }) => rows), edges, most);
    const steps = Math.max(0, plan.layers - 1);
    /** Width of each layer: that of its widest group. */
    const widths = new Array<number>(steps + 1).fill(NODE_WIDTH);
    plan.nodes.forEach(({ layer }, node) => {
      widths[layer] = Math.max(widths[layer]!, forms[node]!.wide);
    });
    const more = widths.reduce((sum, wide) => sum + wide - NODE_WIDTH, 0);
    const room = (across - more) / Math.max(1, steps);
    const column = Math.min(COLUMN.most, Math.max(COLUMN.least, Math.floor(room)));
    const lefts: number[] = [];
    let left = MARGIN;
    for (const wide of widths) {
      lefts.push(left);
      left += wide - NODE_WIDTH + column;
    }
    const x = (layer: number) => lefts[layer]!;
    const width = MARGIN + left - column + NODE_WIDTH;
    const height = 2 * MARGIN + plan.height * ROW;
    /** Where a block's node is: those of a group stand one below the other, many in columns. */
    const spot = (block: number) => {
      const node = groupOf[block]!;
      const { rows } = forms[node]!;
      const { layer, middle } = plan.nodes[node]!;
      const at = groups[node]!.indexOf(block);
      const place = middle - rows / 2 + at % rows + 0.5;
      return { x: x(layer) + Math.floor(at / rows) * GROUP_COLUMN, y: MARGIN + place * ROW };
    };
    lines = [];
    const frames = groups.flatMap((group, node) => {
      if (group.length < 2) return [];
      const { layer, middle } = plan.nodes[node]!;
      const { rows, wide } = forms[node]!;
      return [s(
        "rect",
        {
          x: x(layer) - 5,
          y: MARGIN + (middle - rows / 2) * ROW + 2,
          width: wide + 10,
          height: rows * ROW - 4,
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
        const wide = isEnd ? forms[node]!.wide : NODE_WIDTH / 2;
        return {
          left: x(layer) - pad,
          right: x(layer) + wide + pad,
          // Wider groups of the layer are passed before the line bends.
          clear: x(layer) +
            (isEnd ? Math.max(wide + pad, widths[layer]!) : widths[layer]! - NODE_WIDTH / 2),
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
      const apart = exclusions.flatMap(({ a, b }) => a === block ? [b] : b === block ? [a] : [])
        .map((other) => blocks[other]!.name);
      return s(
        "g",
        {
          class: "node",
          transform: `translate(${x} ${y - NODE_HEIGHT / 2})`,
          tabindex: "-1",
          role: "button",
          "data-block": name,
          "aria-label": `${name}, in ${percent(share)} of the volumes${
            needs.length === 0 ? "" : `, needs ${needs.join(", ")}`
          }${apart.length === 0 ? "" : `, excludes ${apart.join(", ")}`}`,
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
              needs.length === 0 ? "needs no other" : `needs ${someOf(needs)}`,
              ...apart.length === 0 ? [] : [`excludes ${someOf(apart)}`],
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
        "aria-label": "Graph of dependencies: arrow keys go from block to block",
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
    settle();
    update();
  };
  const settle = rove(holder, ".node", nearestNode);
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

/** Names in a tooltip: of many the first, and how many more there are. */
function someOf(names: readonly string[], between = ", "): string {
  const rest = names.length - MOST_NAMES;
  if (rest <= 1) return names.join(between);
  return `${names.slice(0, MOST_NAMES).join(between)} and ${rest} more`;
}

/** The nearest node that lies where an arrow key points. */
const nearestNode: Step = (nodes, from, key) => {
  const directions: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const direction = directions[key];
  if (direction === undefined) return undefined;
  const [right, down] = direction;
  const boxes = nodes.map((node) => node.getBoundingClientRect());
  let next = from, least = Infinity;
  boxes.forEach((box, i) => {
    const dx = box.x - boxes[from]!.x, dy = box.y - boxes[from]!.y;
    const ahead = dx * right + dy * down, aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (ahead < 1 || ahead + 2 * aside >= least) return;
    next = i;
    least = ahead + 2 * aside;
  });
  return next;
};

/** Names that do not fit are cut. */
function shorten(name: string): string {
  return name.length > 8 ? `${name.slice(0, 7)}\u2026` : name;
}

/** A smooth line through places, level where it meets one. */
function curve(
  places: readonly { left: number; right: number; clear: number; y: number }[],
): string {
  const [start, ...rest] = places;
  let path = `M${start!.right} ${start!.y}`, x = start!.clear, y = start!.y;
  if (start!.clear > start!.right) path += ` L${x} ${y}`;
  rest.forEach((place, i) => {
    const end = i === rest.length - 1 ? place.left - 1 : place.left;
    const middle = (x + end) / 2;
    path += ` C${middle} ${y} ${middle} ${place.y} ${end} ${place.y}`;
    x = end;
    y = place.y;
    if (i < rest.length - 1) {
      path += ` L${place.clear} ${place.y}`;
      x = place.clear;
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
