import assert from "node:assert";
import type { Atom } from "../atoms/chains.ts";
import { atomicModel, centredGrid } from "./atomic_model.ts";

const zero = { x: 0, y: 0, z: 0 };
const grid = { box: 12, apix: 3, origin: { x: -5, y: 2, z: 40 }, nstart: zero };
const atom = (x: number, y: number, z: number): Atom => ({
  x,
  y,
  z,
  atomicNumber: 6,
  residue: "1",
});

const parts = (...atoms: Atom[]) => ({
  core: { pieces: [], atoms: atoms.slice(0, 1) },
  blocks: atoms.slice(1).map((one) => ({ pieces: [], atoms: [one] })),
});

Deno.test("centredGrid puts the middle of the box on the middle of the atoms", () => {
  const { box, apix, origin } = centredGrid(
    parts(atom(0, 10, -6), atom(4, 10, 10), atom(1, 30, 0)),
    5,
    2,
  );
  assert.deepStrictEqual({ box, apix, origin }, {
    box: 5,
    apix: 2,
    origin: { x: -2, y: 16, z: -2 },
  });
});

Deno.test("atomicModel refuses atoms outside the box", () => {
  assert.throws(() => atomicModel(parts(atom(0, 5, 50), atom(0, 1.9, 50)), grid), {
    name: "InputError",
    message: "Cannot place the atoms in a box of 12 voxels of 3 Å: 1 of 2 lie outside it",
  });
});

Deno.test("atomicModel renders the core first, then each block", () => {
  const model = atomicModel(parts(atom(-5, 2, 40), atom(28, 35, 73)), grid);
  assert.strictEqual(model.blocks, 1);
  const peaks = model.render(6).map(({ voxels, values }) =>
    voxels[values.indexOf(Math.max(...values))]
  );
  assert.deepStrictEqual(peaks, [0, 12 ** 3 - 1]);
});
