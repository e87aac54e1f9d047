/**
 * Augmentation: maps to learn from are turned, mirrored and rescaled, and their labels with them, so that
 * the network sees more maps than there are.
 *
 * @module
 */
import type { Random } from "../random.ts";

/** Kinds of augmentation: rotations by 90 degrees, mirroring along the axes, and other amplitudes. */
export const augmentations = ["rotations", "flips", "amplitude"] as const;

/** See {@linkcode augmentations}. */
export type Augmentation = typeof augmentations[number];

/** A normalised map and its label. */
export interface LabelledMap {
  /** box^3 voxels, x running fastest. */
  readonly map: Float32Array<ArrayBuffer>;
  /** The right level, on the scale of the map. */
  readonly label: number;
}

/** A turn of the box that takes axes to axes. */
export interface Orientation {
  /** For each new axis (x, y, z) the old one that lies along it: 0, 1 and 2 in some order. */
  readonly axes: readonly [number, number, number];
  /** For each new axis whether the old one runs backwards along it. */
  readonly backwards: readonly [boolean, boolean, boolean];
}

const EVEN: readonly Orientation["axes"][] = [[0, 1, 2], [1, 2, 0], [2, 0, 1]];
const ODD: readonly Orientation["axes"][] = [[0, 2, 1], [2, 1, 0], [1, 0, 2]];

/** The eight ways to run along three axes. */
const DIRECTIONS = Array.from(
  { length: 8 },
  (_, i) => [(i & 1) > 0, (i & 2) > 0, (i & 4) > 0] as const,
);

/** The 24 rotations of a cube: an even order of axes with an even number backwards, or both odd. */
export const rotations: readonly Orientation[] = [...EVEN, ...ODD].flatMap((axes, i) =>
  DIRECTIONS.filter((directions) =>
    directions.filter((isBackwards) => isBackwards).length % 2 === (i < EVEN.length ? 0 : 1)
  ).map((backwards) => ({ axes, backwards }))
);

/** Turns a map of a given box. */
export function turn(
  map: Float32Array,
  box: number,
  { axes, backwards }: Orientation,
): Float32Array<ArrayBuffer> {
  const strides = [1, box, box * box];
  // Where the first voxel comes from, and how far apart in the old map neighbours along a new axis lie.
  let first = 0;
  const step = axes.map((axis, i) => {
    const stride = strides[axis]!;
    if (!backwards[i]) return stride;
    first += (box - 1) * stride;
    return -stride;
  }) as [number, number, number];
  const turned = new Float32Array(map.length);
  let to = 0;
  for (let z = 0; z < box; z++) {
    for (let y = 0; y < box; y++) {
      let from = first + z * step[2] + y * step[1];
      for (let x = 0; x < box; x++, from += step[0]) turned[to++] = map[from]!;
    }
  }
  return turned;
}

/** Greatest factor by which densities are multiplied; the least is its inverse. */
const GREATEST_FACTOR = 1.25;

/** Highest level that a label is moved to: some of the map must stay above it. */
const HIGHEST_LABEL = 0.95;

/**
 * Multiplies the densities of a normalised map, counted from its least, -1, and cuts off what comes out
 * above 1: `v -> min(1, (v + 1) factor - 1)`. So looks a map that was normalised by a few brighter or
 * fainter voxels at its top. The label goes with the densities, so that the same voxels are above it.
 *
 * @param factor More than 0; a greater one than brings the label to 0.95 counts as that.
 */
export function rescale({ map, label }: LabelledMap, factor: number): LabelledMap {
  const most = Math.max(1, (HIGHEST_LABEL + 1) / (label + 1));
  const f = label > -1 ? Math.min(factor, most) : factor;
  return {
    map: map.map((v) => Math.min(1, (v + 1) * f - 1)),
    label: (label + 1) * f - 1,
  };
}

/**
 * Draws a variant of a map. With `rotations` it is one of the 24; with `flips` each axis is mirrored or
 * not; with `amplitude` a factor from 0.8 to 1.25 goes to {@linkcode rescale}. The map given is not changed.
 */
export function augment(
  example: LabelledMap,
  box: number,
  kinds: readonly Augmentation[],
  rng: Random,
): LabelledMap {
  let { map, label } = example;
  if (kinds.includes("rotations")) {
    map = turn(map, box, rotations[rng.integer(rotations.length)]!);
  }
  if (kinds.includes("flips")) {
    map = turn(map, box, { axes: [0, 1, 2], backwards: DIRECTIONS[rng.integer(8)]! });
  }
  if (kinds.includes("amplitude")) {
    const factor = GREATEST_FACTOR ** (2 * rng.uniform() - 1);
    ({ map, label } = rescale({ map, label }, factor));
  }
  return { map, label };
}
