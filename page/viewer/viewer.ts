/**
 * The report's 3-D view: blocks in their colours in the consensus of all volumes, or in one volume.
 *
 * @module
 */
import { parseHex } from "../../core/report/colours.ts";
import {
  type Ball,
  type Camera,
  lookingAlong,
  moved,
  pixelsPerAngstrom,
  rayAt,
  turned,
  zoomed,
} from "./camera.ts";
import { withoutDust } from "./dust.ts";
import { control, type Place } from "./controls.ts";
import { firstAlong } from "./ray.ts";
import { type Colour, createRenderer, type Item, type Mesh, type Picture } from "./renderer.ts";
import type { Grid, Scene } from "./scene.ts";
import { type Surface, surfaceOf } from "./surface.ts";
import { isOccupied, occupiedIn } from "./unpack.ts";

/** Colours of what is no block: "#rrggbb". */
export interface ViewerTheme {
  readonly background: string;
  /** The consensus, or a volume where no block is. */
  readonly shell: string;
  /** Outlines. */
  readonly ink: string;
}

/** How a viewer starts. */
export interface ViewerOptions {
  readonly theme: ViewerTheme;
  /** Share of the volumes, above 0 to 1, from which on the consensus is drawn; 0.5 if not given. */
  readonly level?: number;
}

/** A 3-D view that lives in a canvas. What it shows changes at the next frame, which it asks for itself. */
export interface Viewer {
  /** Shows or hides a block. */
  setBlockVisible(id: number, visible: boolean): void;
  /** Lets these blocks stand out, the others fade; null: all are alike. */
  setHighlighted(ids: Iterable<number> | null): void;
  /**
   * Shows what one volume occupies, in place of the consensus: its part of each block in the block's colour,
   * and the rest as the shell. Null: the consensus and the whole blocks.
   *
   * @param volume Place of the volume, 0 to N - 1.
   */
  showVolume(volume: number | null): void;
  /** Shows or hides the shell: the consensus, or the volume where no block is. */
  setShellVisible(visible: boolean): void;
  /** How much of what is behind the shell it covers, 0 to 1; 0.25 at first. */
  setShellOpacity(opacity: number): void;
  /** The share of the volumes, above 0 to 1, from which on the consensus is drawn. */
  setLevel(share: number): void;
  /**
   * Hides what hangs together, face by face, in fewer than this many voxels; 1 at first: hides nothing. The
   * largest parts of a whole block stay, however small they are.
   */
  setDust(voxels: number): void;
  setTheme(theme: ViewerTheme): void;
  /** Looks along z again, with everything in view. */
  resetView(): void;
  /** Looks along an axis, from its far side: "z" has x to the right and y up. */
  lookAlong(axis: "x" | "y" | "z"): void;
  /** Turns the scene by angles in radians: about the upright axis, to the right; about the level one, down. */
  rotate(right: number, down: number): void;
  /** Magnifies by a factor above 0. */
  zoom(factor: number): void;
  /** Moves the scene by CSS pixels. */
  pan(right: number, down: number): void;
  /** Hears of clicks: on a block, or (null) beside all. Returns what stops it. */
  onPick(listener: (id: number | null) => void): () => void;
  /** Hears which block is under the pointer, whenever that changes. Returns what stops it. */
  onHover(listener: (id: number | null) => void): () => void;
  /** Hears how many CSS pixels an Angstrom takes at the scene's middle, whenever that changes, and at once. */
  onScale(listener: (pixels: number) => void): () => void;
  /** The block at a place of the canvas, in CSS pixels from its upper left corner. */
  blockAt(x: number, y: number): number | null;
  /** Draws now: for tests, and before the page is printed. */
  frame(): void;
  /** A PNG as a data URL, `scale` times as large as the canvas is on the page; 2 if not given. */
  snapshot(scale?: number): string;
  /** Lets go of the canvas, and of what was drawn. */
  dispose(): void;
}

/** Why there can be no viewer: this browser, or this machine, has no WebGL 2. */
export class NoWebGlError extends Error {
  override readonly name = "NoWebGlError";
}

/** A block, and its surface once it has been drawn. */
interface Shown {
  /** Flat indices of its voxels. */
  readonly voxels: Uint32Array;
  readonly surface: Surface;
  readonly mesh: Mesh;
}

/** Shadows reach this many voxels. */
const SHADOW_VOXELS = 6;
/** What blocks that do not stand out cover of what is behind them. */
const FADED = 0.1;
/** Least share of the volumes, of 255, of what is in view at first though it is in no block. */
const RARE = 26;
/** Pixels for each CSS pixel: two smooth the outlines where the screen has one. */
const LEAST_DENSITY = 2, MOST_DENSITY = 3;
/** Milliseconds that a picture may take, to be drawn anew with every move, and with more than a pixel a CSS pixel. */
const SLOW = 80, VERY_SLOW = 3000;
/** Milliseconds without a move after which the scene rests. */
const REST = 250;

