import assert from "node:assert";
import fc from "fast-check";
import { SirenError } from "../core/errors.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { csBytes, makeDrgnFolder, pickleFloats, starText } from "../core/particles/testing.ts";
import { readStarParticles, writeStarSubset } from "../core/particles/mod.ts";
import { type NumpyArray, pickleIndices, readNumpyPickle } from "../core/pickle/mod.ts";
import { analyse, analysisOptions, formatAnalysis } from "../core/analysis/mod.ts";
import { sha256 } from "./hashes.ts";
import { SketchOptionsSchema } from "./options.ts";
import { versions, writeRun } from "./run_file.ts";
import { writeParticles } from "./particles.ts";
import type { ParticlesCall } from "./particles_call.ts";
import { PARTICLE_FILES } from "./particles_files.ts";

const surroundings = { signal: new AbortController().signal, tell: () => {} };

/** Writes particles and gives the summary and the indices, which are the same in both files. */
async function write(
  call: Partial<ParticlesCall> & Pick<ParticlesCall, "folder">,
  outdir = `${call.folder}/out`,
) {
  const program = "cryoDRGN";
  const selection = { volumes: ["2"] };
  const summary = await writeParticles(
    { program, selection, ...call },
    outdir,
    true,
    surroundings,
  );
  const { data, type } = readNumpyPickle(
    await Deno.readFile(`${outdir}/ind.pkl`),
    "ind.pkl",
  ) as NumpyArray;
  assert.strictEqual(type, "i8");
  const indices = Array.from(data, Number);
  assert.strictEqual(await Deno.readTextFile(`${outdir}/ind.txt`), indices.join("\n") + "\n");
  assert.strictEqual(summary.particles, indices.length);
  return { ...summary, indices };
}

/** The particles whose volume is at one of some places. */
const at = (places: Int32Array, ...chosen: number[]) =>
  [...places.keys()].filter((particle) => chosen.includes(places[particle]!));

async function refuses(work: Promise<unknown>, said: RegExp, remedy?: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof SirenError, String(error));
    assert.match(error.message, said);
    if (remedy !== undefined) assert.match(error.remedy ?? "", remedy);
    return true;
  });
}

Deno.test("volumes give their own particles, however volumes and labels are counted", async () => {
  for (const first of [0, 1, 7]) {
    for (const firstLabel of [0, 1]) {
      for (const lacking of [[], ["centers_ind.txt"], ["z.9.pkl"]]) {
        await withFolder(async (folder) => {
          const { places } = await makeDrgnFolder(folder, { first, firstLabel, lacking });
          for (const place of [0, 4]) {
            const number = first + place;
            const name = `vol_${String(number).padStart(3, "0")}.mrc`;
            const entries = [name, `maps/${name}.gz`, String(number)];
            for (const entry of lacking.length > 0 ? [name] : entries) {
              const found = await write({ folder, selection: { volumes: [entry] } });
              assert.deepStrictEqual(found.indices, at(places, place));
              assert.strictEqual(found.firstVolume.first, first);
              assert.strictEqual(found.firstLabel?.first, firstLabel);
              assert.deepStrictEqual(
                found.volumes.filter(({ selected }) => selected).map(({ volume }) => volume),
                [name],
              );
            }
          }
        });
      }
    }
  }
});

Deno.test("a selection and its inverse are all particles of the stack that were used, each once", () =>
  withFolder(async (folder) => {
    const ind = `${folder}/ind.pkl`;
    const stack = Int32Array.from({ length: 60 }, (_, i) => (37 * i + 5) % 101);
    await Deno.writeFile(ind, pickleIndices(stack));
    const config = `dataset_args:\n  ind: ${ind}\n`;
    const { places } = await makeDrgnFolder(folder, { config, first: 1 });
    await Deno.writeTextFile(`${folder}/all.star`, starText(101));
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([1, 2, 3, 4, 5], { minLength: 1, maxLength: 4 }),
        async (numbers) => {
          const selection = { volumes: numbers.map(String) };
          const star = `${folder}/all.star`;
          const one = await write({ folder, selection, star });
          const chosen = at(places, ...numbers.map((number) => number - 1));
          assert.deepStrictEqual(
            one.indices,
            chosen.map((particle) => stack[particle]!).sort((a, b) => a - b),
          );
          const rows = (await Deno.readTextFile(`${folder}/out/particles.star`)).split("\n")
            .filter((line) => line.includes("@")).map((line) => Number(line.slice(0, 6)) - 1);
          assert.deepStrictEqual(rows, one.indices);
          const other = await write({ folder, selection, inverse: true });
          assert.deepStrictEqual(
            Int32Array.from([...one.indices, ...other.indices]).sort(),
            stack.toSorted(),
          );
          const training = await write({ folder, selection, relativeTo: "training" });
          assert.deepStrictEqual(training.indices, chosen);
        },
      ),
      { numRuns: 8 },
    );
  }));

