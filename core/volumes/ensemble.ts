/**
 * Whether maps belong together.
 *
 * @module
 */
import { MAX_VOLUMES } from "../cooccupancy/checks.ts";
import { InputError } from "../errors.ts";
import {
  apixOf,
  boxOf,
  type Grid,
  nstartOf,
  originOf,
  sameApix,
  type Vector,
  voxelSizeOf,
} from "../mrc/grid.ts";
import type { MrcHeader } from "../mrc/header.ts";

/** A header and what to call its file in messages. */
export interface NamedHeader {
  readonly name: string;
  readonly header: MrcHeader;
}

/** What {@linkcode checkEnsemble} finds. */
export interface EnsembleGrid {
  readonly grid: Grid;
  /** What a user should know but may be fine; whole sentences. */
  readonly warnings: readonly string[];
}

/** A given voxel size and a header's may differ by this share without a warning. */
const APIX_TOLERANCE = 0.01;

/**
 * The grid that maps share. Their box is checked; the voxel size is the one given, else that of the
 * first header that tells; origin and start are the first map's.
 *
 * @param maps 1 to 65534.
 * @param options.apix Voxel size in Angstrom, above 0, to use whatever the headers say.
 * @returns The grid, and warnings where voxel sizes or positions contradict each other.
 * @throws {InputError} Where boxes differ or are not cubes, no voxel size is known, or maps are too many.
 */
export function checkEnsemble(
  maps: readonly NamedHeader[],
  options: { readonly apix?: number } = {},
): EnsembleGrid {
  const [first, ...others] = maps;
  if (first === undefined) throw new RangeError("Cannot check an ensemble: it has no maps (0)");
  const box = boxOf(first.header, first.name);
  for (const { name, header } of others) {
    const other = boxOf(header, name);
    if (other !== box) {
      throw new InputError(
        `Cannot use ${first.name} and ${name} together: their boxes differ (${box} and ${other})`,
        "All maps of an ensemble need the same box.",
      );
    }
  }
  if (maps.length > MAX_VOLUMES) {
    throw new InputError(
      `Cannot use the maps from ${first.name} on together: they are too many (${maps.length})`,
      `An ensemble has at most ${MAX_VOLUMES} maps: leave some out of the folder.`,
    );
  }
  const warnings: string[] = [];
  const apix = options.apix ?? headerApix(maps, warnings);
  if (options.apix !== undefined) warnOfContradiction(maps, options.apix, warnings);
  warnOfPositions(first, others, warnings);
  return {
    grid: { box, apix, origin: originOf(first.header), nstart: nstartOf(first.header) },
    warnings,
  };
}

function headerApix(maps: readonly NamedHeader[], warnings: string[]): number {
  const known = maps
    .map(({ name, header }) => ({ name, apix: apixOf(header, name) }))
    .filter((map): map is { name: string; apix: number } => map.apix !== undefined);
  const [first] = known;
  if (first === undefined) {
    throw new InputError(
      `Cannot tell the voxel size: no header holds it (${maps[0]!.name}${
        andMore(maps.length - 1)
      })`,
      "Give it with --apix.",
    );
  }
  const different = known.filter(({ apix }) => !sameApix(apix, first.apix));
  if (different.length > 0) {
    const { name, apix } = different[0]!;
    warnings.push(
      `The voxel size of ${first.name} (${first.apix} Angstrom) is used, but that of ${name} is ${apix}${
        andMore(different.length - 1)
      }.`,
    );
  }
  return first.apix;
}

function warnOfContradiction(
  maps: readonly NamedHeader[],
  given: number,
  warnings: string[],
): void {
  const different = maps.filter(({ header }) => {
    const size = voxelSizeOf(header);
    return size !== undefined &&
      [size.x, size.y, size.z].some((apix) => Math.abs(apix - given) > APIX_TOLERANCE * given);
  });
  const [first] = different;
  if (first === undefined) return;
  const { x, y, z } = voxelSizeOf(first.header)!;
  warnings.push(
    `The given voxel size of ${given} Angstrom is used, but the header of ${first.name} says ${
      x === y && x === z ? x : `${x} x ${y} x ${z}`
    }${andMore(different.length - 1)}.`,
  );
}

function warnOfPositions(
  first: NamedHeader,
  others: readonly NamedHeader[],
  warnings: string[],
): void {
  for (const [what, of] of [["origin", originOf], ["start", nstartOf]] as const) {
    const here = of(first.header);
    const different = others.filter(({ header }) => !same(of(header), here));
    if (different.length === 0) continue;
    const { name, header } = different[0]!;
    warnings.push(
      `The ${what} of ${first.name} (${show(here)}) is used, but that of ${name} is ${
        show(of(header))
      }${andMore(different.length - 1)}.`,
    );
  }
}

function same(a: Vector, b: Vector): boolean {
  return a.x === b.x && a.y === b.y && a.z === b.z;
}

function show({ x, y, z }: Vector): string {
  return `${x}, ${y}, ${z}`;
}

function andMore(count: number): string {
  return count > 0 ? `, and so for ${count} more` : "";
}
