/**
 * The voxels, volumes and blocks that the report's page draws in 3-D.
 *
 * @module
 */
import { type BitMatrix, bitMatrix, totals } from "../cooccupancy/bit_matrix.ts";

/** A block of a scene. */
export interface SceneBlock {
  readonly id: number;
  readonly name: string;
  /** "#rrggbb". */
  readonly colour: string;
  /** Rows of its voxels in the union. */
  readonly members: ArrayLike<number>;
}

/** A union of voxels, what of it each volume occupies, and its blocks. */
export interface Scene {
  /** Side of the box in voxels. */
  readonly box: number;
  /** Side of a voxel in Angstrom. */
  readonly apix: number;
  /** Flat index (z * box + y) * box + x of each union voxel, ascending: length M. */
  readonly flat: ArrayLike<number>;
  /** Occupancy, M x N bits. */
  readonly matrix: BitMatrix;
  readonly blocks: readonly SceneBlock[];
}

/**
 * A scene on a grid of half as many voxels along each side. A voxel of it is occupied in a volume where at
 * least four of its eight are, and belongs to a block where at least four of them do; a block that no voxel
 * would be left of gets all that it touches. The union is of what is occupied in any volume or in a block.
 */
export function halveScene(scene: Scene): Scene {
  const box = Math.ceil(scene.box / 2);
  const cellOf = (row: number) => {
    const voxel = scene.flat[row]!;
    const x = voxel % scene.box, y = Math.floor(voxel / scene.box) % scene.box;
    const z = Math.floor(voxel / scene.box / scene.box);
    return ((z >> 1) * box + (y >> 1)) * box + (x >> 1);
  };
  const cells = Uint32Array.from({ length: scene.flat.length }, (_, row) => cellOf(row));
  const { rows, starts } = rowsByCell(cells, box ** 3);

  const blocks = scene.blocks.map((block) => ({ ...block, cells: cellsOf(block.members, cells) }));
  const inBlocks = new Set(blocks.flatMap((block) => block.cells));
  const { matrix } = scene;
  const flat: number[] = [], words: number[] = [];
  for (let cell = 0; cell < box ** 3; cell++) {
    const most = majority(matrix, rows.subarray(starts[cell]!, starts[cell + 1]!));
    if (!inBlocks.has(cell) && most.every((word) => word === 0)) continue;
    flat.push(cell);
    for (const word of most) words.push(word);
  }
  const halved = { ...bitMatrix(flat.length, matrix.volumes), words: Uint32Array.from(words) };
  const rowOf = new Map(flat.map((cell, row) => [cell, row]));
  return {
    box,
    apix: scene.apix * 2,
    flat: Uint32Array.from(flat),
    matrix: halved,
    blocks: blocks.map(({ id, name, colour, cells }) => (
      { id, name, colour, members: Uint32Array.from(cells, (cell) => rowOf.get(cell)!) }
    )),
  };
}

/** Share of the volumes that occupy each voxel, 0 to 255: length M. */
export function shares({ matrix }: Scene): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(totals(matrix), (total) => Math.round(255 * total / matrix.volumes));
}

/** Rows of the union in the order of their cells, and where each cell's begin: length `count` + 1. */
function rowsByCell(cells: Uint32Array, count: number): { rows: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(count + 1), rows = new Uint32Array(cells.length);
  for (const cell of cells) starts[cell + 1]!++;
  for (let cell = 0; cell < count; cell++) starts[cell + 1]! += starts[cell]!;
  const next = starts.slice();
  cells.forEach((cell, row) => rows[next[cell]!++] = row);
  return { rows, starts };
}

/** Cells that hold at least four of the members, or all they touch where none does; ascending. */
function cellsOf(members: ArrayLike<number>, cells: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < members.length; i++) {
    const cell = cells[members[i]!]!;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  const most = [...counts].filter(([, count]) => count >= 4);
  return (most.length > 0 ? most : [...counts]).map(([cell]) => cell).sort((a, b) => a - b);
}

/** Bits that are 1 in at least four of at most eight rows. */
function majority({ words, wordsPerVoxel }: BitMatrix, rows: Uint32Array): Uint32Array {
  return Uint32Array.from({ length: wordsPerVoxel }, (_, k) => {
    // Counts of 32 volumes at once: bit i of `ones`, `twos` and `fours` belongs to volume i's count.
    let ones = 0, twos = 0, fours = 0;
    for (const row of rows) {
      const word = words[row * wordsPerVoxel + k]!;
      const two = ones & word, four = twos & two;
      ones ^= word;
      twos ^= two;
      fours |= four;
    }
    return fours >>> 0;
  });
}
