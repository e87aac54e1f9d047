import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { withFolder } from "../mrc/testing.ts";
import { readStarParticles, writeStarSubset } from "./star_subset.ts";
import { starText } from "./testing.ts";

/** Writes a text and reads its particles. */
async function particlesOf(folder: string, text: string | Uint8Array) {
  const path = `${folder}/in.star`;
  await Deno.writeFile(path, typeof text === "string" ? new TextEncoder().encode(text) : text);
  return await readStarParticles(path);
}

/** A text with the rows that are kept. */
async function subset(folder: string, text: string, kept: readonly number[]): Promise<string> {
  const particles = await particlesOf(folder, text);
  const to = `${folder}/out.star`;
  const isKept = new Set(kept);
  assert.strictEqual(await writeStarSubset(particles, (row) => isKept.has(row), to), isKept.size);
  return await Deno.readTextFile(to);
}

Deno.test("all but the rows that go stays as it is, to the byte", () =>
  withFolder(async (folder) => {
    const text = starText(40);
    assert.strictEqual(await subset(folder, text, Array.from({ length: 40 }, (_, i) => i)), text);
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(Array.from({ length: 40 }, (_, i) => i)),
        fc.constantFrom("\n", "\r\n"),
        async (kept, end) => {
          const lines = text.split("\n");
          const expected = lines.filter((line) => {
            const row = line.match(/^(\d{6})@/)?.[1];
            return row === undefined || kept.includes(Number(row) - 1);
          });
          assert.strictEqual(
            await subset(folder, lines.join(end), kept),
            expected.join(end),
          );
        },
      ),
      { numRuns: 30 },
    );
  }));

/** Files of one particle table, and which rows stay. */
const files: readonly (readonly [what: string, text: string, rows: number])[] = [
  ["RELION 3.0", "\ndata_\n\nloop_\n_rlnImageName #1\n1@a.mrcs\n2@a.mrcs\n\n", 2],
  ["no empty line and no line end at the end", "data_images\nloop_\n_rlnImageName\n1@a\n2@a", 2],
  [
    "no name of images",
    "data_\n\nloop_\n_rlnCoordinateX #1\n_rlnCoordinateY #2\n1 2\n3 4\n5 6\n",
    3,
  ],
  [
    "blocks before and after",
    "# a\ndata_general\n\n_rlnIs2DStack 1\n_rlnNote\n;of\ndata_particles\nloop_\n;\n\ndata_particles\n" +
    "\nloop_\n_rlnImageName #1\n1@a # c\n# between\n2@a\n\ndata_more\n\nloop_\n_rlnX #1\n1\n2\n3\n4\n",
    2,
  ],
  ["values in quotes", "data_\nloop_\n_rlnImageName #1\n_rlnN #2\n'1@a b' \"x y\"\n2@a o'x\n", 2],
  [
    "names of files that begin as words of the format do",
    "data_\n\nloop_\n_rlnMicrographName #1\n_rlnImageName #2\ndata_1/a.mrc 1@a\n" +
    "data_2/a.mrc 2@a\nsave_it.mrc 3@a\n\ndata_more\n\nloop_\n_rlnX #1\n_rlnY #2\n8 2\n",
    3,
  ],
  ["no rows", "data_particles\n\nloop_\n_rlnImageName #1\n\n", 0],
];

