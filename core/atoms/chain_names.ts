/**
 * Names of files for chains.
 *
 * @module
 */
import { basename } from "node:path";

/** A model's file name without its ending: `prots1` for `prots1.pdb` or `prots1.cif.gz`. */
export function modelStem(path: string): string {
  return basename(path).replace(/\.gz$/i, "").replace(/\.(pdb|ent|brk|pdb1|cif|mmcif|pdbx)$/i, "");
}

/**
 * What stands for each chain in names of files: its identifier in small letters, as MAVEn has it.
 *
 * - Chains that differ only in which letters are capital would be one file on many disks. They get `_` and
 *   a `u` for each capital and an `l` for each small letter: `a_u` for A, `a_l` for a.
 * - A character that is no ASCII letter, digit or `-` becomes `_` and the hexadecimal digits of its bytes in
 *   UTF-8: `_20` for a blank, `_2a` for `*`.
 *
 * So different chains have different names, whatever the disk.
 *
 * @param ids Identifiers, none twice.
 * @returns A name for each of them.
 * @example
 * ```ts
 * import { chainFileNames } from "./chain_names.ts";
 * import assert from "node:assert";
 *
 * const names = chainFileNames(["A", "B", "b", "*"]);
 * assert.deepStrictEqual([...names.values()], ["a", "b_u", "b_l", "_2a"]);
 * ```
 */
export function chainFileNames(ids: readonly string[]): Map<string, string> {
  const alike = Map.groupBy(ids, (id) => encode(id).toLowerCase());
  return new Map(ids.map((id) => {
    const name = encode(id).toLowerCase();
    if (alike.get(name)!.length === 1) return [id, name]; // every name has a group
    const letters = id.match(/[A-Za-z]/g) ?? [];
    return [id, `${name}_${letters.map((letter) => letter < "a" ? "u" : "l").join("")}`];
  }));
}

function encode(id: string): string {
  return id.replace(
    /[^A-Za-z0-9-]/gu,
    (character) =>
      Array.from(
        new TextEncoder().encode(character),
        (byte) => `_${byte.toString(16).padStart(2, "0")}`,
      ).join(""),
  );
}
