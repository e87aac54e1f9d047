import assert from "node:assert";
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { decodeMap } from "../mrc/read.ts";
import { makeHeader } from "../mrc/header.ts";
import { readMap } from "../mrc/read.ts";
import { bytesOf, fileOf, referenceData, withFolder } from "../mrc/testing.ts";
import { encodeMap, writeMap } from "../mrc/write.ts";
import { random } from "../random.ts";
import { findMaps } from "../volumes/find_maps.ts";
import { fourierCrop } from "./fourier_crop.ts";
import { readStatistics } from "./map_statistics.ts";
import { mapRange, normalise } from "./normalise.ts";
import { cropMap, normaliseMap, preprocessVolume, readNormalisedMap } from "./normalised_maps.ts";

const zero = { x: 0, y: 0, z: 0 };

function densities(box: number, seed = 1): Float32Array<ArrayBuffer> {
  const rng = random(seed);
  return Float32Array.from({ length: box ** 3 }, () => rng.uniform() ** 4 - 0.1);
}

function largest(a: Float32Array, b: Float32Array): number {
  assert.strictEqual(a.length, b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}

const cnn = referenceData("golden/cnn");
Deno.test({
  name: "../shared/golden/cnn: maps and statistics are the reference's",
  ignore: cnn.missing,
  fn: async () => {
    const raw = await findMaps(join(cnn.folder, "raw"));
    const csv = join(cnn.folder, "normalized", "map_stats_downsampled.csv");
    const expected = await readStatistics(csv, raw);
    for (const [i, path] of raw.entries()) {
      const { data, statistics, own } = await normaliseMap(path, 64);
      assert.deepStrictEqual(own, statistics);
      const { min, max } = expected[i]!;
      assert.ok(Math.abs(statistics.min - min) <= 1e-6 * min, `${statistics.min}, ${min}`);
      assert.ok(Math.abs(statistics.max - max) <= 1e-6 * max, `${statistics.max}, ${max}`);
      const reference = await readNormalisedMap(path.replace("/raw/", "/normalized/"), 64);
      assert.ok(largest(data, reference) <= 1e-5 * 2);
      await assert.rejects(readNormalisedMap(path, 64), /it is not normalised/);
    }
  },
});

const downsample = referenceData("golden/downsample");
Deno.test({
  name:
    "../shared/golden/downsample: cropped maps, normalised maps and statistics are the reference's",
  ignore: downsample.missing,
  fn: async () => {
    const expected = join(downsample.folder, "expected");
    const raw = await findMaps(join(downsample.folder, "raw"));
    const [small, own] = await Promise.all(
      ["map_stats_downsampled.csv", "map_stats_raw.csv"].map((name) =>
        readStatistics(join(expected, name), raw)
      ),
    );
    for (const [i, path] of raw.entries()) {
      const name = path.split("/").at(-1)!;
      const { maps, own: range } = await cropMap(path, [64]);
      const map = maps[0]!;
      const reference = await readMap(join(expected, "downsampled", name));
      assert.ok(largest(map.data, reference.data) <= 1e-5 * map.range.max);
      assert.strictEqual(map.grid.apix?.toFixed(6), reference.grid.apix?.toFixed(6));
      const normalised = await readNormalisedMap(join(expected, name), 64);
      assert.ok(largest(normalise(map.data, map.range), normalised) <= 1e-5 * 2);
      for (const [found, given] of [[map.range, small![i]!], [range, own![i]!]] as const) {
        assert.ok(Math.abs(found.min - given.min) <= 1e-6 * given.min);
        assert.ok(Math.abs(found.max - given.max) <= 1e-6 * given.max);
      }
    }
  },
});

Deno.test("a map is cropped as it streams, for several boxes, in any mode and order of axes", async () => {
  await withFolder(async (folder) => {
    const box = 9, data = densities(box);
    const path = join(folder, "map.mrc");
    await writeMap(path, data, { box, apix: 2, origin: { x: 5, y: 0, z: 0 }, nstart: zero });
    let bytes = 0;
    const { own, maps } = await cropMap(path, [6, 9, 6], (piece) => bytes += piece.length);
    assert.strictEqual(bytes, 1024 + 4 * box ** 3);
    assert.deepStrictEqual(own, mapRange(data, path));
    assert.deepStrictEqual(maps.map((map) => map.data), [
      fourierCrop(data, 9, 6),
      data,
      fourierCrop(data, 9, 6),
    ]);
    assert.deepStrictEqual(maps.map(({ grid }) => grid.apix), [3, 2, 3]);
    assert.strictEqual(maps[0]!.grid.origin.x, 4);

    // The same map with sections along x, in big-endian whole numbers.
    const whole = data.map((density) => Math.round(1000 * density));
    const raw = new DataView(new ArrayBuffer(2 * whole.length));
    for (let x = 0, at = 0; x < box; x++) {
      for (let y = 0; y < box; y++) {
        for (let z = 0; z < box; z++, at += 2) raw.setInt16(at, whole[(z * box + y) * box + x]!);
      }
    }
    const size = { nx: box, ny: box, nz: box, mapc: 3, mapr: 2, maps: 1 };
    const header = makeHeader({ ...size, mode: 1, byteOrder: "big" });
    await Deno.writeFile(path, fileOf(header, new Uint8Array(raw.buffer)));
    const turned = await cropMap(path, [6]);
    assert.ok(largest(turned.maps[0]!.data, fourierCrop(whole, 9, 6)) < 1e-3);
  });
});

Deno.test("maps are normalised in memory as they are from files", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "map.mrc");
    const data = densities(8);
    await writeMap(path, data, { box: 8, apix: 2, origin: zero, nstart: zero });
    const { data: normalised, statistics, own } = await normaliseMap(path, 6);
    assert.deepStrictEqual(preprocessVolume(data, 8, 6), { volume: normalised, statistics });
    const { floor: _, ...range } = mapRange(data, path);
    assert.deepStrictEqual(own, range);
    await writeMap(path, normalised, { box: 6, apix: 2, origin: zero, nstart: zero });
    assert.deepStrictEqual(await readNormalisedMap(path, 6), normalised);
  });
});

