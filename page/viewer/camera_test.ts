import assert from "node:assert";
import fc from "fast-check";
import {
  type Camera,
  depthRange,
  lookingAlong,
  type Matrix,
  moved,
  pixelsPerAngstrom,
  projectionMatrix,
  rayAt,
  turned,
  viewMatrix,
  zoomed,
} from "./camera.ts";

const ball = { middle: [100, 50, -20], radius: 80, whole: 120 } as const;

function times(matrix: Matrix, point: readonly number[]): number[] {
  return [0, 1, 2, 3].map((row) =>
    [...point, 1].reduce((sum, value, column) => sum + matrix[4 * column + row]! * value, 0)
  );
}

/** Where a point is on a canvas, -1 to 1 to the right and up, and its depth, -1 to 1. */
function onScreen(camera: Camera, point: readonly number[], width = 400, height = 400): number[] {
  const seen = times(viewMatrix(camera, ball), point).slice(0, 3);
  const clip = times(projectionMatrix(camera, ball, width, height), seen);
  return clip.slice(0, 3).map((value) => value / clip[3]!);
}

function near(actual: readonly number[], expected: readonly number[], by = 1e-5): void {
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]!) < by, `${actual} is not ${expected}`)
  );
}

Deno.test("looking along an axis shows the two others as the projections do, and the near side in front", () => {
  const [x, y, z] = ball.middle;
  const isRightAndUp = (axis: "x" | "y" | "z", right: number[], up: number[]) => {
    const camera = lookingAlong(axis);
    const [rx, ry] = onScreen(camera, right), [ux, uy] = onScreen(camera, up);
    assert.ok(rx! > 0.05 && Math.abs(ry!) < 1e-6 && uy! > 0.05 && Math.abs(ux!) < 1e-6, axis);
  };
  isRightAndUp("z", [x + 10, y, z], [x, y + 10, z]);
  isRightAndUp("y", [x + 10, y, z], [x, y, z + 10]);
  isRightAndUp("x", [x, y + 10, z], [x, y, z + 10]);
  // Never mirrored: what goes right, up and towards the viewer is right-handed.
  assert.ok(
    onScreen(lookingAlong("z"), [x, y, z + 10])[2]! < onScreen(lookingAlong("z"), [x, y, z])[2]!,
  );
  assert.ok(
    onScreen(lookingAlong("y"), [x, y - 10, z])[2]! < onScreen(lookingAlong("y"), [x, y, z])[2]!,
  );
  assert.ok(
    onScreen(lookingAlong("x"), [x + 10, y, z])[2]! < onScreen(lookingAlong("x"), [x, y, z])[2]!,
  );
});

Deno.test("a turn to the right takes the front to the right, and one down takes it down", () => {
  const front = [ball.middle[0], ball.middle[1], ball.middle[2] + 10];
  const [right, level] = onScreen(turned(lookingAlong("z"), 0.3, 0), front);
  assert.ok(right! > 0.01 && Math.abs(level!) < 1e-6);
  const [upright, down] = onScreen(turned(lookingAlong("z"), 0, 0.3), front);
  assert.ok(down! < -0.01 && Math.abs(upright!) < 1e-6);
});

Deno.test("axes stay unit vectors at right angles over many turns", () => {
  const angle = fc.double({ min: -4, max: 4, noNaN: true });
  fc.assert(fc.property(fc.array(fc.tuple(angle, angle), { maxLength: 200 }), (turns) => {
    const { axes } = turns.reduce((camera, [a, b]) => turned(camera, a, b), lookingAlong("y"));
    const row = (i: number) => axes.slice(3 * i, 3 * i + 3);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const dot = row(i).reduce((sum, value, k) => sum + value * row(j)[k]!, 0);
        assert.ok(Math.abs(dot - (i === j ? 1 : 0)) < 1e-9);
      }
    }
  }));
});

Deno.test("all of the ball is in view at first, on any canvas, and between the depths", () => {
  const angle = fc.double({ min: -3, max: 3, noNaN: true });
  const side = fc.integer({ min: 50, max: 3000 });
  fc.assert(fc.property(angle, angle, angle, side, side, (a, b, c, width, height) => {
    const camera = turned(lookingAlong("x"), a, b);
    const at = (radius: number) => [
      ball.middle[0] + radius * Math.cos(a) * Math.cos(c),
      ball.middle[1] + radius * Math.sin(a) * Math.cos(c),
      ball.middle[2] + radius * Math.sin(c),
    ];
    const [x, y] = onScreen(camera, at(ball.radius), width, height);
    assert.ok(Math.abs(x!) <= 1 && Math.abs(y!) <= 1);
    const depth = onScreen(camera, at(ball.whole), width, height)[2]!;
    assert.ok(depth > -1 && depth < 1, `depth ${depth}`);
  }));
  assert.ok(depthRange(ball).near > 0);
  assert.ok(depthRange({ ...ball, whole: 10_000 }).near > 0);
});

Deno.test("pixels per Angstrom are those of the ball's middle", () => {
  const camera = zoomed(lookingAlong("z"), 2.5), [x, y, z] = ball.middle;
  const [right] = onScreen(camera, [x + 1, y, z], 600, 400);
  assert.ok(Math.abs(right! * 300 - pixelsPerAngstrom(camera, ball, 600, 400)) < 1e-4);
});

Deno.test("what is under the pointer stays there when it is zoomed", () => {
  const camera = moved(turned(lookingAlong("z"), 0.4, 0.2), 11, -7);
  // A point in the plane of the ball's middle, 20 Angstrom right of the screen's middle and 30 up.
  const { axes } = camera;
  const point = ball.middle.map((value, i) =>
    value + (20 - camera.right) * axes[i]! + (30 - camera.up) * axes[3 + i]!
  );
  const zoomedIn = zoomed(camera, 3, 20, 30);
  near(onScreen(zoomedIn, point).slice(0, 2), onScreen(camera, point).slice(0, 2));
  assert.strictEqual(zoomedIn.zoom, 3);
});

Deno.test("zooming ends where nothing could be seen any more", () => {
  assert.ok(zoomed(lookingAlong("z"), 1e9).zoom < 100);
  assert.ok(zoomed(lookingAlong("z"), 1e-9).zoom > 0.1);
  const most = zoomed(lookingAlong("z"), 1e9);
  assert.deepStrictEqual(zoomed(most, 2, 5, 5), most);
});

Deno.test("all along a line of sight is at its place of the canvas", () => {
  const camera = zoomed(moved(turned(lookingAlong("y"), 0.9, -0.4), 14, 9), 1.7);
  const { from, along } = rayAt(camera, ball, 130, 260, 500, 300);
  for (const t of [450, 500, 600]) {
    const [x, y] = onScreen(camera, from.map((value, i) => value + t * along[i]!), 500, 300);
    near([x! * 250 + 250, 150 - y! * 150], [130, 260], 1e-3);
  }
});
