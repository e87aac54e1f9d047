/**
 * Elements of the page, made by calls.
 *
 * @module
 */

/** Attributes; `on...` are listeners, `false` and `undefined` leave one out, `true` gives an empty one. */
export type Attributes = Readonly<
  // deno-lint-ignore no-explicit-any -- a listener knows which event it hears
  Record<string, string | number | boolean | undefined | ((event: any) => void)>
>;

/** What an element may hold. */
export type Child = Node | string | undefined;

/** Makes an element of HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** Makes an element of SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly Child[],
): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Sets or removes an attribute without a value. */
export function mark(element: Element, name: string, isSet: boolean): void {
  if (element.hasAttribute(name) !== isSet) element.toggleAttribute(name, isSet);
}

/** A button that does something. */
export function button(
  text: string,
  onclick: (event: MouseEvent) => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  return h("button", { type: "button", onclick, ...attributes }, text);
}

/** A figure of the page: a heading, what it shows, and a caption. */
export function figure(
  id: string,
  title: string,
  caption: Child,
  ...children: readonly Child[]
): HTMLElement {
  return h(
    "section",
    { id, class: "figure", "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, title),
    ...children,
    caption === undefined ? undefined : h("p", { class: "caption" }, caption),
  );
}

/** A part of a caption that says what can be done on a screen. */
export function hint(text: string): HTMLElement {
  return h("span", { class: "screen-only" }, ` ${text}`);
}

/** A canvas that is as sharp as the screen, emptied, and its context in CSS pixels. */
export function sizeCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  // Paper is finer than screens.
  const scale = Math.max(devicePixelRatio, 2);
  const across = Math.max(1, Math.round(width * scale));
  const down = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("Cannot draw: this browser gives no 2-D canvas");
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  } else {
    context.reset();
  }
  context.scale(scale, scale);
  return context;
}

/** Which of some elements a key leads to from one of them, by place; undefined: it leads nowhere. */
export type Step = (elements: readonly Element[], from: number, key: string) => number | undefined;

/** Steps through elements that stand in rows. */
export const alongRows: Step = ({ length }, from, key) => {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: from + 1,
    ArrowDown: from + 1,
    ArrowLeft: from - 1,
    ArrowUp: from - 1,
    Home: 0,
    End: length - 1,
  };
  const next = steps[key];
  return next === undefined ? undefined : Math.min(length - 1, Math.max(0, next));
};

/**
 * Lets Tab reach only one of many elements, and arrows the others from there.
 *
 * @returns What is to be called when there are other elements.
 */
export function rove(holder: Element, selector: string, step: Step = alongRows): () => void {
  const elements = () => Array.from(holder.querySelectorAll<HTMLElement | SVGElement>(selector));
  const reach = (one: Element | undefined) => {
    for (const element of elements()) {
      const index = element === one ? 0 : -1;
      if (element.tabIndex !== index) element.tabIndex = index;
    }
  };
  holder.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element && target.matches(selector)) reach(target);
  });
  holder.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = elements();
    const from = all.findIndex((element) => element === event.target);
    const next = from === -1 ? undefined : step(all, from, event.key);
    if (next === undefined) return;
    event.preventDefault();
    all[next]?.focus();
  });
  return () => reach(elements()[0]);
}

/** What is to be drawn at the next frame. */
const waiting = new Set<() => void>();

/** Makes of a function that draws one that draws once a frame, however often it is called. */
export function perFrame(draw: () => void): () => void {
  return () => {
    if (waiting.size === 0) requestAnimationFrame(drawNow);
    waiting.add(draw);
  };
}

/** Draws what waits for the next frame. */
export function drawNow(): void {
  // One may have others drawn after it.
  for (const draw of waiting) {
    waiting.delete(draw);
    draw();
  }
}

/** Calls back with an element's width now and whenever it changes. */
export function onWidth(element: Element, listener: (width: number) => void): void {
  let last = -1;
  new ResizeObserver(() => {
    const width = Math.floor(element.clientWidth);
    if (width === last || width === 0) return;
    last = width;
    listener(width);
  }).observe(element);
}

/** Where a pointer is in an element, in CSS pixels. */
export function placeIn(element: Element, event: MouseEvent): { x: number; y: number } {
  const { left, top } = element.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

/** Lets a file be saved that is made here. */
export function save(name: string, content: string | Blob, type = "text/csv"): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  link.click();
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Puts text on the clipboard; says whether that went well. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages from a file may not, in some browsers; the old way is still there.
    const area = h("textarea", { class: "offscreen", readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    return isCopied;
  }
}
