import assert from "node:assert";
import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
import { blockOccupancy } from "../occupancy/block_occupancy.ts";
import { random } from "../random.ts";
import { drawPresence, drawTree } from "../simulate/assembly_tree.ts";
import { analyse } from "./analyse.ts";

const CORE = 150, BLOCK = 120, BLOCKS = 6, BEYOND = 400;
const VOXELS = CORE + BLOCKS * BLOCK + BEYOND;
const blockOf = (voxel: number) => Math.floor((voxel - CORE) / BLOCK);

/** A volume's voxels: the core, blocks that are present, and a few mistakes of both kinds. */
function state(
  presence: ArrayLike<number>,
  rng: ReturnType<typeof random>,
  error = 0.02,
): Uint8Array {
  return Uint8Array.from({ length: VOXELS }, (_, voxel) => {
    const block = blockOf(voxel);
    const there = voxel < CORE || block >= 0 && block < BLOCKS && presence[block] === 1;
    const isWrong = rng.uniform() < (voxel < CORE ? 0.002 : error);
    return there !== isWrong ? 1 : 0;
  });
}

function analysisOf(rows: readonly Uint8Array[], withVoxels = true) {
  const matrix = bitMatrix(VOXELS, rows.length);
  rows.forEach((row, volume) => {
    row.forEach((bit, voxel) => {
      if (bit === 1) {
        matrix.words[voxel * matrix.wordsPerVoxel + (volume >> 5)]! |= 1 << (volume & 31);
      }
    });
  });
  const blocks = Array.from({ length: BLOCKS }, (_, id) => {
    return { id, members: Uint32Array.from({ length: BLOCK }, (_, i) => CORE + id * BLOCK + i) };
  });
  const volumes = rows.map((_, v) => `vol_${v}.mrc`);
  return analyse(blockOccupancy(matrix, blocks, volumes), {}, withVoxels ? { voxels: matrix } : {});
}

const clean = (volumes: number, seed: number, kind: "random" | "chain" | "star" = "random") => {
  const rng = random(seed), tree = drawTree(kind, BLOCKS, rng, [0.1, 0.9]);
  return Array.from({ length: volumes }, () => state(drawPresence(tree, rng), rng));
};

Deno.test("no junk in ensembles of real states, large or small, whatever the tree", () => {
  for (const kind of ["random", "chain", "star"] as const) {
    for (const [volumes, seed] of [[8, 1], [20, 2], [60, 3], [200, 4]] as const) {
      for (const withVoxels of [true, false]) {
        const { junk } = analysisOf(clean(volumes, seed, kind), withVoxels);
        assert.deepStrictEqual(junk, [], `${kind}, ${volumes} volumes`);
      }
    }
  }
});

Deno.test("noise, empty volumes and those of twice the mass are junk, each for its reason", () => {
  const rng = random(7), rows = clean(200, 6);
  const noise = (share: number) =>
    Uint8Array.from({ length: VOXELS }, () => rng.uniform() < share ? 1 : 0);
  const shiftedToo = (row: Uint8Array) =>
    row.map((bit, voxel) => voxel >= CORE + BLOCKS * BLOCK ? (rng.uniform() < 0.9 ? 1 : 0) : bit);
  rows[11] = noise(0.2);
  rows[50] = noise(0.4);
  rows[51] = noise(0.1);
  rows[80] = new Uint8Array(VOXELS);
  rows[81] = noise(0.01);
  const { high } = {
    high: rows.map((row) => row.reduce((sum, bit) => sum + bit, 0)).indexOf(
      Math.max(...rows.map((row) => row.reduce((sum, bit) => sum + bit, 0))),
    ),
  };
  rows[120] = shiftedToo(rows[high]!);
  const { junk } = analysisOf(rows);
  assert.deepStrictEqual(junk.map(({ volume, kind }) => [volume, kind]), [
    [11, "unlike"],
    [50, "unlike"],
    [51, "unlike"],
    [80, "empty"],
    [81, "empty"],
    [120, "over-full"],
  ]);
  for (const { reason } of junk) assert.match(reason, /^(It|The volume) .*\d.*\.$/);
  assert.match(junk[3]!.reason, /^It holds 0 voxels, the median volume \d+; 0 of the \d+ voxels /);
});

