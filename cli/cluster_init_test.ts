import assert from "node:assert";
import { readProfile } from "../cluster/slurm/profile.ts";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

async function call(environment: Record<string, string>, ...args: string[]) {
  const io = fakeIo({}, environment);
  const code = await main(["cluster", "init", ...args], io);
  return { code, out: io.out(), err: io.err() };
}

Deno.test("siren cluster init writes a file that is a profile, and never over one that is there", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/siren/clusters.toml`;
    const environment = { XDG_CONFIG_HOME: folder };
    assert.deepStrictEqual(await call(environment, "big"), {
      code: 0,
      out: `Wrote ${path}\nNext: describe the cluster there, then: siren cluster check big\n`,
      err: "",
    });
    assert.strictEqual((await readProfile(path, "big")).name, "big");
    await Deno.writeTextFile(path, "# mine\n");
    assert.deepStrictEqual(await call(environment, "other"), {
      code: 2,
      out: "",
      err: `Error: Cannot write ${path}: it is there already\n` +
        "Add a profile to it by hand, or give --force to write over it. " +
        "See siren cluster init --help.\n",
    });
    assert.strictEqual(await Deno.readTextFile(path), "# mine\n");
    assert.strictEqual((await call(environment, "other", "--force")).code, 0);
    assert.strictEqual((await readProfile(path, "other")).name, "other");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("siren cluster init writes where it is told, and says why it cannot", async () => {
  const folder = await Deno.makeTempDir({ prefix: "my clusters " });
  try {
    const path = `${folder}/c.toml`;
    const { code, out } = await call({}, "--clusters", path);
    assert.strictEqual(code, 0);
    assert.ok(out.endsWith(`siren cluster check cluster --clusters '${path}'\n`), out);
    const below = await call({}, "--clusters", `${path}/d.toml`);
    assert.strictEqual(below.code, 4);
    assert.match(below.err, /^Error: Cannot write .*d\.toml: /);
    assert.strictEqual((await call({}, "a b", "--clusters", `${folder}/e.toml`)).code, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
