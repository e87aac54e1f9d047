/**
 * Which file of weights thresholds are predicted with.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { UsageError } from "../errors.ts";
import { isThere } from "../files.ts";
import { programFile } from "../program_files.ts";

/** A network that siren ships, if it ships one. */
const DEFAULT = "weights/default.safetensors";

/**
 * The file that was given, or that of the network that siren ships.
 *
 * @param given What the user gave.
 * @param flag The flag to give it by, for the message.
 * @param shipped Place of the network that siren ships.
 * @throws {UsageError} None was given, and siren ships none.
 */
export async function weightsPath(
  given: string | undefined,
  flag: string,
  shipped: URL = programFile(DEFAULT),
): Promise<string> {
  if (given !== undefined) return given;
  if (shipped.protocol === "file:") {
    const path = fileURLToPath(shipped);
    if (await isThere(path)) return path;
  }
  throw new UsageError(
    "Cannot predict thresholds: no weights are given, and siren ships none",
    `Give ${flag} a file of weights (.pth, .pt or .safetensors): SIREn's own are to be had from its authors, ` +
      "github.com/lkinman/SIREn, and a copy comes with github.com/mariacarreira/calc_level_ChimeraX.",
  );
}
