import assert from "node:assert";
import type { Chain } from "../atoms/chains.ts";
import { random } from "../random.ts";
import { compactChain, drawParticle } from "./for_cnn_particle.ts";

/** A chain of 500 atoms about a point on the x axis. */
function chainAt(x: number, phosphorus = 0): Chain {
  const atoms = Array.from({ length: 500 }, (_, i) => ({
    x: x + 3 * Math.cos(i),
    y: 3 * Math.sin(i),
    z: i / 100,
    atomicNumber: i < phosphorus ? 15 : 6,
    residue: String(i),
  }));
  return { file: "a.pdb", id: String(x), atoms };
}

const row = Array.from({ length: 20 }, (_, i) => compactChain(chainAt(10 * i)));

Deno.test("mass and volume are those of proteins or nucleic acids", () => {
  const protein = compactChain(chainAt(0));
  assert.ok(Math.abs(protein.mass - 7.11) < 1e-9);
  assert.ok(Math.abs(protein.volume / 500 - 17.24) < 0.01);
  const nucleic = compactChain(chainAt(0, 24));
  assert.ok(Math.abs(nucleic.mass - 7.565) < 1e-9);
  assert.ok(Math.abs(nucleic.volume / 500 - 14.5) < 0.01);
  const withHydrogens = chainAt(0);
  const hydrogen = { ...withHydrogens.atoms[0]!, atomicNumber: 1 };
  assert.strictEqual(
    compactChain({ ...withHydrogens, atoms: [...withHydrogens.atoms, hydrogen] }).mass,
    protein.mass,
  );
});

Deno.test("particles are whole models, neighbours, or scattered chains of any size", () => {
  const counts = { all: 0, neighbours: 0, scattered: 0 };
  let gaps = 0, few = 0, many = 0;
  for (let seed = 0; seed < 300; seed++) {
    const { kind, chains, others, mass, volume } = drawParticle(row, 0, random(seed));
    counts[kind]++;
    assert.strictEqual(new Set([...chains, ...others]).size, 20);
    assert.strictEqual(chains.length + others.length, 20);
    assert.ok(Math.abs(mass - 7.11 * chains.length) < 1e-6);
    assert.ok(Math.abs(volume - 500 * 17.24 * chains.length) < 10 * chains.length);
    if (chains.length < 5) few++;
    if (chains.length > 15) many++;
    if (kind !== "neighbours") continue;
    const places = chains.map(({ name }) => Number(name.split(" ")[1])).sort((a, b) => a - b);
    gaps += places.filter((x, i) => i > 0 && x - places[i - 1]! > 10).length;
  }
  assert.ok(counts.all > 40 && counts.all < 85, JSON.stringify(counts));
  assert.ok(counts.scattered > 8 && counts.scattered < 45, JSON.stringify(counts));
  assert.ok(few > 30 && many > 80, `${few} ${many}`);
  // Neighbours in a row leave no gaps.
  assert.strictEqual(gaps, 0);
});

Deno.test("a particle has the least mass, as far as there is any", () => {
  for (let seed = 0; seed < 30; seed++) {
    assert.ok(drawParticle(row, 30, random(seed)).mass >= 30);
    assert.strictEqual(drawParticle(row.slice(0, 2), 30, random(seed)).chains.length, 2);
  }
});
