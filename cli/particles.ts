/**
 * `siren particles`: the particles of selected volumes.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { ParticlesCall, VolumeSelection } from "../cluster/particles_call.ts";
import type { ParticlesSummary } from "../cluster/particles_files.ts";
import { UsageError } from "../core/errors.ts";
import { isThere, readInput } from "../core/files.ts";
import { sourceOf } from "./analyse.ts";
import { choiceReader, countReader, textReader } from "./arguments.ts";
import type { Io } from "./io.ts";
import {
  addOutputFlags,
  type Context,
  FolderFlagsSchema,
  forceFlag,
  isFile,
  outdirFlag,
  printSummary,
  tellNews,
} from "./job.ts";
import { choiceOfFlags, selectionFlags } from "./selection_flags.ts";
import { formatCount, formatCounted, formatNumber, formatTable } from "./table.ts";

const FOLDER = "Where particles are:";
const VOLUMES = "Which volumes:";
const PARTICLES = "Which particles:";
const FILES = "Files of particles:";

/** More is a slip of the keyboard. */
const MOST = 1_000_000;

/** Most volumes that the summary lists. */
const MOST_LISTED = 40;

const COUNTED = ["stack", "training"] as const;
const ROWS = ["particles", "images"] as const;

const FlagsSchema = FolderFlagsSchema.extend({
  cryodrgn: z.string().optional(),
  tomodrgn: z.string().optional(),
  epoch: z.number().optional(),
  kmeans: z.number().optional(),
  landscape: z.boolean().optional(),
  state: z.array(z.number()).optional(),
  clustering: z.string().optional(),
  volumes: z.string().optional(),
  ...selectionFlags,
  nearest: z.boolean().default(false),
  first_volume: z.number().optional(),
  ind: z.string().optional(),
  relative_to: z.enum(COUNTED).default("stack"),
  star: z.string().optional(),
  star_rows: z.enum(ROWS).optional(),
  cs: z.string().optional(),
});

type Flags = z.output<typeof FlagsSchema>;

