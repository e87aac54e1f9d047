import assert from "node:assert";
import fc from "fast-check";
import { distance, medianPosition, position } from "../../core/blocks/block.ts";
import { blockColumns } from "../../core/blocks/expand.ts";
import {
  bitMatrix,
  both,
  takeVoxels,
  totals as totalsOf,
  triangularTiles,
} from "../../core/cooccupancy/mod.ts";
import { leastCounts, totalClasses } from "../../core/null_model/mod.ts";
import { random, sample } from "../../core/random.ts";
import { jobs } from "./jobs.ts";

const APIX = 7;

/** A random union in a small box with cutoffs; voxels sorted by total as the sketch sorts them. */
const ensembles = fc.record({
  box: fc.integer({ min: 4, max: 12 }),
  voxels: fc.integer({ min: 4, max: 60 }),
  volumes: fc.integer({ min: 2, max: 70 }),
  seed: fc.nat(),
}).map(({ box, voxels, volumes, seed }) => {
  const rng = random(seed);
  const raw = bitMatrix(voxels, volumes);
  for (let v = 0; v < voxels; v++) {
    for (let k = 0; k < volumes; k++) {
      if (k % (2 + v % 3) === 0 !== rng.uniform() < 0.1) {
        raw.words[v * raw.wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
      }
    }
  }
  const own = totalsOf(raw);
  const order = Uint32Array.from(own.keys()).sort((a, b) => own[a]! - own[b]! || a - b);
  const matrix = takeVoxels(raw, order, true);
  const { totals, classes } = totalClasses(totalsOf(matrix));
  const table = () => {
    const values = new Float64Array(totals.length ** 2);
    for (let i = 0; i < totals.length; i++) {
      for (let j = i; j < totals.length; j++) {
        values[i * totals.length + j] = values[j * totals.length + i] = rng.uniform() * volumes / 3;
      }
    }
    return values;
  };
  const cutoffs = { totals, positive: table(), negative: table() };
  const flat = sample(box ** 3, voxels, rng);
  const places = sample(voxels, voxels, rng);
  return { box, matrix, flat, places, classes, cutoffs, rng };
});
type Ensemble = typeof ensembles extends fc.Arbitrary<infer T> ? T : never;

/** The reference's factor, by its definition. */
const factorAt = (d: number) => d === 0 ? 1 : d < 40 ? Math.max(1.25, 0.02 * d + 0.95) : 1.75;

/** The reference's edge, by its definition: all comparisons strict. */
function isLinked({ matrix, classes, cutoffs }: Ensemble, a: number, b: number, factor: number) {
  const { totals, positive, negative } = cutoffs;
  const n = matrix.volumes, pair = classes[a]! * totals.length + classes[b]!;
  const f1 = Math.min(totals[classes[a]!]!, totals[classes[b]!]!);
  const f2 = Math.max(totals[classes[a]!]!, totals[classes[b]!]!);
  const together = both(matrix, a, b);
  const neither = n - f1 - f2 + together;
  return together > Math.min(factor * positive[pair]!, f1) &&
    neither > Math.min(negative[pair]!, n - f2);
}

Deno.test("the sketch's links are the reference's, by distance or by one factor", async () => {
  await fc.assert(fc.asyncProperty(ensembles, fc.boolean(), async (ensemble, byDistance) => {
    const { box, matrix, flat, places, classes, cutoffs } = ensemble;
    const { totals, positive } = cutoffs;
    const distanceOf = (a: number, b: number) =>
      distance(position(flat[a]!, box), position(flat[b]!, box), APIX);
    const { linkSketch } = jobs({
      engine: "wasm",
      sketch: {
        matrix,
        flat,
        totals,
        places,
        thresholds: {
          rowClasses: classes,
          columnClasses: classes,
          columnClassCount: totals.length,
          least: leastCounts(cutoffs, matrix.volumes, byDistance ? factorAt(APIX) : 1.3),
        },
        ...(byDistance ? { byDistance: { positive, box, apix: APIX } } : {}),
      },
    });
    const { u, v, both: counts } = await linkSketch({ tiles: triangularTiles(matrix.voxels, 16) });
    const found = Array.from(u, (first, i) => `${first} ${v[i]} ${counts[i]}`).sort();
    const expected = [];
    for (let a = 0; a < matrix.voxels; a++) {
      for (let b = a + 1; b < matrix.voxels; b++) {
        if (!isLinked(ensemble, a, b, byDistance ? factorAt(distanceOf(a, b)) : 1.3)) continue;
        const [first, second] = places[a]! < places[b]! ? [a, b] : [b, a];
        expected.push(`${flat[first]} ${flat[second]} ${both(matrix, a, b)}`);
      }
    }
    assert.deepStrictEqual(found, expected.sort());
  }));
});

Deno.test("the pairs of the sketch are counted by totals and count, each once", async () => {
  await fc.assert(
    fc.asyncProperty(ensembles, async ({ matrix, flat, places, classes, cutoffs: { totals } }) => {
      const { countSketch } = jobs({
        engine: "wasm",
        sketch: {
          matrix,
          flat,
          totals,
          places,
          thresholds: {
            rowClasses: classes,
            columnClasses: classes,
            columnClassCount: totals.length,
            least: new Uint16Array(totals.length ** 2),
          },
        },
      });
      const counts = await countSketch({ tiles: triangularTiles(matrix.voxels, 16) });
      const expected = new Map<string, number>();
      for (let a = 0; a < matrix.voxels; a++) {
        for (let b = a + 1; b < matrix.voxels; b++) {
          const key = `${classes[a]} ${classes[b]} ${both(matrix, a, b)}`; // classes ascend
          expected.set(key, (expected.get(key) ?? 0) + 1);
        }
      }
      const found = new Map(Array.from(counts.pairs, (pairs, i) => {
        const classes = [counts.row_class[i]!, counts.column_class[i]!].sort((a, b) => a - b);
        return [`${classes.join(" ")} ${counts.both[i]}`, pairs];
      }));
      assert.strictEqual(found.size, counts.pairs.length);
      assert.deepStrictEqual(new Map([...found].sort()), new Map([...expected].sort()));
    }),
  );
});

Deno.test("the expansion's voxels are the reference's: distance to the median, factor 1 upon it", async () => {
  const shares = fc.constantFrom(0.05, 0.25, 0.5, 1);
  const factors = fc.constantFrom(undefined, 1.1);
  await fc.assert(fc.asyncProperty(ensembles, shares, factors, async (ensemble, share, given) => {
    const { box, matrix, flat, classes, cutoffs, rng } = ensemble;
    const { voxels } = matrix;
    // The first block is one voxel, whose median it is.
    const seeds = [1, 4, 7].map((size) => sample(voxels, Math.min(size, voxels), rng).sort());
    const medians = seeds.map((own) => medianPosition(own.map((row) => flat[row]!), box));
    const { expandLinks } = jobs({
      engine: "wasm",
      links: {
        matrix,
        seeds: takeVoxels(matrix, seeds.flatMap((own) => [...own]), true),
        columns: blockColumns(seeds.map((own) => Uint16Array.from(own, (row) => classes[row]!))),
        flat,
        classes,
        totals: cutoffs.totals,
        share,
        links: {
          kind: "cutoffs",
          positive: cutoffs.positive,
          negative: cutoffs.negative,
          factor: given,
          negativeFactor: 1,
          medians,
          box,
          apix: APIX,
        },
      },
    });
    const half = voxels >> 1;
    const parts = [
      await expandLinks({ start: 0, end: half }),
      await expandLinks({ start: half, end: voxels }),
    ];
    const found = parts.flatMap(({ rows, blocks }) =>
      Array.from(rows, (row, i) => `${row} ${blocks[i]}`)
    );
    const expected = [];
    for (const [block, own] of seeds.entries()) {
      for (let row = 0; row < voxels; row++) {
        const d = distance(position(flat[row]!, box), medians[block]!, APIX);
        const factor = d === 0 ? 1 : given ?? factorAt(d);
        const links = own.filter((member) => isLinked(ensemble, row, member, factor));
        if (links.length / own.length >= share) expected.push(`${row} ${block}`);
      }
    }
    assert.deepStrictEqual(found.sort(), expected.sort());
  }));
});

Deno.test("a map whose box is another than it was is refused", async () => {
  const path = await Deno.makeTempFile({ suffix: ".mrc" });
  try {
    const map = new Uint8Array(1024 + 27);
    const view = new DataView(map.buffer);
    for (const at of [0, 4, 8]) view.setInt32(at, 3, true);
    map.set([0x44, 0x44], 212);
    await Deno.writeFile(path, map);
    const { readVolume } = jobs({
      volumes: { words: new Uint32Array(2), wordsPerVolume: 2, box: 4 },
    });
    await assert.rejects(
      readVolume({ path, row: 0, threshold: 0 }),
      {
        name: "InputError",
        message: `Cannot use ${path}: its box has changed while it was read (3 x 3 x 3, not 4)`,
        remedy: "Let nothing write to the maps during a run.",
      },
    );
  } finally {
    await Deno.remove(path);
  }
});
