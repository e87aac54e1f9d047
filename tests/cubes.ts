/** An ensemble so plain that a test knows every voxel of it: cubes that come and go in a box of 10^3. */
import { encodeMap } from "../core/mrc/mod.ts";
import { random } from "../core/random.ts";

/** Side of the box. */
export const BOX = 10;
/** Number of maps. */
export const VOLUMES = 160;
/** Where the voxels lie: neither the origin nor the start is zero. */
export const GRID = {
  box: BOX,
  apix: 1.5,
  origin: { x: -12.5, y: 3, z: 40.25 },
  nstart: { x: -4, y: 0, z: 7 },
};

const SIDE = 3;

/** Flat indices of the cube whose first corner is (z, y, x), ascending. */
function cube(z: number, y: number, x: number): number[] {
  const voxels = [];
  for (let k = z; k < z + SIDE; k++) {
    for (let j = y; j < y + SIDE; j++) {
      for (let i = x; i < x + SIDE; i++) voxels.push((k * BOX + j) * BOX + i);
    }
  }
  return voxels;
}

/** A cube that is always there. */
export const CORE = cube(4, 4, 4);
/** Three cubes, each in about a quarter of the maps. */
export const CUBES = [cube(0, 0, 0), cube(0, 7, 6), cube(7, 1, 1)];

/** The densities of the maps: 1 where occupied, 0 elsewhere. */
export function cubeVolumes(): Float32Array<ArrayBuffer>[] {
  const rng = random(5);
  return Array.from({ length: VOLUMES }, () => {
    const volume = new Float32Array(BOX ** 3);
    for (const voxel of CORE) volume[voxel] = 1;
    for (const voxels of CUBES) {
      if (rng.uniform() < 0.25) { for (const voxel of voxels) volume[voxel] = 1; }
    }
    return volume;
  });
}

/** Writes the maps `vol_000.mrc` and so on, and gives the options of a run over them. */
export async function writeCubes(folder: string): Promise<{ voldir: string; bin: number }> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [k, volume] of cubeVolumes().entries()) {
    const name = `vol_${String(k).padStart(3, "0")}.mrc`;
    await Deno.writeFile(`${folder}/${name}`, encodeMap(volume, GRID));
  }
  return { voldir: folder, bin: 0.5 };
}
