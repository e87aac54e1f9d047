/**
 * The matrix of pairs: which blocks come together, and which keep apart.
 *
 * @module
 */
import { css, pageColour, phiScale } from "../colours.ts";
import { figure, h, onWidth, placeIn, sizeCanvas } from "../dom.ts";
import { pickBlocks } from "../selection.ts";
import type { Store } from "../store.ts";
import { significance } from "../text.ts";
import { hideTooltip, showTooltip } from "../tooltip.ts";
import { isAdding } from "./block_table.ts";

const NAMES = 44, WIDEST_CELL = 50;
/** Above it, a pair is no more marked as significant. */
const LEVEL = 0.05;

/** Makes the panel. */
export function pairMatrix(store: Store): HTMLElement {
  const { report } = store;
  const { blocks } = report;
  const { order } = report.blockTree;
  const k = blocks.length;
  const canvas = h("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "matrix",
    "aria-label": `Pairs of ${k} blocks. Arrow keys move, Enter selects the pair.`,
    "aria-describedby": "pair-cursor",
  });
  const spoken = h("p", { id: "pair-cursor", class: "offscreen", "aria-live": "polite" });
  const holder = h("div", { class: "layers" }, canvas);
  let width = 0, cell = 0, left = 0;
  let cursor: { row: number; column: number } | undefined;

  const draw = () => {
    if (width === 0) return;
    left = k > 60 ? 0 : NAMES;
    cell = Math.min(WIDEST_CELL, (width - left) / Math.max(1, k));
    const top = left === 0 ? 0 : 18;
    const { theme, selection, hoverBlock } = store.get();
    const context = sizeCanvas(canvas, left + cell * k + 1, top + cell * k + 1);
    const colour = phiScale(theme);
    context.font = `${Math.min(12, Math.max(7, cell - 2))}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    for (let row = 0; row < k; row++) {
      const a = order[row]!;
      if (left > 0) {
        context.fillStyle = pageColour(
          selection.blocks.has(a) || hoverBlock === a ? "accent" : "ink",
        );
        context.textAlign = "right";
        context.fillText(blocks[a]!.name, left - 5, top + (row + 0.5) * cell, left - 6);
        context.textAlign = "center";
        context.fillText(blocks[a]!.name, left + (row + 0.5) * cell, 8, cell);
      }
      for (let column = 0; column < k; column++) {
        const b = order[column]!;
        const x = left + column * cell, y = top + row * cell;
        const inset = cell > 6 ? 0.75 : 0;
        if (a === b) {
          context.fillStyle = blocks[a]!.colour;
          context.fillRect(x + inset, y + inset, cell - 2 * inset, cell - 2 * inset);
          continue;
        }
        const pair = report.pairOf(a, b);
        if (pair === undefined) continue;
        context.fillStyle = css(colour(pair.phi));
        context.fillRect(x + inset, y + inset, cell - 2 * inset, cell - 2 * inset);
        if (cell < 9) continue;
        context.fillStyle = context.strokeStyle = Math.abs(pair.phi) > 0.55
          ? pageColour("paper")
          : pageColour("ink");
        const middle = [x + cell / 2, y + cell / 2] as const;
        if (pair.exclusive === 1) {
          const arm = Math.min(5, cell / 4);
          context.lineWidth = 1.6;
          context.beginPath();
          context.moveTo(middle[0] - arm, middle[1] - arm);
          context.lineTo(middle[0] + arm, middle[1] + arm);
          context.moveTo(middle[0] + arm, middle[1] - arm);
          context.lineTo(middle[0] - arm, middle[1] + arm);
          context.stroke();
        } else if (Math.min(pair.qTogether, pair.qApart) < LEVEL) {
          context.beginPath();
          context.arc(...middle, Math.min(2, cell / 8), 0, 2 * Math.PI);
          context.fill();
        }
      }
    }
    context.strokeStyle = pageColour("accent");
    for (
      const block of new Set([
        ...selection.blocks.keys(),
        ...hoverBlock === null ? [] : [hoverBlock],
      ])
    ) {
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
  };
  const at = (event: MouseEvent) => {
    const { x, y } = placeIn(canvas, event);
    const column = Math.floor((x - left) / cell),
      row = Math.floor((y - (left === 0 ? 0 : 18)) / cell);
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
    draw();
  });
  for (const name of ["focus", "blur"]) canvas.addEventListener(name, draw);
  onWidth(holder, (now) => {
    width = now;
    draw();
  });
  store.listen((now, before) => {
    const isSame = now.theme === before?.theme && now.selection === before.selection &&
      now.hoverBlock === before.hoverBlock;
    if (!isSame) draw();
  });

  return figure(
    "pairs",
    "Together and apart",
    h(
      "span",
      {},
      `Phi coefficient of each pair of blocks over the volumes. A dot marks pairs whose q is below ${LEVEL} ` +
        "(Fisher\u2019s exact test, Benjamini and Hochberg), a cross those that exclude each other. " +
        (report.junk.length === 0 ? "" : "Junk volumes are left out of it. ") +
        "Click a pair to select both.",
    ),
    h("div", { class: "toolbar" }, legend(store)),
    holder,
    spoken,
  );
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
