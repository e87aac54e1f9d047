/**
 * The PDB files of a model, from which benchmarks simulate.
 *
 * @module
 */
import { basename } from "node:path";
import type { ModelText } from "../core/atoms/read_model.ts";

/** Paths of the PDB files in a folder, in the order of their names. */
export function pdbPaths(folder: string): string[] {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  return names.filter((name) => name.endsWith(".pdb")).sort().map((name) => `${folder}/${name}`);
}

/** The PDB files in a folder, in the order of their names. */
export async function readPdbs(folder: string): Promise<ModelText[]> {
  const pdbs: ModelText[] = [];
  for (const path of pdbPaths(folder)) {
    pdbs.push({ name: basename(path), text: await Deno.readTextFile(path) });
  }
  return pdbs;
}
