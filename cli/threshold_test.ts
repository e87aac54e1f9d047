import assert from "node:assert";
import { withFolder } from "../core/mrc/testing.ts";
import { writeMap } from "../core/mrc/write.ts";
import { parseCsv } from "../core/volumes/csv_text.ts";
import { readThresholds } from "../core/volumes/thresholds.ts";
import { findMaps } from "../core/volumes/find_maps.ts";
import { UsageError } from "../core/errors.ts";
import { Stop } from "./io.ts";
import { fakeContext, fakeIo } from "./testing.ts";
import { threshold } from "./threshold.ts";

const zero = { x: 0, y: 0, z: 0 };

/** Maps 8 and 10: densities 1 to 64, and ten times that. */
async function makeMaps(folder: string): Promise<string> {
  await Deno.mkdir(`${folder}/maps`);
  for (const [number, scale] of [[8, 1], [10, 10]] as const) {
    const data = Float32Array.from({ length: 64 }, (_, i) => scale * (i + 1));
    const path = `${folder}/maps/vol_${number}.mrc`;
    await writeMap(path, data, { box: 4, apix: 2, origin: zero, nstart: zero });
  }
  return `${folder}/maps`;
}

async function call(io: ReturnType<typeof fakeIo>, ...args: string[]): Promise<string> {
  await threshold(fakeContext(io)).exitOverride().parseAsync(args, { from: "user" });
  return io.out();
}

Deno.test("siren threshold writes thresholds that --binfile takes, in the columns of predictions", () =>
  withFolder(async (folder) => {
    const voldir = await makeMaps(folder);
    const io = fakeIo();
    const mass = 16 * 8 / 1.21219 / 1000;
    const outdir = `${folder}/a/b`;
    const text = await call(
      io,
      "--voldir",
      voldir,
      "--outdir",
      outdir,
      "--method",
      "volume",
      "--mass",
      String(mass),
    );
    assert.match(
      text,
      /^Thresholds of 2 maps\n\n {11}least {2}median {2}greatest\nthreshold {3}48\.5 /,
    );
    assert.ok(text.endsWith(
      `Next:       siren run --voldir ${voldir} --binfile ${outdir}/predictions.csv --outdir out\n`,
    ));
    assert.match(io.err(), /Finding thresholds: 2 of 2 maps \(100 %\)/);

    const path = `${outdir}/predictions.csv`;
    assert.deepStrictEqual(
      await readThresholds(path, await findMaps(voldir)),
      Float64Array.of(48.5, 485),
    );
    const { columns, rows } = parseCsv(await Deno.readTextFile(path), path);
    assert.deepStrictEqual(columns, [
      "",
      "vol_id",
      "vol_min",
      "vol_max",
      "prediction",
      "int_predictions",
      "denormalized_predictions",
      "map_file",
      "volume_number",
    ]);
    assert.deepStrictEqual(rows.map(({ record }) => [record[1], ...record.slice(6)]), [
      ["0", "48.5", "vol_8.mrc", "8"],
      ["1", "485", "vol_10.mrc", "10"],
    ]);
    const [min, max, prediction, share, level] = rows[1]!.record.slice(2, 7).map(
      Number,
    ) as number[];
    assert.ok(Math.abs((prediction! + 1) / 2 - share!) < 1e-6);
    assert.ok(Math.abs(min! + share! * (max! - min!) - level!) < 1e-3);
  }));

Deno.test("siren threshold replaces nothing without --force, and prints JSON", () =>
  withFolder(async (folder) => {
    const line = ["--voldir", await makeMaps(folder), "--outdir", folder];
    assert.strictEqual(await call(fakeIo(), ...line, "--method", "otsu", "--quiet"), "");
    await assert.rejects(call(fakeIo(), ...line, "--method", "sigma"), {
      name: "UsageError",
      message: `Cannot write the thresholds: there are others already (${folder}/predictions.csv)`,
    });
    const text = await call(
      fakeIo(),
      ...line,
      "--method",
      "sigma",
      "--sigmas",
      "1",
      "--force",
      "--json",
    );
    const { thresholds, method, volumes, maps } = JSON.parse(text);
    assert.deepStrictEqual([thresholds, method, volumes], [
      `${folder}/predictions.csv`,
      "sigma",
      2,
    ]);
    const level = 32.5 + Math.sqrt((64 * 64 - 1) / 12);
    assert.deepStrictEqual(maps[0].map, "vol_8.mrc");
    assert.ok(Math.abs(maps[0].threshold - level) < 1e-9);
    assert.strictEqual(maps[0].occupied, (64 - Math.floor(level)) / 64);
  }));

Deno.test("siren threshold refuses what does not go together, and a folder that cannot be", () =>
  withFolder(async (folder) => {
    const line = ["--voldir", await makeMaps(folder), "--outdir", `${folder}/out`];
    await assert.rejects(call(fakeIo(), ...line, "--method", "volume"), (error) => {
      assert.ok(error instanceof UsageError);
      assert.strictEqual(
        error.message,
        "Cannot find thresholds: method volume needs the mass of the molecule (--mass)",
      );
      return true;
    });
    await Deno.writeTextFile(`${folder}/file`, "");
    await assert.rejects(
      call(
        fakeIo(),
        "--voldir",
        `${folder}/maps`,
        "--outdir",
        `${folder}/file/x`,
        "--method",
        "otsu",
      ),
      { name: "RunError", message: /^Cannot make the folder .*\/file\/x: / },
    );
  }));

Deno.test("siren threshold leaves nothing behind when it is stopped", () =>
  withFolder(async (folder) => {
    const io = fakeIo();
    io.stop(new Stop("SIGINT"));
    const line = ["--voldir", await makeMaps(folder), "--outdir", `${folder}/out`];
    await assert.rejects(call(io, ...line, "--method", "otsu"), { name: "Stop" });
    assert.deepStrictEqual([...Deno.readDirSync(`${folder}/out`)], []);
  }));
