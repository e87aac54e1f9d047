/**
 * Closed, smooth surfaces of sets of voxels.
 *
 * @module
 */
import { fanOf } from "./corners.ts";

/** A closed surface. Lengths are in voxels; voxel (x, y, z) has its middle at (x, y, z). */
export interface Surface {
  /** x, y, z of each vertex: length 3 V. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** Unit vectors that point out of the set: length 3 V. */
  readonly normals: Float32Array<ArrayBuffer>;
  /** Three vertices of each triangle, counter-clockwise as seen from outside. */
  readonly triangles: Uint32Array<ArrayBuffer>;
}

/** Rounds of smoothing, and of that after the faces have been divided. */
const ROUNDS = 24, FINE_ROUNDS = 4;
/** Share of a part's volume that it may lack or have too much, and rounds in which it is brought there. */
const NEAR = 0.005, MOST_RESTORED = 6;
/** Most faces that are divided into four each, which rounds off what is small. */
const MOST_DIVIDED = 5000;
/** G. Taubin, "A signal processing approach to fair surface design" (1995): one step in, one a bit further out. */
const STEP_IN = 0.63, STEP_OUT = -0.645;
/** How far smoothing may take a vertex from the corner of voxels that it came from, along each axis. */
const REACH = 1.25;

/**
 * The surface of a set of voxels. Where voxels touch in no more than an edge or a corner it keeps them apart,
 * so each of its edges belongs to two triangles. It is smoothed, and then every part of it that hangs together
 * is blown up until it encloses as much as its voxels did: single voxels stay to be seen.
 *
 * @param voxels Flat indices (z * box + y) * box + x, none twice, in any order.
 * @param box Side of the grid in voxels. Voxels at its edge are closed off too.
 */
export function surfaceOf(voxels: ArrayLike<number>, box: number): Surface {
  let faces = facesOf(voxels, box);
  let positions = Float32Array.from(faces.corners);
  smooth(positions, faces, ROUNDS);
  if (faces.starts.length <= MOST_DIVIDED) {
    const fine = divide(faces);
    positions = interpolate(positions, faces, fine);
    smooth(positions, fine, FINE_ROUNDS);
    faces = fine;
  }
  const triangles = triangulate(positions, faces);
  restoreVolumes(positions, faces, triangles);
  return { positions, normals: normalsOf(positions, triangles, faces), triangles };
}

/** Exposed faces of voxels. */
interface Faces {
  /** Where each vertex is before it is smoothed: length 3 V. */
  readonly corners: Float32Array;
  /** Vertices of the faces' outlines, one face after the other, counter-clockwise as seen from outside. */
  readonly outlines: Uint32Array;
  /** The vertex that follows each in its outline. */
  readonly ends: Uint32Array;
  /** Where the outline of each face begins, and where the last one ends: length F + 1. */
  readonly starts: Uint32Array;
}

