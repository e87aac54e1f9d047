/**
 * Where a scene is looked at from.
 *
 * @module
 */

/** A 4 x 4 matrix, column by column, as WebGL takes it. */
export type Matrix = Float32Array<ArrayBuffer>;

/** A view of a scene. Lengths are in Angstrom. */
export interface Camera {
  /** What goes right on the screen, up, and towards the viewer: three unit vectors, one after the other. */
  readonly axes: readonly number[];
  /** Magnification; at 1 all of the scene is in view. */
  readonly zoom: number;
  /** How far the scene's middle lies from the screen's, to the right and up. */
  readonly right: number;
  readonly up: number;
}

/** A ball around what is to be seen. */
export interface Ball {
  readonly middle: readonly [number, number, number];
  /** Of the ball that is in view at first, but for stray voxels. */
  readonly radius: number;
  /** Of the ball that has all in it. */
  readonly whole: number;
}

/** The axes of the screen when looking along an axis, as the run's projections are seen. */
const ALONG = {
  z: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  y: [1, 0, 0, 0, 0, 1, 0, -1, 0],
  x: [0, 1, 0, 0, 0, 1, 1, 0, 0],
} as const;

/** Half the angle that is in view across the canvas's shorter side: little, so that sizes can be compared. */
const HALF_ANGLE = 9 * Math.PI / 180;
/** Room around the ball. */
const MARGIN = 1.06;
const MOST_ZOOM = 40, LEAST_ZOOM = 0.2;

/** All in view, looking along an axis. */
export function lookingAlong(axis: "x" | "y" | "z"): Camera {
  return { axes: ALONG[axis], zoom: 1, right: 0, up: 0 };
}

/** The scene turned by angles in radians: its front to the right, and its front down. */
export function turned(camera: Camera, right: number, down: number): Camera {
  const c = Math.cos(right), s = Math.sin(right), d = Math.cos(down), t = Math.sin(down);
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = camera.axes as Nine;
  // First about the upright axis, then about the level one.
  const x = [c * xx + s * zx, c * xy + s * zy, c * xz + s * zz];
  const z = [c * zx - s * xx, c * zy - s * xy, c * zz - s * xz];
  const up = [d * yx - t * z[0]!, d * yy - t * z[1]!, d * yz - t * z[2]!];
  return { ...camera, axes: upright(x, up) };
}

type Nine = [number, number, number, number, number, number, number, number, number];

/** Unit vectors at right angles, so that rounding does not add up over many turns. */
function upright(x: readonly number[], y: readonly number[]): number[] {
  const right = unit(x);
  const along = dot(right, y);
  const up = unit(y.map((value, i) => value - along * right[i]!));
  return [...right, ...up, ...cross(right, up)];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}

function unit(v: readonly number[]): number[] {
  const length = Math.hypot(...v);
  return v.map((value) => value / length);
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [
    a[1]! * b[2]! - a[2]! * b[1]!,
    a[2]! * b[0]! - a[0]! * b[2]!,
    a[0]! * b[1]! - a[1]! * b[0]!,
  ];
}

/** Magnified by a factor. What is at `right` and `up` of the screen's middle, in Angstrom, stays there. */
export function zoomed(camera: Camera, factor: number, right = 0, up = 0): Camera {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, camera.zoom * factor));
  const shrink = 1 - camera.zoom / zoom;
  return {
    ...camera,
    zoom,
    right: camera.right - right * shrink,
    up: camera.up - up * shrink,
  };
}

/** Moved by lengths on the screen. */
export function moved(camera: Camera, right: number, up: number): Camera {
  return { ...camera, right: camera.right + right, up: camera.up + up };
}

/** How far the viewer is from the ball's middle. */
function distanceTo({ radius, whole }: Ball): number {
  return Math.max(MARGIN * radius / Math.sin(HALF_ANGLE), 1.1 * whole);
}

/** From Angstrom to what the viewer sees: x right, y up, z towards the viewer, who is at 0. */
export function viewMatrix({ axes, right, up }: Camera, ball: Ball): Matrix {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = axes as Nine;
  const at = [0, 3, 6].map((row) => -dot(axes.slice(row, row + 3), ball.middle));
  // deno-fmt-ignore
  return Float32Array.of(
    xx, yx, zx, 0,
    xy, yy, zy, 0,
    xz, yz, zz, 0,
    at[0]! + right, at[1]! + up, at[2]! - distanceTo(ball), 1,
  );
}

/** From what the viewer sees to WebGL's clip space, for a canvas of a width and a height. */
export function projectionMatrix(
  camera: Camera,
  ball: Ball,
  width: number,
  height: number,
): Matrix {
  const scale = camera.zoom / Math.tan(HALF_ANGLE), shorter = Math.min(width, height);
  const { near, far } = depthRange(ball);
  // deno-fmt-ignore
  return Float32Array.of(
    scale * shorter / width, 0, 0, 0,
    0, scale * shorter / height, 0, 0,
    0, 0, (near + far) / (near - far), -1,
    0, 0, 2 * near * far / (near - far), 0,
  );
}

/** Distances from the viewer between which all of the ball lies. */
export function depthRange(ball: Ball): { near: number; far: number } {
  const distance = distanceTo(ball);
  return { near: distance - ball.whole * 1.02, far: distance + ball.whole * 1.02 };
}

/** How many pixels an Angstrom takes at the ball's middle, on a canvas of a width and a height in pixels. */
export function pixelsPerAngstrom(
  camera: Camera,
  ball: Ball,
  width: number,
  height: number,
): number {
  const scale = camera.zoom / Math.tan(HALF_ANGLE);
  return scale / distanceTo(ball) * Math.min(width, height) / 2;
}

/** A half line. */
export interface Ray {
  readonly from: readonly [number, number, number];
  readonly along: readonly [number, number, number];
}

/** The line of sight, in Angstrom, of a place of a canvas from its upper left corner, all in the same unit. */
export function rayAt(
  camera: Camera,
  ball: Ball,
  x: number,
  y: number,
  width: number,
  height: number,
): Ray {
  const { axes, zoom, right, up } = camera, [mx, my, mz] = ball.middle;
  const half = Math.min(width, height) / 2 * zoom / Math.tan(HALF_ANGLE);
  const toWorld = (u: number, v: number, w: number) =>
    [0, 1, 2].map((i) => u * axes[i]! + v * axes[3 + i]! + w * axes[6 + i]!);
  const [ex, ey, ez] = toWorld(-right, -up, distanceTo(ball));
  const [ax, ay, az] = toWorld((x - width / 2) / half, (height / 2 - y) / half, -1);
  return { from: [mx + ex!, my + ey!, mz + ez!], along: [ax!, ay!, az!] };
}
