/**
 * The files that `siren eval_model` writes.
 *
 * @module
 */
import { join } from "node:path";
import { isThere, writeWhole } from "../core/files.ts";
import type { Label } from "../core/threshold_cnn/labels.ts";
import type { Measures } from "../core/threshold_cnn/measures.ts";
import type { Prediction } from "../core/threshold_cnn/predictions.ts";

/** What is written beside the table of predictions, where there are labels. */
export const evaluationNames = {
  measures: "measures.json",
  svg: "predictions_vs_labels.svg",
  png: "predictions_vs_labels.png",
} as const;

/** Pixels of the PNG for each of the drawing, for print. */
const PNG_SCALE = 2;

/**
 * Writes the table, and where there are labels what they say of it; else removes what older ones said.
 *
 * @param labels Of each map; at least one has one.
 * @throws {RunError} A file cannot be written.
 */
export async function writeEvaluation(
  outdir: string,
  rows: readonly Prediction[],
  labels:
    | readonly (Label | undefined)[]
    | undefined,
): Promise<Measures | undefined> {
  const { formatPredictions, PREDICTIONS_FILE } = await import(
    "../core/threshold_cnn/predictions.ts"
  );
  await writeWhole(join(outdir, PREDICTIONS_FILE), formatPredictions(rows));
  const paths = Object.values(evaluationNames).map((name) => join(outdir, name));
  if (labels === undefined) {
    for (const path of paths) if (await isThere(path)) await Deno.remove(path);
    return undefined;
  }
  const [{ labelledPredictions, measure }, { predictionPicture }, { encodePng, formatSvg }] =
    await Promise.all([
      import("../core/threshold_cnn/measures.ts"),
      import("../core/threshold_cnn/prediction_picture.ts"),
      import("../core/report/drawing.ts"),
    ]);
  const pairs = labelledPredictions(rows, labels);
  const measures = measure(pairs, rows.length);
  const picture = predictionPicture(pairs);
  const contents = [
    JSON.stringify(measures, null, 2) + "\n",
    formatSvg(picture),
    encodePng(picture, PNG_SCALE),
  ];
  for (const [i, path] of paths.entries()) await writeWhole(path, contents[i]!); // one for each
  return measures;
}
