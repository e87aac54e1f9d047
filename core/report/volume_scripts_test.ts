import assert from "node:assert";
import { fillCluster, fillColourVolume } from "./volume_scripts.ts";

const template = (name: string) =>
  Deno.readTextFile(new URL(`../../templates/${name}`, import.meta.url));
const commands = (script: string) =>
  script.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

const markers = { path: "block_markers.cmm", apix: 6.55, first: { x: -12.5, y: 0, z: 40.25 } };
const blocks = [
  { path: "../02_expand/block_7.mrc", id: 7, colour: "#0072b2" },
  { path: "../02_expand/block_12.mrc", id: 12, colour: "#d55e00" },
];
const volume = (path: string, level: number) => ({ path, name: path, level });

Deno.test("fillColourVolume: the script of siren's template", async () => {
  const script = fillColourVolume(await template("colour_volume.cxc"), {
    volume: { path: "../02_expand/consensus.mrc", name: "consensus", level: 0.25 },
    markers,
    blocks,
  });
  assert.deepStrictEqual(commands(script), [
    'open "../02_expand/consensus.mrc"',
    'open "block_markers.cmm"',
    "volume #1 voxelSize 6.55",
    "volume #1 origin -12.5,0,40.25",
    "volume #1 show style surface region all step 1 level 0.25 color #b0b0b0",
    'rename #1 "consensus"',
    'rename #2 "colours of blocks"',
    "color zone #1 near #2 distance 26.2",
    "hide #2 models",
    '2dlabels text "block 7" color #0072b2 size 18 bold true xpos 0.02 ypos 0.93',
    '2dlabels text "block 12" color #d55e00 size 18 bold true xpos 0.02 ypos 0.89',
    "volume showOutlineBox false",
    "set bgColor white",
    "lighting soft",
    "view",
  ]);
});

Deno.test("fillCluster: the script of siren's template", async () => {
  const script = fillCluster(await template("cluster.cxc"), {
    medoid: volume("/maps/vol 3.mrc", 0.7),
    markers,
    blocks,
    volumes: [volume("/maps/vol 9.mrc", 0.6)],
  });
  assert.deepStrictEqual(commands(script), [
    'open "/maps/vol 3.mrc"',
    'open "block_markers.cmm"',
    'open "../02_expand/block_7.mrc"',
    'open "../02_expand/block_12.mrc"',
    'open "/maps/vol 9.mrc"',
    "volume #1 voxelSize 6.55",
    "volume #1 origin -12.5,0,40.25",
    "volume #1 show style surface region all step 1 level 0.7 color #b0b0b0",
    'rename #1 "/maps/vol 3.mrc"',
    'rename #2 "colours of blocks"',
    "color zone #1 near #2 distance 26.2",
    "hide #2 models",
    "volume #3 show style surface region all step 1 level 0.5 color #0072b2",
    "volume #4 show style surface region all step 1 level 0.5 color #d55e00",
    'rename #3 "block 7"',
    'rename #4 "block 12"',
    "hide #3-4 models",
    "volume #5 voxelSize 6.55",
    "volume #5 origin -12.5,0,40.25",
    "volume #5 show style surface region all step 1 level 0.6 color #b0b0b0",
    'rename #5 "/maps/vol 9.mrc"',
    "hide #5 models",
    '2dlabels text "block 7" color #0072b2 size 18 bold true xpos 0.02 ypos 0.93',
    '2dlabels text "block 12" color #d55e00 size 18 bold true xpos 0.02 ypos 0.89',
    "volume showOutlineBox false",
    "set bgColor white",
    "lighting soft",
    "view",
  ]);
});

Deno.test("fillCluster: neither blocks nor other volumes, no lines about them", async () => {
  const script = fillCluster(await template("cluster.cxc"), {
    medoid: volume("a.mrc", 1),
    markers,
    blocks: [],
    volumes: [],
  });
  assert.ok(commands(script).every((line) => !/#[3-9]|2dlabels/.test(line)));
  assert.strictEqual(commands(script).filter((line) => line.startsWith("hide")).length, 1);
});

Deno.test("the legend goes on in further columns, within the window", async () => {
  const script = fillColourVolume(await template("colour_volume.cxc"), {
    volume: volume("a.mrc", 1),
    markers,
    blocks: Array.from({ length: 120 }, (_, id) => ({ ...blocks[0]!, id })),
  });
  const places = Array.from(script.matchAll(/xpos (\S+) ypos (\S+)/g), ([, x, y]) => [+x!, +y!]);
  assert.strictEqual(new Set(places.map(String)).size, 120);
  assert.ok(places.every(([x, y]) => x! > 0 && x! < 0.9 && y! > 0 && y! < 1));
});

Deno.test("scripts refuse what ChimeraX cannot be told", async () => {
  const text = await template("colour_volume.cxc");
  const fill = (changes: object) =>
    fillColourVolume(text, { volume: volume("a.mrc", 1), markers, blocks, ...changes });
  assert.throws(() => fill({ volume: volume("a.mrc", NaN) }), {
    message: "Cannot write the ChimeraX script: the level of a.mrc is not a number (NaN)",
  });
  assert.throws(() => fill({ volume: volume("$HOME/a.mrc", 1) }), { name: "UsageError" });
  assert.throws(() => fill({ markers: { ...markers, apix: NaN } }), { name: "UsageError" });
});
