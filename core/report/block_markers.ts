/**
 * Blocks as markers, after whose colours ChimeraX colours the surfaces of maps.
 *
 * @module
 */
import { position } from "../blocks/block.ts";
import { firstVoxel, type Grid } from "../mrc/grid.ts";
import { parseHex } from "./colours.ts";

/** The colour of what is in no block. */
export const NO_BLOCK = "#b0b0b0";

/** A block as markers show it. */
export interface MarkedBlock {
  readonly id: number;
  /** Flat indices (z * box + y) * box + x of its voxels. */
  readonly voxels: ArrayLike<number>;
  /** "#rrggbb". */
  readonly colour: string;
}

/**
 * A marker for each voxel at the rim of a block, and at the rim of what is in no block, in their colours: a point
 * of a surface is nearest to a marker of the part that it belongs to. Written as a marker file (.cmm), which
 * ChimeraX opens and `color zone` takes.
 *
 * A voxel in several blocks is the first one's. Voxels all of whose six neighbours are of the same part get no
 * marker, for others are nearer to any surface between parts.
 *
 * @param blocks In the order of their precedence.
 * @param rest Flat indices of all voxels that may be in no block, such as those of a run's union.
 * @param grid Where the voxels lie.
 * @example
 * ```ts
 * import { blockMarkers } from "./block_markers.ts";
 * import assert from "node:assert";
 *
 * const zero = { x: 0, y: 0, z: 0 };
 * const grid = { box: 4, apix: 2, origin: zero, nstart: zero };
 * const text = blockMarkers([{ id: 7, voxels: [1], colour: "#0072b2" }], [1, 2], grid);
 * const lines = text.split("\n").filter((line) => line.startsWith("<marker "));
 * assert.match(lines[0]!, /id="1" x="2" y="0" z="0" r="0\.00196" g="0\.44902" b="0\.7"/);
 * assert.strictEqual(lines.length, 2);
 * ```
 */
export function blockMarkers(
  blocks: readonly MarkedBlock[],
  rest: ArrayLike<number>,
  grid: Grid,
): string {
  const { box, apix } = grid;
  /** 0 outside, 1 for what is in no block, then the blocks. */
  const parts = new Uint16Array(box ** 3);
  for (let i = 0; i < rest.length; i++) parts[rest[i]!] = 1;
  blocks.toReversed().forEach(({ voxels }, i) => {
    for (let k = 0; k < voxels.length; k++) parts[voxels[k]!] = blocks.length - i + 1;
  });
  const colours = [NO_BLOCK, NO_BLOCK, ...blocks.map(({ colour }) => colour)].map(attributes);
  const first = firstVoxel(grid);
  const lines: string[] = [];
  for (let voxel = 0; voxel < parts.length; voxel++) {
    const part = parts[voxel]!;
    if (part === 0) continue;
    const at = position(voxel, box);
    const isInside = NEIGHBOURS.every(([x, y, z]) => {
      const inBox = [at.x + x, at.y + y, at.z + z].every((place) => place >= 0 && place < box);
      return inBox && parts[voxel + (z * box + y) * box + x] === part;
    });
    if (isInside) continue;
    const [x, y, z] = [first.x + apix * at.x, first.y + apix * at.y, first.z + apix * at.z]
      .map((place) => String(Number(place.toFixed(3))));
    lines.push(
      `<marker id="${lines.length + 1}" x="${x}" y="${y}" z="${z}" ${colours[part]} radius="${
        Number((apix / 2).toFixed(3))
      }"/>`,
    );
  }
  return `<marker_set name="blocks">\n${lines.map((line) => `${line}\n`).join("")}</marker_set>\n`;
}

const NEIGHBOURS = [[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]] as const;

/** A colour as attributes of a marker. ChimeraX cuts 255 times a level to a whole number. */
function attributes(colour: string): string {
  const [r, g, b] = parseHex(colour).map((level) =>
    Number(Math.min(1, (level + 0.5) / 255).toFixed(5))
  );
  return `r="${r}" g="${g}" b="${b}"`;
}
