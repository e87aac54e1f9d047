import assert from "node:assert";
import { decode } from "fast-png";
import { blockGraph, type GraphBlock } from "../graph/block_graph.ts";
import { buildCsr } from "../graph/csr.ts";
import { palette } from "./colours.ts";
import { encodePng, formatSvg, type Item } from "./drawing.ts";
import { graphPicture, MAX_DOTS } from "./graph_picture.ts";

/** Blocks of the given sizes with the given links between their first nodes. */
function graphOf(sizes: readonly number[], links: readonly (readonly [number, number])[] = []) {
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const colours = palette(sizes.length);
  const blocks = sizes.map((size, i): GraphBlock => ({
    id: 10 + i,
    nodes: Array.from({ length: size }, (_, k) => starts[i]! + k),
    voxels: size,
    x: 0,
    y: 0,
    z: 0,
    meanOccupancy: 0.5,
    colour: colours[i]!,
  }));
  const u = Uint32Array.from(links, ([a]) => starts[a]!);
  const v = Uint32Array.from(links, ([, b]) => starts[b]!);
  return blockGraph(blocks, buildCsr(sizes.reduce((a, b) => a + b, 0), u, v));
}

function dotsOf(items: readonly Item[]) {
  return items.filter((item) => item.kind === "dots");
}
function textsOf(items: readonly Item[]) {
  return items.flatMap((item) => item.kind === "text" ? [item.text] : []);
}

Deno.test("graphPicture: a dot for each voxel, grey ones outside, a line for each link", () => {
  const { items } = graphPicture(graphOf([30, 8, 5], [[0, 1], [1, 2]]), 7);
  const [strays, ...clusters] = dotsOf(items);
  assert.strictEqual(strays!.centres.length / 2, 7);
  assert.deepStrictEqual(clusters.map(({ centres }) => centres.length / 2), [30, 8, 5]);
  assert.deepStrictEqual(clusters.map(({ colour }) => colour), palette(3));
  const widths = items.flatMap((item) => item.kind === "line" ? [item.width] : []);
  // Densities 1/240 and 1/40: the widest is drawn last.
  assert.deepStrictEqual(widths.map((w) => w.toFixed(3)), [(16 / 6).toFixed(3), "16.000"]);
  assert.deepStrictEqual(textsOf(items), [
    ...["10", "11", "12"],
    "sketch graph: 3 blocks, 50 linked voxels",
    "a dot is 1 voxel, a cluster a block; around them, in grey, 7 voxels in no block",
    "a line is as wide as the links between two blocks are dense (widest: 0.025)",
  ]);
});

Deno.test("graphPicture: no two dots touch, and all lie within the picture", () => {
  const sizes = [120, 1, 2, 40, 77, 6, 6, 300, 15];
  const picture = graphPicture(graphOf(sizes, [[0, 1], [0, 3], [4, 7], [7, 8], [5, 6]]), 90);
  const points = dotsOf(picture.items).flatMap(({ centres, radius }) =>
    Array.from({ length: centres.length / 2 }, (_, i) => {
      return { x: centres[2 * i]!, y: centres[2 * i + 1]!, radius };
    })
  );
  assert.strictEqual(points.length, 567 + 90);
  for (const [i, a] of points.entries()) {
    assert.ok(a.x > a.radius && a.x < picture.width - a.radius);
    assert.ok(a.y > a.radius && a.y < picture.height - a.radius);
    for (const b of points.slice(0, i)) {
      assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 1.5 * a.radius, `${a.x} ${a.y}`);
    }
  }
});

Deno.test("graphPicture: a large graph has a bounded number of dots, and says so", () => {
  const { items } = graphPicture(graphOf([60000, 25000, 3]), 15000);
  const counts = dotsOf(items).map(({ centres }) => centres.length / 2);
  // 100,003 voxels, 17 to a dot.
  assert.deepStrictEqual(counts, [15000, 60000, 25000, 3].map((n) => Math.ceil(n / 17)));
  assert.ok(counts.reduce((a, b) => a + b, 0) <= MAX_DOTS + counts.length);
  assert.ok(textsOf(items).some((text) => text.startsWith("a dot is 17 voxels,")));
});

Deno.test("graphPicture: the same graph gives the same picture", () => {
  const links = [[0, 1], [1, 2], [3, 4], [0, 4]] as const;
  const draw = () => formatSvg(graphPicture(graphOf([20, 9, 30, 14, 6], links), 12));
  assert.strictEqual(draw(), draw());
});

Deno.test("graphPicture: linked blocks lie nearer to each other than to the others", () => {
  const links = [[0, 1], [2, 3], [4, 5]] as const;
  const { items } = graphPicture(graphOf([12, 12, 12, 12, 12, 12], links), 0);
  const middles = dotsOf(items).slice(1).map(({ centres }) => {
    const xs = centres.filter((_, i) => i % 2 === 0), ys = centres.filter((_, i) => i % 2 === 1);
    return [
      xs.reduce((a, b) => a + b) / xs.length,
      ys.reduce((a, b) => a + b) / ys.length,
    ] as const;
  });
  for (const [i, a] of middles.entries()) {
    const away = middles.map((b) => Math.hypot(a[0] - b[0], a[1] - b[1]));
    const nearest = away.indexOf(Math.min(...away.filter((d) => d > 0)));
    assert.strictEqual(nearest, i ^ 1);
  }
});

Deno.test("graphPicture: no blocks, one block, a block without sampled voxels", () => {
  for (const sizes of [[], [1], [4, 0]]) {
    const picture = graphPicture(graphOf(sizes), 0);
    const png = decode(encodePng(picture));
    assert.deepStrictEqual([png.width, png.height], [picture.width, picture.height]);
    assert.ok(!formatSvg(picture).includes("NaN"));
  }
  assert.deepStrictEqual(textsOf(graphPicture(graphOf([]), 0).items), [
    "sketch graph: 0 blocks, 0 linked voxels",
    "a dot is 1 voxel, a cluster a block",
    "no links between blocks",
  ]);
});
