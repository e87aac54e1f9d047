import assert from "node:assert";
import { chooseCluster, targetOfClusterRun, targetOfRun } from "./choose_cluster.ts";
import { clusterRun, fakeCluster, fakeContext, fakeIo, fakeProfile, home } from "./testing.ts";

Deno.test("chooseCluster reads the profile, and keeps only the permission that leads to it", async () => {
  for (
    const [input, dropped] of [
      [{}, "net"],
      [{ ssh: { host: "login" } }, "run"],
    ] as const
  ) {
    const io = fakeIo({}, home);
    const profile = fakeProfile("big", input);
    const asked: unknown[] = [];
    const cluster = fakeCluster({
      defaultProfilesPath: (environment) => {
        asked.push(environment["HOME"]);
        return Promise.resolve("/home/me/.config/siren/clusters.toml");
      },
      readProfile: (...args) => {
        asked.push(args);
        return Promise.resolve(profile);
      },
    });
    const target = { name: "big", file: undefined, mode: "submit" } as const;
    const choice = await chooseCluster(fakeContext(io, [], cluster), target, undefined);
    assert.deepStrictEqual([choice.profile, choice.mode], [profile, "submit"]);
    assert.deepStrictEqual(asked, [
      "/home/me",
      ["/home/me/.config/siren/clusters.toml", "big", "/home/me"],
    ]);
    assert.deepStrictEqual(io.dropped(), [dropped]);
  }
});

Deno.test("the cluster of a run is the one that it was begun with, in another file if one is given", async () => {
  await using run = await clusterRun();
  const target = { name: "big", file: "/its/clusters.toml", mode: "wait" } as const;
  assert.deepStrictEqual(await targetOfRun(run.folder, undefined, "wait"), target);
  assert.deepStrictEqual(await targetOfClusterRun(run.folder, "mine.toml", "wait", "watch"), {
    ...target,
    file: "mine.toml",
  });
});

Deno.test("a run that is not on a cluster has none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.strictEqual(await targetOfRun(folder, undefined, "wait"), undefined);
    await assert.rejects(targetOfClusterRun(folder, undefined, "wait", "watch"), {
      name: "RunError",
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