Deno.test("what cannot be told for sure is refused, and nothing is written", () =>
  withFolder(async (folder) => {
    const made = (name: string, ...options: Parameters<typeof makeDrgnFolder>[1][]) =>
      makeDrgnFolder(`${folder}/${name}`, ...options);
    await made("some", { first: 1, without: [5] });
    await made("half", { first: 0, without: [0] });
    await made("bare", { config: "", lacking: ["config.yaml"] });
    await made("subset", { config: "dataset_args:\n  ind: /nowhere/ind.pkl\n" });
    await made("trajectory", { lacking: ["labels.pkl"] });
    await made("whole", { first: 1 });
    const other = await made("other", { particles: 61 });
    await made("huge");
    for (const name of ["centers.txt", "centers_ind.txt"]) {
      await Deno.remove(`${folder}/huge/analyze.9/kmeans5/${name}`);
    }
    await Deno.rename(
      `${folder}/huge/analyze.9/kmeans5`,
      `${folder}/huge/analyze.9/kmeans5${"0".repeat(9)}`,
    );
    await Deno.copyFile(`${other.folder}/z.9.pkl`, `${folder}/half/z.9.pkl`);
    const outdir = `${folder}/out`;
    const of = (name: string, call: Partial<ParticlesCall> = {}) =>
      write({ folder: `${folder}/${name}`, ...call }, outdir);
    await refuses(of("some"), /1 to 4, 4 of 5, and may count from 0 or from 1/, /--first_volume/);
    await refuses(
      of("half", { firstVolume: 0 }),
      /they are for 60 particles, and .*z\.9\.pkl has 61/,
    );
    await refuses(of("bare"), /has no config\.yaml or config\.pkl/, /--ind: .*or none; or --relat/);
    await refuses(of("subset"), /its list is not there \(\/nowhere\/ind\.pkl\)/, /--ind/);
    await refuses(
      of("huge", { firstVolume: 0 }),
      /by its name it has 5000000000 volumes, and there are 60 particles/,
    );
    await refuses(of("trajectory"), /has no labels\.pkl/, /--nearest .* trajectory have none/);
    await refuses(
      of("whole", { selection: { volumes: ["vol_000.mrc", "2"] } }),
      /they are not of .*kmeans5, whose volumes are vol_001\.mrc to vol_005\.mrc \(vol_000\.mrc\)/,
      /^Volumes are 1 to 5, one for each of 5 centres\./,
    );
    await refuses(
      of("whole", { selection: { volumes: ["1-5"] }, inverse: true }),
      /all volumes are selected/,
    );
    assert.deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      ...["bare", "half", "huge", "other", "some", "subset", "trajectory", "whole"],
    ]);
    for (
      const call of [
        { ind: "none" },
        { relativeTo: "training" },
      ] as const
    ) assert.strictEqual((await of("bare", call)).total, 60);
    assert.strictEqual((await of("some", { firstVolume: 1 })).firstVolume.first, 1);
  }));

Deno.test("particles are found by the nearest volume, with and without labels", () =>
  withFolder(async (folder) => {
    const { places } = await makeDrgnFolder(folder, { first: 1 });
    const found = await write({ folder, nearest: true });
    assert.deepStrictEqual(found.indices, at(places, 1));
    assert.deepStrictEqual(found.notes, [
      "60 of 60 particles are nearest to the volume of their label",
    ]);
    await Deno.remove(`${folder}/analyze.9/kmeans5/labels.pkl`);
    assert.deepStrictEqual((await write({ folder, nearest: true })).indices, at(places, 1));
    await Deno.remove(`${folder}/z.9.pkl`);
    await refuses(write({ folder, nearest: true }), /no coordinates of particles \(.*z\.9\.pkl\)/);
  }));

