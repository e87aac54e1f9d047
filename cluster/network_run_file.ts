/**
 * `network.json`: how to make a run whose thresholds a network predicts, until these are there and
 * run.json takes over.
 *
 * @module
 */
import { z } from "zod";
import { isThere } from "../core/files.ts";
import { readJsonFile } from "./json_file.ts";
import { ExpandOptionsSchema, SketchOptionsSchema } from "./options.ts";

/** Its name in the run folder. */
export const NETWORK_RUN_FILE = "network.json";

/** What network.json holds: how to make the run, until run.json is there. */
const NetworkRunSchema = z.strictObject({
  format: z.literal(1),
  /** File of the weights, and its SHA-256. */
  weights: z.string(),
  sha256: z.string(),
  /** Edge of the box to find blocks in, in voxels. */
  box: z.number().int().gte(1),
  /** The sketch of the maps as they came; thresholds are in `binfile`. */
  sketch: SketchOptionsSchema,
  expand: ExpandOptionsSchema,
  /** SHA-256 of the thresholds, as soon as they are predicted. */
  predictions: z.string().exactOptional(),
});
/** How to make a run by a network. */
export type NetworkRun = z.output<typeof NetworkRunSchema>;

/** The text of network.json. */
export function formatNetworkRun(run: NetworkRun): string {
  return JSON.stringify(NetworkRunSchema.parse(run), undefined, 1) + "\n";
}

/**
 * Reads network.json, or gives undefined where there is none.
 *
 * @throws {InputError} It is not what siren wrote.
 */
export async function readNetworkRun(folder: string): Promise<NetworkRun | undefined> {
  return await readJsonFile(
    `${folder}/${NETWORK_RUN_FILE}`,
    NetworkRunSchema,
    "Start a new run.",
  );
}

/**
 * The run of a folder whose thresholds are still to be predicted; undefined where there is none, or run.json
 * has taken over.
 *
 * @throws {InputError} network.json is not what siren wrote.
 */
export async function awaitsThresholds(folder: string): Promise<NetworkRun | undefined> {
  return await isThere(`${folder}/run.json`) ? undefined : await readNetworkRun(folder);
}
