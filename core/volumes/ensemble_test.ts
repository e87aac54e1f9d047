import assert from "node:assert";
import { InputError } from "../errors.ts";
import { makeHeader, type MrcHeader } from "../mrc/header.ts";
import { checkEnsemble, type NamedHeader } from "./ensemble.ts";

function named(name: string, fields: Partial<MrcHeader> & { apix?: number } = {}): NamedHeader {
  const { apix = 2, ...rest } = fields;
  const cell = 8 * apix;
  const cells = { cellaX: cell, cellaY: cell, cellaZ: cell };
  return { name, header: makeHeader({ nx: 8, ny: 8, nz: 8, ...cells, ...rest }) };
}

const zero = { x: 0, y: 0, z: 0 };

Deno.test("maps of one box and voxel size share a grid", () => {
  const fields = { originX: 1, originZ: -4, nystart: 7 };
  assert.deepStrictEqual(checkEnsemble([named("a.mrc", fields), named("b.mrc", fields)]), {
    grid: { box: 8, apix: 2, origin: { x: 1, y: 0, z: -4 }, nstart: { x: 0, y: 7, z: 0 } },
    warnings: [],
  });
});

Deno.test("the voxel size is that of the first header that tells", () => {
  const { grid, warnings } = checkEnsemble([named("a.mrc", { apix: 0 }), named("b.mrc")]);
  assert.deepStrictEqual([grid.apix, warnings], [2, []]);
});

Deno.test("the voxel size that is given is used, within 1 % without a word", () => {
  for (const [apix, headers] of [[2.019, 2], [6.55, 0]] as const) {
    assert.deepStrictEqual(checkEnsemble([named("a.mrc", { apix: headers })], { apix }), {
      grid: { box: 8, apix, origin: zero, nstart: zero },
      warnings: [],
    });
  }
});

Deno.test("a voxel size that is given allows headers whose own makes no sense", () => {
  const maps = [named("a.mrc", { cellaZ: 32 })];
  assert.deepStrictEqual(checkEnsemble(maps, { apix: 2 }).warnings, [
    "The given voxel size of 2 Angstrom is used, but the header of a.mrc says 2 x 2 x 4.",
  ]);
  assert.throws(
    () => checkEnsemble(maps),
    new InputError(
      "Cannot use a.mrc: its voxels are not cubes (2 x 2 x 4 Angstrom)",
      "Resample the map to cubic voxels, or correct its header.",
    ),
  );
});

Deno.test("contradictions are warned about, once each", () => {
  const maps = [
    named("a.mrc"),
    named("b.mrc", { apix: 3, originX: 5 }),
    named("c.mrc", { apix: 3, originX: 5, nxstart: -4 }),
  ];
  const position = [
    "The origin of a.mrc (0, 0, 0) is used, but that of b.mrc is 5, 0, 0, and so for 1 more.",
    "The start of a.mrc (0, 0, 0) is used, but that of c.mrc is -4, 0, 0.",
  ];
  assert.deepStrictEqual(checkEnsemble(maps).warnings, [
    "The voxel size of a.mrc (2 Angstrom) is used, but that of b.mrc is 3, and so for 1 more.",
    ...position,
  ]);
  assert.deepStrictEqual(checkEnsemble(maps, { apix: 3 }).warnings, [
    "The given voxel size of 3 Angstrom is used, but the header of a.mrc says 2.",
    ...position,
  ]);
});

const refused: [string, NamedHeader[], string, string][] = [
  [
    "different boxes",
    [named("a.mrc"), named("b.mrc"), named("c.mrc", { nx: 9, ny: 9, nz: 9 })],
    "Cannot use a.mrc and c.mrc together: their boxes differ (8 and 9)",
    "All maps of an ensemble need the same box.",
  ],
  [
    "a box that is no cube",
    [named("a.mrc"), named("b.mrc", { ny: 16 })],
    "Cannot use b.mrc: its box is not a cube (8 x 16 x 8 voxels)",
    "Crop or pad the map to a cube.",
  ],
  [
    "no voxel size anywhere",
    [named("a.mrc", { apix: 0 }), named("b.mrc", { apix: 0 })],
    "Cannot tell the voxel size: no header holds it (a.mrc, and so for 1 more)",
    "Give it with --apix.",
  ],
  [
    "more maps than 16 bits count",
    new Array<NamedHeader>(65535).fill(named("a.mrc")),
    "Cannot use the maps from a.mrc on together: they are too many (65535)",
    "An ensemble has at most 65534 maps: leave some out of the folder.",
  ],
];

for (const [what, maps, message, remedy] of refused) {
  Deno.test(`ensemble refused: ${what}`, () => {
    assert.throws(() => checkEnsemble(maps), new InputError(message, remedy));
  });
}
