/** Preprocessing through the real program, killed at any moment. */
import assert from "node:assert";
import { encodeMap } from "../core/mrc/mod.ts";
import { random } from "../core/random.ts";
import { killAfter, siren } from "./processes.ts";
import { hashFolder, temporaryFolder } from "./surroundings.ts";

const KILLS = 3;

Deno.test(`siren preprocess, killed at ${KILLS} random moments, ends as if undisturbed, to the byte`, async () => {
  await using folder = await temporaryFolder();
  const maps = `${folder.path}/maps`, out = `${folder.path}/out`;
  await Deno.mkdir(maps);
  const rng = random(3), zero = { x: 0, y: 0, z: 0 };
  for (let i = 0; i < 12; i++) {
    const data = Float32Array.from({ length: 40 ** 3 }, () => rng.uniform() ** 4 - 0.1);
    const grid = { box: 40, apix: 4, origin: zero, nstart: zero };
    await Deno.writeFile(`${maps}/vol_${i}.mrc`, encodeMap(data, grid));
  }
  const start = () =>
    siren("preprocess", "--voldir", maps, "--outdir", out, "--box", "32", "--threads", "2");
  const hashAll = () => hashFolder(out, (name) => name.endsWith("run.lock"));
  const began = performance.now();
  assert.strictEqual((await start().output()).code, 0);
  const took = performance.now() - began;
  const expected = await hashAll();
  assert.strictEqual(expected.size, 12 * 3 + 4);

  for (let kills = 0; kills < KILLS;) {
    await Deno.remove(out, { recursive: true });
    for (let ended = false; !ended;) {
      const child = start();
      using _killing = killAfter(child, (0.2 + rng.uniform()) * took);
      const { signal, code, stderr } = await child.output();
      ended = signal !== "SIGKILL";
      if (ended) assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
      else kills++;
    }
    assert.deepStrictEqual(await hashAll(), expected);
  }
});