function facesOf(voxels: ArrayLike<number>, box: number): Faces {
  const { low, size } = boundsOf(voxels, box);
  // One layer of empty voxels around; corners are numbered as the voxel whose lower corner they are.
  const steps = [1, size[0]!, size[0]! * size[1]!];
  const count = size[0]! * size[1]! * size[2]!;
  const isIn = new Uint8Array(count);
  const first = new Int32Array(count).fill(-1), configurations = new Uint8Array(count);
  const places = Uint32Array.from(voxels, (voxel) => {
    const x = voxel % box - low[0]!, y = Math.floor(voxel / box) % box - low[1]!;
    return x + y * steps[1]! + (Math.floor(voxel / box / box) - low[2]!) * steps[2]!;
  });
  for (const place of places) isIn[place] = 1;

  const corners: number[] = [], outlines: number[] = [], starts: number[] = [];
  const addVertex = (corner: number, axis: number, shift: number) => {
    const x = corner % size[0]!, y = Math.floor(corner / steps[1]!) % size[1]!;
    corners.push(x + low[0]! - 0.5, y + low[1]! - 0.5);
    corners.push(Math.floor(corner / steps[2]!) + low[2]! - 0.5);
    corners[corners.length - 3 + axis]! += shift;
    return corners.length / 3 - 1;
  };
  const vertexAt = (corner: number, voxel: number, axis: number) => {
    if (first[corner]! < 0) {
      let configuration = 0, fans = 0;
      for (let i = 0; i < 8; i++) {
        const x = 1 - (i & 1), y = 1 - (i >> 1 & 1), z = 1 - (i >> 2);
        configuration |= isIn[corner - x - y * steps[1]! - z * steps[2]!]! << i;
      }
      configurations[corner] = configuration;
      for (let i = 0; i < 8; i++) {
        for (let a = 0; a < 3; a++) {
          const exposed = (configuration >> i & 1) === 1 &&
            (configuration >> (i ^ 1 << a) & 1) === 0;
          if (exposed) fans = Math.max(fans, fanOf(configuration, i, a) + 1);
        }
      }
      first[corner] = corners.length / 3;
      for (let fan = 0; fan < fans; fan++) addVertex(corner, 0, 0);
    }
    return first[corner]! + fanOf(configurations[corner]!, voxel, axis);
  };
  // Where all four faces around an edge are exposed, two pairs of them meet there: each pair has a vertex of
  // its own in the middle of the edge, or both could end in the same two vertices.
  const middles = new Map<number, number>();
  const middleOf = (corner: number, axis: number, high: number) => {
    const key = (corner * 3 + axis) * 2 + high;
    const vertex = middles.get(key) ?? addVertex(corner, axis, 0.5);
    middles.set(key, vertex);
    return vertex;
  };

  for (const place of places) {
    for (let axis = 0; axis < 3; axis++) {
      for (let side = 0; side < 2; side++) {
        const out = side === 1 ? steps[axis]! : -steps[axis]!;
        if (isIn[place + out] === 1) continue;
        starts.push(outlines.length);
        const u = (axis + 1) % 3, v = (axis + 2) % 3;
        for (let k = 0; k < 4; k++) {
          // Counter-clockwise from above: (0, 0), (1, 0), (1, 1), (0, 1).
          const turn = side === 1 ? k : 3 - k;
          const atU = turn === 1 || turn === 2 ? 1 : 0, atV = turn >> 1;
          const corner = place + side * steps[axis]! + atU * steps[u]! + atV * steps[v]!;
          const around = (1 - side) << axis | (1 - atU) << u | (1 - atV) << v;
          outlines.push(vertexAt(corner, around, axis));
          // The edge from here to the next corner, and the side of the face that it lies on.
          const edge = (side === 1 ? turn : (turn + 3) % 4) % 4;
          const along = edge % 2 === 0 ? u : v, across = edge % 2 === 0 ? v : u;
          const high = edge === 1 || edge === 2 ? 1 : 0;
          const beside = high === 1 ? steps[across]! : -steps[across]!;
          if (isIn[place + beside] === 1 || isIn[place + out + beside] === 0) continue;
          const start = place + side * steps[axis]! + high * steps[across]!;
          // Of the two voxels of the set around the edge, one is the higher one along this axis.
          const upper = (along + 1) % 3 === axis ? 1 - side : 1 - high;
          outlines.push(middleOf(start, along, upper));
        }
      }
    }
  }
  starts.push(outlines.length);
  return {
    corners: new Float32Array(corners),
    outlines: new Uint32Array(outlines),
    ends: endsOf(outlines, starts),
    starts: new Uint32Array(starts),
  };
}

/** The least box around voxels, with a layer of empty voxels below and two above. */
function boundsOf(voxels: ArrayLike<number>, box: number): { low: number[]; size: number[] } {
  const low = [box, box, box], high = [0, 0, 0];
  for (let i = 0; i < voxels.length; i++) {
    const voxel = voxels[i]!;
    const at = [voxel % box, Math.floor(voxel / box) % box, Math.floor(voxel / box / box)];
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis]!, at[axis]!);
      high[axis] = Math.max(high[axis]!, at[axis]!);
    }
  }
  const size = low.map((from, axis) => Math.max(0, high[axis]! - from) + 3);
  return { low: low.map((from) => from - 1), size };
}

/** For each edge of the outlines, in the direction of its face, the vertex that it leads to. */
function endsOf(outlines: ArrayLike<number>, starts: ArrayLike<number>): Uint32Array {
  const ends = new Uint32Array(outlines.length);
  for (let face = 0; face + 1 < starts.length; face++) {
    const start = starts[face]!, end = starts[face + 1]!;
    for (let i = start; i + 1 < end; i++) ends[i] = outlines[i + 1]!;
    ends[end - 1] = outlines[start]!;
  }
  return ends;
}

/** Sums over the neighbours of each vertex: every edge is in two outlines, once in each direction. */
function aroundEach(values: Float32Array, { outlines, ends }: Faces, sums: Float32Array): void {
  sums.fill(0);
  for (let i = 0; i < ends.length; i++) {
    const from = 3 * outlines[i]!, to = 3 * ends[i]!;
    sums[from]! += values[to]!;
    sums[from + 1]! += values[to + 1]!;
    sums[from + 2]! += values[to + 2]!;
  }
}

