import assert from "node:assert";
import { allEngines, findEngine } from "../core/cooccupancy/mod.ts";
import { type Check, checkDeno, checkSlurm, formatChecks } from "./doctor.ts";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

Deno.test("checkDeno wants the version siren is tested with, or a newer one", () => {
  for (const version of ["2.9.6", "2.9.10", "2.10.0", "3.0.0", "2.9.6+abc"]) {
    assert.deepStrictEqual(checkDeno(version), { name: "Deno", state: "ok", finding: version });
  }
  for (const version of ["2.9.5", "2.8.9", "1.46.3"]) {
    assert.deepStrictEqual(checkDeno(version), {
      name: "Deno",
      state: "missing",
      finding: `${version}, older than 2.9.6`,
      remedy: "Start siren with npx -y deno@2.9.6, or upgrade Deno.",
    });
  }
});

Deno.test("formatChecks sets remedies below the table", () => {
  const checks: Check[] = [
    { name: "Deno", state: "ok", finding: "2.9.6" },
    { name: "engine wasm", state: "slow", finding: "no", remedy: "Take a newer Deno." },
  ];
  const lines = formatChecks(checks).split("\n");
  assert.deepStrictEqual(lines.slice(1), [
    "",
    "what         state  finding",
    "Deno         ok     2.9.6",
    "engine wasm  slow   no",
    "",
    "engine wasm: Take a newer Deno.",
    "",
  ]);
});

Deno.test("siren doctor finds that siren works here", async () => {
  const io = fakeIo();
  const folder = await Deno.makeTempDir();
  try {
    const code = await main(["doctor", "--folder", folder, "--json"], io);
    assert.deepStrictEqual([code, io.err()], [0, ""]);
    const { checks }: { checks: Check[] } = JSON.parse(io.out());
    const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
    for (const engine of allEngines) {
      const found = await findEngine(engine);
      const state = found.works && found.software !== true ? "ok" : "slow";
      assert.strictEqual(states[`engine ${engine}`], state);
    }
    assert.strictEqual(states[`runs in ${folder}`], "ok");
    assert.deepStrictEqual([...Deno.readDirSync(folder)], [], "nothing is left behind");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("siren doctor ends with 1 where runs cannot be kept", async () => {
  const io = fakeIo();
  assert.strictEqual(await main(["doctor", "--folder", "/nowhere/at/all"], io), 1);
  assert.match(
    io.out(),
    /\nruns in \/nowhere\/at\/all +missing +files cannot be written and locked \(No such file.*\)\n/,
  );
  assert.match(io.out(), /\nruns in \/nowhere\/at\/all: Keep runs in another folder\.\n$/);
  assert.strictEqual(
    io.err(),
    "Error: Cannot promise that siren works here: something is missing (runs in /nowhere/at/all)\n",
  );
});

Deno.test("checkSlurm looks along the PATH, and is content without", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/sbatch`, "");
    const found = { name: "Slurm", state: "ok", finding: `${folder}/sbatch` };
    assert.deepStrictEqual(await checkSlurm(() => `/nowhere:bin::${folder}:/usr/bin`), found);
    for (const path of [undefined, "", "/nowhere"]) {
      assert.deepStrictEqual(await checkSlurm(() => path), {
        name: "Slurm",
        state: "unknown",
        finding: "no sbatch on the PATH; clusters can be reached over SSH",
      });
    }
    const forbidden = () => {
      throw new Deno.errors.NotCapable("Requires env access");
    };
    assert.strictEqual((await checkSlurm(forbidden)).state, "unknown");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
