/**
 * The one tooltip of the page.
 *
 * @module
 */
import { h } from "./dom.ts";

const GAP = 14;

let element: HTMLElement | undefined;

/** Shows lines of text beside the pointer; the first is the heading. */
export function showTooltip(event: MouseEvent, lines: readonly string[]): void {
  element ??= document.body.appendChild(h("div", { class: "tooltip", "aria-hidden": "true" }));
  element.replaceChildren(...lines.map((line, i) => h(i === 0 ? "b" : "span", {}, line)));
  element.hidden = false;
  const { width, height } = element.getBoundingClientRect();
  const left = event.clientX + GAP + width > innerWidth
    ? event.clientX - GAP - width
    : event.clientX + GAP;
  const top = event.clientY + GAP + height > innerHeight
    ? event.clientY - GAP - height
    : event.clientY + GAP;
  element.style.left = `${Math.max(4, left)}px`;
  element.style.top = `${Math.max(4, top)}px`;
}

/** Hides the tooltip. */
export function hideTooltip(): void {
  if (element !== undefined) element.hidden = true;
}
