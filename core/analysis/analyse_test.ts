import assert from "node:assert";
import { InputError, UsageError } from "../errors.ts";
import { encodePng, formatSvg } from "../report/drawing.ts";
import { random } from "../random.ts";
import { drawPresence } from "../simulate/assembly_tree.ts";
import { parseCsv } from "../volumes/csv_text.ts";
import { analyse } from "./analyse.ts";
import type { Analysis } from "./analysis.ts";
import { analysisSchema, formatAnalysis, parseAnalysis } from "./analysis_json.ts";
import {
  assemblyLines,
  assemblyOrder,
  formatAssemblyDot,
  formatAssemblyGexf,
} from "./assembly_order.ts";
import { assemblyPicture } from "./assembly_picture.ts";
import { componentsPicture } from "./components_picture.ts";
import { heatMap } from "./heat_map.ts";
import { pairsPicture } from "./pairs_picture.ts";
import {
  formatDependenciesCsv,
  formatPairsCsv,
  formatRegionsCsv,
  formatTreeCsv,
  formatVolumesCsv,
} from "./tables.ts";

const names = ["b0", 'Mask_"L2", é', "</text>", "b3", "mâsk _&", "b5"];
const tree = {
  parents: [-1, 0, 0, -1, 3, -1],
  probabilities: [0.7, 0.6, 0.4, 0.6, 0.5, 0.5],
  exclusive: [[1, 2]] as const,
};

function tableOf(volumes = 300, seed = 1) {
  const rng = random(seed);
  const rows = Array.from(
    { length: volumes },
    () =>
      Array.from(drawPresence(tree, rng), (bit) => (bit === 1 ? 0.8 : 0.02) + 0.15 * rng.uniform()),
  );
  return {
    volumes: rows.map((_, v) => `vol_${v}.mrc`),
    regions: names.map((name, k) => ({ name, voxels: 50 + k })),
    values: Float64Array.from(rows.flat()),
  };
}

const pictures = [heatMap, componentsPicture, pairsPicture, assemblyPicture];

Deno.test("analyse: the tree and the exclusive pair that a table was made from", () => {
  const { dependencies, pairs, junk, presence, clusters } = analyse(tableOf());
  assert.deepStrictEqual(
    dependencies.map((
      { region, needs, exceptions, direct },
    ) => [region, needs, exceptions, direct]),
    [[1, 0, 0, true], [2, 0, 0, true], [4, 3, 0, true]],
  );
  assert.deepStrictEqual(
    pairs.filter(({ exclusive }) => exclusive).map(({ a, b }) => [a, b]),
    [[1, 2]],
  );
  assert.deepStrictEqual(junk, []);
  assert.strictEqual(presence.length, 1800);
  assert.ok(Math.max(...clusters) > 1);
});

Deno.test("analyse: options, and what is out of range", () => {
  const table = tableOf(40);
  assert.strictEqual(Math.max(...analyse(table, { clusters: 7 }).clusters), 7);
  assert.deepStrictEqual(analyse(table, { present: 0.3 }).cutoffs, [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]);
  assert.strictEqual(analyse(table, { linkage: "average" }).linkage, "average");
  assert.throws(() => analyse(table, { clusters: 41 }), UsageError);
  assert.throws(
    () => analyse({ ...table, values: table.values.map((x, i) => i === 8 ? NaN : x) }),
    {
      name: "InputError",
      message: `Cannot analyse the occupancies: that of </text> in vol_1.mrc is no number (NaN)`,
    },
  );
  assert.throws(
    () => analyse({ ...table, values: table.values.map((x, i) => i === 8 ? -1e300 : x) }),
    /that of <\/text> in vol_1\.mrc is too great a number \(-1e\+300\)/,
  );
  assert.throws(() => analyse({ ...table, volumes: [], values: new Float64Array(0) }), InputError);
  assert.throws(() => analyse({ ...table, regions: [], values: new Float64Array(0) }), InputError);
});