Deno.test("a rare state is no junk, even if it occurs once or lacks what all others hold", () => {
  const rng = random(8);
  const tree = { parents: [-1, -1, -1, 0, 1, 2], probabilities: [0.9, 0.8, 0.7, 0.6, 0.6, 0.6] };
  const rows = Array.from({ length: 150 }, () => {
    const presence = drawPresence(tree, rng);
    presence[5] = 0;
    return state(presence, rng);
  });
  rows[3] = state([0, 0, 0, 0, 0, 1], rng); // once, and nothing else like it
  for (const v of [70, 71, 72]) {
    // Three that lack most of what is the core to all others.
    const row = state([1, 1, 0, 0, 0, 0], rng);
    rows[v] = row.map((bit, voxel) => voxel < 0.6 * CORE ? 0 : bit);
  }
  assert.deepStrictEqual(analysisOf(rows).junk, []);
});

Deno.test("no junk where no two volumes are the same state, and none of their voxels is a core", () => {
  const rng = random(11), independent = 40;
  const rows = Array.from(
    { length: 150 },
    () =>
      Array.from(
        { length: independent },
        (_, k) => rng.uniform() < 0.2 + 0.6 * k / independent ? 1 : 0,
      ),
  );
  const matrix = bitMatrix(independent * 10, rows.length);
  rows.forEach((row, volume) =>
    row.forEach((there, k) => {
      for (let voxel = 10 * k; voxel < 10 * k + 10; voxel++) {
        if ((rng.uniform() < 0.97 ? 1 : 0) !== there) continue;
        matrix.words[voxel * matrix.wordsPerVoxel + (volume >> 5)]! |= 1 << (volume & 31);
      }
    })
  );
  const blocks = rows[0]!.map((_, id) => {
    return { id, members: Uint32Array.from({ length: 10 }, (_, i) => 10 * id + i) };
  });
  const table = blockOccupancy(matrix, blocks, rows.map((_, v) => `vol_${v}.mrc`));
  assert.deepStrictEqual(analyse(table, {}, { voxels: matrix }).junk, []);
});

Deno.test("junk does not spoil the order of assembly", () => {
  const rng = random(9), tree = drawTree("chain", BLOCKS, rng, [0.2, 0.8]);
  const rows = Array.from({ length: 200 }, () => state(drawPresence(tree, rng), rng));
  const before = analysisOf(rows).dependencies.map(({ region, needs }) => `${region} ${needs}`);
  assert.strictEqual(before.length, 15);
  for (let v = 0; v < 12; v++) {
    // Noise that is dense enough to pass for some of the blocks.
    rows[v * 16] = Uint8Array.from(
      { length: VOXELS },
      (_, voxel) => rng.uniform() < (blockOf(voxel) % 2 === v % 2 ? 0.62 : 0.2) ? 1 : 0,
    );
  }
  const { junk, dependencies } = analysisOf(rows);
  assert.strictEqual(junk.length, 12);
  assert.deepStrictEqual(dependencies.map(({ region, needs }) => `${region} ${needs}`), before);
});

Deno.test("a table alone: empty rows are junk where some region is nearly always there", () => {
  const rng = random(10);
  const rows = (base: number) =>
    Array.from(
      { length: 100 },
      (_, v) =>
        v === 7 || v === 60
          ? [0.01, 0.02, 0]
          : [base, v % 2, v % 3 === 0 ? 1 : 0].map((x) => Math.abs(x - 0.05 * rng.uniform())),
    );
  const tableOf = (rows: number[][]) => ({
    volumes: rows.map((_, v) => `vol_${v}.mrc`),
    regions: ["core", "b1", "b2"].map((name) => ({ name, voxels: NaN })),
    values: Float64Array.from(rows.flat()),
  });
  const { junk } = analyse(tableOf(rows(1)));
  assert.deepStrictEqual(junk.map(({ volume, kind }) => [volume, kind]), [[7, "empty"], [
    60,
    "empty",
  ]]);
  assert.match(junk[0]!.reason, /nearly all volumes hold core\.$/);
  assert.deepStrictEqual(analyse(tableOf(rows(0))).junk, []);
  const doubled = rows(1);
  doubled[30] = [2, 1.9, 2.1];
  const found = analyse(tableOf(doubled)).junk.find(({ volume }) => volume === 30);
  assert.strictEqual(found?.kind, "over-full");
});
