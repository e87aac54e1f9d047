/**
 * The rows of .star and .cs files, and which particle each is.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import {
  checkRows,
  type CsParticles,
  type KnownParticles,
  readCsParticles,
  readStarParticles,
  type StarParticles,
  type Training,
} from "../core/particles/mod.ts";
import type { ParticlesCall } from "./particles_call.ts";

/** What a row of a .star file is, as far as anything tells it. */
export function rowsTold(
  { starRows, program }: ParticlesCall,
  config: Training | undefined,
): "particles" | "images" | "tilt series" | undefined {
  if (starRows !== undefined) return starRows;
  if (program === "tomoDRGN" || config?.isTiltSeries) return "tilt series";
  return config === undefined ? undefined : "particles";
}

/** The particles of a .star file, and which of them each row is. */
export interface StarRows {
  readonly particles: StarParticles;
  readonly count: number;
  readonly particleOf: (row: number) => number;
  /** Where rows are images: that they are, in words. */
  readonly told?: string;
}

/**
 * Reads a .star file.
 *
 * @param path Path of the file.
 * @param counted How many particles it has to have, as far as that is known.
 * @param rowsAre What its rows are, as far as that is told.
 * @param look Throws where work has to stop.
 * @throws {InputError} It has others, or does not tell what its rows are.
 */
export async function starRows(
  path: string,
  counted: KnownParticles,
  rowsAre: "particles" | "images" | "tilt series" | undefined,
  look: () => void,
): Promise<StarRows> {
  const particles = await readStarParticles(path, look);
  const { rows, groups } = particles;
  const { exactly, least } = counted;
  if (rowsAre === "images" && groups === undefined) {
    throw new InputError(
      `Cannot use ${path}: no column tells which images are of one particle`,
      "It takes _rlnGroupName or _rlnGroupNumber.",
    );
  }
  const mayBeGroups = groups !== undefined && rows !== exactly && groups.count < rows;
  if (mayBeGroups && rowsAre === undefined && exactly === undefined && groups.count >= least) {
    throw new InputError(
      `Cannot tell whether a row of ${path} is a particle or an image of one: it has ${rows} rows, and ` +
        `${groups.count} names in ${groups.column}`,
      "Give --star_rows: particles, or images.",
    );
  }
  const byGroup = groups !== undefined && rowsAre !== "particles" &&
    (rowsAre === "images" || mayBeGroups && (rowsAre !== undefined || groups.count === exactly));
  if (!byGroup) {
    checkRows(path, rows, "particles", counted);
    return { particles, count: rows, particleOf: (row) => row };
  }
  const { column, count, of } = groups;
  checkRows(path, count, `particles (${rows} images, told apart by ${column})`, counted);
  return {
    particles,
    count,
    particleOf: (row) => of[row]!,
    told: `${path} has ${rows} images of ${count} particles, told apart by ${column}`,
  };
}

/**
 * Reads a .cs file.
 *
 * @param path Path of the file.
 * @param counted How many particles it has to have, as far as that is known.
 * @throws {InputError} It has others.
 */
export async function csRows(path: string, counted: KnownParticles): Promise<CsParticles> {
  const particles = await readCsParticles(path);
  checkRows(path, particles.rows, "particles", counted);
  return particles;
}
