/**
 * A STAR file with some of its particles.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { writeParts } from "../files.ts";
import { StarReader, type StarTable, valueOf } from "./star_reader.ts";
import { eachLine, wholeLines } from "./text_lines.ts";

/** What tells the images of one particle from those of others in files of tilt series. */
const GROUPS = ["_rlnGroupName", "_rlnGroupNumber"];

/** What a table of particles has. */
const IMAGE = "_rlnImageName";

/** The table of particles of a STAR file. */
export interface StarParticles {
  readonly path: string;
  /** Name of its block, as in `data_particles`. */
  readonly block: string;
  /** Place of the table among all of the file. */
  readonly table: number;
  readonly rows: number;
  /**
   * The particle of each row where several rows, its tilt images, are one particle; particles are counted in
   * the order in which they appear. Undefined where no column tells.
   */
  readonly groups?: {
    readonly column: string;
    readonly count: number;
    /** What the column says of each particle. */
    readonly names: readonly string[];
    readonly of: Int32Array;
  };
}

/** Rows of a table, and the groups they are of. */
class Grouping {
  readonly #numbers = new Map<string, number>();
  #of = new Int32Array(1024);

  constructor(readonly column: string, readonly place: number) {}

  add(row: number, group: string): void {
    let number = this.#numbers.get(group);
    if (number === undefined) this.#numbers.set(group, number = this.#numbers.size);
    if (row === this.#of.length) {
      const larger = new Int32Array(2 * row);
      larger.set(this.#of);
      this.#of = larger;
    }
    this.#of[row] = number;
  }

  done(rows: number): NonNullable<StarParticles["groups"]> {
    const names = [...this.#numbers.keys()];
    return { column: this.column, count: names.length, names, of: this.#of.subarray(0, rows) };
  }
}

/**
 * Finds the particles of a STAR file of RELION (of any version), Warp, M, nextPYP or cryoSPARC: the table of
 * the block `data_particles`, or the one that has `_rlnImageName`, or the only one.
 *
 * @param progress Called now and then; what it throws is thrown on.
 * @throws {InputError} It is no STAR file, or its particles cannot be told for sure.
 */
export async function readStarParticles(
  path: string,
  progress: () => void = () => {},
): Promise<StarParticles> {
  const reader = new StarReader(path);
  const groupings: (Grouping | undefined)[] = [];
  for await (const bytes of wholeLines(path)) {
    progress();
    eachLine(bytes, (from, to) => {
      if (reader.read(bytes, from, to) !== "row") return;
      const { table, tables } = reader;
      const place = tables.length - 1;
      if (table.rows === 1) groupings[place] = groupingOf(table);
      const grouping = groupings[place];
      if (grouping !== undefined) {
        grouping.add(table.rows - 1, valueOf(bytes, from, to, grouping.place));
      }
    });
  }
  const place = particlesTable(reader);
  const { block, rows, wrong } = reader.tables[place]!;
  if (wrong !== undefined) {
    throw new InputError(
      `Cannot read ${path}: its table of particles ${wrong}`,
      "Copy or export it again.",
    );
  }
  const groups = groupings[place]?.done(rows);
  return { path, block, table: place, rows, ...(groups === undefined ? {} : { groups }) };
}

function groupingOf({ columns }: StarTable): Grouping | undefined {
  const column = GROUPS.find((name) => columns.includes(name));
  return column === undefined ? undefined : new Grouping(column, columns.indexOf(column));
}

/** Which of the tables holds the particles. */
function particlesTable({ name, tables }: StarReader): number {
  const places = tables.map((_, place) => place);
  const named = places.filter((place) => tables[place]!.block === "particles");
  const imaged = places.filter((place) => tables[place]!.columns.includes(IMAGE));
  const found = named.length > 0 ? named : imaged.length > 0 ? imaged : places;
  if (found.length === 1) return found[0]!;
  const blocks = tables.map(({ block }) => `data_${block}`).join(", ");
  throw new InputError(
    found.length === 0
      ? `Cannot read ${name}: it has no table`
      : `Cannot read ${name}: any of its tables may be the particles (${blocks})`,
    "Give the .star file of the particles, as RELION writes it.",
  );
}

/**
 * Writes a STAR file with some of its particles. Every line that is kept is kept to the byte, and so is all
 * that is not the table of particles: optics, comments, other blocks.
 *
 * @param isKept Says whether a row, counted from 0, is kept.
 * @param progress Called now and then; what it throws is thrown on, and nothing is left behind.
 * @returns How many rows were written.
 * @throws {InputError} The file changed since it was read.
 * @throws {RunError} The system refuses to write.
 */
export async function writeStarSubset(
  { path, table, rows }: Pick<StarParticles, "path" | "table" | "rows">,
  isKept: (row: number) => boolean,
  to: string,
  progress: () => void = () => {},
): Promise<number> {
  let kept = 0;
  const parts = async function* () {
    const reader = new StarReader(path);
    for await (const bytes of wholeLines(path)) {
      progress();
      const part = new Uint8Array(bytes.length);
      let length = 0;
      eachLine(bytes, (from, to) => {
        if (reader.read(bytes, from, to) === "row" && reader.tables.length - 1 === table) {
          if (!isKept(reader.table.rows - 1)) return;
          kept++;
        }
        part.set(bytes.subarray(from, to), length);
        length += to - from;
      });
      yield part.subarray(0, length);
    }
    if (reader.tables[table]?.rows !== rows) {
      throw new InputError(`Cannot read ${path}: it was changed meanwhile`, "Start again.");
    }
  };
  await writeParts(to, parts());
  return kept;
}
