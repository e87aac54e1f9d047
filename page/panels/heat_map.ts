/**
 * The heat map of occupancies: a row for each volume, a column for each block, both as their trees order
 * them.
 *
 * @module
 */
import { branchAt, type Branches, growBranch, leavesOf } from "../branches.ts";
import { clusterColour, css, occupancyScale, pageColour } from "../colours.ts";
import { button, figure, h, hint, onWidth, perFrame, placeIn, save, sizeCanvas } from "../dom.ts";
import { pickBlocks, pickVolumes, toggleBlock } from "../selection.ts";
import type { State, Store } from "../store.ts";
import { counted, shortNumber } from "../text.ts";
import { hideTooltip, showTooltip } from "../tooltip.ts";
import { isAdding } from "./block_table.ts";

/** Where the parts lie, in CSS pixels. */
interface Layout {
  readonly width: number;
  readonly height: number;
  /** The cells. */
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly rowHeight: number;
  /** Rows shown: places first to last - 1 in the volumes' order. */
  readonly first: number;
  readonly last: number;
}

/** Width of the volumes' tree, of the strip of clusters, height of the blocks' tree, and gaps. */
const TREE = 96, STRIP = 9, BLOCK_TREE = 56, SWATCH = 7, GAP = 5, RIGHT = 14;
/** Least and greatest height of the cells, and what they take to show 100 rows. */
const LEAST = 240, MOST = 620, PER_ROW = 2;
const WIDEST_CELL = 84;

/** What is at a place of the panel. */
type Target =
  | { readonly kind: "cell"; readonly row: number; readonly column: number }
  | { readonly kind: "block"; readonly column: number }
  | { readonly kind: "cluster"; readonly row: number }
  | { readonly kind: "volume branch"; readonly branch: number }
  | { readonly kind: "block branch"; readonly branch: number };

