import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { makeHeader, promisedBytes } from "./header.ts";
import { decodeMap, readHeader, readMap, readVoxelsSync } from "./read.ts";
import { statistics } from "./statistics.ts";
import { bytesOf, fileOf, referenceData, withFolder } from "./testing.ts";
import { encodeMap } from "./write.ts";

const zero = { x: 0, y: 0, z: 0 };
const grid = { box: 4, apix: 2, origin: { x: 1, y: 2, z: 3 }, nstart: zero };
const data = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
const plain = encodeMap(data, grid, "a test");
const gzipped = new Uint8Array(gzipSync(plain));
const damaged = "The file is cut short or its header is damaged: copy or make it anew.";

Deno.test("a map is read plain or gzipped, whatever its name says", async () => {
  await withFolder(async (folder) => {
    for (
      const [name, bytes] of [["a.mrc", plain], ["a.map.gz", gzipped], ["b.mrc", gzipped]] as const
    ) {
      const path = join(folder, name);
      await Deno.writeFile(path, bytes);
      const map = await readMap(path);
      assert.deepStrictEqual(map.data, data);
      assert.deepStrictEqual(map.grid, grid);
      assert.deepStrictEqual(await readHeader(path), map.header);
      assert.deepStrictEqual(decodeMap(bytes, name), map);
    }
  });
});

Deno.test("extended headers are passed over, plain or gzipped", async () => {
  const header = makeHeader({ nx: 4, ny: 4, nz: 4, nsymbt: 1022, exttyp: "SERI" });
  const bytes = fileOf(header, bytesOf(data));
  await withFolder(async (folder) => {
    for (const content of [bytes, new Uint8Array(gzipSync(bytes))]) {
      const path = join(folder, "a.mrc");
      await Deno.writeFile(path, content);
      assert.deepStrictEqual((await readMap(path)).data, data);
      assert.deepStrictEqual(decodeMap(content, path).data, data);
    }
  });
});

Deno.test("a gzip file whose own header is long is read", async () => {
  // The flag says that a comment follows; it is longer than what is read at first.
  const comment = new TextEncoder().encode("x".repeat(10_000) + "\0");
  const bytes = new Uint8Array([...gzipped.subarray(0, 10), ...comment, ...gzipped.subarray(10)]);
  bytes[3] = 0x10;
  await withFolder(async (folder) => {
    const path = join(folder, "a.mrc.gz");
    await Deno.writeFile(path, bytes);
    assert.deepStrictEqual((await readMap(path)).data, data);
  });
});

Deno.test("scratch memory is read into where it is large enough", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mrc");
    await Deno.writeFile(path, plain);
    const scratch = new ArrayBuffer(300);
    assert.strictEqual(readVoxelsSync(path, scratch).data.buffer, scratch);
    assert.deepStrictEqual([...readVoxelsSync(path, scratch).data], [...data]);
    assert.deepStrictEqual([...readVoxelsSync(path, new ArrayBuffer(10)).data], [...data]);
  });
});

Deno.test("a map of any box is read by its voxels, and only a cube as a map", async () => {
  const bytes = fileOf(makeHeader({ nx: 4, ny: 2, nz: 8 }), bytesOf(data));
  await withFolder(async (folder) => {
    const path = join(folder, "a.mrc");
    await Deno.writeFile(path, bytes);
    assert.deepStrictEqual(readVoxelsSync(path).data, data);
    await assert.rejects(
      readMap(path),
      new InputError(
        `Cannot use ${path}: its box is not a cube (4 x 2 x 8 voxels)`,
        "Crop or pad the map to a cube.",
      ),
    );
  });
});

const cube = makeHeader({ nx: 4, ny: 4, nz: 4 });
const huge = makeHeader({ nx: 65535, ny: 65535, nz: 65535 });

