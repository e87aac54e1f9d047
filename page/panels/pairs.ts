/**
 * The matrix of pairs: which blocks come together, and which keep apart.
 *
 * @module
 */
import { parseHex } from "../../core/report/colours.ts";
import { css, pageColour, phiScale } from "../colours.ts";
import type { Pair } from "../data.ts";
import { figure, h, hint, onWidth, perFrame, placeIn, sizeCanvas } from "../dom.ts";
import { pickBlocks } from "../selection.ts";
import type { Store } from "../store.ts";
import { significance } from "../text.ts";
import { hideTooltip, showTooltip } from "../tooltip.ts";
import { isAdding } from "./block_table.ts";

const NAMES = 44, WIDEST_CELL = 50;
/** More blocks have no room for names, narrower columns none for theirs, and smaller cells none for marks. */
const MOST_NAMES = 60, LEAST_FOR_NAME = 24, SMALL_CELL = 9;
/** Above it, a pair is no more marked as significant. */
const LEVEL = 0.05;

/** Makes the panel. */
export function pairMatrix(store: Store): HTMLElement {
  const { report } = store;
  const { blocks } = report;
  const { order } = report.blockTree;
  const k = blocks.length;
  const base = h("canvas", { "aria-hidden": "true" });
  const canvas = h("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "matrix",
    "aria-label": `Pairs of ${k} blocks. Arrow keys move, Enter selects the pair.`,
    "aria-describedby": "pair-cursor",
  });
  const spoken = h("p", { id: "pair-cursor", class: "offscreen", "aria-live": "polite" });
  const holder = h("div", { class: "layers" }, base, canvas);
  const left = k > MOST_NAMES ? 0 : NAMES, top = k > MOST_NAMES ? 0 : 18;
  let width = 0, cell = 0;
  let cursor: { row: number; column: number } | undefined;

  const begin = (canvas: HTMLCanvasElement) =>
    sizeCanvas(canvas, left + cell * k + 1, top + cell * k + 1);
  const drawBase = () => {
    if (width === 0 || k === 0) return;
    cell = Math.min(WIDEST_CELL, (width - left) / k);
    const context = begin(base);
    const colour = phiScale(store.get().theme);
    if (left > 0) {
      context.font = `${Math.min(12, Math.max(7, cell - 2))}px system-ui, sans-serif`;
      context.textBaseline = "middle";
      context.fillStyle = pageColour("ink");
      order.forEach((block, at) => {
        const { name } = blocks[block]!;
        context.textAlign = "right";
        context.fillText(name, left - 5, top + (at + 0.5) * cell, left - 6);
        if (cell < LEAST_FOR_NAME) return;
        context.textAlign = "center";
        context.fillText(name, left + (at + 0.5) * cell, 8, cell);
      });
    }
    if (cell < SMALL_CELL) return drawSmall(context);
    for (let row = 0; row < k; row++) {
      for (let column = 0; column < k; column++) {
        const a = order[row]!, b = order[column]!;
        const x = left + column * cell, y = top + row * cell;
        const pair = report.pairOf(a, b);
        context.fillStyle = pair === undefined ? blocks[a]!.colour : css(colour(pair.phi));
        context.fillRect(x + 0.75, y + 0.75, cell - 1.5, cell - 1.5);
        if (pair === undefined) continue;
        context.fillStyle = context.strokeStyle = pageColour(
          Math.abs(pair.phi) > 0.55 ? "paper" : "ink",
        );
        drawMark(context, pair, x + cell / 2, y + cell / 2, cell);
      }
    }
  };
  /** The cells as a picture of one pixel each. */
  const drawSmall = (context: CanvasRenderingContext2D) => {
    const colour = phiScale(store.get().theme);
    const image = new ImageData(k, k);
    order.forEach((a, row) =>
      order.forEach((b, column) => {
        const pair = report.pairOf(a, b);
        const rgb = pair === undefined ? parseHex(blocks[a]!.colour) : colour(pair.phi);
        image.data.set([...rgb, 255], 4 * (row * k + column));
      })
    );
    const picture = new OffscreenCanvas(k, k);
    picture.getContext("2d")?.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, left, top, k * cell, k * cell);
  };
  /** What is selected and pointed at. */
  const drawOver = perFrame(() => {
    if (width === 0 || k === 0) return;
    const { selection, hoverBlock } = store.get();
    const context = begin(canvas);
    context.strokeStyle = pageColour("accent");
    const meant = new Set(selection.blocks.keys());
    if (hoverBlock !== null) meant.add(hoverBlock);
    for (const block of meant) {
      const at = report.blockTree.placeOf[block]!;
      context.lineWidth = selection.blocks.has(block) ? 2 : 1;
      context.strokeRect(left, top + at * cell, cell * k, cell);
      context.strokeRect(left + at * cell, top, cell, cell * k);
    }
    if (cursor !== undefined && document.activeElement === canvas) {
      context.strokeStyle = pageColour("ink");
      context.lineWidth = 2;
      context.strokeRect(left + cursor.column * cell, top + cursor.row * cell, cell, cell);
    }
  });
  const draw = perFrame(() => {
    drawBase();
    drawOver();
  });
  const at = (event: MouseEvent) => {
    const { x, y } = placeIn(canvas, event);
    const column = Math.floor((x - left) / cell), row = Math.floor((y - top) / cell);
    if (row >= k || column >= k || (row < 0 && column < 0)) return undefined;
    return { row, column };
  };
  const linesOf = (row: number, column: number): readonly string[] => {
    const a = order[Math.max(row, 0)], b = order[Math.max(column, 0)];
    if (row < 0 && b !== undefined) return [blocks[b]!.name];
    if (column < 0 && a !== undefined) return [blocks[a]!.name];
    if (a === undefined || b === undefined) return [];
    const pair = report.pairOf(a, b);
    if (pair === undefined) return [blocks[a]!.name];
    const [one, other] = [blocks[pair.a]!.name, blocks[pair.b]!.name];
    const apart = pair.qApart < pair.qTogether;
    return [
      `${one} and ${other}${pair.exclusive === 1 ? " exclude each other" : ""}`,
      `both in ${pair.both} volumes, by chance ${pair.expected.toFixed(1)}`,
      `${one} alone ${pair.onlyA}, ${other} alone ${pair.onlyB}, neither ${pair.neither}`,
      `phi ${pair.phi.toFixed(2)}, ${apart ? "apart" : "together"} with q ${
        significance(apart ? pair.qApart : pair.qTogether)
      }`,
    ];
  };
  const act = (row: number, column: number, adding: boolean) => {
    const picked = [order[row], order[column]].filter((block) => block !== undefined);
    store.select((now) => pickBlocks(now, [...new Set(picked)], adding));
  };
  canvas.addEventListener("pointermove", (event) => {
    const place = at(event);
    if (place === undefined) return hideTooltip();
    showTooltip(event, linesOf(place.row, place.column));
    store.set({ hoverBlock: order[place.row] ?? order[place.column] ?? null });
  });
  canvas.addEventListener("pointerleave", () => {
    hideTooltip();
    store.set({ hoverBlock: null });
  });
  canvas.addEventListener("click", (event) => {
    const place = at(event);
    if (place !== undefined) act(place.row, place.column, isAdding(event));
  });
  canvas.addEventListener("keydown", (event) => {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const move = moves[event.key];
    const clamp = (value: number) => Math.min(k - 1, Math.max(0, value));
    if (move !== undefined && k > 0) {
      cursor = cursor === undefined
        ? { row: 0, column: 0 }
        : { row: clamp(cursor.row + move[0]), column: clamp(cursor.column + move[1]) };
      spoken.textContent = linesOf(cursor.row, cursor.column).join(", ");
    } else if (event.key === "Enter" && cursor !== undefined) {
      act(cursor.row, cursor.column, isAdding(event));
    } else return;
    event.preventDefault();
    drawOver();
  });
  for (const name of ["focus", "blur"]) canvas.addEventListener(name, drawOver);
  onWidth(holder, (now) => {
    width = now;
    draw();
  });
  store.listen((now, before) => {
    if (now.theme !== before?.theme) draw();
    else if (now.selection !== before.selection || now.hoverBlock !== before.hoverBlock) drawOver();
  });

  return figure(
    "pairs",
    "Together and apart",
    h(
      "span",
      {},
      `Phi coefficient of each pair of blocks over the volumes. A dot marks pairs whose q is below ${LEVEL} ` +
        "(Fisher\u2019s exact test, Benjamini and Hochberg), a cross those that exclude each other. " +
        (report.junk.length === 0 ? "" : "Junk volumes are left out of it."),
      hint("Click a pair to select both."),
    ),
    h("div", { class: "toolbar" }, legend(store)),
    holder,
    spoken,
  );
}