/** Makes the panel. */
export function heatMap(store: Store): HTMLElement {
  const { report } = store;
  const { volumes, blocks, values, clusters, volumeTree, blockTree, cutoffs } = report;
  const n = volumes.length, k = blocks.length;
  const base = h("canvas", { "aria-hidden": "true" });
  const over = h("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "heat map",
    "aria-label":
      `Occupancy of ${counted(k, "block")} in ${counted(n, "volume")}. Arrow keys move, ` +
      "Shift with them selects volumes, Enter shows the volume in 3-D, Space selects the block, " +
      "g takes the next larger branch.",
    "aria-describedby": "heat-map-cursor",
  });
  const spoken = h("p", { id: "heat-map-cursor", class: "offscreen", "aria-live": "polite" });
  const holder = h("div", { class: "layers" }, base, over);
  let layout: Layout | undefined;
  let range: readonly [number, number] = [0, n];
  let cursor: { row: number; column: number } | undefined;
  let anchor: number | undefined;

  const volumeAt = (row: number) => volumeTree.order[row]!;
  const blockAt = (column: number) => blockTree.order[column]!;

  const lay = (width: number): Layout => {
    const [first, last] = range;
    const left = TREE + STRIP + 2 * GAP;
    const cellWidth = Math.min(WIDEST_CELL, Math.max(0.5, (width - left - RIGHT) / Math.max(1, k)));
    const cells = Math.min(MOST, Math.max(LEAST, PER_ROW * (last - first)));
    const labels = labelRoom(cellWidth);
    const top = BLOCK_TREE + labels + SWATCH + 2 * GAP;
    return {
      width,
      height: top + cells + 1,
      left,
      top,
      cellWidth,
      rowHeight: cells / Math.max(1, last - first),
      first,
      last,
    };
  };
  /** Room for names over the columns: level where they fit, upright where there is room for a line. */
  const longest = Math.max(0, ...blocks.map(({ name }) => name.length));
  const isLevel = (cellWidth: number) => cellWidth >= 7 * longest + 4;
  const labelRoom = (cellWidth: number) =>
    isLevel(cellWidth) ? 15 : cellWidth >= 11 ? 7 * longest + 6 : 0;

  const draw = perFrame(() => {
    if (layout === undefined) return;
    const { width, height, left, top, cellWidth, rowHeight, first, last } = layout;
    const { theme } = store.get();
    const context = sizeCanvas(base, width, height);
    drawCells(context, layout);
    // The strip of clusters, and lines between them.
    for (let row = first; row < last; row++) {
      context.fillStyle = clusterColour(clusters[volumeAt(row)]!, theme);
      context.fillRect(
        TREE + GAP,
        top + (row - first) * rowHeight,
        STRIP,
        Math.max(rowHeight, 0.6),
      );
    }
    context.fillStyle = pageColour("paper");
    for (let row = first + 1; row < last; row++) {
      if (clusters[volumeAt(row)] === clusters[volumeAt(row - 1)]) continue;
      context.fillRect(
        TREE + GAP,
        top + (row - first) * rowHeight - 0.5,
        STRIP + GAP + k * cellWidth,
        1,
      );
    }
    // Names and colours of the blocks.
    context.font = "12px system-ui, sans-serif";
    for (let column = 0; column < k; column++) {
      const { name, colour } = blocks[blockAt(column)]!;
      const x = left + column * cellWidth;
      context.fillStyle = colour;
      context.fillRect(x + 0.5, top - GAP - SWATCH, Math.max(0.5, cellWidth - 1), SWATCH);
      if (labelRoom(cellWidth) === 0) continue;
      context.fillStyle = pageColour("ink");
      context.save();
      context.translate(x + cellWidth / 2, top - 2 * GAP - SWATCH);
      if (!isLevel(cellWidth)) context.rotate(-Math.PI / 2);
      context.textAlign = isLevel(cellWidth) ? "center" : "left";
      context.textBaseline = isLevel(cellWidth) ? "alphabetic" : "middle";
      context.fillText(name, 0, 0);
      context.restore();
    }
    context.strokeStyle = pageColour("muted");
    context.lineWidth = n > 400 ? 0.5 : 0.8;
    strokeTree(context, volumeTree, (place, height) => volumePoint(layout!, place, height), [
      top,
      top + rowHeight * (last - first),
    ]);
    context.lineWidth = 0.8;
    strokeTree(context, blockTree, (place, height) => blockPoint(layout!, place, height));
    drawOver();
  });

  /** The cells as a picture, whose rows are means where there are more volumes than pixels. */
  const drawCells = (
    context: CanvasRenderingContext2D,
    { left, top, cellWidth, rowHeight, first, last }: Layout,
  ) => {
    if (k === 0 || last === first) return;
    const colour = occupancyScale(store.get().theme);
    const rows = Math.min(last - first, Math.round(rowHeight * (last - first) * 2));
    const image = new ImageData(k, rows);
    for (let row = 0; row < rows; row++) {
      const from = first + Math.floor(row * (last - first) / rows);
      const to = Math.max(from + 1, first + Math.floor((row + 1) * (last - first) / rows));
      for (let column = 0; column < k; column++) {
        let sum = 0;
        for (let place = from; place < to; place++) {
          sum += values[volumeAt(place) * k + blockAt(column)]!;
        }
        const [r, g, b] = colour(sum / (to - from));
        image.data.set([r, g, b, 255], 4 * (row * k + column));
      }
    }
    const picture = new OffscreenCanvas(k, rows);
    picture.getContext("2d")?.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, left, top, k * cellWidth, rowHeight * (last - first));
  };

  /** What is selected and pointed at, over the cells. */
  const drawOver = perFrame(() => {
    if (layout === undefined) return;
    const { width, height, left, top, cellWidth, rowHeight, first, last } = layout;
    const { selection, volumes: chosen, hoverBlock, hoverVolume, volume } = store.get();
    const context = sizeCanvas(over, width, height);
    const bottom = top + rowHeight * (last - first);
    const accent = pageColour("accent");
    if (chosen !== null) {
      context.fillStyle = pageColour("veil");
      runsOf(first, last, (row) => !chosen.has(volumeAt(row)), (from, to) => {
        context.fillRect(
          TREE + GAP,
          top + (from - first) * rowHeight,
          STRIP + GAP + k * cellWidth,
          (to - from) * rowHeight,
        );
      });
      context.fillStyle = accent;
      runsOf(first, last, (row) => chosen.has(volumeAt(row)), (from, to) => {
        context.fillRect(
          left + k * cellWidth + 3,
          top + (from - first) * rowHeight,
          4,
          Math.max(1, (to - from) * rowHeight),
        );
      });
    }
    const column = (block: number, thickness: number, dashes: readonly number[]) => {
      context.strokeStyle = accent;
      context.lineWidth = thickness;
      context.setLineDash([...dashes]);
      context.strokeRect(
        left + blockTree.placeOf[block]! * cellWidth,
        top - GAP - SWATCH - 1,
        cellWidth,
        bottom - top + GAP + SWATCH + 1,
      );
      context.setLineDash([]);
    };
    for (const [block, wish] of selection.blocks) column(block, 2, wish === "absent" ? [5, 4] : []);
    if (hoverBlock !== null) column(hoverBlock, 1, []);
    for (const shown of [hoverVolume, volume]) {
      if (shown === null) continue;
      const row = volumeTree.placeOf[shown]!;
      if (row < first || row >= last) continue;
      const y = top + (row - first) * rowHeight;
      context.fillStyle = accent;
      context.fillRect(
        TREE + GAP,
        y,
        STRIP + GAP + k * cellWidth,
        Math.max(1, Math.min(1.5, rowHeight)),
      );
      context.beginPath();
      const x = left + k * cellWidth + 9;
      context.moveTo(x, y + rowHeight / 2);
      context.lineTo(x + 5, y + rowHeight / 2 - 3.5);
      context.lineTo(x + 5, y + rowHeight / 2 + 3.5);
      context.fill();
    }
    if (hovered?.kind === "volume branch") {
      strokeBranch(
        context,
        volumeTree,
        hovered.branch,
        (p, height) => volumePoint(layout!, p, height),
        [top, bottom],
      );
    } else if (hovered?.kind === "block branch") {
      strokeBranch(
        context,
        blockTree,
        hovered.branch,
        (p, height) => blockPoint(layout!, p, height),
      );
    }
    if (cursor !== undefined && document.activeElement === over) {
      context.strokeStyle = pageColour("ink");
      context.lineWidth = 1.5;
      context.strokeRect(
        left + cursor.column * cellWidth,
        top + (cursor.row - first) * rowHeight,
        cellWidth,
        Math.max(3, rowHeight),
      );
    }
  });
  const strokeBranch = (
    context: CanvasRenderingContext2D,
    tree: Branches,
    branch: number,
    point: Point,
    clip?: readonly [number, number],
  ) => {
    context.strokeStyle = pageColour("accent");
    context.lineWidth = 2;
    strokeTree(context, tree, point, clip, branch);
  };

  let hovered: Target | undefined;
  const targetAt = (x: number, y: number): Target | undefined => {
    if (layout === undefined) return undefined;
    const { left, top, cellWidth, rowHeight, first, last } = layout;
    const place = first + (y - top) / rowHeight;
    const across = (x - left) / cellWidth;
    const row = Math.floor(place), column = Math.floor(across);
    const isRow = row >= first && row < last, isColumn = column >= 0 && column < k;
    if (x >= left && isColumn && y >= top && isRow) return { kind: "cell", row, column };
    if (x >= left && isColumn && y < top && y >= BLOCK_TREE) return { kind: "block", column };
    if (x < left && x >= TREE && isRow) return { kind: "cluster", row };
    if (x < TREE && isRow) {
      const branch = branchAt(
        volumeTree,
        place,
        Math.max(0, 1 - x / (TREE - 2)) * volumeTree.height,
      );
      return branch === undefined ? undefined : { kind: "volume branch", branch };
    }
    if (y < BLOCK_TREE && isColumn) {
      const branch = branchAt(
        blockTree,
        across,
        Math.max(0, 1 - y / (BLOCK_TREE - 2)) * blockTree.height,
      );
      return branch === undefined ? undefined : { kind: "block branch", branch };
    }
    return undefined;
  };
  const linesOf = (target: Target): readonly string[] => {
    switch (target.kind) {
      case "cell": {
        const volume = volumeAt(target.row), block = blockAt(target.column);
        const share = values[volume * k + block]!;
        const state = share >= cutoffs[block]! ? "present" : "absent";
        return [
          `${blocks[block]!.name} in ${volumes[volume]!.file}`,
          `occupancy ${shortNumber(share)}: ${state} (cutoff ${shortNumber(cutoffs[block]!)})`,
          `cluster ${clusters[volume]}`,
        ];
      }
      case "block": {
        const block = blockAt(target.column);
        return [
          blocks[block]!.name,
          `present in ${counted(report.present[block]!, "volume")} of ${report.sound}`,
        ];
      }
      case "cluster": {
        const cluster = clusters[volumeAt(target.row)]!;
        return [
          `Cluster ${cluster}`,
          counted(clusters.filter((one) => one === cluster).length, "volume"),
        ];
      }
      case "volume branch":
      case "block branch": {
        const [tree, what] = target.kind === "volume branch"
          ? [volumeTree, "volume"]
          : [blockTree, "block"];
        const { first, last, height } = tree.branches[target.branch]!;
        return [
          `Branch of ${counted(last - first, what!)}`,
          `joined at height ${shortNumber(height)}`,
        ];
      }
    }
  };
  const act = (target: Target, adding: boolean) => {
    switch (target.kind) {
      case "cell": {
        const volume = volumeAt(target.row);
        store.set({ volume });
        return store.select((now) => pickVolumes(now, [volume], volumes[volume]!.file, adding));
      }
      case "block":
        return store.select((now) => toggleBlock(now, blockAt(target.column), adding));
      case "cluster": {
        const cluster = clusters[volumeAt(target.row)]!;
        return store.select((now) =>
          pickVolumes(now, membersOf(clusters, cluster), `cluster ${cluster}`, adding)
        );
      }
      case "volume branch": {
        const leaves = leavesOf(volumeTree, target.branch);
        return store.select((now) =>
          pickVolumes(now, leaves, `branch of ${leaves.length}`, adding)
        );
      }
      case "block branch":
        return store.select((now) => pickBlocks(now, leavesOf(blockTree, target.branch), adding));
    }
  };

  /** A range of rows is drawn out with the pointer. */
  let drag: {
    readonly from: number;
    to: number;
    readonly x: number;
    readonly y: number;
    isMoved: boolean;
  } | undefined;
  const pickRange = (from: number, to: number, adding: boolean) => {
    const [low, high] = from < to ? [from, to] : [to, from];
    const rows = volumeTree.order.slice(low, high + 1);
    store.select((now) =>
      pickVolumes(now, rows, `${counted(rows.length, "row")} of the heat map`, adding)
    );
  };
  over.addEventListener("pointerdown", (event) => {
    const { x, y } = placeIn(over, event);
    const target = targetAt(x, y);
    if (target?.kind !== "cell" || event.button !== 0) return;
    drag = { from: target.row, to: target.row, x, y, isMoved: false };
    if (event.pointerType !== "touch") over.setPointerCapture(event.pointerId);
  });
  over.addEventListener("pointermove", (event) => {
    const { x, y } = placeIn(over, event);
    if (drag !== undefined && layout !== undefined && event.pointerType !== "touch") {
      drag.isMoved ||= Math.abs(y - drag.y) > 4;
      const { top, rowHeight, first, last } = layout;
      drag.to = Math.min(last - 1, Math.max(first, first + Math.floor((y - top) / rowHeight)));
      if (drag.isMoved) pickRange(drag.from, drag.to, false);
    }
    hovered = targetAt(x, y);
    over.style.cursor = hovered === undefined
      ? "default"
      : hovered.kind === "cell"
      ? "crosshair"
      : "pointer";
    if (hovered === undefined) hideTooltip();
    else showTooltip(event, linesOf(hovered));
    const isCell = hovered?.kind === "cell";
    store.set({
      hoverBlock: isCell || hovered?.kind === "block"
        ? blockAt((hovered as { column: number }).column)
        : null,
      hoverVolume: isCell ? volumeAt((hovered as { row: number }).row) : null,
    });
    drawOver();
  });
  over.addEventListener("pointerleave", () => {
    hovered = undefined;
    hideTooltip();
    store.set({ hoverBlock: null, hoverVolume: null });
  });
  over.addEventListener("click", (event) => {
    const wasMoved = drag?.isMoved === true;
    drag = undefined;
    if (wasMoved) return;
    const { x, y } = placeIn(over, event);
    const target = targetAt(x, y);
    if (target === undefined) return;
    if (target.kind === "cell") cursor = { row: target.row, column: target.column };
    act(target, isAdding(event));
  });
  over.addEventListener("pointercancel", () => drag = undefined);

  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    PageUp: [-20, 0],
    PageDown: [20, 0],
    Home: [-Infinity, 0],
    End: [Infinity, 0],
  };
  over.addEventListener("keydown", (event) => {
    if (k === 0 || n === 0 || layout === undefined) return;
    const [first, last] = range;
    const move = moves[event.key];
    if (move !== undefined) {
      const from = cursor ?? { row: first, column: 0 };
      const isFresh = cursor === undefined;
      cursor = {
        row: Math.min(last - 1, Math.max(first, from.row + (isFresh ? 0 : move[0]))),
        column: Math.min(k - 1, Math.max(0, from.column + (isFresh ? 0 : move[1]))),
      };
      if (event.shiftKey && move[0] !== 0) pickRange(anchor ??= from.row, cursor.row, false);
      else anchor = undefined;
      const lines = linesOf({ kind: "cell", ...cursor });
      spoken.textContent = lines.join(", ");
      store.set({ hoverBlock: blockAt(cursor.column), hoverVolume: volumeAt(cursor.row) });
    } else if (event.key === "Enter" && cursor !== undefined) {
      act({ kind: "cell", ...cursor }, isAdding(event));
    } else if (event.key === " " && cursor !== undefined) {
      act({ kind: "block", column: cursor.column }, isAdding(event));
    } else if (event.key === "g") {
      const chosen = store.get().volumes;
      const leaves = chosen !== null && chosen.size > 0 ? chosen : [volumeAt(cursor?.row ?? first)];
      const branch = growBranch(volumeTree, leaves);
      if (branch !== undefined) act({ kind: "volume branch", branch }, false);
    } else return;
    event.preventDefault();
    drawOver();
  });
  over.addEventListener("focus", drawOver);
  over.addEventListener("blur", () => {
    store.set({ hoverBlock: null, hoverVolume: null });
    drawOver();
  });

  const whole = button("All rows", () => zoom([0, n]), { disabled: true });
  const near = button("Zoom to selected rows", () => {
    const places = Array.from(store.get().volumes ?? [], (volume) => volumeTree.placeOf[volume]!);
    if (places.length > 0) zoom([Math.min(...places), Math.max(...places) + 1]);
  }, { disabled: true });
  const zoom = (rows: readonly [number, number]) => {
    range = rows;
    cursor = undefined;
    whole.disabled = rows[0] === 0 && rows[1] === n;
    if (layout !== undefined) layout = lay(layout.width);
    draw();
  };
  const picture = button("Save PNG", () => {
    base.toBlob((blob) => blob === null ? undefined : save("occupancy.png", blob));
  });

  onWidth(holder, (width) => {
    layout = lay(width);
    draw();
  });
  store.listen((now, before) => {
    near.disabled = now.volumes === null || now.volumes.size === 0;
    if (now.theme !== before?.theme) draw();
    else if (isOther(now, before)) drawOver();
  });

  return figure(
    "occupancy",
    "Occupancy",
    h(
      "span",
      {},
      `Share of each block\u2019s voxels that is occupied in each volume, ordered by ` +
        `${
          report.linkage === "ward" ? "Ward\u2019s" : "average"
        } linkage of volumes (left) and blocks (top).`,
      hint(
        "Click a branch, a cluster of the strip, or a block\u2019s name; drag down rows; click a cell to see its volume in 3-D.",
      ),
    ),
    h(
      "div",
      { class: "toolbar" },
      legend(store),
      h("span", { class: "spacer" }),
      near,
      whole,
      picture,
    ),
    holder,
    spoken,
  );
}

