/**
 * `seeds.arrow`: the blocks that a user gave to be expanded, as they were when the expansion began.
 *
 * @module
 */
import type { Block } from "../core/blocks/block.ts";
import { InputError } from "../core/errors.ts";
import { decodeArrow, encodeArrow, expectColumns } from "./arrow_file.ts";
import { readIfThere, writeWhole } from "../core/files.ts";

/** Writes the blocks to be expanded, one row a voxel: block and row of the union. */
export async function writeSeeds(folder: string, seeds: readonly Block[]): Promise<void> {
  const block = seeds.flatMap(({ id, members }) => Array.from(members, () => id));
  const row = seeds.flatMap(({ members }) => Array.from(members));
  const columns = { block: Uint32Array.from(block), row: Uint32Array.from(row) };
  await writeWhole(`${folder}/seeds.arrow`, encodeArrow({ columns, metadata: {} }));
}

/**
 * Reads them back; undefined where the sketch's own blocks are meant.
 *
 * @throws {InputError} The file is damaged: the masks have to be given again.
 */
export async function readSeeds(folder: string): Promise<Block[] | undefined> {
  const path = `${folder}/seeds.arrow`;
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  const { block, row } = decode(bytes, path);
  const members = new Map<number, number[]>();
  block.forEach((id, i) => {
    const rows = members.get(id) ?? [];
    rows.push(row[i]!);
    members.set(id, rows);
  });
  return Array.from(members, ([id, rows]) => ({ id, members: Uint32Array.from(rows) }));
}

function decode(bytes: Uint8Array<ArrayBuffer>, path: string) {
  try {
    return expectColumns(decodeArrow(bytes, path), { block: "uint32", row: "uint32" }, path);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const remedy = "Give the masks again, by siren expand_communities with --force.";
    throw new InputError(cause.message, remedy, { cause });
  }
}
