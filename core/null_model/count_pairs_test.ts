import assert from "node:assert";
import fc from "fast-check";
import {
  both,
  type EngineFactory,
  referenceEngine,
  triangularTiles,
  wasmEngine,
} from "../cooccupancy/mod.ts";
import { bitMatrix, totals } from "../cooccupancy/bit_matrix.ts";
import { countPairs } from "./count_pairs.ts";
import { totalClasses } from "./cutoffs.ts";
import { pairCounts } from "./pair_counts.ts";

const ensemble = fc.record({
  voxels: fc.integer({ min: 1, max: 30 }),
  volumes: fc.integer({ min: 1, max: 70 }),
  side: fc.integer({ min: 1, max: 12 }),
  seed: fc.array(fc.nat(), { minLength: 90, maxLength: 90 }),
});

for (const [name, engine] of Object.entries<EngineFactory>({ referenceEngine, wasmEngine })) {
  Deno.test(`every pair is counted once, whatever the tiles (${name})`, async () => {
    await fc.assert(fc.asyncProperty(ensemble, async ({ voxels, volumes, side, seed }) => {
      const matrix = bitMatrix(voxels, volumes);
      const last = volumes % 32 === 0 ? 0xffffffff : (1 << volumes % 32) - 1;
      matrix.words.forEach((_, i) => {
        const isLast = i % matrix.wordsPerVoxel === matrix.wordsPerVoxel - 1;
        matrix.words[i] = Math.imul(seed[i]!, 2654435761) & (isLast ? last : 0xffffffff);
      });
      const { totals: distinct, classes } = totalClasses(totals(matrix));
      const expected = pairCounts(distinct, volumes);
      for (let u = 0; u < voxels; u++) {
        for (let v = u + 1; v < voxels; v++) {
          expected.add(classes[u]!, classes[v]!, both(matrix, u, v), 1);
        }
      }
      const counted = pairCounts(distinct, volumes);
      await countPairs(
        await engine(matrix, matrix),
        triangularTiles(voxels, side),
        classes,
        counted,
      );
      const list = (counts: typeof counted) => {
        const all: number[][] = [];
        counts.forEach((...entry) => all.push(entry));
        return all;
      };
      assert.deepStrictEqual(list(counted), list(expected));
    }));
  });
}