/** Makes the command. */
export function particles({ io }: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("particles")
    .summary("write the particles of selected volumes")
    .description(
      "Finds the particles of the selected volumes in a folder of cryoDRGN or tomoDRGN, by the labels of its " +
        "k-means, and writes their indices (ind.pkl, ind.txt) and parts of a .star and a .cs file. Whether " +
        "volumes and labels count from 0 or from 1 is found out from the files, or asked for.",
    )
    .argument(
      "[run]",
      "run folder of the volumes, for --where, --cluster and --junk",
      textReader("run"),
    )
    .addHelpText(
      "after",
      `
Examples:
  siren particles out --where 'b3 > 0.8 && b5 < 0.1' --cryodrgn drgn --outdir with_b3
  siren particles out --cluster 2 --cryodrgn drgn --kmeans 500 --star particles.star --outdir two
  siren particles --volumes vol_003.mrc,vol_010.mrc --cryodrgn drgn --cs particles.cs --outdir some
  siren particles --volumes names.txt --not --tomodrgn tomo --outdir rest
  siren volumes out --no_junk | siren particles --volumes - --cryodrgn drgn --outdir good
  siren particles --state 3 --cryodrgn drgn --outdir state_3

Indices count from 0 in the whole stack, as cryoDRGN's --ind, filter_star and filter_cs take them,
also where the training was given a subset by --ind; --relative_to training gives places in that
subset. --not gives the particles of all other volumes of the folder, with those that the run does
not have: selected or not, every particle is in one of the two.`,
    );
  const text = (flag: string, value: string, help: string, group: string) =>
    new Option(`--${flag} <${value}>`, help).argParser(textReader(`--${flag}`)).helpGroup(group);
  const count = (flag: string, least: number, help: string, group: string) =>
    new Option(`--${flag} <number>`, help).argParser(countReader(`--${flag}`, least, MOST))
      .helpGroup(group);
  const flags = [
    text("cryodrgn", "folder", "cryoDRGN's folder, with analyze.N/kmeansK in it", FOLDER),
    text("tomodrgn", "folder", "instead: tomoDRGN's folder", FOLDER),
    count("epoch", 0, "N of analyze.N, where there are several", FOLDER),
    count("kmeans", 1, "K of kmeansK, where there are several", FOLDER),
    new Option("--landscape", "landscape.N instead of analyze.N").helpGroup(FOLDER),
    text(
      "volumes",
      "list",
      "names, numbers or ranges with commas between, a file of them, or - for standard input; a " +
        "number is that in a name, so 3 is vol_003.mrc",
      VOLUMES,
    ),
    new Option("--state <list>", "volumes of these states of landscape.N, such as 3 or 3,5")
      .argParser(statesOf).helpGroup(VOLUMES),
    text(
      "clustering",
      "name",
      "sketch_clustering_* of the states, where there are several",
      VOLUMES,
    ),
    text("occupancy", "file", "instead of a run: occupancy table, CSV or Arrow", VOLUMES),
    text("where", "condition", "volumes of the run that meet it; see siren volumes", VOLUMES),
    count("cluster", 1, "volumes of this cluster", VOLUMES),
    new Option("--junk", "volumes unlike all others").helpGroup(VOLUMES),
    new Option("--no_junk", "volumes that are not").helpGroup(VOLUMES),
    new Option("--not", "particles of all other volumes of the folder").helpGroup(VOLUMES),
    new Option(
      "--nearest",
      "particles by the volume they are nearest to in z.N.pkl, not by labels.pkl",
    ).helpGroup(PARTICLES),
    count("first_volume", 0, "number of the first volume, where the files do not tell", PARTICLES),
    text(
      "ind",
      "file",
      "what the training was given by --ind, if config.yaml does not tell; none for all particles",
      PARTICLES,
    ),
    new Option(
      "--relative_to <what>",
      `what indices count: ${COUNTED.join(", ")}; default stack, all particles`,
    ).choices(COUNTED).argParser(choiceReader("--relative_to", COUNTED)).helpGroup(PARTICLES),
    text("star", "file", "RELION's or Warp's particles, to write some of them", FILES),
    new Option(
      "--star_rows <what>",
      `what its rows are, where the files do not tell: ${ROWS.join(", ")} of tilt series`,
    ).choices(ROWS).argParser(choiceReader("--star_rows", ROWS)).helpGroup(FILES),
    text("cs", "file", "cryoSPARC's particles, to write some of them", FILES),
    outdirFlag(),
    forceFlag("replace particles that are in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async () => {
    const flags = FlagsSchema.parse(command.opts());
    const { outdir, force, quiet } = flags;
    const call: ParticlesCall = {
      ...folderOf(flags),
      choice: {
        ...(flags.epoch === undefined ? {} : { epoch: flags.epoch }),
        ...(flags.kmeans === undefined ? {} : { kmeans: flags.kmeans }),
        ...(flags.landscape === undefined ? {} : { landscape: flags.landscape }),
      },
      selection: await selectionOf(command.processedArgs[0], flags, io),
      inverse: flags.not,
      nearest: flags.nearest,
      relativeTo: flags.relative_to,
      ...(flags.first_volume === undefined ? {} : { firstVolume: flags.first_volume }),
      ...(flags.ind === undefined ? {} : { ind: flags.ind }),
      ...(flags.star === undefined ? {} : { star: flags.star }),
      ...(flags.star_rows === undefined ? {} : { starRows: flags.star_rows }),
      ...(flags.cs === undefined ? {} : { cs: flags.cs }),
    };
    const { writeParticles } = await import("../cluster/particles.ts");
    const summary = await tellNews(
      io,
      quiet,
      undefined,
      (tell) => writeParticles(call, outdir, force, { signal: io.signal, tell }),
    );
    printSummary(io, flags, summary, formatParticles);
  });
}

function folderOf({ cryodrgn, tomodrgn }: Flags): Pick<ParticlesCall, "folder" | "program"> {
  if (cryodrgn !== undefined && tomodrgn === undefined) {
    return { folder: cryodrgn, program: "cryoDRGN" };
  }
  if (tomodrgn !== undefined && cryodrgn === undefined) {
    return { folder: tomodrgn, program: "tomoDRGN" };
  }
  throw new UsageError(
    `Cannot find particles: ${
      cryodrgn === undefined ? "no folder was given" : "two folders were given"
    }`,
    "Give --cryodrgn or --tomodrgn and the folder of the training.",
  );
}

/** Numbers of states with commas between. */
function statesOf(list: string): number[] {
  const read = countReader("--state", 0, MOST);
  return list.split(",").map((word) => read(word.trim()));
}

