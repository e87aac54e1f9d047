/**
 * The selection, in words: what is selected, how many volumes that are, and the command for them.
 *
 * @module
 */
import { button, copy, h, mark } from "../dom.ts";
import { commandOf, isNothing, NOTHING, type Selection, volumesOf } from "../selection.ts";
import type { Store } from "../store.ts";
import { count } from "../text.ts";

/** Milliseconds for which a button says that it has done its work. */
const PRAISE = 1600;

/** Makes the dock; `folder` is the run's, for the command. */
export function dock(store: Store, folder: string): HTMLElement {
  const { report } = store;
  const amount = h("p", { class: "amount", role: "status", "aria-live": "polite" });
  const chips = h("div", { class: "conditions" });
  const command = h("code", { id: "command" });
  const list = () =>
    Array.from(
      volumesOf(report, store.get().selection) ?? [],
      (volume) => report.volumes[volume]!.file,
    );
  const element = h(
    "section",
    { class: "dock", "aria-label": "Selection" },
    h("div", { class: "dock-head" }, amount, chips),
    h(
      "div",
      { class: "dock-command" },
      command,
      copyButton("Copy command", () => command.dataset.full ?? ""),
      copyButton("Copy list", () => list().map((name) => `${name}\n`).join("")),
      button("Clear", () => store.set({ selection: NOTHING, volume: null }), {
        title: "Escape does the same",
      }),
    ),
  );
  const chip = (
    text: string,
    label: string,
    isPressed: boolean | undefined,
    flip: () => void,
    drop: () => void,
  ) =>
    h(
      "span",
      { class: "condition" },
      button(text, flip, {
        "aria-label": label,
        ...isPressed === undefined ? { disabled: true } : {},
      }),
      button("\u00d7", drop, { "aria-label": `Leave out: ${text}` }),
    );
  const change = (edit: (blocks: Map<number, "present" | "absent">) => void) =>
    store.select((now): Selection => {
      const blocks = new Map(now.blocks);
      edit(blocks);
      const changed = { ...now, blocks };
      return isNothing(changed) ? NOTHING : changed;
    });
  store.listen(({ selection, volumes }, before) => {
    if (selection === before?.selection) return;
    mark(element, "data-open", volumes !== null);
    element.toggleAttribute("inert", volumes === null);
    if (volumes === null) {
      amount.textContent = "";
      return;
    }
    amount.textContent = `${count(volumes.size)} of ${count(report.volumes.length)} volumes`;
    const conditions = Array.from(selection.blocks, ([block, wish]) => {
      const { name, colour } = report.blocks[block]!;
      const other = wish === "present" ? "absent" : "present";
      const made = chip(
        `${name} ${wish}`,
        `${name} is to be ${wish}: make it ${other}`,
        wish === "present",
        () => change((blocks) => blocks.set(block, other)),
        () => change((blocks) => blocks.delete(block)),
      );
      made.style.setProperty("--block", colour);
      made.dataset.wish = wish;
      return made;
    });
    if (selection.volumes !== null) {
      conditions.push(
        chip(selection.source, selection.source, undefined, () => {}, () =>
          store.select((now) => {
            const changed = { ...now, volumes: null, source: "" };
            return isNothing(changed) ? NOTHING : changed;
          })),
      );
    }
    chips.replaceChildren(...conditions);
    const text = commandOf(report, selection, folder);
    command.dataset.full = text;
    // A long list of names would fill the window.
    command.textContent = text.length > 400 ? `${text.slice(0, 400)} \u2026` : text;
  });
  return element;
}

function copyButton(text: string, content: () => string): HTMLButtonElement {
  const made = button(text, async () => {
    made.textContent = await copy(content()) ? "Copied" : "Not allowed here";
    setTimeout(() => made.textContent = text, PRAISE);
  });
  return made;
}
