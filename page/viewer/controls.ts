/**
 * Pointer, touch, wheel and keys on the canvas of a 3-D view.
 *
 * @module
 */
import type { Viewer } from "./viewer.ts";

/** What the canvas's events lead to. */
export interface Controlled extends Pick<Viewer, "rotate" | "pan" | "resetView" | "lookAlong"> {
  /** Magnifies around a place of the canvas, in CSS pixels, or around its middle. */
  zoomAt(factor: number, place?: Place): void;
  click(place: Place): void;
  /** The pointer is at a place, or (undefined) has left or is moving the scene. */
  hover(place: Place | undefined): void;
}

/** CSS pixels from the upper left corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Radians for each CSS pixel that the pointer is dragged. */
const TURN = 0.008;
/** Radians, pixels and magnification of one key press. */
const KEY_TURN = Math.PI / 18, KEY_PAN = 24, KEY_ZOOM = 1.2;
/** CSS pixels that a click may wander. */
const STILL = 4;

/** Listens to a canvas until what comes back is called. */
export function control(canvas: HTMLCanvasElement, controlled: Controlled): () => void {
  const ended = new AbortController(), { signal } = ended;
  const pointers = new Map<number, Place>();
  let wandered = 0;

  const placeOf = (event: MouseEvent): Place => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (pointers.size === 0) wandered = 0;
    pointers.set(event.pointerId, placeOf(event));
    if (pointers.size > 1) wandered = Infinity;
    controlled.hover(undefined);
  }, { signal });

  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId), now = placeOf(event);
    if (before === undefined) {
      if (event.pointerType !== "touch") controlled.hover(now);
      return;
    }
    const dx = now.x - before.x, dy = now.y - before.y;
    wandered += Math.hypot(dx, dy);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    if (other !== undefined) {
      // Two fingers: what lies between them stays between them.
      const apart = (place: Place) => Math.max(1, Math.hypot(place.x - other.x, place.y - other.y));
      controlled.zoomAt(apart(now) / apart(before), between(now, other));
      controlled.pan(dx / 2, dy / 2);
    } else if (wandered <= STILL) {
      return; // A click, perhaps.
    } else if (event.shiftKey || (event.buttons & 1) === 0) {
      controlled.pan(dx, dy);
    } else {
      controlled.rotate(dx * TURN, dy * TURN);
    }
  }, { signal });

  const lift = (event: PointerEvent) => {
    const isClick = pointers.delete(event.pointerId) && wandered <= STILL;
    if (isClick && event.type === "pointerup" && event.button === 0) {
      controlled.click(placeOf(event));
    }
    if (pointers.size === 0 && event.pointerType !== "touch") controlled.hover(placeOf(event));
  };
  canvas.addEventListener("pointerup", lift, { signal });
  canvas.addEventListener("pointercancel", lift, { signal });
  canvas.addEventListener("pointerleave", () => controlled.hover(undefined), { signal });
  canvas.addEventListener("contextmenu", (event) => {
    if (wandered > STILL) event.preventDefault();
  }, { signal });
  canvas.addEventListener("dblclick", () => controlled.resetView(), { signal });

  canvas.addEventListener("wheel", (event) => {
    // The page scrolls on until the view has been clicked or tabbed to; a pinch of a touchpad is Ctrl and wheel.
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const speed = event.ctrlKey ? 0.008 : 0.0015;
    controlled.zoomAt(Math.exp(-event.deltaY * lines * speed), placeOf(event));
  }, { signal, passive: false });

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const action = keyAction(event, controlled);
    if (action === undefined) return;
    event.preventDefault();
    action();
  }, { signal });

  return () => ended.abort();
}

function between(a: Place, b: Place): Place {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function keyAction(
  { key, shiftKey }: KeyboardEvent,
  { rotate, pan, zoomAt, resetView, lookAlong }: Controlled,
): (() => void) | undefined {
  const move = (right: number, down: number) => () =>
    shiftKey ? pan(right * KEY_PAN, down * KEY_PAN) : rotate(right * KEY_TURN, down * KEY_TURN);
  switch (key) {
    case "ArrowLeft":
      return move(-1, 0);
    case "ArrowRight":
      return move(1, 0);
    case "ArrowUp":
      return move(0, -1);
    case "ArrowDown":
      return move(0, 1);
    case "+":
    case "=":
      return () => zoomAt(KEY_ZOOM);
    case "-":
    case "_":
      return () => zoomAt(1 / KEY_ZOOM);
    case "0":
    case "Home":
      return resetView;
    case "x":
    case "y":
    case "z":
      return () => lookAlong(key);
  }
  return undefined;
}
