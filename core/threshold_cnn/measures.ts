/**
 * How well predicted thresholds agree with labels.
 *
 * @module
 */
import jstat from "jstat";
import { basename } from "node:path";
import { beyondDensities, type Label } from "./labels.ts";
import { normaliseLevel } from "./normalise.ts";
import type { Prediction } from "./predictions.ts";

/** A map that has both. */
export interface LabelledPrediction {
  readonly prediction: Prediction;
  readonly label: Label;
}

/** A map's error. */
export interface MapError {
  /** File name. */
  readonly map: string;
  /** Densities. */
  readonly predicted: number;
  readonly label: number;
  /** Predicted less label, on the scale of the normalised map, -1 to 1. */
  readonly normalized_error: number;
}

/** How well predictions agree with labels; as `measures.json` holds it. */
export interface Measures {
  /** Maps that were predicted. */
  readonly maps: number;
  /** Those of them with a label; what follows is about these. */
  readonly labelled: number;
  /** Mean of the absolute errors, as densities. */
  readonly mean_absolute_error: number;
  /** The same on the scale of the normalised maps, -1 to 1. */
  readonly normalized_mean_absolute_error: number;
  /** Maps whose label has both bounds. */
  readonly bounded: number;
  /** Share of these whose prediction lies within the bounds; absent where there are none. */
  readonly inside_bounds?: number;
  /** Rank correlation of predictions and labels (Spearman); absent where all of either are the same. */
  readonly spearman?: number;
  /** The greatest errors on the scale of the normalised maps, the greatest first. */
  readonly outliers: readonly MapError[];
}

/** How many of the greatest errors are named. */
const OUTLIERS = 5;

/** Pairs predictions with the labels of their maps, in the same order; maps without one are left out. */
export function labelledPredictions(
  rows: readonly Prediction[],
  labels: readonly (Label | undefined)[],
): LabelledPrediction[] {
  return rows.flatMap((prediction, i) => {
    const label = labels[i];
    return label === undefined ? [] : [{ prediction, label }];
  });
}

/**
 * Measures how well predictions agree with labels.
 *
 * @param pairs From {@linkcode labelledPredictions}; one or more.
 * @param maps How many maps were predicted.
 */
export function measure(pairs: readonly LabelledPrediction[], maps: number): Measures {
  const errors = pairs.map(({ prediction: { map, level, prediction, statistics }, label }) => ({
    map: basename(map),
    predicted: level,
    label: label.level,
    normalized_error: prediction - normaliseLevel(label.level, statistics),
  }));
  const bounded = pairs.filter(({ label: { lower, upper } }) =>
    lower !== undefined && upper !== undefined
  );
  const inside = bounded.filter(({ prediction: { level }, label: { lower, upper } }) =>
    level >= lower! && level <= upper! // both are there
  );
  const spearman = spearmanCorrelation(
    errors.map(({ predicted }) => predicted),
    errors.map(({ label }) => label),
  );
  return {
    maps,
    labelled: pairs.length,
    mean_absolute_error: mean(errors.map(({ predicted, label }) => Math.abs(predicted - label))),
    normalized_mean_absolute_error: mean(
      errors.map(({ normalized_error }) => Math.abs(normalized_error)),
    ),
    bounded: bounded.length,
    ...(bounded.length === 0 ? {} : { inside_bounds: inside.length / bounded.length }),
    ...(spearman === undefined ? {} : { spearman }),
    outliers: errors
      .toSorted((a, b) => Math.abs(b.normalized_error) - Math.abs(a.normalized_error))
      .slice(0, OUTLIERS),
  };
}

/** Fewest labels that say how good predictions are. */
const ENOUGH_LABELS = 10;

/**
 * What to bear in mind about labels that predictions are held against, in sentences; none where nothing is.
 *
 * @param labels Of each row, see `readLabels`.
 * @param path File of the labels.
 * @param of What they must be levels of, as in "the maps of --voldir".
 */
export function labelWarnings(
  rows: readonly Prediction[],
  labels: readonly (Label | undefined)[],
  path: string,
  of: string,
): string[] {
  const warnings: string[] = [];
  const maps = rows.map(({ map }) => map), ranges = rows.map(({ statistics }) => statistics);
  const beyond = beyondDensities(path, labels, maps, ranges, of);
  if (beyond !== undefined) warnings.push(beyond);
  const count = labelledPredictions(rows, labels).length;
  if (count < ENOUGH_LABELS) {
    warnings.push(
      `Only ${count} of ${rows.length} maps ${
        count === 1 ? "has" : "have"
      } a label: how well predictions ` +
        "agree with labels may be chance.",
    );
  }
  return warnings;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Spearman's rank correlation, equal values sharing the mean of their ranks.
 *
 * @returns -1 to 1; undefined where all of either are the same, or there is one only.
 * @example
 * ```ts
 * import { spearmanCorrelation } from "./measures.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(spearmanCorrelation([1, 20, 300], [0.1, 0.2, 0.3]), 1);
 * assert.strictEqual(spearmanCorrelation([1, 2, 3], [4, 4, 4]), undefined);
 * ```
 */
export function spearmanCorrelation(
  a: readonly number[],
  b: readonly number[],
): number | undefined {
  const coefficient: number = jstat.spearmancoeff([...a], [...b]);
  // Without variance it is 0 / 0; else rounding may carry it past 1.
  return Number.isNaN(coefficient) ? undefined : Math.max(-1, Math.min(1, coefficient));
}