Deno.test("analyse: what wrong calls hide is told", () => {
  const table = tableOf();
  const notes: string[] = [];
  const note = (text: string) => notes.push(text);
  analyse(table, { clusters: 2 }, { note });
  assert.deepStrictEqual(notes, []);
  // Every 25th volume has lost the two regions that others need, and no occupancy is unclear.
  const values = table.values.map((x, i) => i % 3 === 0 && Math.floor(i / 6) % 25 === 0 ? 0.1 : x);
  const { dependencies } = analyse({ ...table, values }, { clusters: 2 }, { note });
  const all = analyse({ ...table, values }, { clusters: 2, miscalls: 0.02 }, { note });
  assert.ok(all.dependencies.length >= dependencies.length + 3);
  assert.deepStrictEqual(notes, [
    `Occupancies are so clear that 0.0005 of the presences are taken to be called wrong: ` +
    `${dependencies.length} dependencies. If 0.02 were (miscalls), there would be ` +
    `${all.dependencies.length}.`,
  ]);
});

Deno.test("analyse: more clusters than are looked for are told", () => {
  const notes: string[] = [];
  const note = (text: string) => notes.push(text);
  const of = (states: number, options = {}) => {
    const volumes = Array.from({ length: 3 * states }, (_, v) => `vol_${v}.mrc`);
    const values = Float64Array.from(volumes.flatMap((_, v) => [v % states, (v % states) % 5]));
    const regions = [{ name: "b0", voxels: 9 }, { name: "b1", voxels: 9 }];
    return Math.max(...analyse({ volumes, regions, values }, options, { note }).clusters);
  };
  const told = () => notes.filter((text) => text.includes("the most that are looked for")).length;
  assert.deepStrictEqual([of(8), told()], [8, 0]);
  assert.deepStrictEqual([of(30), told()], [20, 1]);
  assert.deepStrictEqual([of(30, { clusters: 20 }), told()], [20, 1]);
});

Deno.test("analyse: scaled occupancies give the same trees and pairs", () => {
  const table = tableOf(60);
  const plain = analyse(table, { clusters: 3 });
  for (const scale of [2 ** -100, 2 ** 100]) {
    const values = table.values.map((x) => x * scale);
    const { regionTree, clusters, pairs, dependencies } = analyse({ ...table, values }, {
      clusters: 3,
      present: 0.5 * scale,
    });
    assert.deepStrictEqual(regionTree, plain.regionTree);
    assert.deepStrictEqual(clusters, plain.clusters);
    assert.strictEqual(pairs.length, plain.pairs.length);
    assert.strictEqual(dependencies.length, plain.dependencies.length);
  }
});

Deno.test("analyse: tables of one volume, of one region, and of volumes that are all the same", () => {
  const one = (volumes: number, regions: number, value: (v: number, k: number) => number) => ({
    volumes: Array.from({ length: volumes }, (_, v) => `vol_${v}.mrc`),
    regions: Array.from({ length: regions }, (_, k) => ({ name: `b${k}`, voxels: NaN })),
    values: Float64Array.from(
      { length: volumes * regions },
      (_, i) => value(Math.floor(i / regions), i % regions),
    ),
  });
  for (
    const table of [
      one(1, 1, () => 0.4),
      one(1, 5, (_, k) => k / 5),
      one(30, 1, (v) => v % 2),
      one(25, 4, () => 0.7),
      one(25, 4, () => 0),
      one(2, 2, (v, k) => v + k),
      one(4, 3, (v, k) => 1e6 * v - k),
    ]
  ) {
    const analysis = analyse(table);
    assert.deepStrictEqual(analysis.dependencies, []);
    assert.deepStrictEqual(parseAnalysis(formatAnalysis(analysis), "a.json"), analysis);
    for (const draw of pictures) {
      const drawing = draw(analysis);
      assert.ok(!formatSvg(drawing).includes("NaN"));
      encodePng(drawing);
    }
    assemblyLines(analysis);
    formatVolumesCsv(analysis);
  }
});

