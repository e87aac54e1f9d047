/**
 * How the surface of a set of voxels goes through a corner where eight voxels meet: the table that keeps
 * surfaces apart where voxels touch in no more than an edge or a corner.
 *
 * A face is exposed where a voxel of the set lies beside one that is not. The exposed faces around a corner
 * fall into fans, each of which is one vertex of the surface. Two faces that share an edge belong to the same
 * fan, but where all four around an edge are exposed, a face only goes on into the other of its own voxel:
 * that makes them surfaces of voxels linked by faces. It is the table of G. M. Nielson, "Dual marching cubes"
 * (2004), computed.
 *
 * @module
 */

/** Fans of a corner by its configuration and face: see {@linkcode fanOf}. */
const FANS = makeFans();

/**
 * The fan that a face belongs to at a corner.
 *
 * @param configuration Bit i says whether voxel i around the corner is of the set; bit 0 of i is its side in
 *   x, bit 1 in y, bit 2 in z.
 * @param voxel The voxel of the set whose face it is, 0 to 7.
 * @param axis The axis across which the face's other voxel lies: 0 x, 1 y, 2 z.
 * @returns 0 to 3.
 */
export function fanOf(configuration: number, voxel: number, axis: number): number {
  return FANS[configuration * 24 + voxel * 3 + axis]!;
}

function makeFans(): Uint8Array {
  const fans = new Uint8Array(256 * 24);
  for (let configuration = 0; configuration < 256; configuration++) {
    const isIn = (voxel: number) => (configuration >> voxel & 1) === 1;
    const parent = Array.from({ length: 24 }, (_, face) => face);
    const root = (face: number): number => parent[face] === face ? face : root(parent[face]!);
    const exposed: number[] = [];
    for (let voxel = 0; voxel < 8; voxel++) {
      for (let axis = 0; axis < 3; axis++) {
        if (!isIn(voxel) || isIn(voxel ^ 1 << axis)) continue;
        exposed.push(voxel * 3 + axis);
        // Over each of the face's two edges at this corner.
        for (const side of [(axis + 1) % 3, (axis + 2) % 3]) {
          const beside = voxel ^ 1 << side, across = beside ^ 1 << axis;
          const next = !isIn(beside)
            ? voxel * 3 + side
            : !isIn(across)
            ? beside * 3 + axis
            : across * 3 + side;
          parent[root(voxel * 3 + axis)] = root(next);
        }
      }
    }
    const roots = [...new Set(exposed.map(root))];
    for (const face of exposed) fans[configuration * 24 + face] = roots.indexOf(root(face));
  }
  return fans;
}
