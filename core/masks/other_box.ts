/**
 * Maps in the box of a refinement.
 *
 * Boxes of an ensemble are cropped in Fourier space from those of the refinement. So both are the same cube:
 * box times voxel size is the same, and the centre voxel, `floor(box / 2)` along each axis, lies in the same
 * place.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { firstVoxel, type Grid } from "../mrc/grid.ts";

/** A box to bring maps into. */
export interface OtherBox {
  /** Edge in voxels; if absent, as many as fill the map's cube. */
  readonly box?: number | undefined;
  /** Voxel size in Å; if absent, the map's cube over the box. */
  readonly apix?: number | undefined;
  /** Whether a cube of another size is padded or cropped about its centre voxel; else it is refused. */
  readonly centre?: boolean | undefined;
}

/** Edges of two cubes that differ by this share are not the same. */
const TOLERANCE = 0.01;

/**
 * The grid of another box on a map's cube, with the centre voxel in its place.
 *
 * @param grid The map's grid; itself the result where neither box nor voxel size are given.
 * @param name What to call the map in messages.
 * @throws {InputError} The box is another cube than the map's, by more than 1 %, and may not be padded or
 *   cropped.
 * @example
 * ```ts
 * import { otherGrid } from "./other_box.ts";
 * import assert from "node:assert";
 *
 * const zero = { x: 0, y: 0, z: 0 };
 * const grid = { box: 64, apix: 6.55, origin: zero, nstart: zero };
 * assert.deepStrictEqual(otherGrid(grid, { box: 256 }, "a.mrc"), { ...grid, box: 256, apix: 1.6375 });
 * ```
 */
export function otherGrid(grid: Grid, { box, apix, centre }: OtherBox, name: string): Grid {
  if (box === undefined && apix === undefined) return grid;
  const edge = grid.box * grid.apix;
  const to = box ?? Math.max(1, Math.round(edge / apix!)); // one of them is given
  const size = apix ?? edge / to;
  if (!isSameCube(to * size, edge) && centre !== true) {
    throw new InputError(
      `Cannot bring ${name} into a box of ${to} voxels of ${size} Å: that is a cube of ${
        short(to * size)
      } Å, the map's is of ${short(edge)} Å (${grid.box} voxels of ${grid.apix} Å)`,
      "Give the box and voxel size before it was cropped, --from_apix where the map's header is wrong, " +
        "or --centre to pad or crop it.",
    );
  }
  if (to === grid.box && size === grid.apix) return grid;
  const first = firstVoxel(grid);
  const move = Math.floor(grid.box / 2) * grid.apix - Math.floor(to / 2) * size;
  return {
    box: to,
    apix: size,
    origin: { x: first.x + move, y: first.y + move, z: first.z + move },
    nstart: { x: 0, y: 0, z: 0 },
  };
}

/**
 * The voxels of another grid where a map is above a threshold, as 1 and 0. Densities between the map's voxels
 * are interpolated linearly along each axis; where voxels are larger than the map's, they are means over what
 * a voxel covers, the middle weighing most. So no density comes out beyond those of the map, as it does at the
 * edges of atoms when frequencies are cut.
 *
 * @param data Densities: from.box^3 values.
 * @param from The map's grid.
 * @param to A grid of {@linkcode otherGrid}. Where there is no map, nothing is above the threshold.
 * @returns to.box^3 values.
 */
export function voxelsAboveIn(
  data: Float32Array,
  from: Grid,
  to: Grid,
  threshold: number,
): Uint8Array<ArrayBuffer> {
  const size = to.box * to.box;
  const inside = new Uint8Array(to.box * size);
  for (const { z, densities } of sectionsIn(data, from, to)) {
    const start = z * size;
    // What lies beyond the map is NaN, which is above nothing.
    for (let i = 0; i < size; i++) inside[start + i] = densities[i]! > threshold ? 1 : 0;
  }
  return inside;
}

/** Steps of a level between 0 and 1. */
const LEVELS = 2 ** 16;
/** How much the surroundings of a voxel say beside the voxel itself: too little to change any but ties. */
const AROUND = 0.2;
/** Weights of the voxels around, along each axis: binomial. */
const SMOOTHING = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16];

/**
 * The voxels of another grid that make up the same volume as a set of voxels: those above the level, of what
 * is interpolated linearly between 1 in the set and 0 outside, at which they do. At one half, what sticks out
 * would be cut off: the smaller a block, the more of it.
 *
 * In a box twice as large, half of the voxels at a flat face lie just half way. Of these, those with more of
 * the set around them come first, so that edges are rounded rather than volumes wrong.
 *
 * @param data 1 for the voxels of the set, at least one, 0 for the others: from.box^3 values.
 * @param from The set's grid.
 * @param to A grid of {@linkcode otherGrid}.
 * @returns 1 and 0, to.box^3 values. What is alike in all directions is in or out as a whole, so that the volume
 *   of a few lone voxels, or of wide flat sheets, may be some percent off. It is never nothing, but where
 *   the set lies outside of the grid.
 * @example
 * ```ts
 * import { sameVolumeIn } from "./other_box.ts";
 * import assert from "node:assert";
 *
 * const zero = { x: 0, y: 0, z: 0 };
 * const from = { box: 6, apix: 4, origin: zero, nstart: zero };
 * // Two voxels side by side; in a box of twice as many there are 16 for them.
 * const data = new Float32Array(216);
 * data.fill(1, (3 * 6 + 3) * 6 + 2, (3 * 6 + 3) * 6 + 4);
 * const inside = sameVolumeIn(data, from, { ...from, box: 12, apix: 2 });
 * assert.strictEqual(inside.reduce((a, b) => a + b, 0), 15);
 * ```
 */
