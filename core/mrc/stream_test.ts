import assert from "node:assert";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { random } from "../random.ts";
import { dataBytes, makeHeader, type MrcHeader } from "./header.ts";
import { decodeFile, readVoxelsSync } from "./read.ts";
import { streamFileSync, streamMap, type VoxelSink } from "./stream.ts";
import { fileOf, withFolder } from "./testing.ts";

const damaged = "The file is cut short or its header is damaged: copy or make it anew.";

/** Keeps what it is given. */
function collector(): VoxelSink<{ raw: Uint8Array; pieces: number[] }> {
  let raw = new Uint8Array();
  const pieces: number[] = [];
  return {
    add(piece) {
      raw = new Uint8Array([...raw, ...piece]);
      pieces.push(piece.length);
    },
    end: () => ({ raw, pieces }),
  };
}

/** Reads a file in pieces, and what it showed of itself. */
async function stream(path: string, bufferBytes = 1 << 20) {
  const seen: number[] = [];
  let header: MrcHeader | undefined;
  const options = {
    buffer: new Uint8Array(bufferBytes),
    onBytes: (bytes: Uint8Array) => void seen.push(...bytes),
  };
  const begin = (given: MrcHeader) => {
    header = given;
    return collector();
  };
  const { fileBytes, result } = await streamMap(path, begin, options);
  return { fileBytes, seen: Uint8Array.from(seen), header, ...result };
}

/** As gzip has it, in one member or two. */
function packed(bytes: Uint8Array, members = 1): Uint8Array<ArrayBuffer> {
  const at = members === 1 ? bytes.length : bytes.length >> 1;
  return new Uint8Array([
    ...gzipSync(bytes.subarray(0, at)),
    ...(members === 1 ? [] : gzipSync(bytes.subarray(at))),
  ]);
}

Deno.test("a map comes in pieces, and every byte of its file is seen", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mrc");
    const input = fc.record({
      mode: fc.constantFrom(0, 1, 2, 6, 12),
      size: fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 20 }))),
      nsymbt: fc.constantFrom(0, 1, 80, 3001),
      longer: fc.constantFrom(0, 5, 4000),
      members: fc.integer({ min: 0, max: 2 }),
      buffer: fc.constantFrom(1024, 1025, 2000, 1 << 20),
      seed: fc.nat(),
    });
    const property = fc.asyncProperty(input, async (given) => {
      const { mode, size: [nx, ny, nz], nsymbt, longer, members, buffer, seed } = given;
      const header = makeHeader({ nx: nx!, ny: ny!, nz: nz!, mode, nsymbt });
      const rng = random(seed);
      const raw = Uint8Array.from({ length: dataBytes(header) }, () => rng.integer(256));
      const file = fileOf(header, raw);
      const bytes = members === 0
        ? new Uint8Array([...file, ...new Uint8Array(longer)])
        // Zeros after the last member are padding.
        : new Uint8Array([...packed(file, members), ...new Uint8Array(longer)]);
      await Deno.writeFile(path, bytes);
      const found = await stream(path, buffer);
      assert.deepStrictEqual(found.raw, raw);
      assert.deepStrictEqual(found.seen, bytes);
      assert.strictEqual(found.fileBytes, bytes.length);
      assert.deepStrictEqual(found.header, decodeFile(bytes, path).header);
      assert.ok(found.pieces.slice(0, -1).every((length) => length > 0 && length % 128 === 0));
      assert.ok(found.pieces.every((length) => length <= buffer));
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

Deno.test("padding of many pieces after a gzip stream is seen too", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mrc.gz");
    const header = makeHeader({ nx: 4, ny: 4, nz: 4 });
    const file = packed(fileOf(header, new Uint8Array(256).fill(1)));
    const bytes = new Uint8Array(file.length + (3 << 20));
    bytes.set(file);
    await Deno.writeFile(path, bytes);
    let length = 0;
    const onBytes = (piece: Uint8Array) => length += piece.length;
    const { fileBytes } = await streamMap(path, () => collector(), { onBytes });
    assert.deepStrictEqual([fileBytes, length], [bytes.length, bytes.length]);
  });
});

/** What reading at once and reading in pieces say of a file. */
async function refusals(path: string): Promise<{ atOnce: InputError; inPieces: InputError }> {
  const errors: unknown[] = [];
  try {
    readVoxelsSync(path);
  } catch (error) {
    errors.push(error);
  }
  await stream(path).catch((error) => errors.push(error));
  const [atOnce, inPieces] = errors;
  assert.ok(atOnce instanceof InputError && inPieces instanceof InputError, String(errors));
  return { atOnce, inPieces };
}