/** What a colour of the cells means. */
function legend(store: Store): HTMLElement {
  const bar = h("canvas", { "aria-hidden": "true" });
  store.listen(({ theme }, before) => {
    if (theme === before?.theme) return;
    const context = sizeCanvas(bar, 120, 10);
    const colour = occupancyScale(theme);
    for (let x = 0; x < 120; x++) {
      context.fillStyle = css(colour(x / 119));
      context.fillRect(x, 0, 1.5, 10);
    }
  });
  return h(
    "span",
    { class: "legend", role: "img", "aria-label": "Colours from occupancy 0 to 1" },
    "0",
    bar,
    "1",
  );
}

/** Members of a cluster, by place. */
export function membersOf(clusters: readonly number[], cluster: number): number[] {
  return clusters.flatMap((one, volume) => one === cluster ? [volume] : []);
}

function isOther(now: State, before: State | undefined): boolean {
  return now.selection !== before?.selection || now.hoverBlock !== before.hoverBlock ||
    now.hoverVolume !== before.hoverVolume || now.volume !== before.volume;
}

/** Calls back with each run of rows that have something in common. */
function runsOf(
  first: number,
  last: number,
  has: (row: number) => boolean,
  found: (from: number, to: number) => void,
): void {
  for (let row = first; row < last;) {
    let end = row + 1;
    const isIn = has(row);
    while (end < last && has(end) === isIn) end++;
    if (isIn) found(row, end);
    row = end;
  }
}

