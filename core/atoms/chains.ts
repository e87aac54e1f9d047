/**
 * Atomic models: atoms by chain, and which of the atoms in a file belong to a model.
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
  /** Name of the file, as given to what read it. */
  readonly file: string;
  /** Chain identifier; a space where the file has none. */
  readonly id: string;
  readonly atoms: readonly Atom[];
}

/** What a file holds. */
export interface AtomicModel {
  /** In the order of their first atoms; at least one. */
  readonly chains: readonly Chain[];
  /** Atoms of water that were left out. */
  readonly water: number;
}

/** What is read of a file. */
export interface ModelOptions {
  /** Whether water is kept; by default it is left out. */
  readonly water?: boolean;
  /**
   * Which of the two names of a chain in an mmCIF file is taken: `auth`, the authors', which papers and PDB
   * files have; or `label`, that of the archive. By default `auth`. Of PDB files there is one.
   */
  readonly chainNames?: ChainNames;
}

/** Whose names of chains are taken. */
export type ChainNames = "auth" | "label";

/** An atom as it stands in a file. */
export interface AtomRecord extends Atom {
  readonly chain: string;
  readonly residueName: string;
  /** Name of the atom within its residue. */
  readonly name: string;
  /** Which of several locations it is; empty where it has one. */
  readonly alternative: string;
}

const waters = new Set(["HOH", "WAT", "DOD", "H2O", "SOL", "TIP", "TIP3", "TIP4", "TIP5"]);

/** Whether a residue of this name is water. */
export function isWater(residueName: string): boolean {
  return waters.has(residueName.toUpperCase());
}

/**
 * Gathers the atoms of a file by chain. Of alternative locations the first of each atom is kept; where a
 * residue's alternatives are residues of different kinds, the first kind.
 *
 * @param file Name of the file.
 */
export function gatherChains(
  file: string,
  { water: keepsWater = false }: ModelOptions,
): { add(record: AtomRecord): void; model(): AtomicModel } {
  const chains = new Map<string, Atom[]>();
  const kinds = new Map<string, string>();
  const locations = new Map<string, string>();
  let water = 0;

  /** Whether a value is the first under its key. */
  const isFirst = (map: Map<string, string>, key: string, value: string) => {
    const first = map.get(key);
    if (first === undefined) map.set(key, value);
    return first === undefined || first === value;
  };
  return {
    add({ chain, residueName, name, alternative, x, y, z, atomicNumber, residue }) {
      if (isWater(residueName) && !keepsWater) {
        water++;
        return;
      }
      if (alternative !== "") {
        const place = `${chain}\0${residue}`;
        if (!isFirst(kinds, place, residueName)) return;
        if (!isFirst(locations, `${place}\0${name}`, alternative)) return;
      }
      let atoms = chains.get(chain);
      if (atoms === undefined) chains.set(chain, atoms = []);
      atoms.push({ x, y, z, atomicNumber, residue });
    },
    model() {
      if (chains.size === 0) {
        throw new InputError(
          `Cannot read ${file}: it holds no atoms`,
          "Give a PDB or mmCIF file with the coordinates of atoms other than water.",
        );
      }
      return { chains: Array.from(chains, ([id, atoms]) => ({ file, id, atoms })), water };
    },
  };
}