Deno.test("files of particles have to be those of the training's stack", () =>
  withFolder(async (folder) => {
    await makeDrgnFolder(folder);
    const star = `${folder}/a.star`, cs = `${folder}/a.cs`;
    await Deno.writeTextFile(star, starText(60));
    await Deno.writeFile(cs, csBytes(60));
    const { files } = await write({ folder, star, cs });
    assert.deepStrictEqual(files.map((file) => file.slice(file.lastIndexOf("/") + 1)), [
      ...PARTICLE_FILES,
    ]);
    // What was written is a file of particles again.
    const again = await readStarParticles(`${folder}/out/particles.star`);
    assert.ok(again.rows > 0 && again.rows < 60);
    await writeStarSubset(again, () => true, `${folder}/b.star`);
    await Deno.writeTextFile(star, starText(59));
    await refuses(write({ folder, star }), /it has 59 particles, and there should be 60/);
    await Deno.writeFile(cs, csBytes(61));
    await refuses(write({ folder, cs }), /it has 61 particles, and there should be 60/);

    await Deno.writeFile(
      `${folder}/ind.pkl`,
      pickleIndices(Int32Array.from({ length: 60 }, (_, i) => 2 * i)),
    );
    const ind = `${folder}/ind.pkl`;
    await Deno.writeTextFile(star, starText(60));
    await refuses(
      write({ folder, star, ind }),
      /it has 60 particles, and there should be at least 119/,
      /--relative_to training/,
    );
    await Deno.writeTextFile(star, starText(120));
    await refuses(write({ folder, star, cs: await twenty(cs, 125), ind }), /120 and 125 particles/);
    assert.strictEqual((await write({ folder, star, cs: await twenty(cs, 120), ind })).total, 60);
  }));

async function twenty(path: string, particles: number): Promise<string> {
  await Deno.writeFile(path, csBytes(particles));
  return path;
}

Deno.test("a file of another stack is told by the stack's transfer functions", () =>
  withFolder(async (folder) => {
    const ind = `${folder}/ind.pkl`, ctf = `${folder}/ctf.pkl`, star = `${folder}/a.star`;
    await Deno.writeFile(ind, pickleIndices(Int32Array.from({ length: 60 }, (_, i) => 2 * i)));
    const config = `dataset_args:\n  ind: ${ind}\n  ctf: ${ctf}\n`;
    await makeDrgnFolder(folder, { config });
    await Deno.writeTextFile(star, starText(130));
    const { notes } = await write({ folder, star });
    assert.match(notes.join(), /could not be checked, as there is no .*ctf\.pkl$/);
    await Deno.writeFile(ctf, pickleFloats(new Float32Array(9 * 130), [130, 9]));
    assert.deepStrictEqual((await write({ folder, star })).notes, []);
    await Deno.writeFile(ctf, pickleFloats(new Float32Array(9 * 140), [140, 9]));
    await refuses(
      write({ folder, star }),
      /it has 130 rows, and the stack of the training has 140 images, by .*ctf\.pkl/,
    );
    await Deno.writeTextFile(ctf, "cos\nsystem\n(S'ls'\ntR.");
    assert.strictEqual((await write({ folder, star })).notes.length, 1);
  }));

Deno.test("rows that may be particles or images are asked about", () =>
  withFolder(async (folder) => {
    const { places } = await makeDrgnFolder(folder, { lacking: ["config.yaml"] });
    const ind = `${folder}/ind.pkl`, star = `${folder}/a.star`;
    const stack = Int32Array.from({ length: 60 }, (_, i) => i + 3);
    await Deno.writeFile(ind, pickleIndices(stack));
    const rows = Array.from({ length: 140 }, (_, i) => `${i}@p tomo_${i >> 1}\n`);
    const head = "data_\n\nloop_\n_rlnImageName #1\n_rlnGroupName #2\n";
    await Deno.writeTextFile(star, `${head}${rows.join("")}\n`);
    await refuses(
      write({ folder, star, ind }),
      /140 rows, and 70 names in _rlnGroupName/,
      /--star_rows/,
    );
    const rowsOf = async () =>
      (await Deno.readTextFile(`${folder}/out/particles.star`)).split("\n")
        .filter((line) => line.includes("@")).map((line) => parseInt(line));
    const expected = at(places, 2).map((particle) => stack[particle]!);
    await write({ folder, star, ind, starRows: "particles" });
    assert.deepStrictEqual(await rowsOf(), expected);
    await write({ folder, star, ind, starRows: "images" });
    assert.deepStrictEqual(
      await rowsOf(),
      expected.flatMap((particle) => [2 * particle, 2 * particle + 1]),
    );
    await Deno.writeTextFile(star, starText(140));
    await refuses(
      write({ folder, star, ind, starRows: "images" }),
      /no column tells which images are of one particle/,
    );
    // Micrographs are no particles: there are fewer than particles.
    await Deno.writeTextFile(star, `${head}${rows.join("").replaceAll(/tomo_\d+/g, "one")}\n`);
    await write({ folder, star, ind });
    assert.deepStrictEqual(await rowsOf(), expected);
  }));