export function sameVolumeIn(
  data: Float32Array,
  from: Grid,
  to: Grid,
): Uint8Array<ArrayBuffer> {
  const around = smoothed(data, from.box);
  const mixed = data.map((is, v) => (1 - AROUND) * is + AROUND * around[v]!);
  return voxelsAboveIn(mixed, from, to, levelOf(mixed, volumeIn(data, from, to), from, to));
}

/** Volume of a set, in voxels of another grid. */
function volumeIn(data: Float32Array, from: Grid, to: Grid): number {
  return data.reduce((sum, is) => sum + is, 0) / stepOf(from, to) ** 3;
}

/** The level above which so many voxels of another grid are, one at least. */
function levelOf(data: Float32Array, wanted: number, from: Grid, to: Grid): number {
  const counts = new Float64Array(LEVELS + 1);
  for (const { densities } of sectionsIn(data, from, to)) {
    for (let i = 0; i < densities.length; i++) {
      const density = densities[i]!;
      if (density > 0) counts[Math.round(density * LEVELS)]! += 1;
    }
  }
  let level = LEVELS, voxels = counts[level]!;
  while (level > 1 && (voxels === 0 || voxels + counts[level - 1]! / 2 < wanted)) {
    voxels += counts[--level]!;
  }
  return (level - 0.5) / LEVELS;
}

/** A map after {@linkcode SMOOTHING} along each axis; beyond its box there is nothing. */
function smoothed(data: Float32Array, box: number): Float32Array {
  const reach = (SMOOTHING.length - 1) / 2;
  let before = data;
  for (const stride of [1, box, box * box]) {
    const after = new Float32Array(data.length);
    for (let v = 0; v < data.length; v++) {
      const density = before[v]!;
      if (density === 0) continue;
      const place = Math.floor(v / stride) % box;
      const last = Math.min(reach, box - 1 - place);
      for (let i = Math.max(-reach, -place); i <= last; i++) {
        after[v + i * stride]! += SMOOTHING[i + reach]! * density;
      }
    }
    before = after;
  }
  return before;
}

/** A map's sections in another box, one after the other; each is overwritten by the next. */
function* sectionsIn(
  data: Float32Array,
  from: Grid,
  to: Grid,
): Generator<{ readonly z: number; readonly densities: Float64Array }> {
  const weights = weightsAlong(from, to);
  const size = from.box * from.box;
  const sections = new Map<number, Float64Array>();
  const densities = new Float64Array(to.box * to.box);
  for (const [z, along] of weights.entries()) {
    if (along.length === 0) continue;
    for (const known of sections.keys()) if (known < along[0]!.from) sections.delete(known);
    densities.fill(0);
    for (const { from: section, weight } of along) {
      let own = sections.get(section);
      if (own === undefined) {
        own = resampleSection(
          data.subarray(section * size, (section + 1) * size),
          from.box,
          weights,
        );
        sections.set(section, own);
      }
      for (let i = 0; i < densities.length; i++) densities[i]! += weight * own[i]!;
    }
    yield { z, densities };
  }
}

/** A voxel along an axis, and how much of another voxel it makes. */
interface Weight {
  readonly from: number;
  readonly weight: number;
}

/** For each voxel along an axis, those that it is made of, in order; none where there is no map. */
function weightsAlong(from: Grid, to: Grid): readonly (readonly Weight[])[] {
  const step = stepOf(from, to);
  const reach = Math.max(1, step);
  return Array.from({ length: to.box }, (_, i) => {
    const place = (i - Math.floor(to.box / 2)) * step + Math.floor(from.box / 2);
    // The outer voxels reach half a voxel farther than their centres; half of one of the others may be within that.
    const beyond = Math.max(-place, place - (from.box - 1));
    if (beyond > Math.max(1, (1 + step) / 2) - 1e-9) return [];
    const found: Weight[] = [];
    let sum = 0;
    for (let at = Math.ceil(place - reach); at <= place + reach; at++) {
      const weight = 1 - Math.abs(at - place) / reach;
      if (weight <= 1e-9 || at < 0 || at >= from.box) continue;
      found.push({ from: at, weight });
      sum += weight;
    }
    return found.map(({ from, weight }) => ({ from, weight: weight / sum }));
  });
}

/** A section of a map in another box; NaN where there is no map. */
function resampleSection(
  section: Float32Array,
  n: number,
  weights: readonly (readonly Weight[])[],
): Float64Array {
  const box = weights.length;
  const columns = new Float64Array(n * box);
  for (let y = 0; y < n; y++) {
    for (const [x, along] of weights.entries()) {
      let sum = along.length === 0 ? NaN : 0;
      for (const { from, weight } of along) sum += weight * section[y * n + from]!;
      columns[y * box + x] = sum;
    }
  }
  const result = new Float64Array(box * box);
  for (const [y, along] of weights.entries()) {
    const row = result.subarray(y * box, (y + 1) * box);
    if (along.length === 0) row.fill(NaN);
    for (const { from, weight } of along) {
      for (let x = 0; x < box; x++) row[x]! += weight * columns[from * box + x]!;
    }
  }
  return result;
}

/** Voxels of one grid from a voxel of another to the next; of the same cube exactly, whatever headers round. */
function stepOf(from: Grid, to: Grid): number {
  const isSame = isSameCube(to.box * to.apix, from.box * from.apix);
  return isSame ? from.box / to.box : to.apix / from.apix;
}

function isSameCube(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * b;
}

function short(edge: number): number {
  return Number(edge.toPrecision(6));
}
