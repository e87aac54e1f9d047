import assert from "node:assert";
import { decode } from "fast-png";
import { encodePng, formatSvg, type Item, type RasterItem } from "./drawing.ts";
import { allBlocksPicture, blockPicture, scenery } from "./pictures.ts";

const box = 8, apix = 10;
const at = (x: number, y: number, z: number) => (z * box + y) * box + x;

/** A slab of consensus at y 0 to 3. */
const consensus = Float32Array.from(
  { length: box ** 3 },
  (_, i) => Math.floor(i / box) % box < 4 ? 1 : -1,
);
const scene = scenery(consensus, box, apix);
const few = { id: 3, voxels: [at(1, 1, 1), at(1, 1, 2)], colour: "#d55e00" };
const many = { id: 12, voxels: [at(1, 1, 5), at(1, 1, 6), at(1, 1, 7)], colour: "#0072b2" };

function rasters(items: readonly Item[]): RasterItem[] {
  return items.filter((item) => item.kind === "raster");
}

/** Red, green and blue of a pixel of a panel, x to the right and y up. */
function pixel({ image }: RasterItem, right: number, up: number): number[] {
  const i = 3 * ((box - 1 - up) * box + right);
  return [...image.rgb.subarray(i, i + 3)];
}

Deno.test("scenery: the consensus map's projections in grey, nothing where it is negative", () => {
  // Along z and x half of the picture is full depth; along y every line of sight meets half the depth.
  assert.strictEqual(scene.greys.z[(box - 1) * box], 1);
  assert.strictEqual(scene.greys.z[0], 0);
  assert.ok(Math.abs(scene.greys.y[0]! - Math.sqrt(0.5)) < 1e-6);
  const empty = scenery(new Float32Array(box ** 3), box, apix);
  assert.ok(empty.greys.z.every((grey) => grey === 0));
});

Deno.test("blockPicture: three projections with the block's colour where its voxels are", () => {
  const [alongZ, alongY, alongX] = rasters(blockPicture(few, scene).items);
  // Along z both voxels are behind one pixel: its colour is full.
  assert.deepStrictEqual(pixel(alongZ!, 1, 1), [0xd5, 0x5e, 0x00]);
  for (const [panel, right] of [[alongY!, 1], [alongX!, 1]] as const) {
    for (const up of [1, 2]) {
      const [r, g, b] = pixel(panel, right, up);
      assert.ok(r! > 150 && g! < 160 && b! < 100, `${r} ${g} ${b}`);
    }
    const [r, g, b] = pixel(panel, 5, 5);
    assert.ok(r === g && g === b, "grey or white elsewhere");
  }
  assert.deepStrictEqual(pixel(alongZ!, 5, 7), [255, 255, 255]);
  assert.deepStrictEqual(pixel(alongZ!, 5, 0), [128, 128, 128]);
});

Deno.test("allBlocksPicture: a pixel has the colour of the block with the most voxels behind it", () => {
  for (const blocks of [[few, many], [many, few]]) {
    const [alongZ] = rasters(allBlocksPicture(blocks, scene).items);
    assert.deepStrictEqual(pixel(alongZ!, 1, 1), [0x00, 0x72, 0xb2]);
  }
});

Deno.test("pictures say what they show: axes, scale, blocks and their sizes", () => {
  const texts = (items: readonly Item[]) => items.flatMap((i) => i.kind === "text" ? [i.text] : []);
  assert.deepStrictEqual(texts(blockPicture(few, scene).items), [
    "block 3: 2 voxels",
    ...["x", "y", "along z", "x", "z", "along y", "y", "z", "along x"],
    "20 Å",
  ]);
  assert.deepStrictEqual(texts(allBlocksPicture([few, many], scene).items).slice(-3), [
    "20 Å",
    "block 3: 2 voxels",
    "block 12: 3 voxels",
  ]);
  assert.strictEqual(texts(allBlocksPicture([], scene).items)[0], "0 blocks");
});

Deno.test("the scale bar is as long as it says", () => {
  for (const [apix, length] of [[10, 20], [6.55, 20], [1, 2], [0.3, 0.5], [100, 200]] as const) {
    const { items } = blockPicture(few, scenery(consensus, box, apix));
    const side = rasters(items)[0]!.width;
    const bar = items.find((item) => item.kind === "line" && item.width === 3);
    assert.ok(bar?.kind === "line");
    assert.ok(Math.abs((bar.x2 - bar.x1) / side * box * apix - length) < 1e-6);
    assert.ok(items.some((item) => item.kind === "text" && item.text === `${length} Å`));
  }
});

Deno.test("projections are at least 256 pixels wide, at any box", () => {
  for (const box of [8, 100, 255, 300]) {
    const picture = blockPicture(
      { id: 1, voxels: [0], colour: "#0072b2" },
      scenery(new Uint8Array(box ** 3), box, 1),
    );
    const [panel] = rasters(picture.items);
    assert.ok(panel!.width >= 256 && panel!.width % box === 0 && panel!.width < 600);
  }
});

Deno.test("the PNG holds the panels' pixels, magnified; the SVG does not vary", () => {
  const picture = allBlocksPicture([few, many], scene);
  const png = decode(encodePng(picture));
  const [panel] = rasters(picture.items);
  const size = panel!.width / box;
  // The middle of each magnified pixel, away from the corner with the axes.
  for (let row = 0; row < box; row++) {
    for (let column = 3; column < box; column++) {
      const x = panel!.x + (column + 0.5) * size, y = panel!.y + (row + 0.5) * size;
      const at = 3 * (Math.floor(y) * png.width + Math.floor(x));
      assert.deepStrictEqual(
        [...png.data.subarray(at, at + 3)],
        pixel(panel!, column, box - 1 - row),
      );
    }
  }
  assert.strictEqual(formatSvg(allBlocksPicture([few, many], scene)), formatSvg(picture));
});