Deno.test("images of tilt series go with their particle, in the order in which particles appear", () =>
  withFolder(async (folder) => {
    const config = "dataset_args:\n  ind: null\nmodel_args:\n  encode_mode: tilt\n";
    const { places } = await makeDrgnFolder(folder, { config });
    // Particle i has 2 or 3 images; its name sorts otherwise.
    const rows = Array.from(
      { length: 60 },
      (_, i) => Array.from({ length: 2 + i % 2 }, (_, k) => `${k}@p.mrcs tomo_${(7 * i) % 60}\n`),
    ).flat();
    const star = `${folder}/a.star`;
    const head = "data_\n\nloop_\n_rlnImageName #1\n_rlnGroupName #2\n";
    await Deno.writeTextFile(star, `${head}${rows.join("")}\n`);
    for (const program of ["cryoDRGN", "tomoDRGN"] as const) {
      const { indices, notes } = await write({ folder, star, program });
      assert.deepStrictEqual(indices, at(places, 2));
      const groups = indices.map((particle) => `tomo_${(7 * particle) % 60}`);
      const expected = rows.filter((row) => groups.includes(row.trim().split(" ")[1]!));
      assert.strictEqual(
        await Deno.readTextFile(`${folder}/out/particles.star`),
        `${head}${expected.join("")}\n`,
      );
      assert.ok(notes[0]?.includes("150 images of 60 particles, told apart by _rlnGroupName"));
    }
    await Deno.writeTextFile(star, `${head}${rows.slice(2).join("")}\n`);
    await refuses(
      write({ folder, star }),
      /it has 59 particles \(148 images, told apart by _rlnGroupName\), and there should be 60/,
    );
  }));

Deno.test("tomoDRGN's particles are in the order of its .star file, whatever that of the list", () =>
  withFolder(async (folder) => {
    const ind = `${folder}/ind.pkl`, star = `${folder}/a.star`, used = `${folder}/used.star`;
    const text = (names: readonly number[]) =>
      "data_\n\nloop_\n_rlnImageName #1\n_rlnGroupName #2\n" +
      names.map((name) => `1@${name}.mrcs ${name}\n2@${name}.mrcs ${name}\n`).join("");
    const names = Array.from({ length: 90 }, (_, i) => (13 * i) % 90 + 5);
    await Deno.writeTextFile(star, text(names));
    const list = Int32Array.from({ length: 60 }, (_, i) => (37 * i + 5) % 89);
    await Deno.writeFile(ind, pickleIndices(list));
    const sorted = list.toSorted();
    await Deno.writeTextFile(used, text([...sorted].map((i) => names[i]!)));
    const config = `starfile_args:\n  ind_ptcls: ${ind}\n  sourcefile: ${star}\n  ` +
      `sourcefile_filtered: ${used}\n`;
    const { places } = await makeDrgnFolder(folder, { config });
    const expected = at(places, 2).map((particle) => sorted[particle]!);
    for (const call of [{}, { star }, { ind }]) {
      const { indices, notes } = await write({ folder, program: "tomoDRGN", ...call });
      assert.deepStrictEqual(indices, expected);
      assert.ok(!notes.join().includes("order"));
    }
    // By the names of the images, as some versions sort them.
    const byName = [...sorted].map((i) => names[i]!).sort((a, b) => String(a) < String(b) ? -1 : 1);
    await Deno.writeTextFile(used, text(byName));
    await refuses(
      write({ folder, program: "tomoDRGN" }),
      /tomoDRGN used others or another order \(.*used\.star\)/,
      /--relative_to training, with --star .*used\.star/,
    );
    const training = await write({
      folder,
      program: "tomoDRGN",
      relativeTo: "training",
      star: used,
    });
    assert.deepStrictEqual(training.indices, at(places, 2));
    await Deno.remove(used);
    assert.match(
      (await write({ folder, program: "tomoDRGN" })).notes.join(),
      /order of the particles could not be checked, as there is no .*used\.star/,
    );
  }));

