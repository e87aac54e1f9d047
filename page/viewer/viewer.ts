/**
 * The report's 3-D view: blocks in their colours in the consensus of all volumes, or in one volume.
 *
 * @module
 */
import type { Scene } from "./scene.ts";

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

/** Makes a viewer in a canvas; it listens to pointer, wheel and keys there. */
export type CreateViewer = (
  canvas: HTMLCanvasElement,
  scene: Scene,
  options: ViewerOptions,
) => Viewer;
