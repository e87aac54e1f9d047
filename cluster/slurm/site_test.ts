import assert from "node:assert";
import { RunError } from "../../core/errors.ts";
import { temporaryFolder } from "../../tests/surroundings.ts";
import type { ClusterChoice } from "./choice.ts";
import { makeBatch } from "./batches.ts";
import { readSiteFile, writeBatch, writeSiteFile } from "./files.ts";
import { parseProfiles } from "./profile.ts";
import { openSite } from "./site.ts";

const telling = { tell: () => {}, signal: new AbortController().signal };

function choose(lines = ""): ClusterChoice {
  const profile = parseProfiles(`[test]\n${lines}\n`, "clusters.toml").get("test");
  assert.ok(profile);
  const client: ClusterChoice["client"] = {
    home: "/home/me",
    user: "me",
    agent: undefined,
    siren: ["siren"],
    environment: {},
    now: () => new Date(),
    sleep: () => Promise.resolve(),
  };
  return { profile, client, mode: "wait" };
}

Deno.test("a run that was moved or copied is at home where it is, and its new jobs have other names", async () => {
  await using folder = await temporaryFolder();
  const one = `${folder.path}/one`, two = `${folder.path}/two`;
  const { file } = await openSite(one, choose(), telling);
  assert.deepStrictEqual([file.folder, file.shared], [one, true]);
  await writeSiteFile(one, file);
  assert.deepStrictEqual((await openSite(one, choose(), telling)).file, file);
  await Deno.rename(one, two);
  const moved = (await openSite(two, choose(), telling)).file;
  assert.strictEqual(moved.folder, two);
  assert.notStrictEqual(moved.id, file.id);
});

Deno.test("of a run with a folder on the cluster, a copy gets another, and what was moved keeps it", async () => {
  await using folder = await temporaryFolder();
  const [one, copy, moved] = ["one", "copy", "moved"].map((name) => `${folder.path}/${name}`) as [
    string,
    string,
    string,
  ];
  const choice = choose(`scratch = "${folder.path}/scratch"`);
  const { file } = await openSite(one, choice, telling);
  await writeSiteFile(one, file);
  await writeSiteFile(copy, file);
  const other = (await openSite(copy, choice, telling)).file;
  assert.notStrictEqual(other.id, file.id);
  assert.notStrictEqual(other.folder, file.folder);
  await Deno.rename(one, moved);
  const same = (await openSite(moved, choice, telling)).file;
  assert.deepStrictEqual([same.id, same.folder, same.run], [file.id, file.folder, moved]);
});

Deno.test("a run with tasks on a cluster stays there; without, it may go elsewhere", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const { file } = await openSite(run, choose(), telling);
  await writeSiteFile(run, file);
  const batch = makeBatch({
    stage: "count",
    key: "key",
    tasks: [[0]],
    resources: { cpus: 1, exclude: [] },
    most: 10,
    id: file.id,
  }, []);
  await Deno.mkdir(`${run}/slurm/count-1`);
  await writeBatch(run, batch);
  const elsewhere = choose(`scratch = "${folder.path}/scratch"`);
  await assert.rejects(openSite(run, elsewhere, telling), (error) => {
    assert.ok(error instanceof RunError);
    assert.match(error.message, /its jobs are on this machine in/);
    return true;
  });
  batch.ended.push({ task: 0, outcome: "done" });
  await writeBatch(run, batch);
  const gone = (await openSite(run, elsewhere, telling)).file;
  assert.strictEqual(gone.shared, false);
  assert.ok(gone.folder.startsWith(`${folder.path}/scratch/run-`));
  // Nothing is written before it is used.
  assert.deepStrictEqual(await readSiteFile(run), file);
});
