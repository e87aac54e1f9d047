import assert from "node:assert";
import fc from "fast-check";
import { type Surface, surfaceOf } from "./surface.ts";

/** Voxels of a box that a condition holds for. */
function voxelsWhere(box: number, isIn: (x: number, y: number, z: number) => boolean): number[] {
  const voxels: number[] = [];
  for (let voxel = 0; voxel < box ** 3; voxel++) {
    const x = voxel % box, y = Math.floor(voxel / box) % box, z = Math.floor(voxel / box / box);
    if (isIn(x, y, z)) voxels.push(voxel);
  }
  return voxels;
}

function ball(box: number, radius: number): number[] {
  const middle = (box - 1) / 2;
  return voxelsWhere(box, (x, y, z) => Math.hypot(x - middle, y - middle, z - middle) <= radius);
}

type Vector = [number, number, number];

function corner({ positions, triangles }: Surface, i: number): Vector {
  const at = 3 * triangles[i]!;
  return [positions[at]!, positions[at + 1]!, positions[at + 2]!];
}

function cross([a, b, c]: Vector, [d, e, f]: Vector): Vector {
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** What a surface encloses, and its area. */
function measure(surface: Surface): { volume: number; area: number } {
  let volume = 0, area = 0;
  for (let i = 0; i < surface.triangles.length; i += 3) {
    const a = corner(surface, i), b = corner(surface, i + 1), c = corner(surface, i + 2);
    const out = cross(minus(b, a), minus(c, a));
    volume += dot(a, out) / 6;
    area += Math.hypot(...out) / 2;
  }
  return { volume, area };
}

/** Checks that each edge belongs to two triangles, which run along it in opposite directions. */
function checkClosed({ triangles }: Surface): void {
  const edges = new Map<string, number>();
  for (let i = 0; i < triangles.length; i += 3) {
    for (const [from, to] of [[0, 1], [1, 2], [2, 0]] as const) {
      const edge = `${triangles[i + from]} ${triangles[i + to]}`;
      edges.set(edge, (edges.get(edge) ?? 0) + 1);
    }
  }
  for (const [edge, count] of edges) {
    const [from, to] = edge.split(" ");
    assert.strictEqual(count, 1, `edge ${edge}`);
    assert.strictEqual(edges.get(`${to} ${from}`), 1, `edge ${to} ${from}`);
  }
}

Deno.test("a ball has the area and the volume of a ball, and normals that point out", () => {
  const box = 40, radius = 16, voxels = ball(box, radius);
  const surface = surfaceOf(voxels, box);
  checkClosed(surface);
  const { volume, area } = measure(surface);
  assert.ok(
    Math.abs(volume / voxels.length - 1) < 0.02,
    `volume ${volume}, ${voxels.length} voxels`,
  );
  assert.ok(Math.abs(area / (4 * Math.PI * radius ** 2) - 1) < 0.02, `area ${area}`);
  for (let i = 0; i < surface.positions.length; i += 3) {
    const out = minus([...surface.positions.subarray(i, i + 3)] as Vector, [19.5, 19.5, 19.5]);
    const normal = [...surface.normals.subarray(i, i + 3)] as Vector;
    const length = Math.hypot(...out);
    assert.ok(Math.abs(length - radius) < 0.75, `${length} from the middle`);
    assert.ok(dot(out, normal) / length > 0.9, `normal ${normal} at ${out}`);
    assert.ok(Math.abs(Math.hypot(...normal) - 1) < 1e-5);
  }
});

Deno.test("surfaces are smoother than voxels: a slope has none of its steps", () => {
  const box = 30;
  const surface = surfaceOf(voxelsWhere(box, (x, _y, z) => z <= 10 + x / 4), box);
  let most = 0;
  for (let i = 0; i < surface.positions.length; i += 3) {
    const [x, y, z] = surface.positions.subarray(i, i + 3) as unknown as Vector;
    const isAmid = x > 6 && x < 23 && y > 6 && y < 23 && z > 5;
    if (isAmid) most = Math.max(most, Math.abs(z - (10.5 + (x - 1.5) / 4)));
  }
  assert.ok(most > 0 && most < 0.25, `up to ${most} voxels off`);
});

Deno.test("single voxels stay to be seen, and enclose what they did", () => {
  for (const voxels of [[0], [0, 2], [124], [0, 6], [0, 31], [0, 1, 2, 3]]) {
    const surface = surfaceOf(voxels, 5);
    checkClosed(surface);
    const { volume } = measure(surface);
    assert.ok(Math.abs(volume / voxels.length - 1) < 0.06, `${voxels}: ${volume}`);
  }
});

Deno.test("no voxels have no surface", () => {
  assert.deepStrictEqual(surfaceOf([], 64), {
    positions: new Float32Array(),
    normals: new Float32Array(),
    triangles: new Uint32Array(),
  });
});

Deno.test("a whole box is closed at its edges, and a hole in it faces inwards", () => {
  const box = 9, full = voxelsWhere(box, () => true);
  const whole = surfaceOf(full, box);
  checkClosed(whole);
  const hollow = surfaceOf(full.filter((voxel) => voxel !== (4 * 9 + 4) * 9 + 4), box);
  checkClosed(hollow);
  assert.ok(Math.abs(measure(whole).volume - 729) < 5);
  const isNear = (i: number) => corner(hollow, i).every((value) => Math.abs(value - 4) < 2);
  const triangles = hollow.triangles.filter((_, i) => isNear(i - i % 3));
  const { volume } = measure({ ...hollow, triangles });
  assert.ok(Math.abs(volume + 1) < 0.06, `a hole of ${volume}`);
});

Deno.test("the surfaces of any voxels are closed, in any order of the voxels, and as large as they are", () => {
  const box = 5;
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(box ** 3 - 1), { maxLength: 100 }), (voxels) => {
      const surface = surfaceOf(voxels, box);
      checkClosed(surface);
      for (const value of surface.positions) assert.ok(value > -3 && value < box + 2, `${value}`);
      assert.ok(surface.normals.every(Number.isFinite));
      const vertices = surface.positions.length / 3;
      assert.ok(surface.triangles.every((vertex) => vertex < vertices));
      const reversed = surfaceOf(voxels.toReversed(), box);
      assert.strictEqual(reversed.positions.length, surface.positions.length);
    }),
    { numRuns: 60 },
  );
});

Deno.test("large sets are not divided", () => {
  const voxels = ball(64, 24), { positions, triangles } = surfaceOf(voxels, 64);
  // Euler: a ball has two more vertices and triangles than edges, of which there are 1.5 for each triangle.
  assert.strictEqual(positions.length / 3 - triangles.length / 6, 2);
  assert.ok(positions.length / 3 < 12_000);
});
