import assert from "node:assert";
import { ConnectionError } from "../core/errors.ts";
import { main } from "./main.ts";
import { formatStatus } from "./status.ts";
import { clusterRun, fakeCluster, fakeIo, fakeProfile, home } from "./testing.ts";

Deno.test("formatStatus tells stages, holder and what to type next", () => {
  assert.strictEqual(
    formatStatus({
      folder: "out",
      state: "interrupted",
      volumes: 300,
      rule: "phi",
      stages: [
        { name: "volumes", state: "done" },
        { name: "sketch", state: "under way", shards: { done: 1200, total: 1600, damaged: 1 } },
        { name: "expand", state: "waiting" },
      ],
      next: "siren resume out",
    }),
    `The run was interrupted: out
300 maps, rule phi

stage    state      pieces done
volumes  done
sketch   under way  1,200 of 1,600, 1 damaged and to be done again
expand   waiting

Next: siren resume out
`,
  );
  assert.strictEqual(
    formatStatus({
      folder: "out",
      state: "running",
      holder: { host: "node7", pid: 41, command: "siren run --voldir maps" },
      volumes: 1,
      rule: "siren",
      stages: [{ name: "volumes", state: "under way" }],
    }),
    `The run is under way: out
1 map, rule siren
Process 41 on node7 works on it (siren run --voldir maps)

stage    state      pieces done
volumes  under way
`,
  );
});

const use = { profile: "big", where: "me@login", folder: "/scratch/out", stages: [] };

Deno.test("formatStatus of a run on a cluster names it, and every way on", () => {
  const status = {
    folder: "out",
    state: "on the cluster",
    volumes: 300,
    rule: "phi",
    stages: [],
    cluster: use,
    next: "siren watch out",
  } as const;
  const text = formatStatus(status);
  assert.match(text, /^The run is on the cluster: out\n/);
  assert.match(text, /\nCluster big \(me@login\), in \/scratch\/out\n/);
  assert.ok(text.endsWith(
    "\nNext: siren watch out; then siren gather out, or siren resume out to wait for all of it\n",
  ));
  assert.ok(
    formatStatus({ ...status, state: "interrupted", next: "siren gather out" })
      .endsWith("\nNext: siren gather out, or siren resume out to wait for all of it\n"),
  );
});

Deno.test("siren status asks the cluster first, unless it is told not to", async () => {
  await using run = await clusterRun();
  const asked: string[] = [];
  const cluster = fakeCluster({
    readProfile: () => Promise.resolve(fakeProfile()),
    refreshRun: (folder) => {
      asked.push(folder);
      return Promise.reject(new ConnectionError("Cannot reach login: it is down"));
    },
  });
  const note =
    "The cluster was not asked, so this is what is known here: Cannot reach login: it is down\n";
  for (const [flags, err, count] of [[[], note, 1], [["--offline"], "", 1]] as const) {
    const io = fakeIo({}, home);
    // There is a cluster, and no run.
    assert.strictEqual(await main(["status", run.folder, ...flags], io, cluster), 4);
    assert.ok(io.err().startsWith(`${err}Error: Cannot`), io.err());
    assert.deepStrictEqual([io.out(), asked.length], ["", count]);
  }
});
