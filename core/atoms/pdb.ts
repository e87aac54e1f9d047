/**
 * Reading the atoms of PDB files.
 *
 * Follows the wwPDB file format, version 3.3, "Coordinate Section": fixed columns, of which only those
 * that a density needs are read.
 *
 * @module
 */
import { InputError } from "../errors.ts";

/** One atom. */
export interface Atom {
  /** Position in Å. */
  readonly x: number;
  /** Position in Å. */
  readonly y: number;
  /** Position in Å. */
  readonly z: number;
  readonly atomicNumber: number;
  /** Residue number with its insertion code, as it stands in the file. */
  readonly residue: string;
}

/** The atoms of one file that share a chain identifier, in the order of the file. */
export interface Chain {
  /** Name of the file, as given to {@linkcode parsePdb}. */
  readonly file: string;
  /** Chain identifier: one character, a space where the file has none. */
  readonly id: string;
  readonly atoms: readonly Atom[];
}

// Ordered by atomic number, hydrogen first.
const elements =
  ("H HE LI BE B C N O F NE NA MG AL SI P S CL AR K CA SC TI V CR MN FE CO NI CU ZN GA " +
    "GE AS SE BR KR RB SR Y ZR NB MO TC RU RH PD AG CD IN SN SB TE I XE CS BA LA CE PR ND PM SM EU GD " +
    "TB DY HO ER TM YB LU HF TA W RE OS IR PT AU HG TL PB BI PO AT RN FR RA AC TH PA U NP PU AM CM BK CF")
    .split(" ");
const atomicNumbers = new Map(elements.map((symbol, i) => [symbol, i + 1]));
atomicNumbers.set("D", 1);

const waters = new Set(["HOH", "WAT", "DOD", "H2O", "SOL", "TIP"]);

const decimal = /^\s*[-+]?(\d+\.?\d*|\.\d+)\s*$/;

/** Columns 77-78 where they hold an element, else the atom's name in columns 13-16. */
function atomicNumberOf(line: string): number | undefined {
  const given = atomicNumbers.get(line.slice(76, 78).trim().toUpperCase());
  if (given !== undefined) return given;
  // The element is right-justified in the first two columns of the name, but a hydrogen's name of four letters starts in the first.
  const name = line.slice(12, 16).toUpperCase();
  if (/^H\S{3}$/.test(name)) return 1;
  const symbol = name.slice(0, 2).replace(/[^A-Z]/g, "");
  return atomicNumbers.get(symbol) ?? atomicNumbers.get(symbol.slice(0, 1));
}

/**
 * Reads the chains of a PDB file: ATOM and HETATM records of the first model. Of alternative locations
 * the first of each atom is kept. Water is left out. Serial numbers are not read, so files of more than
 * 99,999 atoms do no harm.
 *
 * @param text Contents of the file.
 * @param file Name of the file, for messages and {@linkcode Chain.file}.
 * @returns The chains in the order of their first atoms.
 * @throws {InputError} Naming file and line, where a record's coordinates or element cannot be read;
 *   or where the file holds no atoms or is mmCIF.
 * @example
 * ```ts
 * import { parsePdb } from "./pdb.ts";
 * import assert from "node:assert";
 *
 * const line = "ATOM      1  CA  ALA A   9      11.104   6.134  -6.504  1.00  0.00           C";
 * const [chain] = parsePdb(line, "one.pdb");
 * assert.deepStrictEqual(chain, {
 *   file: "one.pdb",
 *   id: "A",
 *   atoms: [{ x: 11.104, y: 6.134, z: -6.504, atomicNumber: 6, residue: "9" }],
 * });
 * ```
 */
export function parsePdb(text: string, file: string): Chain[] {
  if (/^(?:#.*[\r\n]+)*data_/.test(text)) {
    throw new InputError(
      `Cannot read ${file}: it is an mmCIF file`,
      "Save the model in the PDB format, in several files where it is too large for one.",
    );
  }
  const chains = new Map<string, Atom[]>();
  const locations = new Map<string, string>();
  let number = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    number++;
    const record = line.slice(0, 6).trimEnd();
    if (record === "ENDMDL" || (record === "MODEL" && chains.size > 0)) break;
    if (record !== "ATOM" && record !== "HETATM") continue;
    if (waters.has(line.slice(17, 20).trim())) continue;

    const id = line[21] ?? " ";
    const residue = line.slice(22, 27).trim();
    const location = line[16] ?? " ";
    if (location !== " ") {
      const atom = line.slice(12, 16) + line.slice(17, 27);
      const first = locations.get(atom);
      if (first !== undefined && first !== location) continue;
      locations.set(atom, location);
    }

    const [x, y, z] = [line.slice(30, 38), line.slice(38, 46), line.slice(46, 54)].map((field) => {
      if (field.length < 8 || !decimal.test(field)) {
        throw new InputError(
          `Cannot read ${file}: line ${number} has a coordinate that is no number (${
            JSON.stringify(field)
          })`,
          "Coordinates stand in columns 31-38, 39-46 and 47-54.",
        );
      }
      return Number(field);
    }) as [number, number, number];
    const atomicNumber = atomicNumberOf(line);
    if (atomicNumber === undefined) {
      throw new InputError(
        `Cannot read ${file}: line ${number} has an unknown element (${
          JSON.stringify(line.slice(76, 78).trim() || line.slice(12, 16).trim())
        })`,
        "Elements stand in columns 77-78, atom names in columns 13-16.",
      );
    }
    let atoms = chains.get(id);
    if (atoms === undefined) chains.set(id, atoms = []);
    atoms.push({ x, y, z, atomicNumber, residue });
  }
  if (chains.size === 0) {
    throw new InputError(
      `Cannot read ${file}: it holds no atoms`,
      "Give a PDB file with ATOM or HETATM records other than water.",
    );
  }
  return Array.from(chains, ([id, atoms]) => ({ file, id, atoms }));
}
