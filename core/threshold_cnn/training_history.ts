/**
 * How the epochs of a training went.
 *
 * @module
 */
import { parseCsv } from "../volumes/csv_text.ts";

/** How an epoch went. */
export interface EpochLosses {
  /** Counted from 1; 0 is before the first. */
  readonly epoch: number;
  /** Of the maps that are learnt from; none before the first epoch. */
  readonly trainingLoss?: number;
  readonly validationLoss: number;
  /** Mean distance of the predictions from the labels in validation, on the scale of the maps. */
  readonly validationError: number;
}

/**
 * The epoch with the least validation loss, the first of several.
 *
 * @param epochs From 0 on; the one before the first, whose weights were not trained, does not count.
 * @returns Undefined before the first.
 */
export function bestEpoch(epochs: readonly EpochLosses[]): number | undefined {
  let best: EpochLosses | undefined;
  for (const epoch of epochs) {
    if (epoch.epoch > 0 && !(epoch.validationLoss >= (best?.validationLoss ?? Infinity))) {
      best = epoch;
    }
  }
  return best?.epoch;
}

/** Whether `patience` epochs went by without a better one; never without patience. */
export function isStale(epochs: readonly EpochLosses[], patience: number | undefined): boolean {
  const best = bestEpoch(epochs), last = epochs.at(-1)?.epoch;
  return best !== undefined && last !== undefined && patience !== undefined &&
    last - best >= patience;
}

const COLUMNS = ["epoch", "training_loss", "validation_loss", "validation_mae"] as const;

/** The epochs as a table. */
export function formatLosses(epochs: readonly EpochLosses[]): string {
  return `${COLUMNS.join(",")}\n` +
    epochs.map(({ epoch, trainingLoss, validationLoss, validationError }) =>
      `${epoch},${trainingLoss ?? ""},${validationLoss},${validationError}\n`
    ).join("");
}

/**
 * Reads the table of {@linkcode formatLosses} up to an epoch.
 *
 * @param name What to call the file in messages.
 * @returns Undefined where it is not whole up to there.
 * @throws {InputError} It is no table.
 */
export function parseLosses(text: string, name: string, last: number): EpochLosses[] | undefined {
  const epochs = parseCsv(text, name).rows.slice(0, last + 1).map(({ record }): EpochLosses => {
    const [epoch, training, validationLoss, validationError] = record;
    return {
      epoch: Number(epoch),
      ...(training === "" ? {} : { trainingLoss: Number(training) }),
      validationLoss: Number(validationLoss),
      validationError: Number(validationError),
    };
  });
  const isWhole = epochs.length === last + 1 &&
    epochs.every((row, i) =>
      row.epoch === i && Object.values(row).every(Number.isFinite) &&
      (row.trainingLoss === undefined) === (i === 0)
    );
  return isWhole ? epochs : undefined;
}