/** Files that are refused, each with the message, plain and gzipped. */
const refused: [string, Uint8Array, string, string?][] = [
  ["empty", new Uint8Array(0), "an MRC header has 1024 bytes, the file has 0"],
  ["cut in the header", plain.subarray(0, 500), "an MRC header has 1024 bytes, the file has 500"],
  [
    "cut in the voxels",
    plain.subarray(0, 1100),
    "its header promises 1280 bytes, the file has 1100",
    damaged,
  ],
  [
    "sizes that the file does not back",
    fileOf(huge, new Uint8Array(64)),
    "its header promises 1125848368022524 bytes, the file has 1088",
    damaged,
  ],
  [
    "a negative extended header",
    fileOf({ ...cube, nsymbt: 0 }, bytesOf(data)).fill(0xff, 92, 96),
    "the length of its extended header is negative (-1)",
  ],
  [
    "mode 4",
    fileOf({ ...cube, mode: 4 }, new Uint8Array(512)),
    "mode 4 is a Fourier transform (complex 32-bit floats), not a density",
    "Convert it to a map of mode 2 (32-bit float).",
  ],
  [
    "no axis order",
    fileOf({ ...cube, mapc: 2 }, bytesOf(data)),
    "MAPC, MAPR, MAPS name no order of the axes 1, 2, 3 (2, 2, 3)",
  ],
];

for (const [what, bytes, reason, remedy] of refused) {
  Deno.test(`refused: ${what}`, async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "a.mrc");
      await Deno.writeFile(path, bytes);
      const error = new InputError(`Cannot read ${path}: ${reason}`, remedy);
      await assert.rejects(readMap(path), error);
      assert.throws(() => decodeMap(bytes, path), error);
      const packed = new Uint8Array(gzipSync(bytes));
      assert.throws(() => decodeMap(packed, path), InputError);
      await Deno.writeFile(path, packed);
      await assert.rejects(readMap(path), InputError);
    });
  });
}

Deno.test("a gzip file that holds more or less than its header promises is refused", () => {
  const packed = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));
  const error = (got: string) =>
    new InputError(
      `Cannot read a.mrc: its header promises 1280 bytes, its gzip stream holds ${got}`,
      damaged,
    );
  const longer = new Uint8Array([...plain, 0]);
  assert.throws(() => decodeMap(packed(longer), "a.mrc"), error("more"));
  assert.throws(() => decodeMap(packed(plain.subarray(0, -1)), "a.mrc"), error("1279"));
});

Deno.test("what is no regular file is refused before it is opened", async () => {
  await withFolder(async (folder) => {
    await assert.rejects(
      readMap(folder),
      new InputError(`Cannot read ${folder}: it is not a file`),
    );
    const missing = join(folder, "a.mrc");
    for (const read of [readMap, readHeader]) {
      await assert.rejects(read(missing), (error: InputError) => {
        assert.ok(error instanceof InputError);
        assert.strictEqual(
          error.message,
          `Cannot read ${missing}: there is no such file or folder`,
        );
        return true;
      });
    }
  });
});

const real = referenceData("real/ribosome_occupancy/00_aligned");

Deno.test({
  name: "../shared/real: maps of old cryoDRGN, without stamp or version, read as they are",
  ignore: real.missing,
  async fn() {
    let maps = 0;
    for await (const { name } of Deno.readDir(real.folder)) {
      if (!name.endsWith(".mrc")) continue;
      const { header, grid, data } = await readMap(join(real.folder, name));
      assert.deepStrictEqual([header.machst, header.nversion], ["00 00 00 00", 0]);
      assert.deepStrictEqual(grid, { box: 64, apix: 6.55, origin: zero, nstart: zero });
      const { min, max, mean, rms } = statistics(data);
      assert.deepStrictEqual([min, max], [header.dmin, header.dmax]);
      // The header's own were summed in 32 bits.
      assert.ok(Math.abs(mean - header.dmean) < 1e-4 && Math.abs(rms - header.rms) < 1e-4);
      maps++;
    }
    assert.strictEqual(maps, 20);
  },
});

for (const [folder, box, apix] of [["phantom24", 24, 8], ["phantom20", 20, 9]] as const) {
  const golden = referenceData(`golden/${folder}`);
  Deno.test({
    name: `../shared/golden/${folder}: maps of mode 12 have the statistics of their headers`,
    ignore: golden.missing,
    async fn() {
      for (const name of ["vol_000.mrc", "vol_050.mrc", "vol_099.mrc"]) {
        const { header, grid, data } = await readMap(join(golden.folder, name));
        assert.strictEqual(header.mode, 12);
        assert.strictEqual(promisedBytes(header), 1024 + 2 * box ** 3);
        assert.deepStrictEqual([grid.box, grid.apix], [box, apix]);
        const { min, max, mean, rms } = statistics(data);
        assert.deepStrictEqual([min, max], [header.dmin, header.dmax]);
        assert.ok(Math.abs(mean - header.dmean) < 1e-6 && Math.abs(rms - header.rms) < 1e-6);
      }
    },
  });
}