async function selectionOf(run: unknown, flags: Flags, io: Io): Promise<VolumeSelection> {
  const { volumes, state, clustering, occupancy, where, cluster, junk, no_junk } = flags;
  const given = [
    ["--volumes", volumes],
    ["--state", state],
    ["a run", run],
    ["--occupancy", occupancy],
    ["--where", where],
    ["--cluster", cluster],
    ["--junk", junk || undefined],
    ["--no_junk", no_junk || undefined],
  ].filter(([, value]) => value !== undefined).map(([name]) => name);
  if ((volumes !== undefined || state !== undefined) && given.length > 1) {
    throw new UsageError(
      `Cannot select volumes: ${given[0]} and ${given[1]} were both given`,
      "Give --volumes, --state, or a run with a condition.",
    );
  }
  if (clustering !== undefined && state === undefined) {
    throw new UsageError("Cannot use --clustering: it is for --state, which was not given");
  }
  if (volumes !== undefined) return { volumes: await entriesOf(volumes, io) };
  if (state !== undefined) {
    return { states: state, ...(clustering === undefined ? {} : { clustering }) };
  }
  if (run === undefined && occupancy === undefined) {
    throw new UsageError(
      "Cannot select volumes: none were given",
      "Give --volumes, --state, or a run with --where, --cluster or --junk.",
    );
  }
  const purpose = "select volumes";
  return { source: sourceOf(run, occupancy, purpose), choice: choiceOfFlags(flags, purpose) };
}

/** What `--volumes` lists, or the file that it names. */
async function entriesOf(volumes: string, io: Io): Promise<string[]> {
  const { isMapName } = await import("../core/volumes/find_maps.ts");
  const { splitVolumes, volumeEntries } = await import("../core/particles/volume_list.ts");
  const list = (bytes: Uint8Array, name: string) =>
    volumeEntries(new TextDecoder().decode(bytes), name);
  if (volumes === "-") {
    if (io.ask === undefined) return list(await io.readStdin(), "standard input");
    throw new UsageError(
      "Cannot use --volumes -: nothing is piped in",
      "siren volumes out --where ... | siren particles --volumes - ...",
    );
  }
  if (volumes.startsWith("/dev/") || volumes.startsWith("/proc/")) {
    throw new UsageError(
      `Cannot use --volumes: siren does not read pipes by name (${volumes})`,
      "Give - and pipe the list in: siren volumes out --where ... | siren particles --volumes - ...",
    );
  }
  // Numbers are volumes, and so is a map; any other file is a list, and so is what is called as one.
  const isVolume = /^[\d\s,;-]+$/.test(volumes) || isMapName(volumes);
  if (!isVolume && (/\.(txt|csv|tsv|lst)$/i.test(volumes) || await isFile(volumes))) {
    return list(await readInput(volumes), volumes);
  }
  if (!isVolume && await isThere(volumes)) {
    throw new UsageError(
      `Cannot use --volumes: it is a folder (${volumes})`,
      "Give names or numbers of volumes, or a file of them.",
    );
  }
  const entries = splitVolumes(volumes);
  if (entries.length > 0) return entries;
  throw new UsageError(`Cannot use --volumes: it lists none (${volumes})`);
}

/** The summary as it is printed. */
export function formatParticles(summary: ParticlesSummary): string {
  const { kmeans, firstVolume, firstLabel, labels, volumes, particles, total } = summary;
  const selected = volumes.filter((volume) => volume.selected);
  const table = formatTable(
    [
      { title: "volume", align: "left" },
      { title: "particles", align: "right" },
      { title: "share", align: "right" },
    ],
    [
      ...selected.slice(0, MOST_LISTED).map((row) => [
        row.volume,
        formatCount(row.particles),
        percent(row.particles / total),
      ]),
    ],
  );
  const more = selected.length - MOST_LISTED;
  const rest = more > 0 ? `... and ${formatCounted(more, "more volume")}\n` : "";
  const lines = [
    `Volumes count from ${firstVolume.first}: ${firstVolume.because}.`,
    firstLabel === undefined
      ? "Particles are labelled by the volume that they are nearest to."
      : `Labels count from ${firstLabel.first}: ${firstLabel.because}.`,
    summary.relativeTo === "stack"
      ? `Indices count from 0 in the whole stack; the training used ${summary.subset}.`
      : "Indices count from 0 in the particles of the training.",
    ...summary.notes.map((note) => `${note}.`),
  ];
  return `${formatCounted(particles, "particle")} of ${formatCount(total)} (${
    percent(particles / total)
  }) in ${selected.length} of ${formatCounted(volumes.length, "volume")} of ${kmeans}, by ${
    labels === "nearest" ? "nearness" : labels
  }\n\n${table}${rest}\n${lines.join("\n")}\n\n${
    summary.files.map((file, i) => `${(i === 0 ? "Files:" : "").padEnd(8)}${file}\n`).join("")
  }`;
}

function percent(share: number): string {
  return `${formatNumber(100 * share)} %`;
}
