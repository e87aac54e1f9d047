import assert from "node:assert";
import { blockMarkers, NO_BLOCK } from "./block_markers.ts";
import { parseHex } from "./colours.ts";

const grid = {
  box: 8,
  apix: 1.5,
  origin: { x: -3, y: 10, z: 0.25 },
  nstart: { x: 5, y: 5, z: 5 },
};

/** Markers by flat index, with the colour that ChimeraX makes of them. */
function markers(text: string): Map<number, string> {
  assert.match(text, /^<marker_set name="blocks">\n(<marker .*\/>\n)*<\/marker_set>\n$/);
  const found = new Map<number, string>();
  for (const [i, line] of text.split("\n").slice(1, -2).entries()) {
    const of = new Map(
      Array.from(line.matchAll(/(\w+)="([^"]*)"/g), ([, key, value]) => [key!, Number(value)]),
    );
    assert.strictEqual(of.get("id"), i + 1);
    assert.strictEqual(of.get("radius"), 0.75);
    const [x, y, z] = (["x", "y", "z"] as const)
      .map((axis) => Math.round((of.get(axis)! - grid.origin[axis]) / grid.apix));
    const rgb = ["r", "g", "b"].map((c) =>
      Math.trunc(Math.min(255, 255 * of.get(c)!)).toString(16).padStart(2, "0")
    );
    found.set((z! * 8 + y!) * 8 + x!, `#${rgb.join("")}`);
  }
  return found;
}

const cube = (side: number, from = 0) =>
  Array.from({ length: side ** 3 }, (_, i) => {
    const x = i % side + from, y = Math.floor(i / side) % side + from;
    return ((Math.floor(i / side / side) + from) * 8 + y) * 8 + x;
  });

Deno.test("blockMarkers: the rim of each part in its colour, where ChimeraX has the voxels", () => {
  const block = cube(5, 1);
  const rest = cube(8);
  const found = markers(blockMarkers([{ id: 3, voxels: block, colour: "#12ab07" }], rest, grid));
  const ofBlock = [...found].filter(([, colour]) => colour === "#12ab07").map(([voxel]) => voxel);
  // A cube of five has 125 - 27 voxels at its rim.
  assert.strictEqual(ofBlock.length, 98);
  assert.ok(ofBlock.every((voxel) => block.includes(voxel)));
  const others = [...found].filter(([, colour]) => colour !== "#12ab07");
  assert.ok(others.every(([voxel, colour]) => !block.includes(voxel) && colour === NO_BLOCK));
  assert.ok(others.length > 0);
});

Deno.test("blockMarkers: every colour comes back from ChimeraX as it was", () => {
  for (let level = 0; level < 256; level += 1) {
    const hex = `#${level.toString(16).padStart(2, "0")}00ff`;
    const [colour] = markers(blockMarkers([{ id: 0, voxels: [0], colour: hex }], [], grid))
      .values();
    assert.deepStrictEqual(parseHex(colour!), parseHex(hex));
  }
});

Deno.test("blockMarkers: a voxel in two blocks is the first one's; no voxels, no markers", () => {
  const first = { id: 9, voxels: [7, 8], colour: "#0000ff" };
  const second = { id: 1, voxels: [8, 9], colour: "#00ff00" };
  assert.deepStrictEqual(
    [...markers(blockMarkers([first, second], [], grid)).values()],
    ["#0000ff", "#0000ff", "#00ff00"],
  );
  assert.strictEqual(blockMarkers([], [], grid), '<marker_set name="blocks">\n</marker_set>\n');
});