/** Where a place and height of a tree are drawn. */
type Point = (place: number, height: number) => readonly [x: number, y: number];

const shareOf = ({ height }: Branches, value: number) => height === 0 ? 0 : value / height;

/** Strokes a tree, or one branch of it; `clip` bounds y. */
function strokeTree(
  context: CanvasRenderingContext2D,
  tree: Branches,
  point: Point,
  clip?: readonly [number, number],
  root = tree.branches.length - 1,
): void {
  const { branches } = tree;
  if (branches[root]?.children === undefined) return;
  context.save();
  if (clip !== undefined) {
    context.beginPath();
    context.rect(0, clip[0], 1e5, clip[1] - clip[0]);
    context.clip();
  }
  context.beginPath();
  for (const stack = [root]; stack.length > 0;) {
    const { children, height } = branches[stack.pop()!]!;
    if (children === undefined) continue;
    const [left, right] = [branches[children[0]]!, branches[children[1]]!];
    context.moveTo(...point(left.middle, shareOf(tree, left.height)));
    context.lineTo(...point(left.middle, shareOf(tree, height)));
    context.lineTo(...point(right.middle, shareOf(tree, height)));
    context.lineTo(...point(right.middle, shareOf(tree, right.height)));
    stack.push(...children);
  }
  context.stroke();
  context.restore();
}

const volumePoint = ({ top, rowHeight, first }: Layout, place: number, height: number) =>
  [1 + (1 - height) * (TREE - 2), top + (place - first) * rowHeight] as const;

const blockPoint = ({ left, cellWidth }: Layout, place: number, height: number) =>
  [left + place * cellWidth, 1 + (1 - height) * (BLOCK_TREE - 2)] as const;
