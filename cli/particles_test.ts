import assert from "node:assert";
import { withFolder } from "../core/mrc/testing.ts";
import { makeDrgnFolder, starText } from "../core/particles/testing.ts";
import { particles } from "./particles.ts";
import { fakeContext, fakeIo } from "./testing.ts";

async function call(io: ReturnType<typeof fakeIo>, ...args: string[]): Promise<string> {
  await particles(fakeContext(io)).exitOverride().parseAsync(args, { from: "user" });
  return io.out();
}

Deno.test("siren particles says how volumes and labels count, and what it wrote", () =>
  withFolder(async (folder) => {
    const { places } = await makeDrgnFolder(`${folder}/drgn`, { first: 1, particles: 50 });
    await Deno.writeTextFile(`${folder}/a.star`, starText(50));
    const names = `${folder}/names.txt`;
    await Deno.writeTextFile(names, "vol_002.mrc\nvol_004.mrc\n");
    const line = ["--cryodrgn", `${folder}/drgn`, "--outdir", `${folder}/out`];
    const text = await call(
      fakeIo(),
      ...line,
      "--volumes",
      names,
      "--star",
      `${folder}/a.star`,
    );
    const [two, four] = [1, 3].map((place) => places.filter((other) => other === place).length);
    const all = two! + four!;
    assert.strictEqual(
      text,
      `${all} particles of 50 (${
        2 * all
      } %) in 2 of 5 volumes of ${folder}/drgn/analyze.9/kmeans5, by ` +
        "labels.pkl\n\n" +
        "volume       particles  share\n" +
        `vol_002.mrc  ${String(two).padStart(9)}   ${2 * two!} %\n` +
        `vol_004.mrc  ${String(four).padStart(9)}   ${2 * four!} %\n\n` +
        "Volumes count from 1: volumes are 1 to 5, one for each of 5 centres.\n" +
        "Labels count from 0: the particles of 5 of 5 centres have the centre's label.\n" +
        "Indices count from 0 in the whole stack; the training used all of the stack, as " +
        `${folder}/drgn/config.yaml says.\n\n` +
        ["particles.star", "ind.pkl", "ind.txt", "particles.csv", "particles.json"]
          .map((name, i) => `${i === 0 ? "Files:" : "      "}  ${folder}/out/${name}\n`).join(""),
    );
    const csv = await Deno.readTextFile(`${folder}/out/particles.csv`);
    assert.strictEqual(csv.split("\n")[2], `vol_002.mrc,1,${two},1`);
    const summary = JSON.parse(await Deno.readTextFile(`${folder}/out/particles.json`));
    assert.deepStrictEqual(summary.firstVolume.first, 1);

    const json = await call(fakeIo(), ...line, "--volumes", "2,4", "--not", "--json", "--force");
    const { particles: rest, total, files } = JSON.parse(json);
    assert.deepStrictEqual([rest, total, files.length], [50 - all, 50, 4]);
    const quiet = await call(fakeIo(), ...line, "--volumes", "2-4", "--quiet", "--force");
    assert.strictEqual(quiet, "");
  }));

Deno.test("siren particles takes the conditions that siren volumes names", () =>
  withFolder(async (folder) => {
    const { places } = await makeDrgnFolder(`${folder}/drgn`, { particles: 30 });
    const table = `${folder}/occupancy.csv`;
    await Deno.writeTextFile(
      table,
      "map_file,b0,b1\nvol_000.mrc,1,0\nvol_001.mrc,0,1\nvol_002.mrc,1,1\n",
    );
    const text = await call(
      fakeIo(),
      ...["--cryodrgn", `${folder}/drgn`, "--outdir", `${folder}/out`],
      ...["--occupancy", table, "--where", "b0 > 0.5 && b1 < 0.5", "--json"],
    );
    assert.strictEqual(
      JSON.parse(text).particles,
      places.filter((place) => place === 0).length,
    );
  }));

