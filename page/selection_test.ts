import assert from "node:assert";
import fc from "fast-check";
import { selectVolumes } from "../core/analysis/where.ts";
import type { Report } from "./data.ts";
import {
  commandsOf,
  cutoffText,
  formatRanges,
  isNothing,
  NOTHING,
  parseRanges,
  pickBlocks,
  pickVolumes,
  type Selection,
  toggleBlock,
  volumesOf,
  whereText,
  type Wish,
} from "./selection.ts";
import { testData, testReport } from "./testing.ts";

const report = testReport(64, 4);
const { analysis } = testData(64, 4);

const sorted = (volumes: Iterable<number> | null) => [...volumes ?? []].sort((a, b) => a - b);

Deno.test("nothing is selected at first, and no volumes follow", () => {
  assert.ok(isNothing(NOTHING));
  assert.strictEqual(volumesOf(report, NOTHING), null);
});

Deno.test("the condition that is copied selects the very volumes that the page shows", () => {
  const wishes = fc.constantFrom<Wish>("present", "absent");
  fc.assert(fc.property(
    fc.uniqueArray(fc.tuple(fc.nat(3), wishes), { selector: ([block]) => block, minLength: 1 }),
    fc.option(fc.uniqueArray(fc.integer({ min: 1, max: report.clusterCount }), { minLength: 1 })),
    (blocks, clusters) => {
      const volumes = clusters === null ? null : new Set(
        report.clusters.flatMap((cluster, volume) => clusters.includes(cluster) ? [volume] : []),
      );
      const selection: Selection = { blocks: new Map(blocks), volumes, source: "" };
      const where = whereText(report, selection);
      assert.ok(where !== undefined);
      assert.deepStrictEqual(selectVolumes(analysis, where), sorted(volumesOf(report, selection)));
    },
  ));
});

Deno.test("cutoffs have no more digits than it takes to tell the volumes apart", () => {
  assert.strictEqual(cutoffText(report, 0), "0.5");
  const close = { ...report, cutoffs: [0.1234567, 0.5, 0.5, 0.5] };
  const values = Float64Array.from(report.values);
  values[0] = 0.1234568;
  values[4] = 0.1234566;
  assert.strictEqual(cutoffText({ ...close, values }, 0), "0.1234567");
});

Deno.test("commands take the run folder as a shell must be given it", () => {
  const block = toggleBlock(NOTHING, 1, false);
  assert.deepStrictEqual(commandsOf(report, block, "/home/me/my runs/it's"), {
    volumes: "siren volumes '/home/me/my runs/it'\\''s' --where 'b1 >= 0.5'",
    particles: "siren particles '/home/me/my runs/it'\\''s' --where 'b1 >= 0.5' " +
      "--cryodrgn CRYODRGN_FOLDER --outdir particles",
  });
});

Deno.test("volumes that no condition is known for are named, or are in a file", () => {
  const picked = pickVolumes(NOTHING, [3, 5], "lasso", false);
  assert.deepStrictEqual(commandsOf(report, picked, "out"), {
    particles: "siren particles --volumes vol_003.mrc,vol_005.mrc " +
      "--cryodrgn CRYODRGN_FOLDER --outdir particles",
  });
  const odd: Report = {
    ...report,
    volumes: report.volumes.map((volume) => ({ ...volume, file: `a, ${volume.file}` })),
  };
  assert.match(
    commandsOf(odd, picked, "out").particles,
    /^siren particles --volumes volumes\.txt /,
  );
  const none = pickVolumes(NOTHING, [], "lasso", false);
  assert.match(commandsOf(report, none, "out").particles, /--volumes volumes\.txt /);
});

Deno.test("all that is junk is selected by that word", () => {
  const junk = [3, 5].map((volume) => ({ volume, kind: "unlike" as const, reason: "" }));
  const picked = pickVolumes(NOTHING, [5, 3], "junk volumes", false);
  assert.strictEqual(whereText({ ...report, junk }, picked), "junk");
});

Deno.test("a block is selected alone, with others, as absent, and no more", () => {
  const one = toggleBlock(NOTHING, 2, false);
  assert.deepStrictEqual([...one.blocks], [[2, "present"]]);
  assert.strictEqual(toggleBlock(one, 2, false), NOTHING);
  const two = toggleBlock(one, 0, true);
  assert.deepStrictEqual([...two.blocks.keys()], [2, 0]);
  assert.deepStrictEqual([...toggleBlock(two, 0, true).blocks.keys()], [2]);
  assert.deepStrictEqual([...toggleBlock(two, 2, true, "absent").blocks], [[2, "absent"], [
    0,
    "present",
  ]]);
  assert.deepStrictEqual([...toggleBlock(two, 1, false).blocks.keys()], [1]);
  assert.deepStrictEqual([...pickBlocks(one, [0, 1], true).blocks.keys()], [2, 0, 1]);
  assert.deepStrictEqual([...pickBlocks(one, [0, 1], false).blocks.keys()], [0, 1]);
});

Deno.test("volumes are picked alone, or besides those that are", () => {
  const one = pickVolumes(toggleBlock(NOTHING, 0, false), [1, 2], "cluster 1", false);
  assert.deepStrictEqual([[...one.blocks], sorted(one.volumes)], [[], [1, 2]]);
  const more = pickVolumes(one, [2, 9], "lasso", true);
  assert.deepStrictEqual([sorted(more.volumes), more.source], [[1, 2, 9], "cluster 1, lasso"]);
  const within = pickVolumes(toggleBlock(NOTHING, 0, false), [1, 7], "lasso", true);
  assert.deepStrictEqual([within.blocks.size, sorted(volumesOf(report, within))], [1, [1]]);
});

Deno.test("ranges come back as they went, and nonsense in them is left out", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(200)), (numbers) => {
    assert.deepStrictEqual(parseRanges(formatRanges(numbers), 201), sorted(numbers));
  }));
  assert.strictEqual(formatRanges([4, 1, 2, 3, 9]), "1-4,9");
  assert.deepStrictEqual(parseRanges("2-999999999,x,-3,4-,1", 4), [2, 3, 1]);
});
