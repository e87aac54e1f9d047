import assert from "node:assert";
import { formatStatus } from "./status.ts";

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