/**
 * Makes a viewer in a canvas; it listens to pointer, wheel and keys there. A drag turns the scene, with Shift or
 * another button moves it, two fingers do both and magnify; so does the wheel once the canvas has the focus.
 * Arrows turn, with Shift they move; + and - magnify, 0 resets, x, y and z look along an axis.
 *
 * @throws {NoWebGlError} There is no WebGL 2.
 */
export function createViewer(
  canvas: HTMLCanvasElement,
  scene: Scene,
  options: ViewerOptions,
): Viewer {
  const { blocks, shape } = scene;
  const ball = ballAround(shape);
  const colours = blocks.map(({ colour }) => colourOf(colour));
  const hidden = new Set<number>();
  let highlighted: ReadonlySet<number> | undefined;
  let volume: number | undefined;
  let isShellVisible = true, shellOpacity = 0.25, dust = 1;
  let { theme, level = 0.5 } = options;
  let camera = lookingAlong("z");

  let renderer = createRenderer(canvas);
  if (renderer === undefined) {
    throw new NoWebGlError(
      "This browser draws no 3-D here: WebGL 2 is missing or switched off",
    );
  }

  // Block by voxel, for what is shown now; made when it is asked for.
  let blockOf: Map<number, number> | undefined;
  // Surfaces by what they are of; those of an earlier volume or level are thrown away.
  const shown = new Map<string, Shown | null>();
  const surfaceFor = (key: string, grid: Grid, rows: () => ArrayLike<number>) => {
    const known = shown.get(key);
    if (known !== undefined || renderer === undefined) return known ?? undefined;
    const all = Uint32Array.from(rows(), (row) => grid.union[row]!);
    // The run's voxels are what is asked for, whatever the grid.
    const voxels = withoutDust(all, grid.box, dust / grid.binning ** 3, key.startsWith("block "));
    const surface = surfaceOf(voxels, grid.box);
    const made = voxels.length === 0
      ? null
      : { voxels, surface, mesh: renderer.upload(surface, grid.apix) };
    shown.set(key, made);
    return made ?? undefined;
  };
  const forget = (isOld: (key: string) => boolean) => {
    blockOf = undefined;
    for (const [key, made] of shown) {
      if (!isOld(key)) continue;
      if (made !== null) renderer?.free(made.mesh);
      shown.delete(key);
    }
  };

  const stopListening: (() => void)[] = [];
  const picked = listeners<number | null>(), hovered = listeners<number | null>();
  const scaled = listeners<number>();
  let scale = 0;

  /** Each block's place in the scene with what is drawn of it. */
  const blockItems = (): { place: number; item: Item; depth: number }[] =>
    blocks.flatMap(({ id }, place) => {
      if (hidden.has(id)) return [];
      const made = blockSurface(place);
      if (made === undefined) return [];
      const cover = highlighted === undefined || highlighted.has(id) ? 1 : FADED;
      const item = { mesh: made.mesh, colour: colours[place]!, cover };
      return [{ place, item, depth: depthOf(made, camera) }];
    }).sort((a, b) => a.depth - b.depth || a.place - b.place);

  const blockSurface = (place: number) => {
    if (volume === undefined || scene.volumes === undefined) {
      return surfaceFor(`block ${place}`, shape, () => shape.members[place]!);
    }
    const { volumes } = scene, of = volume;
    return surfaceFor(
      `volume ${of} block ${place}`,
      volumes.grid,
      () => volumes.grid.members[place]!.filter((row) => isOccupied(volumes, row, of)),
    );
  };

  const shellItems = (): Item[] => {
    if (!isShellVisible || shellOpacity === 0) return [];
    const made = shellSurface();
    const colour = colourOf(theme.shell);
    return made === undefined ? [] : [{ mesh: made.mesh, colour, cover: shellOpacity }];
  };

  const shellSurface = () => {
    if (volume === undefined || scene.volumes === undefined) {
      const least = Math.max(1, Math.round(255 * level));
      return surfaceFor(`level ${least}`, shape, () => rowsFrom(shape.consensus, least));
    }
    const { volumes } = scene, of = volume;
    return surfaceFor(`volume ${of}`, volumes.grid, () => occupiedIn(volumes, of));
  };

  const picture = (items: readonly Item[], density: number): Picture => ({
    items,
    camera,
    ball,
    background: colourOf(theme.background),
    ink: colourOf(theme.ink),
    reach: SHADOW_VOXELS * shape.apix,
    density,
  });

  const drawAt = (density: number, isDraft = false) => {
    const width = Math.max(1, Math.round(canvas.clientWidth * density));
    const height = Math.max(1, Math.round(canvas.clientHeight * density));
    // A canvas forgets its picture whenever a size is set, even the same.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const items = [...blockItems().map(({ item }) => item), ...shellItems()];
    renderer?.draw(picture(items, density), isDraft);
    const now = pixelsPerAngstrom(camera, ball, canvas.clientWidth, canvas.clientHeight);
    if (now !== scale) scaled.tell(scale = now);
  };

  // Where there is no graphics processor a picture can take seconds: no other is begun before it is done, and
  // while the scene moves it is drawn coarsely, and finely when it rests.
  let asked: number | undefined, rest: ReturnType<typeof setTimeout> | undefined;
  let isBusy = false, isWanted = false, isSlow = false, isVerySlow = false;
  const cancel = () => {
    if (asked !== undefined) cancelAnimationFrame(asked);
    clearTimeout(rest);
    asked = rest = undefined;
  };
  const frame = () => {
    cancel();
    drawAt(isVerySlow ? 1 : densityOf(canvas));
  };
  const frameSoon = (isDraft: boolean) => {
    cancel();
    if (isBusy || renderer === undefined) {
      isWanted = isBusy;
      return;
    }
    isBusy = true;
    if (isDraft) drawAt(1, true);
    else frame();
    const start = performance.now();
    renderer.whenDone(() => {
      isBusy = false;
      const took = performance.now() - start;
      if (!isDraft) isSlow = took > SLOW;
      if (!isDraft) isVerySlow ||= took > VERY_SLOW;
      if (isWanted) ask();
      else if (isDraft) rest = setTimeout(() => frameSoon(false), REST);
      isWanted = false;
    });
  };
  const ask = () => {
    asked ??= requestAnimationFrame(() => frameSoon(isSlow));
  };
  const look = (next: Camera) => {
    camera = next;
    ask();
  };

  const blockAt = (x: number, y: number): number | null => {
    if (blockOf === undefined) {
      blockOf = new Map();
      for (const { place } of blockItems()) {
        for (const voxel of blockSurface(place)?.voxels ?? []) blockOf.set(voxel, place);
      }
    }
    const { box, apix } = (volume === undefined ? undefined : scene.volumes?.grid) ?? shape;
    const { from, along } = rayAt(camera, ball, x, y, canvas.clientWidth, canvas.clientHeight);
    const [u, v, w] = from;
    const ray = { from: [u / apix, v / apix, w / apix] as const, along };
    const place = firstAlong(ray, box, (voxel) => blockOf?.get(voxel));
    return place === undefined ? null : blocks[place]!.id;
  };

  let under: number | null = null;
  let hover: number | undefined;
  const hoverAt = (place: Place | undefined) => {
    if (hover !== undefined) cancelAnimationFrame(hover);
    if (!hovered.any) return;
    hover = requestAnimationFrame(() => {
      hover = undefined;
      const now = place === undefined ? null : blockAt(place.x, place.y);
      if (now !== under) hovered.tell(under = now);
    });
  };

  const rotate = (right: number, down: number) => look(turned(camera, right, down));
  const zoomAt = (factor: number, place?: Place) => {
    const pixels = pixelsPerAngstrom(camera, ball, canvas.clientWidth, canvas.clientHeight);
    const right = place === undefined ? 0 : (place.x - canvas.clientWidth / 2) / pixels;
    const up = place === undefined ? 0 : (canvas.clientHeight / 2 - place.y) / pixels;
    look(zoomed(camera, factor, right, up));
  };
  const pan = (right: number, down: number) => {
    const pixels = pixelsPerAngstrom(camera, ball, canvas.clientWidth, canvas.clientHeight);
    look(moved(camera, right / pixels, -down / pixels));
  };
  const lookAlong = (axis: "x" | "y" | "z") => look({ ...camera, ...lookingAlong(axis) });
  const resetView = () => lookAlong("z");

  if (!canvas.hasAttribute("tabindex")) canvas.tabIndex = 0;
  canvas.style.touchAction = "none";
  const click = ({ x, y }: Place) => picked.tell(blockAt(x, y));
  stopListening.push(
    control(canvas, { rotate, pan, resetView, lookAlong, zoomAt, click, hover: hoverAt }),
  );
  const ended = new AbortController(), { signal } = ended;
  canvas.addEventListener("webglcontextlost", (event) => {
    // Without this it would not come back.
    event.preventDefault();
    renderer = undefined;
    shown.clear();
  }, { signal });
  canvas.addEventListener("webglcontextrestored", () => {
    renderer = createRenderer(canvas);
    blockOf = undefined;
    ask();
  }, { signal });
  const resized = new ResizeObserver(ask);
  resized.observe(canvas);
  ask();

  return {
    setBlockVisible(id, visible) {
      if (visible) hidden.delete(id);
      else hidden.add(id);
      blockOf = undefined;
      ask();
    },
    setHighlighted(ids) {
      highlighted = ids === null ? undefined : new Set(ids);
      ask();
    },
    showVolume(next) {
      volume = next ?? undefined;
      const current = `volume ${volume}`;
      forget((key) =>
        key.startsWith("volume ") && key !== current && !key.startsWith(`${current} `)
      );
      ask();
    },
    setShellVisible(visible) {
      isShellVisible = visible;
      ask();
    },
    setShellOpacity(opacity) {
      shellOpacity = Math.min(1, Math.max(0, opacity));
      ask();
    },
    setLevel(share) {
      level = share;
      forget((key) => key.startsWith("level "));
      ask();
    },
    setDust(voxels) {
      dust = voxels;
      forget(() => true);
      ask();
    },
    setTheme(next) {
      theme = next;
      ask();
    },
    resetView,
    lookAlong,
    rotate,
    zoom: (factor) => zoomAt(factor),
    pan,
    onPick: picked.add,
    onHover: hovered.add,
    onScale(listener) {
      if (scale > 0) listener(scale);
      return scaled.add(listener);
    },
    blockAt,
    frame,
    snapshot(times = 2) {
      drawAt(times);
      const url = canvas.toDataURL("image/png");
      frame();
      return url;
    },
    dispose() {
      for (const stop of stopListening) stop();
      ended.abort();
      resized.disconnect();
      cancel();
      if (hover !== undefined) cancelAnimationFrame(hover);
      forget(() => true);
      renderer?.dispose();
      renderer = undefined;
    },
  };
}

