/**
 * Grouping the chains of a model into a core and blocks.
 *
 * @module
 */
import type { Atom, Chain } from "../atoms/chains.ts";
import { UsageError } from "../errors.ts";

/** Neighbouring chains, or parts of chains, that come and go together. */
export interface ChainGroup {
  /** What it is made of: "file chain first-last", residues as they stand in the file. */
  readonly pieces: readonly string[];
  readonly atoms: readonly Atom[];
}

/** The parts of a particle made of chains. */
export interface ChainBlocks {
  readonly core: ChainGroup;
  /** K groups. */
  readonly blocks: readonly ChainGroup[];
}

/** How chains are grouped. */
export interface ChainBlocksOptions {
  /** Number of blocks, K, at least 1. */
  readonly blocks: number;
  /** Share of the atoms that the core takes, above 0 and below 1. */
  readonly coreShare: number;
  /** How many times more atoms the largest block is to have than the smallest, at least 1. */
  readonly sizeRatio: number;
}

interface Piece {
  readonly name: string;
  readonly atoms: readonly Atom[];
  readonly centre: readonly [number, number, number];
}

/** A piece holds at most this share of the atoms that a part of average size has. */
const pieceShare = 0.25;

function centreOf(atoms: Iterable<Atom>): [number, number, number] {
  let x = 0, y = 0, z = 0, count = 0;
  for (const atom of atoms) {
    x += atom.x;
    y += atom.y;
    z += atom.z;
    count++;
  }
  return [x / count, y / count, z / count];
}

/** Cuts a chain between residues into the fewest runs of about equal size with at most `most` atoms. */
function cut(chain: Chain, most: number): Piece[] {
  const { atoms, file, id } = chain;
  const runs = Math.ceil(atoms.length / most);
  const pieces: Piece[] = [];
  let start = 0;
  for (let end = 1; end <= atoms.length; end++) {
    const atEnd = end === atoms.length;
    const full = end * runs >= atoms.length * (pieces.length + 1);
    if (!atEnd && !(full && atoms[end]!.residue !== atoms[end - 1]!.residue)) continue;
    const run = atoms.slice(start, end);
    const name = `${file} ${id} ${run[0]!.residue}-${run.at(-1)!.residue}`;
    pieces.push({ name, atoms: run, centre: centreOf(run) });
    start = end;
  }
  return pieces;
}

const sizeOf = (pieces: readonly Piece[]) => pieces.reduce((sum, p) => sum + p.atoms.length, 0);

/** Splits pieces into one group per weight by cutting space across its widest axis again and again. */
function bisect(pieces: readonly Piece[], weights: readonly number[]): Piece[][] {
  if (weights.length === 1) return [[...pieces]];
  const spread = ([0, 1, 2] as const).map((axis) => {
    const positions = pieces.map((piece) => piece.centre[axis]);
    const mean = positions.reduce((a, b) => a + b, 0) / positions.length;
    return positions.reduce((sum, p) => sum + (p - mean) ** 2, 0);
  });
  const axis = spread.indexOf(Math.max(...spread)) as 0 | 1 | 2;
  const ordered = pieces.toSorted((a, b) => a.centre[axis] - b.centre[axis]);

  // Every other weight goes to each side, so that both get small and large blocks.
  const left = weights.filter((_, i) => i % 2 === 0);
  const right = weights.filter((_, i) => i % 2 === 1);
  const total = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const wanted = sizeOf(ordered) * total(left) / total(weights);
  let count = 0, size = 0;
  while (
    count < left.length ||
    (count < ordered.length - right.length &&
      size + ordered[count]!.atoms.length / 2 < wanted)
  ) size += ordered[count++]!.atoms.length;
  return [...bisect(ordered.slice(0, count), left), ...bisect(ordered.slice(count), right)];
}

/**
 * Groups chains into a core, which is what lies nearest the centre, and K blocks around it, each of
 * neighbouring chains. Chains larger than a quarter of an average part are first cut into runs of
 * residues. The blocks come from recursive coordinate bisection (Berger & Bokhari, IEEE Transactions on
 * Computers C-36, 1987), with sizes that rise geometrically to `sizeRatio`. The same chains always give
 * the same blocks.
 *
 * @param chains In the order given; chains of different files are different chains.
 * @throws {UsageError} Where there are too few residues for so many blocks.
 */
export function blocksFromChains(
  chains: readonly Chain[],
  options: ChainBlocksOptions,
): ChainBlocks {
  const { blocks, coreShare, sizeRatio } = options;
  const total = chains.reduce((sum, chain) => sum + chain.atoms.length, 0);
  const pieces = chains.flatMap((chain) => cut(chain, pieceShare * total / (blocks + 1)));
  if (pieces.length <= blocks) {
    throw new UsageError(
      `Cannot make ${blocks} blocks and a core: the chains have too few residues (${pieces.length} pieces)`,
      "Ask for fewer blocks or give more chains.",
    );
  }
  const middle = centreOf(chains.flatMap((chain) => chain.atoms));
  const distance = ({ centre }: Piece) =>
    Math.hypot(centre[0] - middle[0], centre[1] - middle[1], centre[2] - middle[2]);
  const outward = pieces.toSorted((a, b) => distance(a) - distance(b));
  let inCore = 0, size = 0;
  do size += outward[inCore++]!.atoms.length; while (
    size < coreShare * total && inCore < outward.length - blocks
  );

  const weights = Array.from(
    { length: blocks },
    (_, k) => sizeRatio ** (blocks === 1 ? 0 : k / (blocks - 1)),
  );
  const group = (members: readonly Piece[]): ChainGroup => ({
    pieces: members.map((piece) => piece.name),
    atoms: members.flatMap((piece) => piece.atoms),
  });
  return {
    core: group(outward.slice(0, inCore)),
    blocks: bisect(outward.slice(inCore), weights).map(group),
  };
}
