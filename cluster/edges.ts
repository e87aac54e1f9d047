/**
 * The edges of the sketch graph.
 *
 * @module
 */
import type { SampledUnion } from "./volumes_file.ts";

/** Linked pairs of sampled voxels, as places in the sample with u < v, sorted by (u, v). */
export interface Edges {
  readonly u: Uint32Array<ArrayBuffer>;
  readonly v: Uint32Array<ArrayBuffer>;
  /** In how many volumes both are occupied. */
  readonly both: Uint16Array<ArrayBuffer>;
}

/** Edges as a shard has them: flat indices, `u` drawn before `v`, in any order. */
export interface EdgesOfShard {
  readonly u: Uint32Array;
  readonly v: Uint32Array;
  readonly both: Uint16Array;
}

/**
 * Puts the edges of all shards into the order of the sample. Takes time in proportion to edges and
 * sampled voxels, and at most 6 bytes an edge beside the shards' 10, as long as nothing else holds them.
 *
 * @param parts The shards' edges, 2^32 - 1 at most; they are taken out of the array as they are read.
 * @param union Whose sample it is.
 * @returns 10 bytes an edge.
 */
export function sortEdges(parts: EdgesOfShard[], union: SampledUnion): Edges {
  const placeOf = new Uint32Array(union.box ** 3);
  union.sampled.forEach((row, i) => placeOf[union.flat[row]!] = i);
  const n = union.sampled.length;
  /** Where the edges of each place begin, by either end; moved on as they are written. */
  const startsU = new Uint32Array(n + 1), startsV = new Uint32Array(n + 1);
  for (const { u, v } of parts) {
    for (let i = 0; i < u.length; i++) {
      startsU[placeOf[u[i]!]! + 1]!++;
      startsV[placeOf[v[i]!]! + 1]!++;
    }
  }
  for (let i = 0; i < n; i++) {
    startsU[i + 1]! += startsU[i]!;
    startsV[i + 1]! += startsV[i]!;
  }

  // Two stable counting sorts, by v and then by u. Between them, v is told by the place.
  const byV = scatterByV(parts, placeOf, startsV);
  const count = byV.u.length;
  const v = new Uint32Array(count), both = new Uint16Array(count);
  // Now each entry of startsV is where the edges of its v end.
  for (let place = 0, i = 0; place < n; place++) {
    for (; i < startsV[place]!; i++) {
      const to = startsU[byV.u[i]!]!++;
      v[to] = place;
      both[to] = byV.both[i]!;
    }
  }
  const u = byV.u; // read for the last time: it has the length that is wanted
  for (let place = 0, i = 0; place < n; place++) {
    while (i < startsU[place]!) u[i++] = place;
  }
  return { u, v, both };
}

/** Sorts edges by `v`, and takes the parts out of their array. */
function scatterByV(parts: EdgesOfShard[], placeOf: Uint32Array, starts: Uint32Array) {
  const count = starts.at(-1)!;
  const u = new Uint32Array(count), both = new Uint16Array(count);
  parts.reverse();
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    for (let i = 0; i < part.u.length; i++) {
      const to = starts[placeOf[part.v[i]!]!]!++;
      u[to] = placeOf[part.u[i]!]!;
      both[to] = part.both[i]!;
    }
  }
  return { u, both };
}
