/**
 * The page's state: what is selected, shown and pointed at. Panels listen to it and change it.
 *
 * @module
 */
import type { Report } from "./data.ts";
import {
  formatRanges,
  isNothing,
  NOTHING,
  parseRanges,
  type Selection,
  volumesOf,
  type Wish,
} from "./selection.ts";

/** Everything that panels have in common. */
export interface State {
  readonly selection: Selection;
  /** The selected volumes; null where nothing is selected. */
  readonly volumes: ReadonlySet<number> | null;
  /** Blocks that are hidden in 3-D. */
  readonly hidden: ReadonlySet<number>;
  /** The volume that is shown in 3-D; null for the consensus. */
  readonly volume: number | null;
  /** What the pointer is on. */
  readonly hoverBlock: number | null;
  readonly hoverVolume: number | null;
  readonly theme: "light" | "dark";
}

/** Hears of a change; `before` is undefined the first time. */
export type Listener = (now: State, before: State | undefined) => void;

/** Holds the state. */
export interface Store {
  readonly report: Report;
  get(): State;
  /** Changes a part of the state. What follows from the selection follows. */
  set(change: Partial<Omit<State, "volumes">>): void;
  select(change: (selection: Selection) => Selection): void;
  /** Hears of every change, and of the state as it is. */
  listen(listener: Listener): void;
}

/** Makes the store; its state begins with what the page's address says. */
export function makeStore(report: Report, theme: State["theme"]): Store {
  let state: State = {
    volumes: null,
    hoverBlock: null,
    hoverVolume: null,
    theme,
    ...readHash(report, location.hash),
  };
  state = { ...state, volumes: volumesOf(report, state.selection) };
  const listeners: Listener[] = [];
  const set: Store["set"] = (change) => {
    const before = state;
    state = { ...before, ...change };
    if (state.selection !== before.selection) {
      state = { ...state, volumes: volumesOf(report, state.selection) };
    }
    for (const listener of listeners) listener(state, before);
    const isInHash = state.selection !== before.selection || state.hidden !== before.hidden ||
      state.volume !== before.volume;
    if (isInHash) history.replaceState(null, "", formatHash(report, state) || "#");
  };
  addEventListener("hashchange", () => set(readHash(report, location.hash)));
  return {
    report,
    get: () => state,
    set,
    select: (change) => set({ selection: change(state.selection) }),
    listen: (listener) => {
      listeners.push(listener);
      listener(state, undefined);
    },
  };
}

/** Part of the state as an address holds it: `#blocks=b3,-b5&volumes=0-4,9&hidden=b0&volume=7`. */
export function formatHash(report: Report, { selection, hidden, volume }: State): string {
  const name = (block: number) => report.blocks[block]!.name;
  const parts: string[] = [];
  if (selection.blocks.size > 0) {
    const blocks = Array.from(
      selection.blocks,
      ([block, wish]) => (wish === "absent" ? "-" : "") + name(block),
    );
    parts.push(`blocks=${blocks.join(",")}`);
  }
  if (selection.volumes !== null) parts.push(`volumes=${formatRanges(selection.volumes)}`);
  if (hidden.size > 0) parts.push(`hidden=${Array.from(hidden, name).join(",")}`);
  if (volume !== null) parts.push(`volume=${volume}`);
  return parts.length === 0 ? "" : `#${parts.join("&")}`;
}

/** The state that an address tells; what makes no sense in this report is left out. */
export function readHash(
  report: Report,
  hash: string,
): Pick<State, "selection" | "hidden" | "volume"> {
  const parts = new URLSearchParams(hash.slice(1));
  const placeOf = new Map(report.blocks.map(({ name }, block) => [name, block]));
  const names = (part: string) => (parts.get(part) ?? "").split(",");
  const blocks = new Map(
    names("blocks").flatMap((word): [number, Wish][] => {
      const block = placeOf.get(word.replace(/^-/, ""));
      return block === undefined ? [] : [[block, word.startsWith("-") ? "absent" : "present"]];
    }),
  );
  const count = report.volumes.length;
  const picked = new Set(parseRanges(parts.get("volumes") ?? "", count));
  const volume = parseRanges(parts.get("volume") ?? "", count)[0] ?? null;
  const selection: Selection = {
    blocks,
    volumes: picked.size === 0 ? null : picked,
    source: picked.size === 0 ? "" : "picked",
  };
  return {
    selection: isNothing(selection) ? NOTHING : selection,
    hidden: new Set(names("hidden").flatMap((name) => placeOf.get(name) ?? [])),
    volume,
  };
}
