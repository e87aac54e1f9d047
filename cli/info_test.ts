import assert from "node:assert";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

/** Simulates a few maps, to have some. */
async function withMaps(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const words = `simulate --outdir ${folder} --volumes 2 --box 16 --apix 9.5 --blocks 2 --quiet`;
    await main(words.split(" "), fakeIo());
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function call(...args: string[]) {
  const io = fakeIo();
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

Deno.test("siren info tells one map in full", () =>
  withMaps(async (folder) => {
    const { code, out, err } = await call("info", `${folder}/vol_000.mrc`);
    assert.deepStrictEqual([code, err], [0, ""]);
    const lines = out.split("\n");
    assert.strictEqual(lines[0], `file        ${folder}/vol_000.mrc (17,408 bytes)`);
    assert.deepStrictEqual(lines.slice(1, 4), [
      "box         16 x 16 x 16 voxels",
      "voxel size  9.5 A",
      "origin      0, 0, 0 A; index of the first voxel 0, 0, 0",
    ]);
    assert.match(out, /\nstored as {3}mode 2, 32-bit float, little-endian/);
    assert.match(
      out,
      /\ndensity {5}-?[\d.]+ to [\d.]+\nmean {8}[\d.]+, standard deviation [\d.]+\n$/,
    );
  }));

Deno.test("siren info lists several maps and what is odd about them, once", () =>
  withMaps(async (folder) => {
    const paths = [0, 1].map((k) => `${folder}/vol_00${k}.mrc`);
    for (const path of paths) {
      using file = await Deno.open(path, { write: true });
      await file.seek(108, Deno.SeekMode.Start);
      await file.write(new Uint8Array(4)); // NVERSION
    }
    const { code, out, err } = await call("info", ...paths);
    assert.deepStrictEqual([code, err], [0, ""]);
    const lines = out.trimEnd().split("\n");
    assert.match(lines[0]!, /^map +box +A\/voxel +mode +min +max +mean +std$/);
    assert.ok(lines[2]!.startsWith(`${paths[1]}  16 x 16 x 16      9.5     2`));
    assert.deepStrictEqual(lines.slice(3), [
      `${paths[0]} and 1 other map: warning: NVERSION is neither 20140 nor 20141 (0)`,
    ]);
  }));

Deno.test("siren info goes on after a map that cannot be read, and ends with 3", () =>
  withMaps(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.mrc`, "no map");
    const { code, out, err } = await call("info", `${folder}/a.mrc`, `${folder}/vol_001.mrc`);
    assert.strictEqual(code, 3);
    assert.match(out, /\n.*vol_001\.mrc {2}16 x 16 x 16/);
    assert.match(err, /^Error: Cannot .*a\.mrc.*\n(.*\n)?Error: Cannot use 1 of 2 maps\n$/);
  }));

Deno.test("siren info --json prints an array, for one map too", () =>
  withMaps(async (folder) => {
    const { code, out } = await call("info", `${folder}/vol_001.mrc`, "--json");
    const [map, ...rest] = JSON.parse(out);
    assert.deepStrictEqual([code, rest], [0, []]);
    assert.deepStrictEqual([map.size, map.voxelSize], [
      { x: 16, y: 16, z: 16 },
      { x: 9.5, y: 9.5, z: 9.5 },
    ]);
  }));

Deno.test("siren info describes a map that is cut off, and ends with 3", () =>
  withMaps(async (folder) => {
    await Deno.truncate(`${folder}/vol_000.mrc`, 5000);
    const { code, out, err } = await call("info", `${folder}/vol_000.mrc`);
    assert.deepStrictEqual([code, err], [3, "Error: Cannot use 1 of 1 map\n"]);
    assert.match(out, /\nerror: its header promises 17408 bytes, the file has 5000/);
  }));