/** Divides each face into one for each of its corners, around new vertices in its middle and its edges'. */
function divide(faces: Faces): Faces {
  const { outlines, ends, starts } = faces;
  const vertices = faces.corners.length / 3, count = starts.length - 1;
  const middles = new Map<number, number>();
  // The middle of each edge, by where its outlines have it.
  const middleOf = Uint32Array.from(outlines, (from, i) => {
    const to = ends[i]!, key = Math.min(from, to) * vertices + Math.max(from, to);
    const middle = middles.get(key) ?? vertices + count + middles.size;
    middles.set(key, middle);
    return middle;
  });
  const fine = new Uint32Array(4 * outlines.length);
  for (let face = 0; face < count; face++) {
    const start = starts[face]!, end = starts[face + 1]!;
    for (let i = start; i < end; i++) {
      const before = i > start ? i - 1 : end - 1;
      fine[4 * i] = outlines[i]!;
      fine[4 * i + 1] = middleOf[i]!;
      fine[4 * i + 2] = vertices + face;
      fine[4 * i + 3] = middleOf[before]!;
    }
  }
  const fineStarts = Uint32Array.from({ length: outlines.length + 1 }, (_, i) => 4 * i);
  return {
    corners: interpolate(faces.corners, faces, { outlines: fine }),
    outlines: fine,
    ends: endsOf(fine, fineStarts),
    starts: fineStarts,
  };
}

/** Where the vertices of divided faces are: new ones halfway between, or amid, the old ones. */
function interpolate(
  positions: Float32Array,
  { outlines, ends, starts }: Faces,
  fine: Pick<Faces, "outlines">,
): Float32Array<ArrayBuffer> {
  const most = fine.outlines.reduce((most, vertex) => Math.max(most, vertex), -1);
  const result = new Float32Array(3 * (most + 1));
  result.set(positions);
  for (let face = 0; face + 1 < starts.length; face++) {
    const start = starts[face]!, end = starts[face + 1]!;
    for (let i = start; i < end; i++) {
      const from = 3 * outlines[i]!, to = 3 * ends[i]!;
      const edge = 3 * fine.outlines[4 * i + 1]!, middle = 3 * fine.outlines[4 * i + 2]!;
      for (let axis = 0; axis < 3; axis++) {
        result[edge + axis] = (positions[from + axis]! + positions[to + axis]!) / 2;
        result[middle + axis]! += positions[from + axis]! / (end - start);
      }
    }
  }
  return result;
}

function smooth(positions: Float32Array, faces: Faces, rounds: number): void {
  const degrees = new Uint8Array(positions.length / 3), sums = new Float32Array(positions.length);
  for (const vertex of faces.outlines) degrees[vertex]!++;
  for (let round = 0; round < 2 * rounds; round++) {
    aroundEach(positions, faces, sums);
    const step = round % 2 === 0 ? STEP_IN : STEP_OUT;
    for (let vertex = 0, i = 0; vertex < degrees.length; vertex++) {
      for (let axis = 0; axis < 3; axis++, i++) {
        const mean = sums[i]! / degrees[vertex]!, corner = faces.corners[i]!;
        const moved = positions[i]! + step * (mean - positions[i]!);
        positions[i] = Math.min(corner + REACH, Math.max(corner - REACH, moved));
      }
    }
  }
}

/** Moves each part of the surface along its normals until it encloses what it did before it was smoothed. */
function restoreVolumes(positions: Float32Array, faces: Faces, triangles: Uint32Array): void {
  const parts = partsOf(positions.length / 3, faces);
  const wanted = measure(faces.corners, triangles, parts).volumes;
  for (let round = 0; round < MOST_RESTORED; round++) {
    const { volumes, areas } = measure(positions, triangles, parts);
    const isNear = (volume: number, part: number) =>
      Math.abs(volume - wanted[part]!) <= NEAR * Math.abs(wanted[part]!);
    if (volumes.every(isNear)) break;
    const normals = normalsOf(positions, triangles, faces);
    for (let vertex = 0, i = 0; vertex < parts.length; vertex++) {
      const part = parts[vertex]!;
      const missing = (wanted[part]! - volumes[part]!) / areas[part]!;
      const step = Math.max(-0.4, Math.min(0.4, missing));
      for (let axis = 0; axis < 3; axis++, i++) positions[i]! += normals[i]! * step;
    }
  }
}