Deno.test("analysis.json holds all of an analysis, and is read back whole or not at all", () => {
  const analysis = analyse(tableOf(60));
  const text = formatAnalysis(analysis);
  assert.deepStrictEqual(parseAnalysis(text, "analysis.json"), analysis);
  assert.strictEqual(formatAnalysis(parseAnalysis(text, "analysis.json")), text);
  const unknown = {
    ...analysis,
    table: { ...analysis.table, regions: names.map((name) => ({ name, voxels: NaN })) },
  };
  assert.deepStrictEqual(parseAnalysis(formatAnalysis(unknown), "analysis.json"), unknown);
  const file = analysisSchema.parse(JSON.parse(text));
  const damaged: [unknown, RegExp][] = [
    ["{", /: it is no JSON file$/],
    [{ ...file, version: 2 }, /: version: /],
    [{ ...file, clusters: file.clusters.slice(1) }, /: clusters: must have 60 entries$/],
    [{ ...file, presence: file.presence.slice(1) }, /: presence: must have 360 entries$/],
    [
      { ...file, volumeTree: { ...file.volumeTree, order: new Array(60).fill(0) } },
      /: volumeTree: /,
    ],
    [{ ...file, pairs: file.pairs.slice(1) }, /: pairs: must be 15$/],
    [{ ...file, dependencies: [{ ...file.dependencies[0], needs: 6 }] }, /: dependencies: /],
    [{ ...file, junk: [{ volume: 60, kind: "empty", reason: "" }] }, /: junk: /],
    [{ ...file, extra: 1 }, /: the file: /],
  ];
  for (const [value, message] of damaged) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    assert.throws(() => parseAnalysis(text, "a.json"), (error) => {
      assert.ok(error instanceof InputError && message.test(error.message), String(error));
      return true;
    });
  }
});

Deno.test("tables: a row for each volume, region, pair, dependency and merge; odd names are quoted", () => {
  const analysis = analyse(tableOf(60));
  const of = (text: string) => parseCsv(text, "table");
  const volumes = of(formatVolumesCsv(analysis, analysis.clusters));
  assert.strictEqual(volumes.rows.length, 60);
  assert.deepStrictEqual(volumes.columns.slice(0, 5), [
    "map_file",
    "cluster",
    "place",
    "occupied_voxels",
    "pc1",
  ]);
  const places = volumes.rows.map(({ record }) => Number(record[2]));
  assert.deepStrictEqual(
    analysis.volumeTree.order.map((v) => places[v]),
    Array.from({ length: 60 }, (_, i) => i),
  );
  const regions = of(formatRegionsCsv(analysis));
  assert.deepStrictEqual(regions.rows.map(({ record }) => record[0]), names);
  const pairs = of(formatPairsCsv(analysis));
  assert.strictEqual(pairs.rows.length, 15);
  assert.strictEqual(pairs.rows[0]!.record[1], names[1]);
  const dependencies = of(formatDependenciesCsv(analysis));
  assert.strictEqual(dependencies.rows.length, analysis.dependencies.length);
  const merges = of(formatTreeCsv(analysis.volumeTree));
  assert.deepStrictEqual(merges.columns, ["a", "b", "height", "size"]);
  assert.strictEqual(merges.rows.at(-1)!.record[3], "60");
});

