import assert from "node:assert";
import fc from "fast-check";
import { checkRows, countParticles, inStack, selectParticles } from "./select_particles.ts";

const VOLUMES = 7;
const labelsOf = fc.array(fc.nat(VOLUMES - 1)).map((labels) => Int32Array.from(labels));
const chosenOf = fc.subarray(Array.from({ length: VOLUMES }, (_, i) => i));

Deno.test("a selection and its inverse are all particles, each once, also in the stack", () => {
  fc.assert(fc.property(labelsOf, chosenOf, fc.nat(50), (labels, chosen, seed) => {
    const one = selectParticles(labels, new Set(chosen));
    const other = selectParticles(labels, new Set(chosen), true);
    assert.ok(one.every((particle) => chosen.includes(labels[particle]!)));
    assert.ok(other.every((particle) => !chosen.includes(labels[particle]!)));
    assert.deepStrictEqual(
      Int32Array.from([...one, ...other]).sort(),
      labels.map((_, particle) => particle),
    );
    assert.strictEqual(
      one.length,
      chosen.reduce((sum, k) => sum + countParticles(labels, VOLUMES)[k]!, 0),
    );
    // A subset in any order, such as 7, 3, 9: each particle keeps its volume.
    const stack = labels.map((_, i) => (i * 17 + seed) % 1009);
    const inOrder = inStack(one, stack);
    assert.deepStrictEqual([...inOrder], [...inOrder].sort((a, b) => a - b));
    assert.deepStrictEqual(new Set(inOrder), new Set([...one].map((i) => stack[i])));
    assert.deepStrictEqual(
      Int32Array.from([...inOrder, ...inStack(other, stack)]).sort(),
      stack.toSorted(),
    );
  }));
});

Deno.test("files with other particles than those that are counted are refused", () => {
  const check = (rows: number, known: Parameters<typeof checkRows>[3]) => () =>
    checkRows("a.star", rows, "particles", known);
  check(5, { exactly: 5, least: 5 })();
  check(9, { least: 8, training: 3 })();
  assert.throws(check(6, { exactly: 5, least: 5 }), /it has 6 particles, and there should be 5/);
  assert.throws(check(3, { least: 8, training: 3 }), (error) => {
    assert.match(String(error), /it has 3 particles, and there should be at least 8/);
    assert.match((error as { remedy: string }).remedy, /--relative_to training/);
    return true;
  });
});
