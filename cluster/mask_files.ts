/**
 * The files that show sets of voxels of which no more is known than where they are: masks, tables, the
 * ChimeraX script.
 *
 * @module
 */
import { centroid } from "../core/blocks/block.ts";
import { encodeMap, firstVoxel, type Grid, type MapGrid } from "../core/mrc/mod.ts";
import { programFile } from "../core/program_files.ts";
import { fillChimeraX, palette, type Scene } from "../core/report/mod.ts";
import type { MakeFile } from "./result_files.ts";

const TEMPLATE = programFile("templates/open_blocks.cxc");

/** A mask to be written. */
export interface MaskedBlock {
  readonly id: number;
  /** Flat indices of its voxels, at least one. */
  readonly voxels: Uint32Array;
}

/**
 * The files of blocks on a grid: `block_N.mrc`, `blocks.json`, `blocks.csv` (what follows from their voxels
 * alone) and `open_blocks.cxc`.
 *
 * @param label What the masks' headers say before the number.
 * @param consensus A map to open under the blocks, seen from their folder.
 */
export async function maskFiles(
  blocks: readonly MaskedBlock[],
  grid: MapGrid,
  label: string,
  consensus?: Scene["consensus"],
): Promise<Map<string, MakeFile>> {
  const template = await Deno.readTextFile(TEMPLATE);
  const colours = palette(blocks.length);
  const files = new Map<string, MakeFile>();
  for (const { id, voxels } of blocks) {
    files.set(`block_${id}.mrc`, () => {
      const mask = new Float32Array(grid.box ** 3);
      for (const voxel of voxels) mask[voxel] = 1;
      return encodeMap(mask, grid, `${label} ${id}`);
    });
  }
  files.set("blocks.json", () => {
    return JSON.stringify(
      Object.fromEntries(blocks.map(({ id, voxels }) => [id, Array.from(voxels)])),
    );
  });
  files.set("blocks.csv", () => formatGeometryCsv(blocks, grid));
  files.set("open_blocks.cxc", () =>
    fillChimeraX(template, {
      ...(consensus === undefined ? {} : { consensus }),
      blocks: blocks.map(({ id }, i) => ({ path: `block_${id}.mrc`, id, colour: colours[i]! })),
    }));
  return files;
}

/** Columns as in a run's `blocks.csv`, without what takes the volumes' occupancy. */
function formatGeometryCsv(blocks: readonly MaskedBlock[], grid: MapGrid): string {
  const { apix } = grid;
  const rows = blocks.map(({ id, voxels }) => {
    const { x, y, z } = centroid(voxels, grid.box);
    const centre = [x, y, z];
    const known: Grid | undefined = apix === undefined ? undefined : { ...grid, apix };
    const first = known && firstVoxel(known);
    const physical = first === undefined || apix === undefined ? ["", "", "", ""] : [
      (voxels.length * apix ** 3).toFixed(1),
      ...[first.x, first.y, first.z].map((from, i) => (from + apix * centre[i]!).toFixed(3)),
    ];
    return [id, voxels.length, ...physical, ...centre.map((value) => value.toFixed(3))];
  });
  const header = [
    "id",
    "voxels",
    "volume_A3",
    "x_A",
    "y_A",
    "z_A",
    "x_voxel",
    "y_voxel",
    "z_voxel",
  ];
  return [header, ...rows].map((cells) => cells.join(",") + "\n").join("");
}