Deno.test("the table of particles is found in files of many programs", () =>
  withFolder(async (folder) => {
    for (const [what, text, rows] of files) {
      assert.strictEqual((await particlesOf(folder, text)).rows, rows, what);
      if (rows === 0) continue;
      const lines = text.split("\n").filter((line) => !/^'?(1@a|1 2|data_1\/a)/.test(line));
      assert.strictEqual(
        await subset(folder, text, Array.from({ length: rows - 1 }, (_, i) => i + 1)),
        lines.join("\n"),
        what,
      );
    }
  }));

Deno.test("particles of several images are told by their group, in the order they appear", () =>
  withFolder(async (folder) => {
    for (const column of ["_rlnGroupName", "_rlnGroupNumber"]) {
      const { groups, rows } = await particlesOf(
        folder,
        `data_\n\nloop_\n_rlnImageName #1\n${column} #2\n1@a 9\n2@a 7\n3@a 9\n4@a 8\n5@a 7\n`,
      );
      assert.strictEqual(rows, 5);
      assert.deepStrictEqual(groups, {
        column,
        count: 3,
        names: ["9", "7", "8"],
        of: Int32Array.of(0, 1, 0, 2, 1),
      });
    }
  }));

const refused: readonly (readonly [text: string, said: RegExp])[] = [
  ["", /it has no table/],
  ["data_particles\n_rlnX 1\n", /it has no table/],
  ["hello\n", /it is no STAR file \(line 1 comes before any data_\)/],
  ["\x1f\x8b\x08", /it is no STAR file/],
  ["loop_\n_rlnX\n1\n", /loop_ is not of the STAR files of particles \(line 1\)/],
  ["data_a\nsave_b\n", /save_b is not of the STAR files/],
  ["data_a\nloop_\n_x\n1\n\ndata_b\nloop_\n_x\n1\n", /may be the particles \(data_a, data_b\)/],
  [
    "data_particles\nloop_\n_rlnX\n1\n\ndata_particles\nloop_\n_rlnX\n1\n",
    /may be the particles \(data_particles, data_particles\)/,
  ],
  ["data_\nloop_\n_rlnX #1\n_rlnY #2\n1 2\n3\n", /has 1 values in line 6, and 2 columns/],
  ["data_\nloop_\n_rlnX #1\n1 2\n", /has 2 values in line 4, and 1 columns/],
  ["data_\nloop_\n_rlnX #1\n1\n\n2\n", /goes on after an empty line \(line 6\)/],
  ["data_\nloop_\n_rlnX #1\n1\n_rlnY 2\n", /has a name among its rows \(line 5\)/],
  ["data_\nloop_\n_rlnX #1\n;1\n;\n", /has a value of several lines/],
  [`data_\nloop_\n_rlnX #1\n${"1".repeat(2_200_000)}\n`, /it has lines of more than/],
];

Deno.test("files whose particles cannot be told for sure are refused", () =>
  withFolder(async (folder) => {
    for (const [text, said] of refused) {
      await assert.rejects(particlesOf(folder, text), (error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, said);
        assert.match(error.message, /^Cannot read .*in\.star: /);
        return true;
      }, text.slice(0, 99));
    }
    await assert.rejects(readStarParticles(`${folder}/none.star`), /there is no such file/);
    await assert.rejects(readStarParticles(folder), InputError);
  }));

Deno.test("no text makes the reader of STAR files hang or fail, and what is read is cut whole", () =>
  withFolder(async (folder) => {
    const word = fc.constantFrom(
      ...["data_", "data_particles", "loop_", "_rlnImageName #1", "_rlnX", "1", "2@a b", "", "#"],
      ...[";", "'a b'", '"', "save_", " \t", "\r", "stop_"],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 30 }), async (lines) => {
        const text = lines.join("\n");
        try {
          const { rows } = await particlesOf(folder, text);
          const all = Array.from({ length: rows }, (_, i) => i);
          assert.strictEqual(await subset(folder, text, all), text);
          const rest = await subset(folder, text, all.slice(1));
          assert.strictEqual(text.split("\n").length - rest.split("\n").length <= 1, true);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  }));

Deno.test("a file that changes meanwhile, or a stop, leaves nothing behind", () =>
  withFolder(async (folder) => {
    const particles = await particlesOf(folder, starText(9));
    const to = `${folder}/out.star`;
    await assert.rejects(
      writeStarSubset({ ...particles, rows: 10 }, () => true, to),
      /it was changed meanwhile/,
    );
    const stop = new Error("stop");
    await assert.rejects(
      writeStarSubset(particles, () => true, to, () => {
        throw stop;
      }),
      stop,
    );
    assert.deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["in.star"]);
  }));
