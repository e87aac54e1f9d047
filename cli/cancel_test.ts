import assert from "node:assert";
import { main } from "./main.ts";
import { clusterRun, fakeCluster, fakeIo, fakeProfile, home } from "./testing.ts";

for (
  const [jobs, line] of [
    [["4711", "4712"], "Cancelled 2 jobs (4711, 4712). What is done is kept.\n"],
    [[], "No job of this run was under way.\n"],
  ] as const
) {
  Deno.test(`siren cancel tells of ${jobs.length} jobs, and how to go on`, async () => {
    await using run = await clusterRun();
    const cluster = fakeCluster({
      readProfile: () => Promise.resolve(fakeProfile()),
      cancelRun: () => Promise.resolve(jobs),
    });
    const io = fakeIo({}, home);
    assert.strictEqual(await main(["cancel", run.folder], io, cluster), 0);
    assert.strictEqual(
      io.out(),
      `${line}To go on on the cluster: siren resume ${run.folder}\n` +
        `To go on on this machine: siren resume ${run.folder} --here\n`,
    );
    const json = fakeIo({}, home);
    assert.strictEqual(await main(["cancel", run.folder, "--json"], json, cluster), 0);
    assert.deepStrictEqual(JSON.parse(json.out()), { folder: run.folder, jobs });
  });
}
