/**
 * The table of blocks: each is shown, hidden and selected here, and measured in the selected volumes.
 *
 * @module
 */
import { button, figure, h, hint, mark } from "../dom.ts";
import { pickBlocks, toggleBlock } from "../selection.ts";
import type { State, Store } from "../store.ts";
import { count, percent } from "../text.ts";

/** A row's parts that change. */
interface Row {
  readonly element: HTMLTableRowElement;
  readonly shown: HTMLInputElement;
  readonly wish: HTMLElement;
  readonly selected: { readonly text: Node; readonly bar: HTMLElement };
}

/** A column by which the rows can be sorted. */
interface Column {
  readonly title: string;
  readonly hint: string;
  readonly of?: (block: number) => number;
}

/** Blocks that a cell names; of more it tells how many. */
const MOST_NAMED = 4;

/** Makes the panel. */
export function blockTable(store: Store): HTMLElement {
  const { report } = store;
  const { blocks } = report;
  const k = blocks.length;
  const needs = blocks.map((_, block) =>
    report.dependencies.filter(({ region, direct }) => direct && region === block)
      .map(({ needs }) => needs)
  );
  const excludes = blocks.map((_, block) =>
    report.pairs.filter(({ exclusive }) => exclusive === 1)
      .flatMap(({ a, b }) => a === block ? [b] : b === block ? [a] : [])
  );

  const columns: readonly Column[] = [
    { title: "Show", hint: "Whether the block is shown in 3-D" },
    { title: "Block", hint: "Name in tables and commands", of: (block) => blocks[block]!.id },
    { title: "Voxels", hint: "Voxels of the block", of: (block) => blocks[block]!.voxels },
    {
      title: "nm\u00b3",
      hint: "Volume in cubic nanometres",
      of: (block) => blocks[block]!.volume,
    },
    {
      title: "Present",
      hint: "Share of the volumes in which the block's occupancy reaches its cutoff",
      of: (block) => report.present[block]!,
    },
    {
      title: "Occupancy",
      hint: "Mean share of the block's voxels that are occupied",
      of: (block) => blocks[block]!.meanOccupancy,
    },
    {
      title: "Selected",
      hint: "The same in the selected volumes alone",
      of: (block) => meanIn(store, block, store.get().volumes) ?? 0,
    },
    {
      title: "Cohesion",
      hint: "Mean phi of the block's voxels with the block's presence: 1 is as one",
      of: (block) => blocks[block]!.cohesion,
    },
    { title: "Needs", hint: "Blocks without which it is never seen (direct ones)" },
    { title: "Excludes", hint: "Blocks with which it is never seen" },
  ];

  // As many decimals in each row, so that they stand one below the other.
  const largest = Math.max(0, ...blocks.map(({ volume }) => volume)) / 1000;
  const decimals = largest >= 1000 ? 0 : largest >= 100 ? 1 : 2;
  const rows = blocks.map((block, place): Row => {
    const shown = h("input", {
      type: "checkbox",
      tabindex: "-1",
      "aria-label": `Show ${block.name} in 3-D`,
      onclick: (event: Event) => event.stopPropagation(),
      onchange: () => {
        const hidden = new Set(store.get().hidden);
        if (shown.checked) hidden.delete(place);
        else hidden.add(place);
        store.set({ hidden });
      },
    });
    const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = block.colour;
    const wish = h("span", { class: "wish" });
    const text = document.createTextNode("");
    const bar = h("span", { class: "bar" });
    const mean = h("span", { class: "bar" });
    mean.style.width = barWidth(block.meanOccupancy);
    const chip = (text: string, label: string, others: readonly number[]) =>
      button(text, (event) => {
        event.stopPropagation();
        store.select((now) => pickBlocks(now, [place, ...others], false));
      }, { class: "link", tabindex: "-1", "aria-label": `Select ${block.name} and ${label}` });
    const chips = (of: readonly number[]) => {
      const named = of.length > MOST_NAMED ? of.slice(0, MOST_NAMED - 1) : of;
      const rest = of.length - named.length;
      return [
        ...named.map((other) => chip(blocks[other]!.name, blocks[other]!.name, [other])),
        ...rest === 0 ? [] : [chip(`+${rest}`, `all ${of.length} of these`, of)],
      ];
    };
    const element = h(
      "tr",
      {
        "data-block": block.name,
        tabindex: "-1",
        onclick: (event: MouseEvent) => {
          store.select((now) => toggleBlock(now, place, isAdding(event)));
        },
        onpointerenter: () => store.set({ hoverBlock: place }),
        onpointerleave: () => store.set({ hoverBlock: null }),
      },
      h("td", { class: "centre" }, shown),
      h("th", { scope: "row" }, swatch, block.name, wish),
      h("td", { class: "number" }, count(block.voxels)),
      h(
        "td",
        { class: "number" },
        (block.volume / 1000).toFixed(decimals),
      ),
      h(
        "td",
        { class: "number" },
        report.sound === 0 ? "" : percent(report.present[place]! / report.sound),
      ),
      h("td", { class: "number barred" }, mean, h("span", {}, block.meanOccupancy.toFixed(2))),
      h("td", { class: "number barred selected" }, bar, h("span", {}, text)),
      h("td", { class: "number" }, block.cohesion.toFixed(2)),
      h("td", { class: "chips" }, ...chips(needs[place]!)),
      h("td", { class: "chips" }, ...chips(excludes[place]!)),
    );
    return { element, shown, wish, selected: { text, bar } };
  });

  const body = h("tbody", {}, ...rows.map(({ element }) => element));
  let order = blocks.map((_, place) => place);
  let sortedBy = 1, isFalling = false;
  const headings = columns.map(({ title, hint, of }, c) =>
    h(
      "th",
      { scope: "col", title: hint, class: of === undefined || c === 1 ? "" : "number" },
      of === undefined ? title : button(title, () => {
        isFalling = sortedBy === c ? !isFalling : c !== 1;
        sortedBy = c;
        sort();
      }, { class: "sort" }),
    )
  );
  const sort = () => {
    const of = columns[sortedBy]?.of;
    if (of === undefined) return;
    const sign = isFalling ? -1 : 1;
    order = blocks.map((_, place) => place).sort((a, b) => sign * (of(a) - of(b)) || a - b);
    body.append(...order.map((place) => rows[place]!.element));
    headings.forEach((heading, c) => {
      if (c === sortedBy) heading.setAttribute("aria-sort", isFalling ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
  };
  const all = h("input", {
    type: "checkbox",
    "aria-label": "Show all blocks in 3-D",
    onchange: () => store.set({ hidden: all.checked ? new Set() : new Set(order) }),
  });
  headings[0]!.replaceChildren(all);
  sort();

  /** One row and what is in it are in the tab order; arrows go from row to row. */
  let reached: HTMLTableRowElement | undefined;
  const reach = (row: HTMLTableRowElement | undefined) => {
    if (row === reached) return;
    for (const one of [reached, row]) {
      for (const part of one?.querySelectorAll<HTMLElement>("input, button") ?? []) {
        part.tabIndex = one === row ? 0 : -1;
      }
      if (one !== undefined) one.tabIndex = one === row ? 0 : -1;
    }
    reached = row;
  };
  reach(rows[order[0]!]?.element);
  body.addEventListener("focusin", ({ target }) => {
    const row = target instanceof Element ? target.closest("tr") : null;
    if (row !== null) reach(row);
  });
  const moveTo = (place: number | undefined) => {
    if (place !== undefined) rows[place]!.element.focus();
  };
  body.addEventListener("keydown", (event) => {
    const at = order.findIndex((place) => rows[place]!.element === event.target);
    if (at === -1) return;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: k - 1,
    };
    const next = steps[event.key];
    if (next !== undefined) moveTo(order[Math.min(k - 1, Math.max(0, next))]);
    else if (event.key === "Enter" || event.key === " ") {
      store.select((now) => toggleBlock(now, order[at]!, isAdding(event)));
    } else if (event.key === "v") rows[order[at]!]!.shown.click();
    else return;
    event.preventDefault();
  });

  const table = h(
    "table",
    { class: "blocks", "aria-label": "Blocks", "aria-multiselectable": "true", role: "grid" },
    h("thead", {}, h("tr", {}, ...headings)),
    body,
  );
  store.listen((now, before) => {
    if (now.hoverBlock !== before?.hoverBlock) {
      rows.forEach(({ element }, place) => mark(element, "data-hover", place === now.hoverBlock));
    }
    if (now.hidden !== before?.hidden) {
      rows.forEach(({ shown }, place) => shown.checked = !now.hidden.has(place));
      all.checked = now.hidden.size === 0;
      all.indeterminate = now.hidden.size > 0 && now.hidden.size < k;
    }
    if (now.selection !== before?.selection) update(now);
  });
  function update({ selection, volumes }: State) {
    mark(table, "data-selecting", volumes !== null);
    rows.forEach(({ element, wish, selected }, place) => {
      const asked = selection.blocks.get(place);
      element.setAttribute("aria-selected", String(asked !== undefined));
      wish.textContent = asked === "absent" ? "absent" : "";
      const mean = meanIn(store, place, volumes);
      selected.text.textContent = mean === undefined ? "" : mean.toFixed(2);
      selected.bar.style.width = barWidth(mean ?? 0);
    });
    if (sortedBy === 6) sort();
  }

  return figure(
    "blocks",
    "Blocks",
    k === 0 ? "No blocks were found: there is nothing to show." : h(
      "span",
      {},
      "Present in so many volumes; mean occupancy in all volumes, and in those that are selected.",
      hint(
        "Click a block, or press Enter, to select it and the volumes that have it; with Ctrl or Shift it is added. " +
          "Headings sort.",
      ),
    ),
    h("div", { class: "scroll", tabindex: "-1" }, table),
  );
}

/** Width of a bar in its cell, whose padding is not the bar's. */
function barWidth(share: number): string {
  return `calc(${Math.min(1, Math.max(0, share))} * (100% - 12px))`;
}

/** Whether a click or key adds to what is selected. */
export function isAdding(
  event: { ctrlKey: boolean; metaKey: boolean; shiftKey: boolean },
): boolean {
  return event.ctrlKey || event.metaKey || event.shiftKey;
}

/** Mean occupancy of a block in some volumes. */
function meanIn(
  { report }: Store,
  block: number,
  volumes: ReadonlySet<number> | null,
): number | undefined {
  if (volumes === null || volumes.size === 0) return undefined;
  let sum = 0;
  for (const volume of volumes) sum += report.values[volume * report.blocks.length + block]!;
  return sum / volumes.size;
}
