import assert from "node:assert";
import { exists, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { checkOutFolder, writeOutFolder } from "./out_folder.ts";
import type { MakeFile } from "./result_files.ts";

const files = (contents: Record<string, string>) =>
  new Map(Object.entries(contents).map(([name, text]): [string, MakeFile] => [name, () => text]));

Deno.test("writeOutFolder: the same results stay, others are refused, and by force leave nothing of the first", async () => {
  await using folder = await temporaryFolder();
  const outdir = `${folder.path}/a/b`;
  const read = (name: string) => Deno.readTextFile(`${outdir}/${name}`);
  const write = (key: string, contents: Record<string, string>, force = false) => {
    const surroundings = quietly();
    return writeOutFolder(outdir, key, files(contents), force, surroundings)
      .then((paths) => ({
        paths,
        warnings: surroundings.news.filter(({ kind }) => kind === "warning").length,
      }));
  };
  const first = await write("one", { "x.csv": "1", "y.csv": "2" });
  assert.deepStrictEqual(first, { paths: [`${outdir}/x.csv`, `${outdir}/y.csv`], warnings: 0 });

  // A result that was changed is left, and told; by force it is written anew.
  await Deno.writeTextFile(`${outdir}/x.csv`, "mine");
  assert.strictEqual((await write("one", { "x.csv": "1", "y.csv": "2" })).warnings, 1);
  assert.strictEqual(await read("x.csv"), "mine");
  await write("one", { "x.csv": "1", "y.csv": "2" }, true);
  assert.strictEqual(await read("x.csv"), "1");

  await assert.rejects(write("two", { "x.csv": "3" }), {
    name: "UsageError",
    message: `Cannot write to ${outdir}: it holds other results (files.json)`,
    remedy: "Give another --outdir, or --force to replace them.",
  });
  await Deno.writeTextFile(`${outdir}/notes.txt`, "mine");
  await write("two", { "x.csv": "3" }, true);
  assert.strictEqual(await read("x.csv"), "3");
  assert.ok(!exists(`${outdir}/y.csv`));
  assert.strictEqual(await read("notes.txt"), "mine");
});

Deno.test("writeOutFolder: files that are nobody's results are not replaced, unless by force", async () => {
  await using folder = await temporaryFolder();
  const outdir = folder.path;
  await Deno.writeTextFile(`${outdir}/x.csv`, "mine");
  const write = (force: boolean) =>
    writeOutFolder(outdir, "key", files({ "x.csv": "1" }), force, quietly());
  await assert.rejects(write(false), {
    message: `Cannot write to ${outdir}: it holds other results (x.csv)`,
  });
  assert.strictEqual(await Deno.readTextFile(`${outdir}/x.csv`), "mine");
  await write(true);
  assert.strictEqual(await Deno.readTextFile(`${outdir}/x.csv`), "1");
});

Deno.test("checkOutFolder: a run's own folders are for nothing else, others in it are", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  await Deno.mkdir(`${run}/02_expand`, { recursive: true });
  await Deno.writeTextFile(`${run}/run.json`, "{}");
  for (const own of [run, `${run}/`, `${run}/02_expand`, `${run}/00_sketch`]) {
    await assert.rejects(checkOutFolder(own), {
      name: "UsageError",
      message: `Cannot write to ${own}: it is a run's own folder`,
    });
  }
  for (const free of [`${run}/merged`, `${folder.path}/02_expand`, `${folder.path}/new`]) {
    await checkOutFolder(free);
  }
});
