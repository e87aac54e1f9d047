/**
 * The selection, in words: what is selected, how many volumes that are, and the command for them.
 *
 * @module
 */
import { button, copy, h, mark, save } from "../dom.ts";
import { commandsOf, isNothing, NOTHING, type Selection, volumesOf } from "../selection.ts";
import type { Store } from "../store.ts";
import { count } from "../text.ts";

/** Characters of a command that are shown; all are copied. */
const LONGEST = 400;

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
  const text = () => list().map((name) => `${name}\n`).join("");
  const now = () => commandsOf(report, store.get().selection, folder);
  const particles = copyButton("Copy for particles", () => now().particles);
  const element = h(
    "section",
    { class: "dock", "aria-label": "Selection" },
    h("div", { class: "dock-head" }, amount, chips),
    h(
      "div",
      { class: "dock-command" },
      command,
      copyButton("Copy command", () => now().volumes ?? now().particles),
      particles,
      copyButton("Copy list", text),
      button("Save list", () => save("volumes.txt", text(), "text/plain")),
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
    const commands = commandsOf(report, selection, folder);
    particles.hidden = commands.volumes === undefined;
    const shown = commands.volumes ?? commands.particles;
    // A long list of names would fill the window.
    command.textContent = shown.length > LONGEST ? `${shown.slice(0, LONGEST)} \u2026` : shown;
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
