/**
 * Writing maps with known levels: the maps, a table of their levels, and what was drawn for each.
 *
 * @module
 */
import { join } from "node:path";
import { writeWhole } from "../files.ts";
import { writeMap } from "../mrc/write.ts";
import type { KnownMap, KnownMaps } from "./for_cnn.ts";
import { isSimulatedMap, mapNames, prepareFolder } from "./output_folder.ts";

/** The table of levels, as `siren preprocess --labels` takes it. */
export const labelsName = "labels.csv";
/** What was drawn for each map. */
export const recordName = "for_cnn.json";

/** How {@linkcode writeForCnn} goes about it. */
export interface WriteForCnnOptions {
  /** Whether to replace simulated maps that lie in the folder already; its other files stay. */
  readonly force?: boolean;
  /** Called after each map with the number written and the number of all; what it throws ends the work. */
  readonly onVolume?: (written: number, volumes: number) => void;
}

/** What {@linkcode writeForCnn} wrote. */
export interface WrittenForCnn {
  readonly volumes: number;
  /** Path of `labels.csv`. */
  readonly labelsPath: string;
  /** Path of `for_cnn.json`. */
  readonly recordPath: string;
}

/**
 * Makes the maps one after the other and writes `vol_000.mrc` and so on (mode 2), and then `labels.csv`
 * and `for_cnn.json`.
 *
 * @param models Names of the files that the maps were made from, for the record.
 * @param outdir Made where it is missing.
 * @throws {UsageError} Where the folder is not empty and `force` is not given.
 * @throws {RunError} Where the folder or a file cannot be written.
 */
export async function writeForCnn(
  { options, map }: KnownMaps,
  models: readonly string[],
  outdir: string,
  { force = false, onVolume }: WriteForCnnOptions = {},
): Promise<WrittenForCnn> {
  const isOwn = (name: string) =>
    name === labelsName || name === recordName || isSimulatedMap(name);
  await prepareFolder(outdir, "the maps", isOwn, force);
  const { volumes } = options;
  const rows = ["vol_id,map_file,contour_level,lower_bound,upper_bound"];
  const records: string[] = [];
  for (const [k, name] of mapNames(volumes).entries()) {
    const known = map(k);
    await writeMap(join(outdir, name), known.data, known.grid, "siren simulate --for_cnn");
    rows.push([k, name, known.level, known.lower, known.upper].join(","));
    records.push(JSON.stringify(recordOf(name, known)));
    onVolume?.(k + 1, volumes);
  }
  const labelsPath = join(outdir, labelsName);
  const recordPath = join(outdir, recordName);
  await writeWhole(labelsPath, rows.join("\n") + "\n");
  const head = { format: "siren maps for the network", version: 1, models, options };
  await writeWhole(
    recordPath,
    // A line for each map, for who reads or searches it.
    `${JSON.stringify(head).slice(0, -1)},"maps":[\n${records.join(",\n")}\n]}\n`,
  );
  return { volumes, labelsPath, recordPath };
}

function recordOf(name: string, { grid, level, lower, upper, voxels, particle, drawn }: KnownMap) {
  const { kind, chains, mass, volume } = particle;
  return {
    map_file: name,
    apix: grid.apix,
    level,
    lower,
    upper,
    voxels,
    kind,
    mass,
    volume,
    ...drawn,
    chains: chains.map((chain) => chain.name),
  };
}
