/**
 * Analytic phantoms: a core and blocks made of balls with soft edges.
 *
 * @module
 */
import { partBetween, type SparseDensity, toSparse } from "../atoms/sparse_density.ts";
import type { Grid } from "../mrc/grid.ts";
import type { Random } from "../random.ts";
import type { Model } from "./model.ts";

/** A ball. Positions and radius in Å. */
export interface Ball {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly radius: number;
}

/** The union of balls: 1 inside, 0 outside, a cosine edge as wide as the resolution across its surface. */
function ballDensity(balls: readonly Ball[], grid: Grid, resolution: number): SparseDensity {
  const { apix, origin } = grid;
  const half = resolution / 2;
  const bound = (corner: -1 | 1): [number, number, number] => {
    const outermost = corner === 1 ? Math.max : Math.min;
    const along = (axis: "x" | "y" | "z") =>
      outermost(...balls.map((ball) => ball[axis] + corner * (ball.radius + half)));
    return [along("x"), along("y"), along("z")];
  };
  const part = partBetween(grid, bound(-1), bound(1));
  const { start, size } = part;
  const density = new Float64Array(size[0] * size[1] * size[2]);
  let i = 0;
  for (let k = 0; k < size[2]; k++) {
    const z = origin.z + apix * (start[2] + k);
    for (let j = 0; j < size[1]; j++) {
      const y = origin.y + apix * (start[1] + j);
      for (let n = 0; n < size[0]; n++, i++) {
        const x = origin.x + apix * (start[0] + n);
        let depth = -Infinity;
        for (const ball of balls) {
          const distance = Math.hypot(x - ball.x, y - ball.y, z - ball.z);
          depth = Math.max(depth, ball.radius - distance);
        }
        if (depth >= half) density[i] = 1;
        else if (depth > -half) density[i] = 0.5 * (1 + Math.sin(Math.PI * depth / resolution));
      }
    }
  }
  return toSparse(grid.box, part, density);
}

/**
 * A model whose parts are unions of balls.
 *
 * @param core Balls of the core, at least one.
 * @param blocks Balls of each block, at least one each.
 */
export function ballModel(
  grid: Grid,
  core: readonly Ball[],
  blocks: readonly (readonly Ball[])[],
): Model {
  return {
    grid,
    blocks: blocks.length,
    render: (resolution) => [core, ...blocks].map((balls) => ballDensity(balls, grid, resolution)),
  };
}

/** A rotation matrix drawn evenly (Shoemake 1992, from a normalised quaternion), row-major. */
function drawRotation(rng: Random): readonly number[] {
  const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const norm = Math.hypot(...q);
  const [w, x, y, z] = q.map((c) => c / norm) as [number, number, number, number];
  // deno-fmt-ignore
  return [
    1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
    2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
    2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y),
  ];
}

/**
 * Draws a phantom: a round core in the middle of the box and K oblong blobs around it, evenly spread
 * (on a Fibonacci lattice turned at random) so that they hardly overlap. Sizes vary by 15 % each way.
 *
 * @param blocks Number of blocks, K, at least 1.
 */
export function phantom(grid: Grid, blocks: number, rng: Random): Model {
  const { box, apix, origin } = grid;
  const edge = box * apix;
  const middle = apix * (box - 1) / 2;
  const centre = { x: origin.x + middle, y: origin.y + middle, z: origin.z + middle };
  const coreRadius = 0.16 * edge;
  // Neighbours on a lattice of K points stand about 3.1 / sqrt(K) shell radii apart; 1.1 / 3.1 of that leaves room for the blobs' length.
  const share = 1.1 / Math.sqrt(blocks);
  const room = share < 0.4 ? coreRadius * share / (1 - share) : Infinity;
  const typical = Math.min(room, 0.1 * edge);

  const turn = drawRotation(rng);
  const rotate = (x: number, y: number, z: number) => ({
    x: turn[0]! * x + turn[1]! * y + turn[2]! * z,
    y: turn[3]! * x + turn[4]! * y + turn[5]! * z,
    z: turn[6]! * x + turn[7]! * y + turn[8]! * z,
  });
  const goldenAngle = Math.PI * (3 - Math.sqrt(5));
  const parts = Array.from({ length: blocks }, (_, k) => {
    const height = 1 - (2 * k + 1) / blocks;
    const width = Math.sqrt(1 - height * height);
    const angle = k * goldenAngle;
    const radius = typical * (0.85 + 0.3 * rng.uniform());
    const outward = rotate(width * Math.cos(angle), width * Math.sin(angle), height);
    // Two directions along the shell, turned by an angle of the blob's own.
    const east = rotate(-Math.sin(angle), Math.cos(angle), 0);
    const north = rotate(-height * Math.cos(angle), -height * Math.sin(angle), width);
    const heading = 2 * Math.PI * rng.uniform();
    const at = (along: number, size: number): Ball => {
      const shift = along * radius;
      const out = coreRadius + radius;
      const place = (axis: "x" | "y" | "z") =>
        centre[axis] + out * outward[axis] +
        shift * (Math.cos(heading) * east[axis] + Math.sin(heading) * north[axis]);
      return { x: place("x"), y: place("y"), z: place("z"), radius: size * radius };
    };
    return [at(0, 1), at(0.55, 0.7), at(-0.55, 0.7)];
  });
  return ballModel(grid, [{ ...centre, radius: coreRadius }], parts);
}