/** For each vertex, one vertex of the part that it belongs to, the same for all of that part. */
function partsOf(vertices: number, { outlines, ends }: Faces): Uint32Array {
  const parent = Uint32Array.from({ length: vertices }, (_, vertex) => vertex);
  const root = (vertex: number) => {
    while (parent[vertex] !== vertex) {
      parent[vertex] = parent[parent[vertex]!]!;
      vertex = parent[vertex]!;
    }
    return vertex;
  };
  for (let i = 0; i < ends.length; i++) parent[root(outlines[i]!)] = root(ends[i]!);
  return parent.map(root);
}

/** What each part encloses, less than 0 for a hole, and its area. */
function measure(positions: Float32Array, triangles: Uint32Array, parts: Uint32Array) {
  const volumes = new Float64Array(parts.length), areas = new Float64Array(parts.length);
  for (let i = 0; i < triangles.length; i += 3) {
    const part = parts[triangles[i]!]!, a = 3 * triangles[i]!;
    const [x, y, z] = crossAt(positions, triangles, i);
    volumes[part]! += (positions[a]! * x + positions[a + 1]! * y + positions[a + 2]! * z) / 6;
    areas[part]! += Math.sqrt(x * x + y * y + z * z) / 2;
  }
  return { volumes, areas };
}

/** A vector out of a triangle, twice as long as its area. */
function crossAt(p: Float32Array, triangles: Uint32Array, i: number): [number, number, number] {
  const a = 3 * triangles[i]!, b = 3 * triangles[i + 1]!, c = 3 * triangles[i + 2]!;
  const ux = p[b]! - p[a]!, uy = p[b + 1]! - p[a + 1]!, uz = p[b + 2]! - p[a + 2]!;
  const vx = p[c]! - p[a]!, vy = p[c + 1]! - p[a + 1]!, vz = p[c + 2]! - p[a + 2]!;
  return [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
}

/**
 * Cuts faces into triangles: from a corner that came from the middle of an edge, which two faces may share with
 * both its neighbours, or else along the shorter diagonal.
 */
function triangulate(
  positions: Float32Array,
  { outlines, starts, corners }: Faces,
): Uint32Array<ArrayBuffer> {
  const faces = starts.length - 1;
  const triangles = new Uint32Array(3 * (outlines.length - 2 * faces));
  const squareBetween = (a: number, b: number) => {
    const x = positions[3 * a]! - positions[3 * b]!;
    const y = positions[3 * a + 1]! - positions[3 * b + 1]!;
    const z = positions[3 * a + 2]! - positions[3 * b + 2]!;
    return x * x + y * y + z * z;
  };
  for (let face = 0, t = 0; face < faces; face++) {
    const start = starts[face]!, sides = starts[face + 1]! - start;
    const at = (i: number) => outlines[start + i % sides]!;
    let from = 0;
    if (sides > 4) { while (!isMiddle(corners, at(from))) from++; }
    else if (squareBetween(at(0), at(2)) > squareBetween(at(1), at(3))) {
      from = isMiddle(corners, at(0)) ? 0 : 1;
    }
    for (let i = 1; i + 1 < sides; i++) {
      triangles[t++] = at(from);
      triangles[t++] = at(from + i);
      triangles[t++] = at(from + i + 1);
    }
  }
  return triangles;
}

/** Whether a vertex came from no corner of voxels: those lie halfway between whole numbers along each axis. */
function isMiddle(corners: Float32Array, vertex: number): boolean {
  return corners[3 * vertex]! % 1 === 0 || corners[3 * vertex + 1]! % 1 === 0 ||
    corners[3 * vertex + 2]! % 1 === 0;
}

function normalsOf(
  positions: Float32Array,
  triangles: Uint32Array,
  faces: Faces,
): Float32Array<ArrayBuffer> {
  const sums = new Float32Array(positions.length), normals = new Float32Array(positions.length);
  for (let i = 0; i < triangles.length; i += 3) {
    const cross = crossAt(positions, triangles, i);
    for (let k = 0; k < 3; k++) {
      for (let axis = 0; axis < 3; axis++) sums[3 * triangles[i + k]! + axis]! += cross[axis]!;
    }
  }
  // The mean with the neighbours' hides what smoothing left of the voxels.
  aroundEach(sums, faces, normals);
  for (let i = 0; i < sums.length; i += 3) {
    const x = sums[i]! + normals[i]!, y = sums[i + 1]! + normals[i + 1]!;
    const z = sums[i + 2]! + normals[i + 2]!, length = Math.sqrt(x * x + y * y + z * z);
    // Cancelled out, as in a part that is as thin as nothing: any direction is as good.
    normals[i] = length > 0 ? x / length : 1;
    normals[i + 1] = length > 0 ? y / length : 0;
    normals[i + 2] = length > 0 ? z / length : 0;
  }
  return normals;
}
