import assert from "node:assert";
import { InputError, InterruptedError } from "../../core/errors.ts";
import { sha256 } from "../hashes.ts";
import { temporaryFolder } from "../../tests/surroundings.ts";
import { startThread, threadPool } from "./pool.ts";

const never = new AbortController().signal;

/** Writes `count` files of different contents. */
async function writeFiles(folder: string, count: number): Promise<{ path: string }[]> {
  const paths = Array.from({ length: count }, (_, i) => `${folder}/${i}`);
  await Promise.all(paths.map((path, i) => Deno.writeTextFile(path, "x".repeat(i))));
  return paths.map((path) => ({ path }));
}

for (const threads of [1, 3]) {
  Deno.test(`${threads} threads do every job once, and each output is handled with its index`, async () => {
    await using folder = await temporaryFolder();
    const inputs = await writeFiles(folder.path, 20);
    using pool = threadPool(threads, never);
    const handled: number[] = [];
    let atOnce = 0, most = 0;
    await pool.map("hashFile", inputs, async (output, index) => {
      most = Math.max(most, ++atOnce);
      assert.deepStrictEqual(output, {
        bytes: index,
        sha256: sha256(new TextEncoder().encode("x".repeat(index))),
      });
      await new Promise((resolve) => setTimeout(resolve, 1));
      handled.push(index);
      atOnce--;
    });
    assert.deepStrictEqual(handled.toSorted((a, b) => a - b), [...inputs.keys()]);
    assert.ok(most <= threads, "no thread goes on before its output is handled");
  });
}

Deno.test("nothing to do is done", async () => {
  using pool = threadPool(2, never);
  await pool.map("hashFile", [], () => assert.fail("there is no output"));
});

Deno.test("what is shared is one memory for all threads", async () => {
  await using folder = await temporaryFolder();
  const header = new Uint8Array(1024);
  const view = new DataView(header.buffer);
  for (const [at, value] of [[0, 4], [4, 4], [8, 4], [12, 0], [208, 0x2050414d]]) {
    view.setInt32(at!, value!, true);
  }
  header.set([0x44, 0x44], 212);
  const inputs = [];
  for (let row = 0; row < 6; row++) {
    const path = `${folder.path}/${row}.mrc`;
    const voxels = new Uint8Array(64).fill(1, row, 2 * row + 1);
    await Deno.writeFile(path, Uint8Array.of(...header, ...voxels));
    inputs.push({ path, row, threshold: 0.5 });
  }
  const words = new Uint32Array(new SharedArrayBuffer(6 * 2 * 4));
  using pool = threadPool(2, never);
  pool.share("volumes", { words, wordsPerVolume: 2, box: 4 });
  const occupied: number[] = [];
  await pool.map("readVolume", inputs, (output, index) => void (occupied[index] = output.occupied));
  assert.deepStrictEqual(occupied, [1, 2, 3, 4, 5, 6]);
  assert.deepStrictEqual(
    Array.from({ length: 6 }, (_, row) => words[2 * row]),
    [0b1, 0b110, 0b11100, 0b1111000, 0b111110000, 0b11111100000],
  );
});

Deno.test("an error of the input comes back as what it is, and ends the work", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.mrc`;
  await Deno.writeTextFile(path, "no map");
  const inputs = Array.from({ length: 50 }, (_, row) => ({ path, row, threshold: 0 }));
  using pool = threadPool(2, never);
  await assert.rejects(
    pool.map("readVolume", inputs, () => assert.fail("there is no output")),
    (error) => {
      assert.ok(error instanceof InputError);
      assert.deepStrictEqual([error.message, error.remedy], [
        `Cannot read ${path}: an MRC header has 1024 bytes, the file has 6`,
        undefined,
      ]);
      return true;
    },
  );
  const good = await writeFiles(folder.path, 3);
  let done = 0;
  await pool.map("hashFile", good, () => void done++);
  assert.strictEqual(done, 3, "the threads are still of use");
});

Deno.test("a remedy comes back with its error", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.mrc.gz`;
  await Deno.writeFile(path, Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0xff));
  using pool = threadPool(1, never);
  const inputs = [{ path, row: 0, threshold: 0 }];
  await assert.rejects(pool.map("readVolume", inputs, () => {}), (error) => {
    assert.ok(error instanceof InputError);
    assert.deepStrictEqual([error.message, error.remedy], [
      `Cannot read ${path}: its gzip stream is damaged (invalid block type)`,
      "Copy or make the file anew.",
    ]);
    return true;
  });
});

Deno.test("a file that has gone, or cannot be read, is an error of the input", async () => {
  await using folder = await temporaryFolder();
  using pool = threadPool(1, never);
  const path = `${folder.path}/gone.mrc`;
  const message = `Cannot read ${path}: there is no such file or folder`;
  for (
    const work of [
      () => pool.map("hashFile", [{ path }], () => {}),
      () => pool.map("readVolume", [{ path, row: 0, threshold: 0 }], () => {}),
    ]
  ) {
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof InputError);
      assert.strictEqual(error.message, message);
      return true;
    });
  }
});

Deno.test("a defect comes back with where it happened, and is not taken for the user's", async () => {
  using pool = threadPool(1, never);
  await assert.rejects(pool.map("linkSketch", [{ tiles: [] }], () => {}), (error) => {
    assert.ok(error instanceof Error);
    assert.strictEqual(error.constructor, Error);
    assert.strictEqual(error.message, "Nothing was shared as sketch");
    assert.match(error.stack ?? "", /threads\/jobs\.ts/);
    return true;
  });
});

Deno.test("an output that cannot be handled ends the work; jobs under way are handled", async () => {
  await using folder = await temporaryFolder();
  const inputs = await writeFiles(folder.path, 40);
  using pool = threadPool(3, never);
  let handled = 0;
  await assert.rejects(
    pool.map("hashFile", inputs, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (++handled === 4) throw new Error("no space left");
    }),
    /^Error: no space left$/,
  );
  assert.ok(handled >= 4 && handled <= 6, `${handled} were handled`);
});

Deno.test("asked to stop, threads finish what they do and begin nothing", async () => {
  await using folder = await temporaryFolder();
  const inputs = await writeFiles(folder.path, 30);
  const stop = new AbortController();
  using pool = threadPool(2, stop.signal);
  const handled = new Set<number>();
  await assert.rejects(
    pool.map("hashFile", inputs, (_, index) => {
      handled.add(index);
      if (handled.size === 5) stop.abort();
    }),
    (error) => {
      assert.ok(error instanceof InterruptedError);
      assert.strictEqual(error.message, "Stopped as asked; what is done is kept");
      return true;
    },
  );
  assert.ok(handled.size === 5 || handled.size === 6);
  await assert.rejects(pool.map("hashFile", inputs, () => {}), InterruptedError);
});

const program = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
const job = { kind: "job", name: "hashFile", input: {} } as const;

Deno.test("a thread that cannot start fails its jobs and does not hang", async () => {
  const thread = startThread(program("throw new Error('no memory')"));
  try {
    await assert.rejects(thread.run(job), /A thread failed: .*no memory/);
    await assert.rejects(thread.run(job), /A thread failed: .*no memory/);
  } finally {
    thread.terminate();
  }
});

Deno.test("a thread that dies between two jobs fails the next", async () => {
  const thread = startThread(
    program(
      "self.onmessage = () => { setTimeout(() => { throw new Error('x') }); postMessage({ kind: 'output', output: 1 }) }",
    ),
  );
  try {
    assert.strictEqual(await thread.run(job), 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await assert.rejects(thread.run(job), /A thread failed: .*x/);
  } finally {
    thread.terminate();
  }
});
