import assert from "node:assert";
import fc from "fast-check";
import { UsageError } from "../errors.ts";
import { random } from "../random.ts";
import { checkTree, drawExclusive, drawPresence, drawTree, treeKinds } from "./assembly_tree.ts";

Deno.test("checkTree names what is wrong with a tree", async (t) => {
  const cases: [string, number[], number[], string][] = [
    ["too few", [-1], [0.5], "it has 1 parents and 1 probabilities for 2 blocks"],
    ["unequal", [-1, 0], [0.5], "it has 2 parents and 1 probabilities for 2 blocks"],
    ["no such parent", [-1, 2], [0.5, 0.5], "block 1 has a parent that is no block (2)"],
    ["below the core", [-1, -2], [0.5, 0.5], "block 1 has a parent that is no block (-2)"],
    ["half a parent", [-1, 0.5], [0.5, 0.5], "block 1 has a parent that is no block (0.5)"],
    ["certain twice", [-1, 0], [0.5, 2], "block 1 has a probability outside 0 to 1 (2)"],
    ["not a number", [-1, 0], [NaN, 1], "block 0 has a probability outside 0 to 1 (NaN)"],
    ["itself", [0, -1], [0.5, 0.5], "its blocks need each other in a circle"],
    ["circle", [1, 0], [0.5, 0.5], "its blocks need each other in a circle"],
  ];
  for (const [name, parents, probabilities, reason] of cases) {
    await t.step(name, () => {
      assert.throws(() => checkTree({ parents, probabilities }, 2), (error) => {
        assert.ok(error instanceof UsageError);
        assert.strictEqual(error.message, `Cannot use the assembly tree: ${reason}`);
        return true;
      });
    });
  }
});

Deno.test("checkTree finds a circle that a block only leads into", () => {
  const tree = { parents: [1, 2, 1], probabilities: [1, 1, 1] };
  assert.throws(() => checkTree(tree, 3), /in a circle/);
});

Deno.test("checkTree accepts parents of a higher number than their children", () => {
  checkTree({ parents: [2, -1, 1], probabilities: [0, 1, 0.5] }, 3);
});

Deno.test("drawTree makes the shape it is asked for", () => {
  const range = [0.2, 0.8] as const;
  assert.deepStrictEqual(drawTree("chain", 4, random(1), range).parents, [-1, 0, 1, 2]);
  assert.deepStrictEqual(drawTree("star", 4, random(1), range).parents, [-1, -1, -1, -1]);
  const parents = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    parents.add(drawTree("random", 3, random(seed), range).parents.join());
  }
  // A block may stand on the core or on any earlier one: 1 x 2 x 3 shapes.
  assert.strictEqual(parents.size, 6);
});

Deno.test("drawTree keeps every block's frequency within its slice, or below for a cautious parent", () => {
  fc.assert(fc.property(
    fc.constantFrom(...treeKinds),
    fc.integer({ min: 1, max: 40 }),
    fc.nat(),
    (kind, blocks, seed) => {
      const tree = drawTree(kind, blocks, random(seed), [0.15, 0.9]);
      checkTree(tree, blocks);
      const frequencies: number[] = [];
      tree.parents.forEach((parent, block) => {
        frequencies.push(tree.probabilities[block]! * (parent === -1 ? 1 : frequencies[parent]!));
        assert.ok(tree.probabilities[block]! <= 0.95);
        assert.ok(frequencies[block]! <= 0.9 - 0.75 * block / blocks + 1e-12);
      });
      if (kind === "star") assert.ok(frequencies.every((frequency) => frequency >= 0.15));
    },
  ));
});

Deno.test("drawPresence: no block without its parent, and the frequencies of the tree", () => {
  // Parents after their children, too.
  const tree = { parents: [2, -1, 1, -1], probabilities: [0.5, 0.8, 0.6, 0] };
  const rng = random(5);
  const counts = [0, 0, 0, 0];
  const draws = 20_000;
  for (let i = 0; i < draws; i++) {
    const presence = drawPresence(tree, rng);
    presence.forEach((there, block) => {
      counts[block]! += there;
      const parent = tree.parents[block]!;
      assert.ok(there === 0 || parent === -1 || presence[parent] === 1);
    });
  }
  [0.24, 0.8, 0.48, 0].forEach((expected, block) => {
    // Four standard errors are below 0.015.
    assert.ok(Math.abs(counts[block]! / draws - expected) < 0.015, `block ${block}`);
  });
});