Deno.test("normalised maps of any kind are taken, and maps that are not normalised are told apart", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "map.mrc");
    const read = async (data: Float32Array) => {
      const box = Math.cbrt(data.length);
      await Deno.writeFile(path, encodeMap(data, { box, apix: 2, origin: zero, nstart: zero }));
      return await readNormalisedMap(path, 6);
    };
    const refused = async (data: Float32Array, reason: RegExp) =>
      await assert.rejects(
        read(data),
        (error) =>
          error instanceof InputError && reason.test(error.message) &&
          /siren preprocess.*--raw/.test(error.remedy ?? ""),
      );
    const raw = densities(6);
    // Without negative densities; with a least positive density far above 0; without zeros.
    const kinds = [
      raw,
      raw.map((x) => Math.max(0, x)),
      raw.map((x) => x > 0.3 ? x : 0),
      raw.map((x) => x + 1),
    ];
    for (const kind of kinds) {
      const normalised = normalise(kind, mapRange(kind, "map"));
      assert.deepStrictEqual(await read(normalised), normalised);
      await refused(kind, /it is not normalised \(its densities go from/);
    }
    await refused(raw.map((x) => x > 0.3 ? 1 : 0), /it is not normalised/);
    await refused(raw.map((x, i) => i === 0 ? 1 : i === 1 ? -2 : Math.min(x, 1)), /not normalised/);
    const normalised = normalise(raw, mapRange(raw, "map"));
    await assert.rejects(read(normalised.with(5, NaN)), /some of its densities are no numbers/);
    await refused(densities(5), /it is of box 5, and the network takes normalised maps of 6/);
  });
});

Deno.test("maps that another program has scaled are not taken for normalised ones, nor those to be normalised", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "map.mrc");
    const write = (data: Float32Array, box: number) =>
      Deno.writeFile(path, encodeMap(data, { box, apix: 2, origin: zero, nstart: zero }));
    const raw = densities(64);
    const [low, high] = raw.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [9, -9]);
    const scaled = raw.map((x) => 2 * (x - low) / (high - low) - 1);
    await write(scaled, 64);
    await assert.rejects(readNormalisedMap(path, 64), /it is not normalised/);
    assert.strictEqual((await normaliseMap(path, 64)).data.length, 64 ** 3);
    await write(normalise(raw, mapRange(raw, "map")), 64);
    await readNormalisedMap(path, 64);
    await assert.rejects(normaliseMap(path, 64), /Cannot normalise .*: it is normalised already/);
  });
});

Deno.test("a map of several boxes, or none, is refused by name", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "map.mrc");
    const header = makeHeader({ nx: 4, ny: 4, nz: 3 });
    await Deno.writeFile(path, fileOf(header, bytesOf(new Float32Array(48))));
    await assert.rejects(normaliseMap(path, 2), /its box is not a cube \(4 x 4 x 3 voxels\)/);
    const flat = encodeMap(new Float32Array(64), { box: 4, apix: 1, origin: zero, nstart: zero });
    assert.strictEqual(decodeMap(flat, path).grid.box, 4);
    await Deno.writeFile(path, flat);
    await assert.rejects(normaliseMap(path, 2), new RegExp(`normalise ${path}: none of its`));
  });
});
