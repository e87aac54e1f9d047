import assert from "node:assert";
import { simulate, simulateOptions } from "./simulate.ts";

const parse = (options: object) => simulateOptions.parse(options);

Deno.test("defaults: ten blocks, unless the tree has another number", () => {
  const small = { box: 24, volumes: 2 };
  const { options, ensemble, chains } = simulate(parse(small), []);
  assert.strictEqual(options.blocks, 10);
  assert.strictEqual(ensemble.tree.parents.length, 10);
  assert.strictEqual(chains, undefined);
  const tree = { parents: [-1, 0, 0], probabilities: [0.9, 0.5, 0.5] };
  const given = simulate(parse({ ...small, tree }), []);
  assert.strictEqual(given.options.blocks, 3);
  assert.deepStrictEqual(given.ensemble.tree, tree);
  assert.throws(() => simulate(parse({ ...small, tree, blocks: 4 }), []), {
    message: "Cannot use the assembly tree: it has 3 parents and 3 probabilities for 4 blocks",
  });
});

Deno.test("options out of range are refused", () => {
  for (
    const options of [
      { volumes: 0 },
      { volumes: 65535 },
      { seed: -1 },
      { resolution: [14, 10] },
      { resolution: [0, 10] },
      { frequencies: [0.9, 0.1] },
      { amplitude: 1 },
      { threshold: 0 },
      { noise: -0.1 },
      { box: 7 },
      { coreShare: 0 },
      { sizeRatio: 0.5 },
      { tree: "bush" },
      { tree: { parents: [-2], probabilities: [1] } },
      { boks: 64 },
    ]
  ) {
    assert.strictEqual(simulateOptions.safeParse(options).success, false, JSON.stringify(options));
  }
});

/** A helix of `residues` alanines, as a PDB file. */
function helix(residues: number, shift: number): string {
  return Array.from({ length: residues }, (_, i) => {
    const [x, y, z] = [30 * Math.cos(i), 30 * Math.sin(i), 0.5 * i - residues / 4].map((p) =>
      (p + shift).toFixed(3).padStart(8)
    );
    return `ATOM  ${String(i + 1).padStart(5)}  CA  ALA A${
      String(i + 1).padStart(4)
    }    ${x}${y}${z}`;
  }).join("\n");
}

Deno.test("atoms: resolutions, names of chains, and the box about them", () => {
  const options = { box: 24, apix: 6, volumes: 40, blocks: 3 };
  const { ensemble, chains, options: used } = simulate(parse(options), [
    { name: "one.pdb", text: helix(60, 66) },
    { name: "two.pdb", text: helix(60, 68) },
  ]);
  assert.deepStrictEqual(used.resolution, [10, 14]);
  assert.ok(ensemble.states.every(({ resolution }) => resolution >= 10 && resolution <= 14));
  assert.strictEqual(chains!.length, 3);
  assert.ok(chains!.flat().every((piece) => /^(one|two)\.pdb A \d+-\d+$/.test(piece)));

  const far = [{ name: "far.pdb", text: helix(120, 500) }];
  assert.throws(() => simulate(parse(options), far), /120 of 120 lie outside it/);
  const { grid } = simulate(parse({ ...options, origin: "centred" }), far).ensemble;
  assert.ok(Math.abs(grid.origin.x + 11.5 * 6 - 500) < 1);
  assert.throws(() => simulate(parse({ ...options, origin: "centred" }), []), {
    message: "Cannot centre the box: a phantom has no atoms to centre it on",
  });
});
