import assert from "node:assert";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { dataBytes, makeHeader, parseHeader } from "./header.ts";
import { decodeFile, decodeMap } from "./read.ts";
import { streamMap } from "./stream.ts";
import { fileOf, withFolder } from "./testing.ts";
import { validateHeader } from "./validate.ts";

/** Valid files of every mode, byte order and a few boxes. */
const validFile = fc.record({
  mode: fc.constantFrom(0, 1, 2, 6, 12),
  byteOrder: fc.constantFrom("little" as const, "big" as const),
  box: fc.integer({ min: 1, max: 6 }),
  nsymbt: fc.constantFrom(0, 1, 80, 1022),
}).map(({ mode, byteOrder, box, nsymbt }) => {
  const header = makeHeader({ nx: box, ny: box, nz: box, mode, byteOrder, nsymbt });
  return fileOf(header, new Uint8Array(dataBytes(header)).fill(1));
});

/** Numbers that break readers, at any field; and single bytes anywhere. */
const mutation = fc.oneof(
  fc.record({
    at: fc.integer({ min: 0, max: 255 }).map((word) => 4 * word),
    value: fc.oneof(
      fc.constantFrom(0, 1, -1, 3, 4, 401, 1024, 65535, 65536, 0x7fffffff, -0x80000000),
      fc.integer(),
    ),
    little: fc.boolean(),
  }),
  fc.record({ at: fc.nat(2100), byte: fc.nat(255) }),
);

const mutated = fc.tuple(
  validFile,
  fc.array(mutation, { maxLength: 4 }),
  fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
).map(([file, mutations, share]) => {
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  for (const one of mutations) {
    if ("byte" in one) bytes[one.at % bytes.length] = one.byte;
    else view.setInt32(one.at, one.value, one.little);
  }
  return bytes.subarray(0, Math.ceil(share * bytes.length));
});

const random = fc.uint8Array({ maxLength: 3000, size: "max" });

/** Decodes; a map that comes out is no larger than what the file holds. */
function attempt(bytes: Uint8Array, backed: number): "read" | "refused" {
  try {
    const { header, data } = decodeMap(bytes, "fuzz.mrc");
    assert.strictEqual(data.length, header.nx * header.ny * header.nz);
    assert.ok(data.length <= backed);
    return "read";
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`);
    assert.match(error.message, /^Cannot (read|use) fuzz\.mrc: /);
    return "refused";
  }
}

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

Deno.test("mutated and truncated maps are read or refused, quickly and within their own size", () => {
  const outcomes = { read: 0, refused: 0 };
  const before = Deno.memoryUsage().rss;
  const took = seconds(() =>
    fc.assert(
      fc.property(mutated, (bytes) => {
        outcomes[attempt(bytes, bytes.length)]++;
      }),
      { numRuns: 5000 },
    )
  );
  // The mutations must reach both sides of the fence.
  assert.ok(outcomes.read > 500 && outcomes.refused > 500, JSON.stringify(outcomes));
  assert.ok(took < 60);
  assert.ok(Deno.memoryUsage().rss - before < 1 << 29);
});

Deno.test("random bytes are refused", () => {
  fc.assert(fc.property(random, (bytes) => {
    attempt(bytes, bytes.length);
  }));
});

Deno.test("gzipped mutated maps, and mutated gzip files, are read or refused", () => {
  const flips = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 3 });
  fc.assert(
    fc.property(mutated, flips, (bytes, flips) => {
      const packed = new Uint8Array(gzipSync(bytes));
      for (const { at, byte } of flips) packed[at % packed.length] = byte;
      attempt(packed, Math.max(packed.length, bytes.length));
    }),
    { numRuns: 2000 },
  );
});

/** What reading in pieces comes to: the voxels' bytes, or the refusal. */
async function inPieces(path: string): Promise<Uint8Array | string> {
  let raw = new Uint8Array();
  const sink = {
    add: (piece: Uint8Array) => void (raw = new Uint8Array([...raw, ...piece])),
    end: () => raw,
  };
  try {
    return (await streamMap(path, () => sink, { buffer: new Uint8Array(1024) })).result;
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`);
    return error.message;
  }
}

/** What decoding the whole file comes to. */
function atOnce(bytes: Uint8Array, path: string): Uint8Array | string {
  try {
    const { header } = decodeFile(bytes, path);
    const file = bytes[0] === 0x1f && bytes[1] === 0x8b ? new Uint8Array(gunzipSync(bytes)) : bytes;
    const from = 1024 + header.nsymbt;
    return file.slice(from, from + dataBytes(header));
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`);
    return error.message;
  }
}

Deno.test("mutated maps are read or refused in pieces as they are at once", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "fuzz.mrc");
    const plain = fc.asyncProperty(mutated, async (bytes) => {
      await Deno.writeFile(path, bytes.slice());
      assert.deepStrictEqual(await inPieces(path), atOnce(bytes, path));
    });
    await fc.assert(plain, { numRuns: 500 });
    const flips = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 3 });
    const gzipped = fc.asyncProperty(mutated, flips, async (bytes, flips) => {
      const packed = new Uint8Array(gzipSync(bytes));
      for (const { at, byte } of flips) packed[at % packed.length] = byte;
      await Deno.writeFile(path, packed);
      const [found, expected] = [await inPieces(path), atOnce(packed, path)];
      // Of several things that are wrong, another may be met first.
      if (typeof expected === "string") assert.strictEqual(typeof found, "string");
      else assert.deepStrictEqual(found, expected);
    });
    await fc.assert(gzipped, { numRuns: 500 });
  });
});

Deno.test("the validator judges any header that can be parsed", () => {
  fc.assert(
    fc.property(mutated, fc.nat(), (bytes, fileBytes) => {
      let header;
      try {
        header = parseHeader(bytes, "fuzz.mrc");
      } catch (error) {
        assert.ok(error instanceof InputError);
        return;
      }
      for (const { rule, message } of validateHeader(header, fileBytes)) {
        assert.ok(rule.length > 0 && message.length > 0);
      }
    }),
    { numRuns: 2000 },
  );
});