Deno.test("what is there is replaced by force alone, and what is read is never", () =>
  withFolder(async (folder) => {
    await makeDrgnFolder(folder);
    const outdir = `${folder}/out`;
    const call = { folder, program: "cryoDRGN", selection: { volumes: ["2"] } } as const;
    const star = `${folder}/a.star`;
    await Deno.writeTextFile(star, starText(60));
    await writeParticles({ ...call, star }, outdir, false, surroundings);
    await refuses(
      writeParticles(call, outdir, false, surroundings),
      /it holds other particles \(particles\.star\)/,
      /--force/,
    );
    await refuses(
      writeParticles({ ...call, star: `${outdir}/particles.star` }, outdir, true, surroundings),
      /particles are read from that very file/,
    );
    const ind = `${outdir}/ind.pkl`;
    await Deno.writeFile(ind, pickleIndices(Int32Array.from({ length: 60 }, (_, i) => i)));
    for (const given of [ind, `${folder}/link.pkl`]) {
      if (given !== ind) await Deno.symlink(ind, given);
      await refuses(
        writeParticles({ ...call, ind: given }, outdir, true, surroundings),
        /ind\.pkl: particles are read from that very file/,
      );
    }
    await Deno.writeTextFile(`${outdir}/mine.txt`, "");
    await writeParticles(call, outdir, true, surroundings);
    // The old particles.star would be of another selection.
    assert.deepStrictEqual([...Deno.readDirSync(outdir)].map(({ name }) => name).sort(), [
      ...["ind.pkl", "ind.txt", "mine.txt", "particles.csv", "particles.json"],
    ]);
    const stop = AbortSignal.abort(new Error("stop"));
    await assert.rejects(
      writeParticles(call, `${folder}/other`, false, { ...surroundings, signal: stop }),
      /stop/,
    );
    await assert.rejects(Deno.stat(`${folder}/other`));
    // Stopped at any moment before the first file is there, of which the fifth is while it is written.
    for (let moment = 1; moment <= 5; moment++) {
      let looks = 0;
      const signal = new Proxy(surroundings.signal, {
        get: (target, key) => {
          if (key !== "throwIfAborted") return Reflect.get(target, key, target);
          return () => {
            if (++looks === moment) throw new Error("stop");
          };
        },
      });
      await assert.rejects(
        writeParticles({ ...call, star }, `${folder}/other`, false, { ...surroundings, signal }),
        /stop/,
      );
      await assert.rejects(Deno.stat(`${folder}/other`));
    }
  }));

Deno.test("states of a landscape give their particles, and wrong lists of cryoDRGN are told", () =>
  withFolder(async (folder) => {
    const { places } = await makeDrgnFolder(folder, { kind: "landscape", first: 1 });
    const states = `${folder}/landscape.9/sketch_clustering_average_2`;
    await Deno.mkdir(states);
    await Deno.writeFile(
      `${states}/state_labels.pkl`,
      pickleIndices(Int32Array.of(1, 2, 2, 1, 2)),
    );
    const right = at(places, 1, 2, 4);
    const selection = { states: [2] };
    await Deno.writeFile(`${states}/state_1_particle_ind.pkl`, pickleIndices(Int32Array.of(0)));
    for (
      const [list, said] of [[right, /is the same$/], [at(places, 2, 3), /another one/]] as const
    ) {
      await Deno.writeFile(
        `${states}/state_2_particle_ind.pkl`,
        pickleIndices(Int32Array.from(list)),
      );
      const { indices, notes } = await write({ folder, selection });
      assert.deepStrictEqual(indices, right);
      assert.match(notes.join(), said);
    }
  }));

/** A run folder of maps, with an analysis of two blocks: b1 is in those whose places are odd. */
async function makeRun(folder: string, maps: readonly { file: string; content: string }[]) {
  await Deno.mkdir(`${folder}/03_analysis`, { recursive: true });
  await writeRun(folder, {
    format: 1,
    versions: versions(),
    grid: { box: 8, apix: 1, origin: { x: 0, y: 0, z: 0 }, nstart: { x: 0, y: 0, z: 0 } },
    sketch: SketchOptionsSchema.parse({ voldir: "/maps", bin: 0 }),
    files: {},
    volumes: maps.map(({ file, content }) => {
      const bytes = new TextEncoder().encode(content);
      return { file, bytes: bytes.length, sha256: sha256(bytes), threshold: 0, kept: true };
    }),
  });
  const table = {
    volumes: maps.map(({ file }) => file),
    regions: [{ name: "b0", voxels: 9 }, { name: "b1", voxels: 9 }],
    values: Float64Array.from(maps.flatMap((_, i) => [1 - i / 10, i % 2])),
  };
  await Deno.writeTextFile(
    `${folder}/03_analysis/analysis.json`,
    formatAnalysis(analyse(table, analysisOptions.parse({}))),
  );
}

