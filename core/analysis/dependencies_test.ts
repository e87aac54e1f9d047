import assert from "node:assert";
import fc from "fast-check";
import { random } from "../random.ts";
import { drawPresence, drawTree, treeKinds } from "../simulate/assembly_tree.ts";
import { assemblyOrder } from "./assembly_order.ts";
import { condense } from "./condense.ts";
import { findDependencies } from "./dependencies.ts";
import { pairStatistics } from "./pair_statistics.ts";

const rules = { miscalls: 0.0005, fdr: 0.05 };

const find = (rows: readonly (readonly number[])[], miscalls = rules.miscalls) => {
  const presence = Uint8Array.from(rows.flat()), regions = rows[0]!.length;
  const used = { ...rules, miscalls };
  return findDependencies(pairStatistics(presence, regions, used), regions, used);
};
const texts = (found: ReturnType<typeof find>) =>
  found.map(({ region, needs, direct }) => `${region}${direct ? "->" : "=>"}${needs}`);
/** `times` volumes that hold some of the regions. */
const volumes = (times: number, ...row: number[]) => new Array<number[]>(times).fill(row);

Deno.test("dependencies: a chain, with what follows and what is direct", () => {
  const found = find([
    ...volumes(30, 0, 0, 0),
    ...volumes(30, 1, 0, 0),
    ...volumes(30, 1, 1, 0),
    ...volumes(30, 1, 1, 1),
  ]);
  assert.deepStrictEqual(texts(found), ["1->0", "2=>0", "2->1"]);
  const { volumes: held, exceptions, p, q } = found[0]!;
  assert.deepStrictEqual([held, exceptions], [60, 0]);
  assert.ok(p > 0 && p < 1e-6 && q >= p);
});

Deno.test("dependencies: none on what is always there, or by chance, or against several volumes", () => {
  assert.deepStrictEqual(find([...volumes(50, 1, 1), ...volumes(50, 1, 0)]), []);
  assert.deepStrictEqual(
    find([...volumes(2, 1, 1), ...volumes(30, 1, 0), ...volumes(8, 0, 0)]),
    [],
  );
  const mixed = [...volumes(70, 1, 1), ...volumes(50, 1, 0), ...volumes(70, 0, 0)];
  assert.deepStrictEqual(texts(find(mixed)), ["1->0"]);
  assert.deepStrictEqual(texts(find([...mixed, ...volumes(1, 0, 1)])), ["1->0"]);
  assert.deepStrictEqual(find([...mixed, ...volumes(4, 0, 1)]), []);
  assert.deepStrictEqual(texts(find([...mixed, ...volumes(4, 0, 1)], 0.02)), ["1->0"]);
  assert.deepStrictEqual(find([[1]]), []);
});

Deno.test("dependencies: regions that are never without each other are one", () => {
  // 0 and 1 come together; 2 needs them.
  const rows = [...volumes(40, 0, 0, 0), ...volumes(40, 1, 1, 0), ...volumes(40, 1, 1, 1)];
  const found = find(rows);
  assert.deepStrictEqual(texts(found), ["0->1", "1->0", "2->0", "2->1"]);
  const nodes = assemblyOrder(3, found);
  assert.deepStrictEqual(nodes, [
    { regions: [0, 1], needs: [], level: 0 },
    { regions: [2], needs: [0], level: 1 },
  ]);
});

Deno.test("dependencies: the tree that ensembles of many volumes were drawn from", () => {
  let right = 0, told = 0, all = 0;
  for (let seed = 0; seed < 30; seed++) {
    const rng = random(seed, 3);
    const { parents, probabilities } = drawTree(treeKinds[seed % 3]!, 9, rng, [0.15, 0.85]);
    // Blocks that are all but always with their parent cannot be told from it.
    const tree = { parents, probabilities: probabilities.map((p) => Math.min(p, 0.85)) };
    const rows = Array.from({ length: 400 }, () => Array.from(drawPresence(tree, rng)));
    const found = new Set(find(rows).map(({ region, needs }) => `${region} ${needs}`));
    const truth = new Set(parents.flatMap((_, block) => {
      const below = [];
      for (let b = parents[block]!; b !== -1; b = parents[b]!) below.push(`${block} ${b}`);
      return below;
    }));
    right += [...found].filter((one) => truth.has(one)).length;
    told += found.size;
    all += truth.size;
  }
  assert.ok(right / told > 0.98 && right / all > 0.95, `${right} of ${told} told, of ${all}`);
});

Deno.test("dependencies are complete: transitive, and direct ones give all others", () => {
  const presences = fc.array(
    fc.array(fc.integer({ min: 0, max: 1 }), {
      minLength: 5,
      maxLength: 5,
    }),
    { minLength: 20, maxLength: 60 },
  );
  fc.assert(fc.property(presences, fc.integer({ min: 0, max: 4 }), (rows, forced) => {
    // So that there is something to find: each region needs the one before, but for one.
    const nested = rows.map((row) =>
      row.map((_, k) => Math.min(...row.slice(k === forced ? k : 0, k + 1)))
    );
    const found = find(nested);
    const known = new Set(found.map(({ region, needs }) => `${region} ${needs}`));
    for (const p of found) {
      for (const q of found) {
        if (p.needs !== q.region || p.region === q.needs) continue;
        assert.ok(known.has(`${p.region} ${q.needs}`));
      }
    }
    const edges = Array.from(
      { length: 5 },
      (_, k) =>
        found.filter(({ region, direct }) => direct && region === k).map(({ needs }) => needs),
    );
    const { groupOf, reaches } = condense(edges);
    for (const { region, needs } of found) {
      assert.ok(groupOf[region] === groupOf[needs] || reaches(groupOf[region]!, groupOf[needs]!));
    }
  }));
});

Deno.test("condense: circles are one, and only paths without a way round are direct", () => {
  const edges = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }), {
    minLength: 7,
    maxLength: 7,
  });
  fc.assert(fc.property(edges, (edges) => {
    const { groups, groupOf, reaches, isDirect } = condense(edges);
    assert.deepStrictEqual(groups.flat().sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6]);
    groups.forEach((group, g) => {
      assert.ok(group.every((node) => groupOf[node] === g) && !reaches(g, g));
      groups.forEach((_, h) => {
        assert.ok(g === h || !(reaches(g, h) && reaches(h, g)));
        const around = groups.some((_, via) => reaches(g, via) && reaches(via, h));
        assert.strictEqual(isDirect(g, h), reaches(g, h) && !around);
      });
    });
    edges.forEach((targets, node) => {
      for (const other of targets) {
        const g = groupOf[node]!, h = groupOf[other]!;
        assert.ok(g === h || reaches(g, h));
      }
    });
  }));
});