Deno.test("the order of assembly as lines, DOT and GEXF", () => {
  const analysis = analyse(tableOf());
  const lines = assemblyLines(analysis).map((line) => line.replace(/\d+/g, "N"));
  assert.deepStrictEqual(lines, [
    "bN (in N)",
    '  Mask_"LN", é (in N)',
    "  </text> (in N)",
    "bN (in N)",
    "  mâsk _& (in N)",
    "bN (in N)",
  ]);
  const dot = formatAssemblyDot(analysis);
  assert.match(dot, /^digraph assembly \{\n/);
  assert.ok(dot.includes('  "b0" -> "Mask_\\"L2\\", é";\n'));
  assert.ok(
    dot.includes('  "Mask_\\"L2\\", é" -> "</text>" [dir=none, style=dashed, constraint=false];\n'),
  );
  assert.strictEqual([...dot.matchAll(/ -> /g)].length, 4);
  const gexf = formatAssemblyGexf(analysis);
  assert.ok(gexf.includes('label="&lt;/text') && !gexf.includes("</text>"));
  assert.strictEqual([...gexf.matchAll(/<edge /g)].length, 3);
});

Deno.test("equivalent regions are one node of the order of assembly", () => {
  const rng = random(2);
  const rows = Array.from({ length: 200 }, () => {
    const a = rng.uniform() < 0.6 ? 1 : 0, c = a === 1 && rng.uniform() < 0.5 ? 1 : 0;
    return [a, c, a];
  });
  const analysis = analyse({
    volumes: rows.map((_, v) => `vol_${v}.mrc`),
    regions: ["x", "y", "z"].map((name) => ({ name, voxels: 5 })),
    values: Float64Array.from(rows.flat()),
  });
  assert.deepStrictEqual(
    assemblyOrder(3, analysis.dependencies).map(({ regions, needs }) => [regions, needs]),
    [[[0, 2], []], [[1], [0]]],
  );
  assert.match(assemblyLines(analysis).join("|"), /^x = z \(in \d+\)\| {2}y \(in \d+\)$/);
  assert.ok(formatAssemblyDot(analysis).includes('"x" -> "z" [dir=both];'));
  encodePng(assemblyPicture(analysis));
});

Deno.test("pictures: the same each time, with odd names, and small for many volumes", () => {
  const analysis = analyse(tableOf(500));
  for (const draw of pictures) {
    const svg = formatSvg(draw(analysis));
    assert.strictEqual(formatSvg(draw(analysis)), svg);
    assert.ok(svg.length < 250_000, `${draw.name} ${svg.length}`);
    assert.ok(encodePng(draw(analysis), 2).length < 400_000);
    assert.ok(!svg.includes("</text></text>"));
  }
});

Deno.test("picture of the order of assembly: boxes of one layer do not touch, what needs is below", () => {
  // Diamonds and long edges: 24 regions, each needing some before it.
  const count = 24;
  const dependencies: Analysis["dependencies"][number][] = [];
  const edges = Array.from({ length: count }, () => new Set<number>());
  for (let k = 3; k < count; k++) {
    for (const needed of [Math.floor(k / 2), (k * 7) % k]) {
      edges[k]!.add(needed);
      for (const other of edges[needed]!) edges[k]!.add(other);
    }
  }
  edges.forEach((needs, region) => {
    for (const needed of needs) {
      dependencies.push({
        region,
        needs: needed,
        volumes: 9,
        exceptions: 0,
        p: 0,
        q: 0,
        direct: true,
      });
    }
  });
  const small = analyse(tableOf(20));
  const analysis: Analysis = {
    ...small,
    table: {
      ...small.table,
      regions: Array.from({ length: count }, (_, k) => ({ name: `region ${k}`, voxels: 9 })),
    },
    presence: new Uint8Array(20 * count),
    dependencies,
  };
  const { items, width, height } = assemblyPicture(analysis);
  const frames = items.filter((item) => item.kind === "raster")
    .filter((item) => item.height > 20 && item.image.rgb[0] === 0xb0);
  assert.strictEqual(frames.length, count);
  for (const [i, p] of frames.entries()) {
    assert.ok(p.x >= 0 && p.y >= 0 && p.x + p.width <= width && p.y + p.height <= height);
    for (const q of frames.slice(0, i)) {
      const apart = p.x + p.width < q.x || q.x + q.width < p.x || p.y + p.height < q.y ||
        q.y + q.height < p.y;
      assert.ok(apart, "no two boxes lie over each other");
    }
  }
});
