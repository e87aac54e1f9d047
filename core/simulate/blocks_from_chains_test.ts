import assert from "node:assert";
import { existsSync } from "node:fs";
import fc from "fast-check";
import type { Chain } from "../atoms/chains.ts";
import { parsePdb } from "../atoms/pdb.ts";
import { random } from "../random.ts";
import { atomicModel } from "./atomic_model.ts";
import { blocksFromChains } from "./blocks_from_chains.ts";
import { ensembleOptions, simulateEnsemble } from "./ensemble.ts";
import { drawTree } from "./assembly_tree.ts";

/** A chain that wanders from a random place, of residues of 1 to 20 atoms. */
function wander(id: string, residues: number, seed: number): Chain {
  const rng = random(seed);
  let [x, y, z] = [100 * rng.uniform(), 100 * rng.uniform(), 100 * rng.uniform()];
  const atoms = Array.from({ length: residues }, (_, residue) => {
    const size = 1 + rng.integer(20);
    return Array.from({ length: size }, () => {
      x += rng.normal();
      y += rng.normal();
      z += rng.normal();
      return { x, y, z, atomicNumber: 6, residue: String(residue + 1) };
    });
  }).flat();
  return { file: "model.pdb", id, atoms };
}

Deno.test("every atom goes to one part, and residues stay whole", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0.05, max: 0.6, noNaN: true }),
      fc.double({ min: 1, max: 5, noNaN: true }),
      (lengths, blocks, coreShare, sizeRatio) => {
        fc.pre(lengths.reduce((a, b) => a + b) > 40 * blocks);
        const chains = lengths.map((residues, i) => wander(String(i), residues, i));
        const parts = blocksFromChains(chains, { blocks, coreShare, sizeRatio });
        assert.strictEqual(parts.blocks.length, blocks);
        const groups = [parts.core, ...parts.blocks].map((part) => new Set(part.atoms));
        assert.ok(groups.every((group) => group.size > 0));
        const all = chains.flatMap((chain) => chain.atoms);
        assert.strictEqual(groups.reduce((sum, group) => sum + group.size, 0), all.length);
        for (const { atoms } of chains) {
          const home = atoms.map((atom) => groups.findIndex((group) => group.has(atom)));
          atoms.forEach((atom, i) => {
            assert.notStrictEqual(home[i], -1);
            if (i > 0 && atoms[i - 1]!.residue === atom.residue) {
              assert.strictEqual(home[i], home[i - 1]);
            }
          });
        }
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("one huge chain is cut into parts of the sizes asked for", () => {
  const chain = wander("A", 4000, 3);
  const { core, blocks } = blocksFromChains([chain], { blocks: 8, coreShare: 0.25, sizeRatio: 3 });
  const total = chain.atoms.length;
  assert.ok(Math.abs(core.atoms.length / total - 0.25) < 0.04, String(core.atoms.length / total));
  const sizes = blocks.map((block) => block.atoms.length).toSorted((a, b) => a - b);
  const ratio = sizes.at(-1)! / sizes[0]!;
  assert.ok(ratio > 1.8 && ratio < 4.5, sizes.join(" "));
  assert.match(blocks[0]!.pieces[0]!, /^model\.pdb A \d+-\d+$/);
});

Deno.test("the core is in the middle, and blocks are made of neighbours", () => {
  // Points on a line, each a chain of one residue: blocks must be runs of them.
  const chains = Array.from({ length: 50 }, (_, i): Chain => ({
    file: "line.pdb",
    id: String(i),
    atoms: [{ x: 10 * i, y: 0, z: 0, atomicNumber: 6, residue: "1" }],
  }));
  const { core, blocks } = blocksFromChains(chains, { blocks: 4, coreShare: 0.2, sizeRatio: 1 });
  const places = (atoms: readonly { x: number }[]) =>
    atoms.map((atom) => atom.x / 10).toSorted((a, b) => a - b);
  assert.deepStrictEqual(places(core.atoms), [20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  assert.deepStrictEqual(blocks.map((block) => places(block.atoms)), [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
    [30, 31, 32, 33, 34, 35, 36, 37, 38, 39],
    [40, 41, 42, 43, 44, 45, 46, 47, 48, 49],
  ]);
});

Deno.test("too few residues for the blocks are refused", () => {
  const chain = wander("A", 3, 1);
  assert.throws(() => blocksFromChains([chain], { blocks: 3, coreShare: 0.2, sizeRatio: 1 }), {
    name: "UsageError",
    message: "Cannot make 3 blocks and a core: the chains have too few residues (3 pieces)",
  });
});

const models = new URL("../../../shared/real/ribosome_models/", import.meta.url);

Deno.test({
  name: "the ribosome models of ../shared make 6, 10 and 16 blocks of useful size",
  ignore: !existsSync(models),
  fn() {
    const names = [...Deno.readDirSync(models)].map((entry) => entry.name).toSorted();
    const chains = names.flatMap((name) =>
      parsePdb(Deno.readTextFileSync(new URL(name, models)), name).chains
    );
    const zero = { x: 0, y: 0, z: 0 };
    const grid = { box: 64, apix: 6.55, origin: zero, nstart: zero };
    for (const blocks of [6, 10, 16]) {
      const parts = blocksFromChains(chains, { blocks, coreShare: 0.2, sizeRatio: 3 });
      const tree = drawTree("random", blocks, random(1), [0.2, 0.9]);
      const { labels } = simulateEnsemble(
        atomicModel(parts, grid),
        tree,
        ensembleOptions.parse({ volumes: 1 }),
      );
      const sizes = new Array<number>(blocks + 1).fill(0);
      for (const label of labels) if (label >= 0) sizes[label]!++;
      const [core, ...rest] = sizes as [number, ...number[]];
      assert.ok(core > 1000, String(core));
      assert.ok(Math.min(...rest) >= 200, rest.join(" "));
      assert.ok(Math.max(...rest) < 6 * Math.min(...rest), rest.join(" "));
    }
  },
});
