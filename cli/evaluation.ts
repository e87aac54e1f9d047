/**
 * What `siren eval_model` prints.
 *
 * @module
 */
import { basename } from "node:path";
import type { Measures } from "../core/threshold_cnn/measures.ts";
import type { Prediction } from "../core/threshold_cnn/predictions.ts";
import { quoteForShell } from "../core/shell.ts";
import { formatCounted, formatNumber, formatTable } from "./table.ts";

/** Files of an evaluation, and how well it went. */
export interface EvaluationFiles {
  /** The table of predictions. */
  readonly predictions: string;
  /** What computed them. */
  readonly engine: string;
  /** Where there are labels. */
  readonly measures?: Measures & { readonly file: string };
  readonly pictures?: readonly string[];
}

/** An evaluation as it is printed. */
export interface EvaluationSummary extends EvaluationFiles {
  readonly volumes: number;
  /** In the maps' natural order. */
  readonly maps: readonly {
    readonly map: string;
    readonly prediction: number;
    readonly threshold: number;
  }[];
}

/** Sums an evaluation up. */
export function summaryOf(
  rows: readonly Prediction[],
  files: EvaluationFiles,
): EvaluationSummary {
  const { predictions, engine, ...rest } = files;
  return {
    predictions,
    engine,
    volumes: rows.length,
    ...rest,
    maps: rows.map(({ map, prediction, level }) => ({
      map: basename(map),
      prediction,
      threshold: level,
    })),
  };
}

/**
 * An evaluation for people to read.
 *
 * @param maps What to give `--voldir` of the next step, for a shell.
 */
export function formatEvaluation(summary: EvaluationSummary, maps: string): string {
  const { predictions, measures, pictures = [] } = summary;
  const range = (title: string, values: readonly number[]) => {
    const sorted = values.toSorted((a, b) => a - b);
    const half = sorted.length / 2;
    const median = (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2; // one at least
    const [least, most] = [sorted[0]!, sorted.at(-1)!];
    return [title, ...[least, median, most].map(formatNumber)];
  };
  const table = formatTable(
    ["", "least", "median", "greatest"].map((title, i) => ({
      title,
      align: i === 0 ? "left" : "right",
    })),
    [
      range("threshold", summary.maps.map(({ threshold }) => threshold)),
      range("on the scale -1 to 1", summary.maps.map(({ prediction }) => prediction)),
    ],
  );
  const files = [
    ["Thresholds:", predictions],
    ...(measures === undefined ? [] : [["Measures:", measures.file]]),
    ...pictures.map((path, i) => [i === 0 ? "Pictures:" : "", path]),
    ["Next:", `siren run --voldir ${maps} --binfile ${quoteForShell(predictions)} --outdir out`],
  ] as [string, string][];
  return `Thresholds of ${formatCounted(summary.volumes, "map")}\n\n${table}\n` +
    (measures === undefined ? "" : `${formatMeasures(measures)}\n`) +
    files.map(([title, text]) => `${title.padEnd(12)}${text}\n`).join("");
}

/** How well predictions agree with labels, and which maps are worth a look. */
export function formatMeasures(measures: Measures): string {
  const { labelled, bounded, inside_bounds, spearman, outliers } = measures;
  const lines = [
    ["mean absolute error", formatNumber(measures.mean_absolute_error)],
    [
      "on the scale -1 to 1",
      formatNumber(measures.normalized_mean_absolute_error),
    ],
    [
      "inside the bounds",
      inside_bounds === undefined
        ? "no label has bounds"
        : `${(100 * inside_bounds).toFixed(0)} % of ${formatCounted(bounded, "map")}`,
    ],
    [
      "rank correlation",
      spearman?.toFixed(3) ?? `none: ${labelled === 1 ? "one map alone" : "all are the same"}`,
    ],
  ];
  const table = formatTable(
    ["map", "predicted", "label", "error"].map((title, i) => ({
      title,
      align: i === 0 ? "left" : "right",
    })),
    outliers.map(({ map, predicted, label, normalized_error }) => [
      map,
      formatNumber(predicted),
      formatNumber(label),
      normalized_error.toFixed(3),
    ]),
  );
  return `Against the labels of ${formatCounted(labelled, "map")}:\n` +
    lines.map(([title = "", value = ""]) => `  ${title.padEnd(22)}${value}\n`).join("") +
    `\nGreatest errors, on the scale -1 to 1:\n${table}`;
}
