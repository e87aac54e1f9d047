import assert from "node:assert";
import type { Check } from "./doctor.ts";
import { main } from "./main.ts";
import { fakeCluster, fakeIo, fakeProfile, home } from "./testing.ts";

const good: Check[] = [
  { name: "connection", state: "ok", finding: "me@login" },
  { name: "disk", state: "slow", finding: "files show up after 12 s", remedy: "Set grace." },
];

async function check(checks: Check[], ...flags: string[]) {
  const io = fakeIo({}, home);
  const cluster = fakeCluster({
    readProfile: () => Promise.resolve(fakeProfile()),
    checkCluster: async function* (_, { tell }) {
      tell({ kind: "note", text: "waiting for the job" });
      yield* checks;
    },
  });
  const args = ["cluster", "check", "big", "--clusters", "c.toml", ...flags];
  const code = await main(args, io, cluster);
  return { code, out: io.out(), err: io.err() };
}

Deno.test("siren cluster check tells findings and remedies", async () => {
  assert.deepStrictEqual(await check(good), {
    code: 0,
    out: `ok      connection: me@login
slow    disk: files show up after 12 s
        Set grace.
Runs can go there: siren run --on big ...
`,
    err: "waiting for the job\n",
  });
});

Deno.test("siren cluster check ends with 5 where something is missing", async () => {
  const bad: Check = { name: "siren", state: "missing", finding: "not installed" };
  const { code, out, err } = await check([...good, bad], "--json");
  assert.deepStrictEqual([code, JSON.parse(out)], [5, { profile: "big", checks: [...good, bad] }]);
  assert.match(err, /Cannot promise that runs work on big: something is missing \(siren\)\n$/);
});
