/**
 * Maps to train with, and their labels.
 *
 * @module
 */
import { basename } from "node:path";
import { InputError } from "../core/errors.ts";
import { readInput } from "../core/files.ts";
import { parseLabels } from "../core/threshold_cnn/labels.ts";
import { findMaps } from "../core/volumes/find_maps.ts";
import { parseCsv } from "../core/volumes/csv_text.ts";
import { list, unusable } from "../core/volumes/map_table.ts";
import type { LabelledFile } from "./train_description.ts";

/** Levels on the scale of normalised maps that a label may be: the zeros lie a little below -1. */
const LEAST_LABEL = -1.1, MOST_LABEL = 1;

/**
 * Finds the maps of a folder that have a label.
 *
 * @param voldir Folder of normalised maps.
 * @param labels Table with `map_file` or `vol_id`, and `normalized_label`.
 * @returns Them in natural order, and how many have none.
 * @throws {InputError} Maps or table cannot be read, a label is for a map that is not there, or it is no
 *   level of a normalised map.
 */
export async function labelledMaps(
  voldir: string,
  labels: string,
): Promise<{ maps: LabelledFile[]; unlabelled: number }> {
  const paths = await findMaps(voldir, "normalised maps");
  const text = new TextDecoder().decode(await readInput(labels));
  checkColumns(text, labels);
  const found = parseLabels(text, labels, paths, "normalized_label");
  const maps = paths.flatMap((path, i): LabelledFile[] => {
    const label = found[i];
    return label === undefined ? [] : [{ path, label: label.level }];
  });
  const beyond = maps.filter(({ label }) => !isLabel(label));
  if (beyond.length > 0) {
    throw unusable(
      labels,
      { what: "labels" },
      `normalized_label must be from ${LEAST_LABEL} to ${MOST_LABEL} (${
        list(beyond.map(({ path, label }) => `${label} for ${basename(path)}`))
      })`,
      "Is the level one of the map itself? siren preprocess --labels brings levels to the scale of " +
        "normalised maps.",
    );
  }
  return { maps, unlabelled: paths.length - maps.length };
}

/** Whether a number can be a level of a normalised map. */
export function isLabel(label: number): boolean {
  return label >= LEAST_LABEL && label <= MOST_LABEL;
}

/** Levels that were not normalised yet are what users have at first. */
function checkColumns(text: string, labels: string): void {
  const { columns } = parseCsv(text, labels);
  if (columns.includes("normalized_label") || !columns.includes("contour_level")) return;
  throw new InputError(
    `Cannot take labels from ${labels}: it has contour_level but no normalized_label`,
    "siren preprocess --labels brings the levels to the scale of the normalised maps: give the " +
      "normalized_labels.csv that it writes.",
  );
}
