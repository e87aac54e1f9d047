import assert from "node:assert";
import { main } from "./main.ts";
import { fakeCluster, fakeIo, fakeProfile, home } from "./testing.ts";

Deno.test("siren cluster install says where siren is, and what to type next", async () => {
  const io = fakeIo({}, home);
  const given: unknown[] = [];
  const cluster = fakeCluster({
    readProfile: () => Promise.resolve(fakeProfile()),
    installSiren: (choice, options) => {
      given.push(choice.profile.name, options);
      return Promise.resolve({ folder: "/opt/siren", deno: "/opt/deno", siren: "/opt/main.js" });
    },
  });
  const args = ["cluster", "install", "big", "--clusters", "c.toml", "--deno", "/d", "--force"];
  assert.strictEqual(await main(args, io, cluster), 0);
  assert.deepStrictEqual(given, ["big", { deno: "/d", force: true }]);
  assert.strictEqual(
    io.out(),
    "Installed in /opt/siren\n  Deno:  /opt/deno\n  siren: /opt/main.js\n" +
      "Next: siren cluster check big\n",
  );
});
