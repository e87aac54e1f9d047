import assert from "node:assert";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

/** Flags that do not go together, and what standard error says to them. */
const bad: readonly (readonly [string[], string])[] = [
  [[], "one of --maps, --blocks and --pdb is needed"],
  [["--maps", "a.mrc", "--blocks", "out"], "--maps and --blocks exclude each other"],
  [["--maps", "a.mrc", "b.mrc", "--which", "b3"], "--which needs --blocks"],
  [["--maps", "a.mrc", "--map", "b.mrc"], "--map needs --blocks or --pdb"],
  [["--blocks", "out", "--chains", "A"], "--chains needs --pdb"],
  [["--blocks", "out", "--origin", "0,0,0"], "--origin needs --pdb"],
  [["--pdb", "a.pdb"], "--pdb needs --res, the resolution of the density"],
];

for (const [flags, reason] of bad) {
  Deno.test(`siren mask ${flags.join(" ")} is refused`, async () => {
    const io = fakeIo();
    assert.strictEqual(await main(["mask", ...flags, "--outdir", "masks"], io), 2);
    assert.strictEqual(io.err(), `Error: Cannot make masks: ${reason}\nSee siren mask --help.\n`);
  });
}

const badValues: readonly (readonly [string[], string])[] = [
  [["--extend", "-1"], "--extend: it must be at least 0 (-1)"],
  [["--soft", "wide"], "--soft: it is not a number (wide)"],
  [["--box", "0"], "--box: it must be a whole number from 1 to 1024 (0)"],
  [["--apix", "0"], "--apix: it must be more than 0 (0)"],
  [["--origin", "1,2"], "--origin: it must be three numbers, x,y,z (1,2)"],
  [["--from-apix", "0"], "--from_apix: it must be more than 0 (0)"],
];

for (const [flags, reason] of badValues) {
  Deno.test(`siren mask ${flags.join(" ")} is refused`, async () => {
    const io = fakeIo();
    assert.strictEqual(await main(["mask", "--maps", "a", ...flags, "--outdir", "masks"], io), 2);
    assert.strictEqual(io.err(), `Error: Cannot use ${reason}\nSee siren mask --help.\n`);
  });
}