Deno.test("volumes of a run are chosen by a condition, and are those of the folder", () =>
  withFolder(async (folder) => {
    const { places } = await makeDrgnFolder(folder, { first: 1 });
    const run = `${folder}/run`;
    const selection = { source: { run }, choice: { where: "b1 > 0.5" } };
    const maps = (first: number, contentOf: (place: number) => string) =>
      Array.from({ length: 4 }, (_, place) => ({
        file: `vol_00${place + first}.mrc`,
        content: contentOf(place),
      }));
    await makeRun(run, maps(1, (place) => `map ${place}`));
    const same = await write({ folder, selection });
    assert.deepStrictEqual(same.indices, at(places, 1, 3));
    assert.deepStrictEqual(same.notes, [
      "2 maps of the run were compared with those of kmeans5, and are the same",
    ]);
    // Of the volume that the run does not have, too.
    const rest = await write({ folder, selection, inverse: true });
    assert.deepStrictEqual(rest.indices, at(places, 0, 2, 4));

    await makeRun(run, maps(1, (place) => `normalised ${place}`));
    const other = await write({ folder, selection });
    assert.deepStrictEqual(other.indices, at(places, 1, 3));
    assert.match(other.notes.join(), /are not the files of kmeans5 as they are/);

    // vol_001 became vol_002, and so on; and vol_001 became vol_000.
    await makeRun(run, maps(2, (place) => `map ${place}`));
    await refuses(
      write({ folder, selection }),
      /vol_003\.mrc of the run is vol_002\.mrc of .*kmeans5/,
      /renumbered/,
    );
    // Consecutive numbers for what a filter left: vol_002 was the third one, and vol_004 the fifth.
    await makeRun(run, maps(1, (place) => `map ${[0, 3, 2, 4][place]}`));
    await refuses(
      write({ folder, selection }),
      /vol_002\.mrc of the run is vol_004\.mrc of .*kmeans5/,
      /renumbered/,
    );
    await makeRun(run, maps(0, (place) => `map ${place}`));
    await refuses(
      write({ folder, selection }),
      /whose volumes are vol_001\.mrc to vol_005\.mrc \(vol_000\.mrc\)/,
    );
    await refuses(
      write({ folder, selection: { source: { run }, choice: { where: "b1 > 2" } } }),
      /none of 4 meets the condition/,
    );
  }));

Deno.test("volumes that were moved away are counted by the run's, where these are all of them", () =>
  withFolder(async (folder) => {
    const run = `${folder}/run`;
    const numbers = [1, 2, 3, 4, 5];
    const { places } = await makeDrgnFolder(folder, { first: 1, without: numbers });
    const selection = { source: { run }, choice: { where: "b1 > 0.5" } };
    const maps = numbers.map((number) => ({ file: `vol_00${number}.mrc`, content: "" }));
    await makeRun(run, maps);
    assert.deepStrictEqual((await write({ folder, selection })).indices, at(places, 1, 3));
    await makeRun(run, maps.slice(0, 4));
    await refuses(write({ folder, selection }), /of the analysis .* from 0 or from 1/);
    await refuses(write({ folder }), /no volume is there/, /--first_volume/);
  }));

Deno.test("hostile pickles in a folder are refused by the name of what they call", () =>
  withFolder(async (folder) => {
    const { kmeans } = await makeDrgnFolder(folder);
    const hostile = new TextEncoder().encode("cos\nsystem\n(S'touch hacked'\ntR.");
    for (const path of [`${kmeans}/labels.pkl`, `${folder}/z.9.pkl`]) {
      const before = await Deno.readFile(path);
      await Deno.writeFile(path, hostile);
      await refuses(write({ folder }), /its pickle calls os\.system/, /Nothing of it was run/);
      await Deno.writeFile(path, before);
    }
    await Deno.writeFile(`${folder}/bad.pkl`, hostile);
    await refuses(write({ folder, ind: `${folder}/bad.pkl` }), /its pickle calls os\.system/);
    await Deno.writeFile(`${folder}/z.9.pkl`, pickleFloats(new Float32Array(60), [60, 1]));
    await refuses(write({ folder, nearest: true }), /they have 1 and 3 coordinates/);
  }));
