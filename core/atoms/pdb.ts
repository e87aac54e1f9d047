/**
 * Reading the atoms of PDB files.
 *
 * Follows the wwPDB file format, version 3.3, "Coordinate Section": fixed columns, of which only those
 * that a density needs are read.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { type AtomicModel, gatherChains, type ModelOptions } from "./chains.ts";
import { atomicNumberOf } from "./elements.ts";

const decimal = /^\s*[-+]?(\d+\.?\d*|\.\d+)\s*$/;

/** Residues whose names have at most three letters in every file. */
const standardResidues = new Set(
  ("ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL MSE SEC PYL " +
    "A C G U I DA DC DG DT DU DI").split(" "),
);

/** Columns 77-78 where they hold an element, else the atom's name in columns 13-16. */
function elementOf(line: string): number | undefined {
  const given = atomicNumberOf(line.slice(76, 78).trim());
  if (given !== undefined) return given;
  // The element is right-justified in the first two columns of the name, but a hydrogen's name of four letters starts in the first.
  const name = line.slice(12, 16).toUpperCase();
  if (/^H\S{3}$/.test(name)) return 1;
  const symbol = name.slice(0, 2).replace(/[^A-Z]/g, "");
  return atomicNumberOf(symbol) ?? atomicNumberOf(symbol.slice(0, 1));
}

function isAtom(line: string): boolean {
  const record = line.slice(0, 6).trimEnd();
  return record === "ATOM" || record === "HETATM";
}

/**
 * Names of chains that take columns 21 and 22. Column 21 may as well hold the fourth letter of a residue's
 * name, so they are those that a residue has whose name is known to have three.
 */
function twoLetterChains(lines: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const line of lines) {
    const id = line.slice(20, 22);
    if (!/^\S\S$/.test(id) || found.has(id) || !isAtom(line)) continue;
    if (standardResidues.has(line.slice(17, 20).trim())) found.add(id);
  }
  return found;
}

function chainOf(line: string, twoLetters: ReadonlySet<string>): string {
  const id = line.slice(20, 22);
  if (twoLetters.has(id)) return id;
  const letter = line[21] ?? " ";
  return letter === " " ? line.slice(72, 76).trim() || " " : letter;
}

/** The coordinate that begins so many columns into a line. */
function coordinate(line: string, column: number, file: string, lineBefore: number): number {
  const field = line.slice(column, column + 8);
  if (field.length === 8 && decimal.test(field)) return Number(field);
  throw new InputError(
    `Cannot read ${file}: line ${lineBefore + 1} has a coordinate that is no number (${
      JSON.stringify(field)
    })`,
    "Coordinates stand in columns 31-38, 39-46 and 47-54.",
  );
}

/**
 * Reads the chains of a PDB file: ATOM and HETATM records of the first model. Of alternative locations
 * the first of each atom is kept. Serial numbers are not read, so files of more than 99,999 atoms do no
 * harm.
 *
 * A chain is named by column 22; by columns 21 and 22 where both are used and column 21 is not a residue's
 * fourth letter; by the segment in columns 73-76 where column 22 is blank.
 *
 * @param text Contents of the file.
 * @param file Name of the file, for messages and for the chains.
 * @throws {InputError} Naming file and line, where a record's coordinates or element cannot be read;
 *   or where the file holds no atoms.
 * @example
 * ```ts
 * import { parsePdb } from "./pdb.ts";
 * import assert from "node:assert";
 *
 * const line = "ATOM      1  CA  ALA A   9      11.104   6.134  -6.504  1.00  0.00           C";
 * const { chains: [chain] } = parsePdb(line, "one.pdb");
 * assert.deepStrictEqual(chain, {
 *   file: "one.pdb",
 *   id: "A",
 *   atoms: [{ x: 11.104, y: 6.134, z: -6.504, atomicNumber: 6, residue: "9" }],
 * });
 * ```
 */
export function parsePdb(text: string, file: string, options: ModelOptions = {}): AtomicModel {
  const lines = text.split(/\r\n|\r|\n/);
  const twoLetters = twoLetterChains(lines);
  const gathered = gatherChains(file, options);
  let hasAtoms = false;
  for (const [i, line] of lines.entries()) {
    const record = line.slice(0, 6).trimEnd();
    if (record === "ENDMDL" || (record === "MODEL" && hasAtoms)) break;
    if (!isAtom(line)) continue;
    hasAtoms = true;
    const x = coordinate(line, 30, file, i);
    const y = coordinate(line, 38, file, i);
    const z = coordinate(line, 46, file, i);
    const atomicNumber = elementOf(line);
    if (atomicNumber === undefined) {
      throw new InputError(
        `Cannot read ${file}: line ${i + 1} has an unknown element (${
          JSON.stringify(line.slice(76, 78).trim() || line.slice(12, 16).trim())
        })`,
        "Elements stand in columns 77-78, atom names in columns 13-16.",
      );
    }
    gathered.add({
      x,
      y,
      z,
      atomicNumber,
      chain: chainOf(line, twoLetters),
      residue: line.slice(22, 27).trim(),
      residueName: line.slice(17, 20).trim(),
      name: line.slice(12, 16),
      alternative: line.slice(16, 17).trim(),
    });
  }
  return gathered.model();
}