Deno.test("checkTree names what is wrong with exclusive pairs", () => {
  const parents = [-1, -1, 0, 0, -1], probabilities = [0.6, 0.4, 0.6, 0.5, 0.2];
  checkTree({ parents, probabilities, exclusive: [[0, 1]] }, 5);
  for (
    const [exclusive, reason] of [
      [[[0, 0]], "0, 0 are not two of one parent"],
      [[[0, 2]], "0, 2 are not two of one parent"],
      [[[0, 7]], "0, 7 are not two of one parent"],
      [[[7, 9]], "7, 9 are not two of one parent"],
      [[[2, 3]], "2, 3 are there too often (0.6 and 0.5)"],
      [[[0, 1], [4, 1]], "4, 1 have one that excludes another, too"],
    ] as const
  ) {
    assert.throws(() => checkTree({ parents, probabilities, exclusive }, 5), (error) => {
      assert.ok(error instanceof UsageError);
      const message = `Cannot use the assembly tree: the blocks of the exclusive pair ${reason}`;
      assert.strictEqual(error.message, message);
      return true;
    });
  }
});

Deno.test("drawExclusive: siblings, each once, never too often; none leaves the tree as it is", () => {
  const drawn = fc.tuple(
    fc.constantFrom("random", "star"),
    fc.integer({ min: 6, max: 30 }),
    fc.integer({ min: 0, max: 2 }),
    fc.nat(),
  );
  let made = 0;
  fc.assert(fc.property(drawn, ([kind, blocks, pairs, seed]) => {
    const tree = drawTree(kind as "random" | "star", blocks, random(seed), [0.15, 0.9]);
    let result;
    try {
      result = drawExclusive(tree, pairs, random(seed, 9));
    } catch (error) {
      assert.ok(error instanceof UsageError && kind === "random");
      return;
    }
    made++;
    checkTree(result, blocks);
    assert.strictEqual(result.exclusive?.length ?? 0, pairs);
    assert.deepStrictEqual(result.parents, tree.parents);
    result.probabilities.forEach((probability, block) => {
      assert.ok(probability > 0.01 && probability <= tree.probabilities[block]!);
    });
  }));
  assert.ok(made > 50);
});

Deno.test("drawExclusive says where there are no siblings", () => {
  const tree = drawTree("chain", 4, random(1), [0.2, 0.8]);
  assert.throws(
    () => drawExclusive(tree, 1, random(1)),
    /^UsageError: Cannot draw 1 exclusive pair of blocks: .* few blocks that need the same \(0 pairs\)$/,
  );
});

Deno.test("drawPresence: exclusive blocks are never together, and as often there as they shall be", () => {
  const tree = {
    parents: [-1, 0, 0, 1, 2],
    probabilities: [0.8, 0.6, 0.3, 0.5, 0.9],
    exclusive: [[1, 2]] as const,
  };
  const plain = { parents: tree.parents, probabilities: tree.probabilities };
  const rng = random(5), same = random(5);
  const counts = [0, 0, 0, 0, 0];
  const draws = 20_000;
  for (let i = 0; i < draws; i++) {
    const presence = drawPresence(tree, rng);
    presence.forEach((there, block) => counts[block]! += there);
    assert.ok(presence[1]! + presence[2]! < 2 && presence[3]! + presence[4]! < 2);
    // As many numbers are drawn as without, so that all else of an ensemble stays the same.
    assert.strictEqual(drawPresence(plain, same)[0], presence[0]);
  }
  [0.8, 0.48, 0.24, 0.24, 0.216].forEach((expected, block) => {
    assert.ok(Math.abs(counts[block]! / draws - expected) < 0.015, `block ${block}`);
  });
});
