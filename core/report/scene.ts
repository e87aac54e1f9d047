/**
 * The voxels, volumes and blocks that the report's page draws in 3-D.
 *
 * @module
 */
import { type BitMatrix, bitMatrix } from "../cooccupancy/bit_matrix.ts";

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
export interface UnionScene {
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
export function halveScene(scene: UnionScene): UnionScene {
  const { matrix } = scene, box = Math.ceil(scene.box / 2);
  const cells = Uint32Array.from(scene.flat, (voxel) => {
    const x = voxel % scene.box, y = Math.floor(voxel / scene.box) % scene.box;
    const z = Math.floor(voxel / scene.box / scene.box);
    return ((z >> 1) * box + (y >> 1)) * box + (x >> 1);
  });
  const blocks = scene.blocks.map((block) => ({ ...block, cells: cellsOf(block.members, cells) }));
  const inBlocks = new Set(blocks.flatMap((block) => block.cells));
  const { all, rows, starts } = rowsByCell(cells);
  const words = new Uint32Array(all.length * matrix.wordsPerVoxel);
  // Cells that stay move up to the beginning.
  let count = 0;
  all.forEach((cell, i) => {
    const at = count * matrix.wordsPerVoxel;
    const most = words.subarray(at, at + matrix.wordsPerVoxel);
    findMajority(matrix, rows.subarray(starts[i]!, starts[i + 1]!), most);
    if (inBlocks.has(cell) || most.some((word) => word !== 0)) all[count++] = cell;
  });
  const flat = all.slice(0, count);
  const rowOf = new Map(Array.from(flat, (cell, row) => [cell, row]));
  return {
    box,
    apix: scene.apix * 2,
    flat,
    matrix: {
      ...bitMatrix(0, matrix.volumes),
      voxels: count,
      words: words.slice(0, count * matrix.wordsPerVoxel),
    },
    blocks: blocks.map(({ id, name, colour, cells }) => (
      { id, name, colour, members: Uint32Array.from(cells, (cell) => rowOf.get(cell)!) }
    )),
  };
}

/** The cells that hold rows of the union, ascending; and the rows cell by cell, with where each cell's begin. */
function rowsByCell(cells: Uint32Array<ArrayBuffer>) {
  const all = cells.toSorted().filter((cell, i, sorted) => cell !== sorted[i - 1]);
  const placeOf = new Map(Array.from(all, (cell, place) => [cell, place]));
  const places = cells.map((cell) => placeOf.get(cell)!);
  const starts = new Uint32Array(all.length + 1), rows = new Uint32Array(cells.length);
  for (const place of places) starts[place + 1]!++;
  for (let place = 0; place < all.length; place++) starts[place + 1]! += starts[place]!;
  const next = starts.slice();
  places.forEach((place, row) => rows[next[place]!++] = row);
  return { all, rows, starts };
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

/** Sets the bits that are 1 in at least four of at most eight rows. */
function findMajority(
  { words, wordsPerVoxel }: BitMatrix,
  rows: Uint32Array,
  most: Uint32Array,
): void {
  for (let k = 0; k < wordsPerVoxel; k++) {
    // Counts of 32 volumes at once: bit i of `ones`, `twos` and `fours` belongs to volume i's count.
    let ones = 0, twos = 0, fours = 0;
    for (const row of rows) {
      const word = words[row * wordsPerVoxel + k]!;
      const two = ones & word, four = twos & two;
      ones ^= word;
      twos ^= two;
      fours |= four;
    }
    most[k] = fours;
  }
}
