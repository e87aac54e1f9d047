import assert from "node:assert";
import { SirenError, UsageError } from "../core/errors.ts";
import { encodeMap } from "../core/mrc/mod.ts";
import { exists, temporaryFolder } from "../tests/surroundings.ts";
import { occupancy } from "./occupancy.ts";
import { checkNeeded } from "./options.ts";
import { fakeContext, fakeIo } from "./testing.ts";

/** Calls the command as the program does. */
async function call(...args: string[]) {
  const io = fakeIo();
  const command = occupancy(fakeContext(io, ["occupancy", ...args]));
  command.hook("preAction", (_, action) => checkNeeded(action));
  await command.exitOverride().parseAsync(args, { from: "user" });
  return { out: io.out(), err: io.err() };
}

async function setUp() {
  const folder = await temporaryFolder();
  const zero = { x: 0, y: 0, z: 0 };
  const write = async (name: string, ...occupied: number[]) => {
    const data = new Float32Array(64);
    for (const voxel of occupied) data[voxel] = 1;
    const bytes = encodeMap(data, { box: 4, apix: 2, origin: zero, nstart: zero });
    await Deno.writeFile(`${folder.path}/${name}`, bytes);
  };
  await Deno.mkdir(`${folder.path}/maps`);
  await Deno.mkdir(`${folder.path}/my masks`);
  await write("maps/vol_1.mrc", 1, 2, 3);
  await write("maps/vol_2.mrc", 2);
  await write("my masks/Mask_A_chainb.mrc", 1, 2, 3, 4);
  await write("my masks/top.mrc", 2, 3);
  return folder;
}

Deno.test("siren occupancy says what it measured, how, and where it is", async () => {
  await using folder = await setUp();
  const out = `${folder.path}/out`;
  const given = ["--mapdir", `${folder.path}/maps`, "--maskdir", `${folder.path}/my masks`];
  const args = [...given, "--bin", "0.5", "--outdir", out, "--threads", "1"];
  const first = await call(...args, "--maven");
  assert.strictEqual(
    first.out,
    "2 regions in 2 maps: share of the region's voxels whose density is above the threshold, 0 to 1\n\n" +
      "region         voxels  least  mean  greatest\n" +
      "Mask_A_chainb       4   0.25   0.5      0.75\n" +
      "top                 2    0.5  0.75         1\n\n" +
      `Table:  ${out}/occupancy.csv\n` +
      `Arrow:  ${out}/occupancy.arrow\n` +
      `MAVEn:  ${out}/occupancy_maven.csv\n` +
      `Next:   siren analyse --occupancy ${out}/occupancy.csv --outdir analysis\n`,
  );
  assert.match(first.err, /occupancies: 2 of 2 maps \(100 %\)/);
  assert.strictEqual(
    await Deno.readTextFile(`${out}/occupancy.csv`),
    "map_file,Mask_A_chainb,top\nvol_1.mrc,0.75,1\nvol_2.mrc,0.25,0.5\n",
  );
  assert.strictEqual(
    await Deno.readTextFile(`${out}/occupancy_maven.csv`),
    "PDB,A,top\nChain,b,all\n1,0.75,1\n2,0.25,0.5\n",
  );
  await assert.rejects(
    call(...args),
    (error) => error instanceof UsageError && /others already \(.*\.csv\)/.test(error.message),
  );
  const { measure, volumes, regions, maven } = JSON.parse(
    (await call(...args, "--force", "--json", "--quiet")).out,
  );
  assert.deepStrictEqual([measure, volumes, maven], ["occupied_share", 2, undefined]);
  const [least, mean, greatest] = [0.5, 0.75, 1];
  assert.deepStrictEqual(regions[1], { name: "top", voxels: 2, least, mean, greatest });
  assert.deepStrictEqual(await call(...args, "--force", "--quiet"), { out: "", err: "" });
});

Deno.test("siren occupancy refuses what makes no sense, and writes nothing", async () => {
  await using folder = await setUp();
  const out = `${folder.path}/out`;
  const refused = async (args: string[], message: RegExp) =>
    await assert.rejects(
      call(...args, "--outdir", out),
      (error) => error instanceof SirenError && message.test(error.message),
    );
  const maps = ["--mapdir", `${folder.path}/maps`];
  const masks = ["--maskdir", `${folder.path}/my masks`];
  await refused(maps, /one of --maskdir and --blocks is needed/);
  await refused(masks, /--maskdir needs --mapdir/);
  await refused([...maps, ...masks, "--blocks", "b"], /exclude each other/);
  await refused([...maps, ...masks, "--bin", "1", "--binfile", "b"], /exclude each other/);
  await refused([...maps, ...masks, "--bin", "1", "--refdir", "r"], /not with --bin/);
  await refused([...maps, ...masks, "--bin", "high"], /--bin: it is not a number \(high\)/);
  await refused(["--blocks", "b", "--bin", "1"], /--bin needs --mapdir/);
  await refused([...maps, "--maskdir", `${folder.path}/maps/vol_1.mrc`], /it is a file/);
  await assert.rejects(
    call(...maps, ...masks, "--outdir", `${folder.path}/maps/vol_1.mrc/out`, "--force"),
    /Cannot write the occupancies to .*vol_1\.mrc is a file, not a folder/,
  );
  await assert.rejects(call(...maps, ...masks), /an option is missing \(--outdir\)/);
  assert.ok(!exists(out));
});
