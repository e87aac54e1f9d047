import assert from "node:assert";
import type { Submission } from "../cluster/slurm/choice.ts";
import { main } from "./main.ts";
import { clusterRun, fakeCluster, fakeIo, fakeProfile, home } from "./testing.ts";
import { formatWatched } from "./watch.ts";

const submission: Submission = {
  folder: "out",
  profile: "big",
  where: "this machine",
  stage: "sketch",
  jobs: ["4711"],
  tasks: 4,
  waiting: 0,
  done: 40,
  total: 40,
  next: "siren gather out",
};

Deno.test("formatWatched tells what was seen at the end", () => {
  assert.strictEqual(
    formatWatched("out", submission),
    "All shards of stage sketch are there.\nNext: siren gather out\n",
  );
  assert.strictEqual(
    formatWatched("out", { ...submission, done: 38 }),
    "No job of stage sketch is left, and 2 of 40 shards are not there.\nNext: siren gather out\n",
  );
  assert.strictEqual(
    formatWatched("my run", undefined),
    "No job of this run is under way.\nNext: siren status 'my run'\n",
  );
});

Deno.test("siren watch tells progress as it comes", async () => {
  await using run = await clusterRun();
  const io = fakeIo({}, home);
  const cluster = fakeCluster({
    readProfile: () => Promise.resolve(fakeProfile()),
    watchRun(folder, choice, { tell }) {
      assert.deepStrictEqual([folder, choice.profile.name], [run.folder, "big"]);
      const stage = { kind: "progress", stage: "sketch", total: 40, unit: "shards" } as const;
      tell({ ...stage, done: 0 });
      io.setNow(2000);
      tell({ ...stage, done: 20, detail: "tasks: 2 running" });
      tell({ ...stage, done: 40, detail: "tasks: 0 running" });
      return Promise.resolve(submission);
    },
  });
  assert.strictEqual(await main(["watch", run.folder], io, cluster), 0);
  assert.strictEqual(
    io.err(),
    "sketch: 20 of 40 shards (50 %), about 2.0 s left; tasks: 2 running\n" +
      "sketch: 40 of 40 shards (100 %), took 2.0 s\n",
  );
  assert.match(io.out(), /^All shards/);
});
