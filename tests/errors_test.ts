/** What siren says to bad input: message, remedy and exit code, as a user of the program meets them. */
import assert from "node:assert";
import { main } from "../cli/main.ts";
import { fakeIo } from "../cli/testing.ts";
import { encodeHeader, encodeMap, makeHeader } from "../core/mrc/mod.ts";
import { cubeVolumes, GRID, writeCubes } from "./cubes.ts";
import { exists, hashFolder, temporaryFolder } from "./surroundings.ts";

/** Runs a command line. */
async function siren(...args: string[]): Promise<{ code: number; err: string; out: string }> {
  const io = fakeIo();
  const code = await main(args, io);
  return { code, err: io.err(), out: io.out() };
}

/** Four maps, `vol_1.mrc` to `vol_4.mrc`, in F/maps. */
async function fourMaps(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/maps`);
  for (const [i, volume] of cubeVolumes().slice(0, 4).entries()) {
    await Deno.writeFile(`${folder}/maps/vol_${i + 1}.mrc`, encodeMap(volume, GRID));
  }
}

/** Puts a file over the third map, or beside the maps. */
const put = (content: Uint8Array<ArrayBuffer> | string, name = "maps/vol_3.mrc") =>
async (
  folder: string,
) => {
  await fourMaps(folder);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await Deno.writeFile(`${folder}/${name}`, bytes);
};

const HEADER = {
  nx: 10,
  ny: 10,
  nz: 10,
  cellaX: 15,
  cellaY: 15,
  cellaZ: 15,
  originX: -12.5,
  originY: 3,
  originZ: 40.25,
  nxstart: -4,
  nystart: 0,
  nzstart: 7,
};

/** A map whose header says what is given. */
function mapWith(
  fields: Partial<Parameters<typeof makeHeader>[0]>,
  bytes = 4000,
): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(1024 + bytes);
  file.set(encodeHeader(makeHeader({ ...HEADER, ...fields })));
  return file;
}

/** The third map with one density replaced. */
function withDensity(value: number): Uint8Array<ArrayBuffer> {
  const volume = cubeVolumes()[2]!;
  volume[321] = value;
  return encodeMap(volume, GRID);
}

const csv = (rows: (number | string)[][], header = "vol_id,denormalized_predictions") =>
  [header, ...rows.map((row) => row.join(","))].join("\n") + "\n";

interface Row {
  readonly what: string;
  /** Prepares the folder F. */
  readonly prepare: (folder: string) => Promise<void>;
  /** Words after `siren`; F stands for the folder. */
  readonly line: string;
  readonly code: number;
  readonly message: string;
  readonly remedy?: string;
}

const RUN = "run --voldir F/maps --outdir F/out --quiet --threads 1";

const rows: readonly Row[] = [
  {
    what: "a folder of maps that is not there",
    prepare: () => Promise.resolve(),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot find maps in F/maps: there is no such file or folder",
  },
  {
    what: "an empty folder",
    prepare: (f) => Deno.mkdir(`${f}/maps`),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot find maps in F/maps: it is empty",
    remedy: "Maps end in .mrc, .map or .ccp4, each also with .gz.",
  },
  {
    what: "a folder without maps",
    prepare: async (f) => {
      await Deno.mkdir(`${f}/maps/sub.mrc`, { recursive: true });
      await Deno.writeTextFile(`${f}/maps/a.pdb`, "");
    },
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot find maps in F/maps: it holds no map (but a.pdb, sub.mrc)",
    remedy: "Maps end in .mrc, .map or .ccp4, each also with .gz.",
  },
  {
    what: "a file for the folder",
    prepare: (f) => Deno.writeTextFile(`${f}/maps`, ""),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot find maps in F/maps: it is a file, not a folder",
    remedy: "Give the folder that holds the maps.",
  },
  {
    what: "maps of different boxes",
    prepare: put(encodeMap(new Float32Array(8), { ...GRID, box: 2 })),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message:
      "Cannot use F/maps/vol_1.mrc and F/maps/vol_3.mrc together: their boxes differ (10 and 2)",
    remedy: "All maps of an ensemble need the same box.",
  },
  {
    what: "a box that is no cube",
    prepare: put(mapWith({ nz: 5 }, 2000)),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot use F/maps/vol_3.mrc: its box is not a cube (10 x 10 x 5 voxels)",
    remedy: "Crop or pad the map to a cube.",
  },
  {
    what: "a voxel that is not a number",
    prepare: put(withDensity(NaN)),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot binarise F/maps/vol_3.mrc: its density is NaN at voxel (z, y, x) = (3, 2, 1)",
    remedy: "Make the map anew, or take it out of the folder.",
  },
  {
    what: "an infinite voxel",
    prepare: put(withDensity(-Infinity)),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message:
      "Cannot binarise F/maps/vol_3.mrc: its density is -Infinity at voxel (z, y, x) = (3, 2, 1)",
    remedy: "Make the map anew, or take it out of the folder.",
  },
  {
    what: "a truncated map",
    prepare: put(mapWith({}, 3999)),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot read F/maps/vol_3.mrc: its header promises 5024 bytes, the file has 5023",
    remedy: "The file is cut short or its header is damaged: copy or make it anew.",
  },
  {
    what: "half a header",
    prepare: put(mapWith({}).slice(0, 500)),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot read F/maps/vol_3.mrc: an MRC header has 1024 bytes, the file has 500",
  },
  {
    what: "an empty map",
    prepare: put(""),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot read F/maps/vol_3.mrc: an MRC header has 1024 bytes, the file has 0",
  },
  {
    what: "text for a map",
    prepare: put("HEADER    RIBOSOME\n".repeat(100)),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message:
      "Cannot read F/maps/vol_3.mrc: it is no MRC map, for its sizes are not 1 to 65535 (1145128264 x 538989125 x 1230118944)",
  },
  {
    what: "a Fourier transform",
    prepare: put(mapWith({ mode: 4 }, 8000)),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message:
      "Cannot read F/maps/vol_3.mrc: mode 4 is a Fourier transform (complex 32-bit floats), not a density",
    remedy: "Convert it to a map of mode 2 (32-bit float).",
  },
  {
    what: "a mode that is not known",
    prepare: put(mapWith({ mode: 7 })),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot read F/maps/vol_3.mrc: its mode is none of 0, 1, 2, 3, 4, 6, 12, 101 (7)",
  },
  {
    what: "a gzip stream that is damaged",
    prepare: put(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0xff), "maps/vol_5.mrc.gz"),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot read F/maps/vol_5.mrc.gz: its gzip stream is damaged (invalid block type)",
    remedy: "Copy or make the file anew.",
  },
  {
    what: "a map that is there twice",
    prepare: put("", "maps/vol_3.mrc.gz"),
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot use the maps of F/maps: one of them is there twice (vol_3.mrc, vol_3.mrc.gz)",
    remedy: "Remove one of the two files.",
  },
  {
    what: "maps that do not tell the voxel size",
    prepare: async (f) => {
      await Deno.mkdir(`${f}/maps`);
      for (const name of ["a", "b"]) {
        await Deno.writeFile(`${f}/maps/${name}.mrc`, mapWith({ cellaX: 0, cellaY: 0, cellaZ: 0 }));
      }
    },
    line: `${RUN} --bin 0.5`,
    code: 3,
    message: "Cannot tell the voxel size: no header holds it (F/maps/a.mrc, and so for 1 more)",
    remedy: "Give it with --apix.",
  },
  {
    what: "no threshold",
    prepare: fourMaps,
    line: RUN,
    code: 2,
    message: "Cannot run: one of --bin, --binfile and --weights is needed",
    remedy: "See siren run --help.",
  },
  {
    what: "two kinds of threshold",
    prepare: fourMaps,
    line: `${RUN} --bin 0 --binfile F/t.csv`,
    code: 2,
    message: "Cannot run: --bin and --binfile exclude each other",
    remedy: "See siren run --help.",
  },
  {
    what: "a threshold of abc",
    prepare: fourMaps,
    line: `${RUN} --bin abc`,
    code: 2,
    message: "Cannot use --bin: it is not a number (abc)",
    remedy: "See siren run --help.",
  },
  {
    what: "a threshold of NaN",
    prepare: fourMaps,
    line: `${RUN} --bin NaN`,
    code: 2,
    message: "Cannot use --bin: it is not a number (NaN)",
    remedy: "See siren run --help.",
  },
  {
    what: "a threshold of 1e999",
    prepare: fourMaps,
    line: `${RUN} --bin 1e999`,
    code: 2,
    message: "Cannot use --bin: the number is too large (1e999)",
    remedy: "See siren run --help.",
  },
  {
    what: "an empty threshold",
    prepare: fourMaps,
    line: `${RUN} --bin=`,
    code: 2,
    message: "Cannot use --bin: it is not a number ()",
    remedy: "See siren run --help.",
  },
  {
    what: "a threshold that leaves nothing",
    prepare: fourMaps,
    line: `${RUN} --bin 7`,
    code: 3,
    message:
      "Cannot find blocks in F/maps: no voxel of any map is above its threshold (7 for vol_1.mrc)",
    remedy: "Give a lower threshold; `siren info` shows the maps' densities.",
  },
  {
    what: "thresholds that leave nothing",
    prepare: put(csv([[1, 7], [2, 7], [3, 7], [4, 8]]), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message:
      "Cannot find blocks in F/maps: no voxel of any map is above its threshold (7 for vol_1.mrc)",
    remedy: "Give a lower threshold; `siren info` shows the maps' densities.",
  },
  {
    what: "no such file of thresholds",
    prepare: fourMaps,
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message: "Cannot read F/t.csv: there is no such file or folder",
  },
  {
    what: "thresholds numbered by row for maps numbered from 1",
    prepare: put(csv([[0, 0.5], [1, 0.5], [2, 0.5], [3, 0.5]]), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message:
      "Cannot take thresholds from F/t.csv: its vol_id is shifted against the numbers of the maps (0 to 3, not 1 to 4)",
    remedy:
      "Add a column map_file that names the map of each row. Newer programs number maps from 1 but the rows of such a file from 0.",
  },
  {
    what: "a map without a threshold",
    prepare: put(csv([[1, 0.5], [2, 0.5], [4, 0.5]]), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message: "Cannot take thresholds from F/t.csv: it has no row for vol_3.mrc",
  },
  {
    what: "a map with two thresholds",
    prepare: put(csv([[1, 0.5], [2, 0.5], [3, 0.5], [2, 0.6], [4, 0.5]]), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message: "Cannot take thresholds from F/t.csv: lines 3 and 5 are for the same map (vol_id 2)",
  },
  {
    what: "a threshold of nan in the table",
    prepare: put(csv([[1, 0.5], [2, "nan"], [3, 0.5], [4, 0.5]]), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message:
      'Cannot take thresholds from F/t.csv: line 3 has no number in denormalized_predictions ("nan")',
  },
  {
    what: "a threshold too many",
    prepare: put(csv([[1, 0.5], [2, 1], [3, 0.5], [4, 0.5], [5, 0]]), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message:
      "Cannot take thresholds from F/t.csv: it has rows for maps that are not there (vol_id 5)",
    remedy:
      "Remove those rows, or match by name: add a column map_file that names the map of each row.",
  },
  {
    what: "a table without the column",
    prepare: put(csv([[1, 0.5]], "vol_id,threshold"), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message:
      "Cannot take thresholds from F/t.csv: it has no column denormalized_predictions (its columns are vol_id, threshold)",
  },
  {
    what: "a ragged table",
    prepare: put(csv([[1, 0.5], [2]]), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message: "Cannot read F/t.csv: Invalid Record Length: expect 2, got 1 on line 3",
    remedy: "Separate columns by commas, and write numbers with a decimal point.",
  },
  {
    what: "thresholds by names of other maps",
    prepare: put(csv([["vol_01.mrc", 0.5]], "map_file,denormalized_predictions"), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    code: 3,
    message:
      "Cannot take thresholds from F/t.csv: it has no row for vol_1.mrc, vol_2.mrc, vol_3.mrc, vol_4.mrc",
  },
  {
    what: "a filter without a table",
    prepare: fourMaps,
    line: `${RUN} --bin 0.5 --filter`,
    code: 2,
    message: "Cannot run: --filter needs --binfile",
    remedy: "See siren run --help.",
  },
  {
    what: "no such sample",
    prepare: fourMaps,
    line: `${RUN} --bin 0.5 --voxels F/v.txt`,
    code: 3,
    message: "Cannot read F/v.txt: there is no such file or folder",
  },
  {
    what: "a folder for a sample",
    prepare: fourMaps,
    line: `${RUN} --bin 0.5 --voxels F/maps`,
    code: 3,
    message: "Cannot read F/maps: Is a directory (os error 21)",
  },
  {
    what: "a sample with a voxel outside the union",
    prepare: put("444\n5\n", "v.txt"),
    line: `${RUN} --bin 0.5 --voxels F/v.txt`,
    code: 3,
    message: "Cannot use F/v.txt: line 2 is not a voxel of the union (5)",
    remedy:
      "It must list voxels occupied in more than 1 % of these maps at these thresholds, each once.",
  },
  {
    what: "a sample with a voxel twice",
    prepare: put("444\n445\n444\n", "v.txt"),
    line: `${RUN} --bin 0.5 --voxels F/v.txt`,
    code: 3,
    message: "Cannot use F/v.txt: line 3 stands there twice (444)",
    remedy:
      "It must list voxels occupied in more than 1 % of these maps at these thresholds, each once.",
  },
  {
    what: "a sample of words",
    prepare: put("444\nvoxel 445\n", "v.txt"),
    line: `${RUN} --bin 0.5 --voxels F/v.txt`,
    code: 3,
    message: "Cannot use F/v.txt: line 2 is not a flat voxel index (voxel 445)",
    remedy:
      "It must list voxels occupied in more than 1 % of these maps at these thresholds, each once.",
  },
  {
    what: "no such cutoffs",
    prepare: fourMaps,
    line: `${RUN} --rule siren --bin 0.5 --subsample 1 --cutoffs F/c.csv`,
    code: 3,
    message: "Cannot read F/c.csv: there is no such file or folder",
  },
  {
    what: "cutoffs that lack a pair",
    prepare: put("freq_min,freq_max,pos_cutoff,neg_cutoff\n4,4,1,1\n", "c.csv"),
    line: `${RUN} --rule siren --bin 0.5 --subsample 1 --cutoffs F/c.csv`,
    code: 3,
    message: "Cannot use the cutoffs of F/c.csv: a pair of totals that occurs is missing (1, 1)",
    remedy: "Compute the cutoffs from the same volumes and thresholds, or leave the file away.",
  },
  {
    what: "cutoffs that are not numbers",
    prepare: put("freq_min,freq_max,pos_cutoff,neg_cutoff\n4,4,high,1\n", "c.csv"),
    line: `${RUN} --rule siren --bin 0.5 --subsample 1 --cutoffs F/c.csv`,
    code: 3,
    message: "Cannot read cutoffs from F/c.csv: line 2: pos_cutoff is not a number (high)",
    remedy:
      "The file must have the columns freq_min,freq_max,pos_cutoff,neg_cutoff, one row for each pair of totals.",
  },
  {
    what: "a run folder that is a file",
    prepare: put("", "out"),
    line: `${RUN} --bin 0.5`,
    code: 4,
    message: "Cannot make the run folder F/out: File exists (os error 17)",
    remedy: "Give another --outdir.",
  },
  {
    what: "a run folder under a file",
    prepare: put("", "x"),
    line: `${RUN} --bin 0.5 --outdir F/x/out`,
    code: 4,
    message: "Cannot make the run folder F/x/out: Not a directory (os error 20)",
    remedy: "Give another --outdir.",
  },
  {
    what: "results of something else in the run folder",
    prepare: async (f) => {
      await fourMaps(f);
      await Deno.mkdir(`${f}/out/00_sketch`, { recursive: true });
    },
    line: `${RUN} --bin 0.5`,
    code: 4,
    message: "Cannot start a run in F/out: it holds results of something else (00_sketch)",
    remedy: "Give another --outdir, or --force to throw them away.",
  },
  {
    what: "a subsample of 0",
    prepare: fourMaps,
    line: `${RUN} --bin 0.5 --subsample 0`,
    code: 2,
    message: "Cannot use --subsample: it must be at least 1 (0)",
    remedy: "See siren run --help.",
  },
  {
    what: "blocks of no voxels",
    prepare: fourMaps,
    line: `${RUN} --bin 0.5 --rule siren --min_block_size 0`,
    code: 2,
    message: "Cannot use --min_block_size: it must be at least 1 (0)",
    remedy: "See siren run --help.",
  },
  {
    what: "a level above 1",
    prepare: fourMaps,
    line: `${RUN} --bin 0.5 --posp 2`,
    code: 2,
    message: "Cannot use --posp: it must be at most 1 (2)",
    remedy: "See siren run --help.",
  },
  {
    what: "a voxel size of 0",
    prepare: fourMaps,
    line: `${RUN} --bin 0.5 --apix 0`,
    code: 2,
    message: "Cannot use --apix: it must be more than 0 (0)",
    remedy: "See siren run --help.",
  },
  {
    what: "a folder without a run, to go on with",
    prepare: fourMaps,
    line: "resume F/maps",
    code: 4,
    message: "Cannot open the run in F/maps: there is no run.json",
    remedy:
      "Give the folder that --outdir named; if it was stopped before run.json appeared, start again.",
  },
  {
    what: "a folder that is not there, to go on with",
    prepare: fourMaps,
    line: "resume F/none",
    code: 4,
    message: "Cannot open the run in F/none: there is no run.json",
    remedy:
      "Give the folder that --outdir named; if it was stopped before run.json appeared, start again.",
  },
  {
    what: "a folder without a run, to ask about",
    prepare: fourMaps,
    line: "status F/maps",
    code: 4,
    message: "Cannot open the run in F/maps: there is no run.json",
    remedy:
      "Give the folder that --outdir named; if it was stopped before run.json appeared, start again.",
  },
  {
    what: "a file for a run",
    prepare: fourMaps,
    line: "status F/maps/vol_1.mrc",
    code: 4,
    message: "Cannot open the run in F/maps/vol_1.mrc: there is no run.json",
    remedy:
      "Give the folder that --outdir named; if it was stopped before run.json appeared, start again.",
  },
  {
    what: "no such config",
    prepare: fourMaps,
    line: "expand_communities --config F/config.json --blockdir F/maps",
    code: 3,
    message: "Cannot expand: there is no config.json of a sketch (F/config.json)",
    remedy: "Give the config.json in the sketch's results, OUTDIR/00_sketch.",
  },
  {
    what: "a config of something else",
    prepare: put('{"apix": 1}', "config.json"),
    line: "expand_communities --config F/config.json --blockdir F/maps",
    code: 2,
    message: "Cannot read --config: it is not a config.json of siren (F/config.json)",
    remedy:
      "Give the config.json that sketch_communities wrote, in RUN/00_sketch. See siren expand_communities --help.",
  },
  {
    what: "a config whose run is gone",
    prepare: put('{"run": "gone"}', "config.json"),
    line: "expand_communities --config F/config.json --blockdir F/maps",
    code: 4,
    message: "Cannot open the run in F/gone: there is no run.json",
    remedy:
      "Give the folder that --outdir named; if it was stopped before run.json appeared, start again.",
  },
];

/** The error as it is printed. */
const printed = (message: string, remedy?: string) =>
  `Error: ${message}\n${remedy === undefined ? "" : `${remedy}\n`}`;

/** Runs a command line in which F stands for a folder, which it is again in what is said. */
async function sirenIn(folder: string, line: string) {
  const words = line.split(" ").map((word) => word.replace(/^F(?=\/|$)/, folder));
  const { code, err, out } = await siren(...words);
  return { code, out, err: err.replaceAll(folder, "F") };
}

for (const { what, prepare, line, code, message, remedy } of rows) {
  Deno.test(`refused: ${what}`, async () => {
    await using folder = await temporaryFolder();
    await prepare(folder.path);
    assert.deepStrictEqual(await sirenIn(folder.path, line), {
      code,
      out: "",
      err: printed(message, remedy),
    });
  });
}

Deno.test("what was refused while the maps were read may be mended and started again", async () => {
  await using folder = await temporaryFolder();
  await put(withDensity(NaN))(folder.path);
  const line = `${RUN} --bin 7`;
  assert.strictEqual((await sirenIn(folder.path, line)).code, 3);
  assert.strictEqual((await sirenIn(folder.path, "resume F/out --quiet")).code, 3);
  await Deno.remove(`${folder.path}/maps/vol_3.mrc`);
  assert.deepStrictEqual(await sirenIn(folder.path, `${RUN} --bin 0.5`), {
    code: 0,
    out: "",
    err: "",
  });
});

const warnings: readonly Omit<Row, "code" | "remedy">[] = [
  {
    what: "a voxel size at odds with the headers",
    prepare: fourMaps,
    line: `${RUN} --bin 0.5 --apix 2`,
    message:
      "The given voxel size of 2 Angstrom is used, but the header of F/maps/vol_1.mrc says " +
      "1.5, and so for 3 more.",
  },
  {
    what: "a map of another voxel size",
    prepare: put(mapWith({ cellaX: 20, cellaY: 20, cellaZ: 20 })),
    line: `${RUN} --bin -1`,
    message: "The voxel size of F/maps/vol_1.mrc (1.5 Angstrom) is used, but that of " +
      "F/maps/vol_3.mrc is 2.",
  },
  {
    what: "a map elsewhere",
    prepare: put(mapWith({ originX: 0 })),
    line: `${RUN} --bin -1`,
    message: "The origin of F/maps/vol_1.mrc (-12.5, 3, 40.25) is used, but that of " +
      "F/maps/vol_3.mrc is 0, 3, 40.25.",
  },
  {
    what: "a map that is empty at the threshold of all",
    prepare: put(mapWith({})),
    line: `${RUN} --bin 0.5`,
    message:
      "No voxel of vol_3.mrc is above its threshold (0.5): it counts as a volume with every " +
      "voxel empty",
  },
  {
    what: "a map that is empty at its own threshold",
    prepare: put(csv([[1, 0.5], [2, 0.5], [3, 4], [4, 0.5]]), "t.csv"),
    line: `${RUN} --binfile F/t.csv`,
    message: "No voxel of vol_3.mrc is above its threshold (4): it is left out",
  },
];

for (const { what, prepare, line, message } of warnings) {
  Deno.test(`warned of: ${what}`, async () => {
    await using folder = await temporaryFolder();
    await prepare(folder.path);
    assert.deepStrictEqual(await sirenIn(folder.path, line), {
      code: 0,
      out: "",
      err: `Warning: ${message}\n`,
    });
  });
}

Deno.test("--bin 0 is a threshold", async () => {
  await using folder = await temporaryFolder();
  await fourMaps(folder.path);
  assert.deepStrictEqual(await sirenIn(folder.path, `${RUN} --bin 0`), {
    code: 0,
    out: "",
    err: "",
  });
  const { volumes } = JSON.parse(await Deno.readTextFile(`${folder.path}/out/run.json`));
  assert.deepStrictEqual(volumes.map(({ threshold }: { threshold: number }) => threshold), [
    0,
    0,
    0,
    0,
  ]);
  const { err } = await sirenIn(
    folder.path,
    "expand_communities --config F/out --blockdir F/out/00_sketch --bin 0.5",
  );
  assert.match(err, /^Error: Cannot expand with --bin 0\.5: the sketch was made with 0\n/);
});

Deno.test("refused over a sketch, which stays as it was", async (t) => {
  await using folder = await temporaryFolder();
  const F = folder.path;
  await writeCubes(`${F}/maps`);
  const sketch = "sketch_communities --voldir F/maps --bin 0.5 --outdir F/run --threads 1 --quiet";
  assert.deepStrictEqual(await sirenIn(F, sketch), { code: 0, out: "", err: "" });
  const hashRun = () => hashFolder(`${F}/run`, (name) => name === "run.lock");
  const before = await hashRun();
  const mask = (voxels: number[], box = 10) => {
    const data = new Float32Array(box ** 3);
    for (const voxel of voxels) data[voxel] = 1;
    return encodeMap(data, { ...GRID, box });
  };
  const masks = async (files: Record<string, Uint8Array<ArrayBuffer>>) => {
    await Deno.mkdir(`${F}/masks`);
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(`${F}/masks/${name}`, bytes);
    }
  };
  const nothing = () => Promise.resolve();
  const expand = "expand_communities --config F/run --blockdir";
  const contradiction = (flag: string, reason: string) =>
    [
      `Cannot expand with --${flag}: the sketch was made ${reason}`,
      `Leave --${flag.split(" ")[0]} out: the sketch's is used. For another value, sketch again. ` +
      "See siren expand_communities --help.",
    ] as const;
  const takeOut = "Mend the mask, or take it out of the folder.";
  const again = "Was it edited, or written by another version of siren? Start a new run.";
  const rows: readonly (readonly [string, () => Promise<void>, string, number, string, string?])[] =
    [
      [
        "another run",
        nothing,
        sketch,
        4,
        "Cannot start a run in F/run: it already holds one",
        "Go on with it by `siren resume F/run`, give another --outdir, or --force to start over.",
      ],
      [
        "another threshold",
        nothing,
        `${expand} F/run/00_sketch --bin 0.6`,
        2,
        ...contradiction("bin 0.6", "with 0.5"),
      ],
      [
        "a table of thresholds",
        nothing,
        `${expand} F/run/00_sketch --binfile F/t.csv`,
        2,
        ...contradiction("binfile F/t.csv", "without it"),
      ],
      [
        "a filter",
        nothing,
        `${expand} F/run/00_sketch --filter`,
        2,
        ...contradiction("filter true", "without it"),
      ],
      [
        "another voxel size",
        nothing,
        `${expand} F/run/00_sketch --apix 3`,
        2,
        ...contradiction("apix 3", "with 1.5"),
      ],
      [
        "another rule",
        nothing,
        `${expand} F/run/00_sketch --rule fdr`,
        2,
        ...contradiction("rule fdr", "with siren"),
      ],
      [
        "other maps",
        nothing,
        `${expand} F/run/00_sketch --voldir F`,
        2,
        ...contradiction("voldir F", "with F/maps"),
      ],
      [
        "masks that are not there",
        nothing,
        `${expand} F/masks`,
        3,
        "Cannot find block masks in F/masks: there is no such file or folder",
      ],
      [
        "no masks",
        () => masks({}),
        `${expand} F/masks`,
        3,
        "Cannot find block masks in F/masks: it is empty",
        "Maps end in .mrc, .map or .ccp4, each also with .gz.",
      ],
      [
        "a mask of another box",
        () => masks({ "block_0.mrc": mask([1], 12) }),
        `${expand} F/masks`,
        3,
        "Cannot use F/masks/block_0.mrc as a block: its box is 12 x 12 x 12, the maps' is 10",
        "Resample the mask to the maps' grid, or take it out of the folder.",
      ],
      [
        "an empty mask",
        () => masks({ "block_0.mrc": mask([]) }),
        `${expand} F/masks`,
        3,
        "Cannot use F/masks/block_0.mrc as a block: none of its voxels is above 0.5 and occupied in more than 1 % of the volumes",
        takeOut,
      ],
      [
        "two masks of one number",
        () => masks({ "block_0.mrc": mask([1]), "block_00.mrc": mask([2]) }),
        `${expand} F/masks`,
        3,
        "Cannot use F/masks/block_00.mrc as block 0: so is F/masks/block_0.mrc",
        "Rename one of them.",
      ],
      [
        "cutoffs that are not there",
        nothing,
        `${expand} F/run/00_sketch --cutoffs F/c.csv`,
        3,
        "Cannot read F/c.csv: there is no such file or folder",
      ],
      [
        "a share of 0",
        nothing,
        `${expand} F/run/00_sketch --exp_frac 0`,
        2,
        "Cannot use --exp_frac: it must be more than 0 (0)",
        "See siren expand_communities --help.",
      ],
    ];
  for (const [what, prepare, line, code, message, remedy] of rows) {
    await t.step(what, async () => {
      await prepare();
      const told = await sirenIn(F, `${line} --quiet --threads 1`);
      assert.deepStrictEqual(told, { code, out: "", err: printed(message, remedy) });
      assert.deepStrictEqual(await hashRun(), before);
      if (exists(`${F}/masks`)) await Deno.remove(`${F}/masks`, { recursive: true });
    });
  }

  const text = await Deno.readTextFile(`${F}/run/run.json`);
  const damages: readonly (readonly [string, string, string])[] = [
    ["a damaged run.json", text.slice(0, 700), "it is not JSON"],
    [
      "a run.json with a word too many",
      text.replace('"rule"', '"rules": 1, "rule"'),
      '✖ Unrecognized key: "rules"   → at sketch',
    ],
    [
      "a run.json of another version",
      text.replace('"format": 1', '"format": 99'),
      "✖ Invalid input: expected 1   → at format",
    ],
  ];
  for (const [what, damaged, reason] of damages) {
    await t.step(what, async () => {
      await Deno.writeTextFile(`${F}/run/run.json`, damaged);
      for (const line of ["resume F/run --quiet", "status F/run", `${expand} F/run/00_sketch`]) {
        assert.deepStrictEqual(await sirenIn(F, line), {
          code: 3,
          out: "",
          err: printed(`Cannot read F/run/run.json: ${reason}`, again),
        });
      }
      await Deno.writeTextFile(`${F}/run/run.json`, text);
    });
  }

  await t.step("an option edited in run.json makes the run of that option", async () => {
    await Deno.writeTextFile(`${F}/run/run.json`, text.replace('"seed": 0', '"seed": 8'));
    const { code, err } = await sirenIn(F, "resume F/run --quiet --threads 1");
    assert.deepStrictEqual([code, err], [
      0,
      "Warning: Cannot use F/run/volumes.arrow: it belongs to other maps or options: reading the maps again\n" +
      "Warning: 1 sketch shard is damaged or of another run: computing it again\n",
    ]);
    assert.strictEqual(
      (await sirenIn(F, `${sketch.replace("F/run", "F/other")} --seed 8`)).code,
      0,
    );
    assert.deepStrictEqual(
      await hashRun(),
      await hashFolder(`${F}/other`, (name) => name === "run.lock"),
    );
  });
});