/** A cross in the cell of a pair that excludes each other, a dot in that of one that is significant. */
function drawMark(
  context: CanvasRenderingContext2D,
  { exclusive, qTogether, qApart }: Pair,
  x: number,
  y: number,
  cell: number,
): void {
  context.beginPath();
  if (exclusive === 1) {
    const arm = Math.min(5, cell / 4);
    context.lineWidth = 1.6;
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x + arm, y - arm);
    context.lineTo(x - arm, y + arm);
    context.stroke();
  } else if (Math.min(qTogether, qApart) < LEVEL) {
    context.arc(x, y, Math.min(2, cell / 8), 0, 2 * Math.PI);
    context.fill();
  }
}

function legend(store: Store): HTMLElement {
  const bar = h("canvas", { "aria-hidden": "true" });
  store.listen(({ theme }, before) => {
    if (theme === before?.theme) return;
    const context = sizeCanvas(bar, 120, 10);
    const colour = phiScale(theme);
    for (let x = 0; x < 120; x++) {
      context.fillStyle = css(colour(2 * x / 119 - 1));
      context.fillRect(x, 0, 1.5, 10);
    }
  });
  return h(
    "span",
    {
      class: "legend",
      role: "img",
      "aria-label": "Colours from phi -1, never together, to 1, always",
    },
    "\u22121 apart",
    bar,
    "together 1",
  );
}