Deno.test("lists of volumes come from files, from pipes and from other commands", () =>
  withFolder(async (folder) => {
    await makeDrgnFolder(`${folder}/drgn`, { first: 1, volumes: 7 });
    const line = ["--cryodrgn", `${folder}/drgn`, "--outdir", `${folder}/out`, "--json", "--force"];
    const of = async (volumes: string, io = fakeIo()) => {
      const { volumes: all } = JSON.parse(await call(io, ...line, "--volumes", volumes)) as {
        volumes: { volume: string; selected: boolean }[];
      };
      return all.filter(({ selected }) => selected).map(({ volume }) => volume.slice(4, 7)).join();
    };
    const piped = (text: string) => of("-", fakeIo({}, {}, text));
    assert.strictEqual(await piped("vol_003.mrc\nvol_005.mrc\n"), "003,005");
    await assert.rejects(piped(""), /standard input: it lists no volumes/);
    await assert.rejects(piped("3 5\n"), /line 1 has several values/);
    const ask = () => Promise.resolve(undefined);
    await assert.rejects(of("-", { ...fakeIo(), ask }), /nothing is piped in/);
    for (
      const [text, volumes] of [
        ["vol_003.mrc\nvol_005.mrc", "003,005"],
        ["3 5", "003,005"],
        ["vol_003-vol_005, 7", "003,004,005,007"],
        ["kmeans7/vol_003_filtered.mrc", "003"],
      ] as const
    ) assert.strictEqual(await of(text), volumes);
    for (const text of ["3..5", "3.5", "vol_3-5", "state_3_box64"]) {
      await assert.rejects(of(text), /which number is meant/, text);
    }
    await assert.rejects(of("/dev/fd/5"), /does not read pipes by name \(\/dev\/fd\/5\)/);
    await assert.rejects(of(`${folder}/drgn/analyze.9`), /it is a folder/);
  }));

Deno.test("siren particles refuses what does not go together", () =>
  withFolder(async (folder) => {
    const end = ["--outdir", `${folder}/out`];
    const drgn = ["--cryodrgn", folder];
    const tries: readonly (readonly [args: string[], said: RegExp])[] = [
      [["--volumes", "1"], /no folder was given/],
      [[...drgn, "--tomodrgn", folder, "--volumes", "1"], /two folders were given/],
      [drgn, /Cannot select volumes: none were given/],
      [[...drgn, "--volumes", "1", "--state", "2"], /--volumes and --state were both given/],
      [[...drgn, "out", "--volumes", "1"], /--volumes and a run were both given/],
      [[...drgn, "--volumes", "1", "--no_junk"], /--volumes and --no_junk were both given/],
      [[...drgn, "out", "--occupancy", "a.csv"], /both a run and a table were given/],
      [[...drgn, "out", "--junk", "--no_junk"], /leave none/],
      [[...drgn, "--volumes", "1", "--clustering", "a"], /--clustering: it is for --state/],
      [[...drgn, "--volumes", " , "], /--volumes: it lists none/],
      [[...drgn, "--volumes", "./none.txt"], /Cannot read \.\/none\.txt: there is no such file/],
      [[...drgn, "--volumes", "mean"], /no number in a name \(mean\)/],
      [[...drgn, "--state", "1,x"], /--state: it is not a number \(x\)/],
      [[...drgn, "--volumes", "1", "--first_volume", "-1"], /--first_volume: it must be a whole/],
      [[...drgn, "--volumes", "1", "--relative_to", "me"], /--relative_to: no such choice \(me\)/],
      [[...drgn, "--volumes", "1"], /has no analyze\.N\/kmeansK/],
    ];
    for (const [args, said] of tries) {
      await assert.rejects(call(fakeIo(), ...args, ...end), said, args.join(" "));
    }
    assert.deepStrictEqual([...Deno.readDirSync(folder)], []);
  }));
