import assert from "node:assert";
import { withFolder } from "../core/mrc/testing.ts";
import { InputError, UsageError } from "../core/errors.ts";
import { random } from "../core/random.ts";
import { analyse } from "./analyse.ts";
import { main } from "./main.ts";
import { fakeContext, fakeIo } from "./testing.ts";
import { volumes } from "./volumes.ts";

/** A table in which b3 needs b0, "L 2" excludes b3, and one volume is empty. */
async function makeTable(folder: string): Promise<string> {
  const rng = random(5);
  const lines = Array.from({ length: 120 }, (_, v) => {
    const b0 = rng.uniform() < 0.7 ? 1 : 0;
    const b3 = b0 === 1 && rng.uniform() < 0.5 ? 1 : 0;
    const l2 = b3 === 0 && rng.uniform() < 0.7 ? 1 : 0;
    const row = v === 17 ? [0, 0, 0, 0] : [1, b0, b3, l2];
    return [`vol_${v}.mrc`, ...row.map((x) => (0.9 * x + 0.05).toFixed(2))].join(",") + "\n";
  });
  const path = `${folder}/occupancy.csv`;
  await Deno.writeTextFile(path, `map_file,core,b0,b3,L 2\n${lines.join("")}`);
  return path;
}

async function call(
  make: typeof analyse,
  ...args: string[]
): Promise<{ out: string; err: string }> {
  const io = fakeIo();
  await make(fakeContext(io)).exitOverride().parseAsync(args, { from: "user" });
  return { out: io.out(), err: io.err() };
}

Deno.test("siren analyse tells clusters, the order of assembly, exclusion and junk", () =>
  withFolder(async (folder) => {
    const table = await makeTable(folder);
    const outdir = `${folder}/analysis`;
    const args = ["--occupancy", table, "--outdir", outdir];
    const { out } = await call(analyse, ...args);
    assert.match(out, /^120 volumes, 4 regions\n\ncluster {2}volumes\n/);
    assert.match(out, /\nOrder of assembly: 1 direct dependency\n {2}core \(in 119\)\n/);
    assert.match(out, /\n {2}b0 \(in \d+\)\n {4}b3 \(in \d+\)\n/);
    assert.match(out, /\nExclude each other:\n {2}b3 and L 2 \(0 together, \d+\.\d by chance\)\n/);
    assert.match(
      out,
      /\nJunk, as it seems:\n {2}vol_17\.mrc {2}empty: All its occupancies are below /,
    );
    assert.ok(out.endsWith(
      `\nWritten: ${outdir}\nNext:    siren volumes --occupancy ${table} --where 'cluster == 1'\n`,
    ));
    const { out: json } = await call(analyse, ...args, "--json");
    const summary = JSON.parse(json);
    assert.deepStrictEqual(summary.exclusive, [["b3", "L 2"]]);
    assert.deepStrictEqual(summary.dependencies[0].needs, "b0");
    assert.strictEqual(summary.clusters.reduce((sum: number, size: number) => sum + size, 0), 120);
    const { out: quiet } = await call(analyse, ...args, "--quiet");
    assert.strictEqual(quiet, "");
    await assert.rejects(call(analyse, ...args, "--clusters", "2"), UsageError);
    await call(analyse, ...args, "--clusters", "2", "--force");
  }));

Deno.test("siren analyse tells each region on a line of its own, whatever its name", () =>
  withFolder(async (folder) => {
    const table = `${folder}/odd.csv`;
    await Deno.writeTextFile(table, 'map_file,"new\nline",\u202eb0\na,1,0\nb,1,1\nc,0,0\n');
    const { out } = await call(analyse, "--occupancy", table, "--outdir", `${folder}/analysis`);
    assert.match(out, /dependencies\n {2}new line \(in 2\)\n {2}b0 \(in 1\)\n\n/);
  }));

Deno.test("siren analyse is spelt analyze, too; wrong lines are refused", async () => {
  for (
    const [args, message] of [
      [["analyze"], "Cannot analyse: nothing to work on was given"],
      [
        ["analyse", "out", "--occupancy", "a.csv"],
        "Cannot analyse: both a run and a table were given",
      ],
      [["analyse", "--occupancy", "a.csv"], "--outdir is missing"],
      [["analyze", "out", "--clusters", "0"], "Cannot use --clusters: it must be at least 1 (0)"],
      [["analyse", "out", "--linkage", "single"], "Cannot use --linkage: no such choice (single)"],
      [
        ["analyse", "out", "--miscalls", "0.5"],
        "Cannot use --miscalls: it must be less than 0.5 (0.5)",
      ],
      [["volumes"], "Cannot list volumes: nothing to work on was given"],
      [["volumes", "out", "--junk", "--no-junk"], "--junk and --no_junk leave none"],
    ] as const
  ) {
    const io = fakeIo();
    assert.strictEqual(await main([...args], io), 2, io.err());
    assert.ok(io.err().includes(message), io.err());
  }
});

Deno.test("siren volumes lists the volumes that meet a condition, and tells how many", () =>
  withFolder(async (folder) => {
    const table = await makeTable(folder);
    const of = (...args: string[]) => call(volumes, "--occupancy", table, ...args);
    const rows = (await Deno.readTextFile(table)).trim().split("\n").slice(1).map((l) =>
      l.split(",")
    );
    const names = (test: (row: string[]) => boolean) =>
      rows.filter(test).map(([name]) => `${name}\n`).join("");

    const { out, err } = await of("--where", "b0 > 0.5 && 'L 2' < 0.5");
    const expected = names((row) => Number(row[2]) > 0.5 && Number(row[4]) < 0.5);
    assert.strictEqual(out, expected);
    const count = expected.split("\n").length - 1;
    assert.strictEqual(
      err,
      `${count} of 120 volumes\nTheir particles: siren particles --occupancy ${table} ` +
        `--where 'b0 > 0.5 && '\\''L 2'\\'' < 0.5' --cryodrgn FOLDER --outdir particles\n`,
    );
    assert.strictEqual((await of("--junk")).out, "vol_17.mrc\n");
    assert.strictEqual((await of("--no_junk")).out, names(([name]) => name !== "vol_17.mrc"));
    assert.strictEqual((await of("--junk", "--not")).out, names(([name]) => name !== "vol_17.mrc"));
    assert.strictEqual((await of()).out, names(() => true));
    assert.strictEqual((await of("--where", "b0 > 5")).out, "");
    assert.strictEqual((await of("--quiet")).err, "");

    const file = `${folder}/names.txt`;
    const { out: none } = await of("--where", "present(b3)", "--out", file);
    assert.strictEqual(none, "");
    assert.strictEqual(await Deno.readTextFile(file), names((row) => Number(row[3]) > 0.5));
    await assert.rejects(of("--out", file), UsageError);
    await of("--out", file, "--force");
    const json = JSON.parse((await of("--where", "junk", "--json")).out);
    assert.deepStrictEqual(
      json.map((one: { map_file: string; junk: string }) => [one.map_file, one.junk]),
      [
        ["vol_17.mrc", "empty"],
      ],
    );
    assert.strictEqual(json[0].occupancies["L 2"], 0.05);
    await assert.rejects(of("--cluster", "99"), UsageError);
    await assert.rejects(of("--where", "b7 > 1"), UsageError);
    await assert.rejects(call(volumes, "--occupancy", `${folder}/no.csv`), InputError);
  }));
