import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../core/errors.ts";
import { temporaryFolder } from "../tests/surroundings.ts";
import { readSeeds, writeSeeds } from "./seeds_file.ts";

const members = fc.uniqueArray(fc.nat(100_000), { minLength: 1, maxLength: 40 })
  .map((rows) => Uint32Array.from(rows).sort());
const seeds = fc.uniqueArray(
  fc.record({ id: fc.nat(999_999_999), members }, { noNullPrototype: true }),
  {
    maxLength: 8,
    selector: ({ id }) => id,
  },
);

Deno.test("seeds come back as they were written: numbers, voxels and order", async () => {
  await using folder = await temporaryFolder();
  await fc.assert(
    fc.asyncProperty(seeds, async (blocks) => {
      await writeSeeds(folder.path, blocks);
      assert.deepStrictEqual(await readSeeds(folder.path), blocks);
    }),
    { numRuns: 30 },
  );
});

Deno.test("where no masks were given, the sketch's own blocks are meant", async () => {
  await using folder = await temporaryFolder();
  assert.strictEqual(await readSeeds(folder.path), undefined);
});

Deno.test("damaged seeds are refused: the masks they came from may be gone", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/seeds.arrow`;
  await writeSeeds(folder.path, [{ id: 3, members: Uint32Array.of(1, 2) }]);
  const bytes = await Deno.readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await Deno.writeFile(path, bytes);
  await assert.rejects(readSeeds(folder.path), (error) => {
    assert.ok(error instanceof InputError);
    assert.deepStrictEqual([error.message, error.remedy], [
      `Cannot read ${path}: its checksum does not match its content`,
      "Give the masks again, by siren expand_communities with --force.",
    ]);
    return true;
  });
});