const cube = makeHeader({ nx: 4, ny: 4, nz: 4 });
const plain = fileOf(cube, new Uint8Array(256).fill(1));
const gzipped = packed(plain);
const refused: [string, Uint8Array][] = [
  ["empty", new Uint8Array()],
  ["cut in the header", plain.subarray(0, 500)],
  ["cut in the voxels", plain.subarray(0, 1100)],
  ["sizes that the file does not back", fileOf({ ...cube, nx: 65535, ny: 65535 }, plain)],
  ["a negative extended header", fileOf(cube, new Uint8Array(256)).fill(0xff, 92, 96)],
  ["mode 4", fileOf({ ...cube, mode: 4 }, new Uint8Array(512))],
  ["no axis order", fileOf({ ...cube, mapc: 2 }, new Uint8Array(256))],
  ["no map", new Uint8Array(2000).fill(0x20)],
  ["gzipped, cut in the header", packed(plain.subarray(0, 500))],
  ["gzipped, cut in the voxels", packed(plain.subarray(0, 1100))],
  ["gzipped, too long", packed(new Uint8Array([...plain, 0]))],
  ["gzipped, mode 4", packed(fileOf({ ...cube, mode: 4 }, new Uint8Array(512)))],
  ["gzipped, sizes that no gzip holds", packed(fileOf({ ...cube, nx: 65535, ny: 65535 }, plain))],
  ["a gzip stream that is cut", gzipped.subarray(0, -9)],
  [
    "a gzip stream with a wrong checksum",
    gzipped.map((b, i) => i === gzipped.length - 6 ? b ^ 1 : b),
  ],
  [
    "a gzip stream with a wrong length",
    gzipped.map((b, i) => i === gzipped.length - 2 ? b ^ 1 : b),
  ],
  ["garbage after a gzip stream", new Uint8Array([...gzipped, 1, 2, 3])],
];

for (const [what, bytes] of refused) {
  Deno.test(`refused in pieces as at once: ${what}`, async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "a.mrc");
      await Deno.writeFile(path, bytes);
      const { atOnce, inPieces } = await refusals(path);
      assert.deepStrictEqual(
        [inPieces.message, inPieces.remedy],
        [atOnce.message, atOnce.remedy],
      );
    });
  });
}

Deno.test("refused in pieces: a gzip stream that is cut before the header's end", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mrc");
    for (const length of [2, gzipped.length >> 1]) {
      await Deno.writeFile(path, gzipped.subarray(0, length));
      await assert.rejects(stream(path), (error: InputError) => {
        assert.ok(error instanceof InputError);
        const reason = "its gzip stream is damaged (unexpected end of file)";
        assert.strictEqual(error.message, `Cannot read ${path}: ${reason}`);
        return true;
      });
    }
  });
});

Deno.test("a file that shrinks while it is read is refused", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mrc");
    const header = makeHeader({ nx: 16, ny: 16, nz: 16 });
    await Deno.writeFile(path, fileOf(header, new Uint8Array(dataBytes(header))));
    const sink = { add: () => Deno.truncateSync(path, 10_000), end: () => assert.fail() };
    await assert.rejects(
      streamMap(path, () => sink, { buffer: new Uint8Array(4096) }),
      new InputError(
        `Cannot read ${path}: its header promises 17408 bytes, the file has 10000`,
        damaged,
      ),
    );
  });
});

Deno.test("a bomb is refused without being unpacked", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.mrc.gz");
    const member = gzipSync(new Uint8Array(1 << 20));
    const bomb = [gzipSync(plain), ...Array.from({ length: 2048 }, () => member)];
    await Deno.writeFile(path, Uint8Array.from(Buffer.concat(bomb)));
    const before = Deno.memoryUsage().rss;
    await assert.rejects(
      stream(path),
      new InputError(
        `Cannot read ${path}: its header promises 1280 bytes, its gzip stream holds more`,
        damaged,
      ),
    );
    assert.ok(Deno.memoryUsage().rss - before < 1 << 26, "2 GiB must not be unpacked");
  });
});

Deno.test("what the sink throws is thrown, and the file is closed", async () => {
  await withFolder(async (folder) => {
    for (const [name, bytes] of [["a.mrc", plain], ["a.mrc.gz", gzipped]] as const) {
      const path = join(folder, name);
      await Deno.writeFile(path, bytes);
      const failing = {
        add() {
          throw new RangeError("a defect");
        },
        end: () => assert.fail(),
      };
      await assert.rejects(streamMap(path, () => failing), new RangeError("a defect"));
    }
  });
});

Deno.test("what cannot be opened is refused", async () => {
  await withFolder(async (folder) => {
    const missing = join(folder, "a.mrc");
    for (
      const [path, reason] of [
        [folder, "it is not a file"],
        [missing, "there is no such file or folder"],
      ] as const
    ) {
      const error = (thrown: InputError) => {
        assert.ok(thrown instanceof InputError);
        assert.strictEqual(thrown.message, `Cannot read ${path}: ${reason}`);
        return true;
      };
      await assert.rejects(stream(path), error);
      assert.throws(() => streamFileSync(path, () => {}), error);
    }
  });
});

Deno.test("any file is read in pieces", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a");
    for (const length of [0, 1, 4096, 10_001]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i);
      await Deno.writeFile(path, bytes);
      const seen: number[] = [];
      const read = streamFileSync(path, (piece) => void seen.push(...piece), new Uint8Array(4096));
      assert.strictEqual(read, length);
      assert.deepStrictEqual(Uint8Array.from(seen), bytes);
    }
  });
});