/** Pixels of the canvas for each CSS pixel. */
function densityOf({ ownerDocument }: HTMLCanvasElement): number {
  const pixels = ownerDocument.defaultView?.devicePixelRatio ?? 1;
  return Math.min(MOST_DENSITY, Math.max(LEAST_DENSITY, pixels));
}

function colourOf(hex: string): Colour {
  const [r, g, b] = parseHex(hex);
  return [r / 255, g / 255, b / 255];
}

/** Rows whose share is at least this, 0 to 255. */
function rowsFrom(consensus: Uint8Array, least: number): number[] {
  const rows: number[] = [];
  consensus.forEach((share, row) => share >= least && rows.push(row));
  return rows;
}

/** A ball around the union, and what of it is to be in view: all but what few volumes have and no block. */
function ballAround({ union, box, apix, consensus, members }: Grid): Ball {
  const isUsual = Uint8Array.from(consensus, (share) => share >= RARE ? 1 : 0);
  for (const block of members) for (const row of block) isUsual[row] = 1;
  if (!isUsual.includes(1)) isUsual.fill(1);
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  const placeOf = (voxel: number) => [
    (voxel % box + 0.5) * apix,
    (Math.floor(voxel / box) % box + 0.5) * apix,
    (Math.floor(voxel / box / box) + 0.5) * apix,
  ];
  union.forEach((voxel, row) => {
    if (isUsual[row] === 0) return;
    placeOf(voxel).forEach((at, axis) => {
      low[axis] = Math.min(low[axis]!, at);
      high[axis] = Math.max(high[axis]!, at);
    });
  });
  const half = box * apix / 2;
  const middleOf = (axis: number) => union.length > 0 ? (low[axis]! + high[axis]!) / 2 : half;
  const middle = [middleOf(0), middleOf(1), middleOf(2)] as const;
  // Half a voxel's diagonal, and what smoothing may add.
  const around = 2 * apix;
  let radius = around, whole = around;
  union.forEach((voxel, row) => {
    const distance = Math.hypot(...placeOf(voxel).map((at, axis) => at - middle[axis]!)) + around;
    whole = Math.max(whole, distance);
    if (isUsual[row] === 1) radius = Math.max(radius, distance);
  });
  return { middle, radius, whole };
}

/** How near to the viewer a surface's middle is, in no unit. */
function depthOf({ surface: { positions } }: Shown, { axes }: Camera): number {
  // Some of its vertices tell.
  let sum = 0, count = 0;
  const step = 3 * Math.max(1, Math.floor(positions.length / 300));
  for (let i = 0; i < positions.length; i += step, count++) {
    for (let axis = 0; axis < 3; axis++) sum += positions[i + axis]! * axes[6 + axis]!;
  }
  return sum / count;
}

/** Those who want to hear of something. */
function listeners<T>() {
  const all = new Set<(value: T) => void>();
  return {
    get any() {
      return all.size > 0;
    },
    add(listener: (value: T) => void) {
      all.add(listener);
      return () => void all.delete(listener);
    },
    tell(value: T) {
      for (const listener of all) listener(value);
    },
  };
}
