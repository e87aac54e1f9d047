/**
 * A training at work: epoch by epoch, and what is written after each.
 *
 * @module
 */
import { basename } from "node:path";
import { InputError, RunError } from "../core/errors.ts";
import { isThere, writeWhole } from "../core/files.ts";
import { encodePng, formatSvg } from "../core/report/drawing.ts";
import { shortNumber } from "../core/short_number.ts";
import { startAdam } from "../core/threshold_cnn/adam.ts";
import { lossPicture } from "../core/threshold_cnn/loss_picture.ts";
import { initialWeights, type Weights } from "../core/threshold_cnn/network.ts";
import { drawing, type Part } from "../core/threshold_cnn/split.ts";
import {
  evaluate,
  type Evaluation,
  fell,
  trainEpoch,
  type TrainingState,
} from "../core/threshold_cnn/training.ts";
import {
  bestEpoch,
  type EpochLosses,
  formatLosses,
  isStale,
} from "../core/threshold_cnn/training_history.ts";
import { keepMaps, type TrainingMaps } from "../core/threshold_cnn/training_maps.ts";
import {
  readCheckpoint,
  writeCheckpoint,
} from "../core/threshold_cnn/weights_file/weights_file.ts";
import {
  formatHeldOut,
  readLosses,
  type Training,
  type TrainingResult,
  writeResult,
} from "./train_files.ts";
import { pause, type TrainingJob, type TrainingSurroundings } from "./train_description.ts";
import { trainingNames as names, weightsNames } from "./train_names.ts";

/**
 * Bytes of maps that are kept in memory: 256 of 64^3 voxels. Reading one again takes some 3 ms, learning from
 * it a second and more; and the engine takes some 0.3 GB for each map of a batch.
 */
const ROOM = 2 ** 28;

/** One training, from where its folder stands to its end. */
export class TrainingRun {
  readonly #job: TrainingJob;
  readonly #around: TrainingSurroundings;
  readonly #maps: TrainingMaps;
  readonly #places: Record<Part, number[]>;
  /** Path of the weights that are kept. */
  readonly #best: string;
  readonly #last: string;

  constructor(job: TrainingJob, { maps }: Training, around: TrainingSurroundings) {
    this.#job = job;
    this.#around = around;
    this.#maps = keepMaps({
      labels: maps.map(({ label }) => label),
      read: (place) => job.read(job.maps[place]!.path, job.network.box), // as many as labels
    }, ROOM);
    const placesOf = (part: Part) => maps.flatMap((map, place) => map.part === part ? [place] : []);
    this.#places = {
      training: placesOf("training"),
      test: placesOf("test"),
      validation: placesOf("validation"),
    };
    this.#best = `${job.outdir}/${weightsNames[job.command]}`;
    this.#last = `${job.outdir}/${names.last}`;
  }

  /** Trains the epochs that are left, and says what came of all. */
  async complete(): Promise<TrainingResult> {
    const { options: { num_epochs, patience }, engine, network } = this.#job;
    let { state, history } = await this.#begin();
    const mayGoOn = () => state.epoch < num_epochs && !isStale(history, patience);
    if (mayGoOn()) {
      const trainer = await engine.trainer(network);
      try {
        while (mayGoOn()) {
          const { state: next, loss } = await trainEpoch(
            trainer,
            state,
            this.#setting("training", this.#tellTraining(state.epoch)),
          );
          const judged = await this.#judge(next.weights, "validation");
          history = [...history, lossesOf(next.epoch, judged, loss)];
          state = next;
          await this.#keep(state, history);
        }
      } finally {
        await trainer.close();
      }
    }
    return await this.#conclude(history);
  }

  /** Where the folder stands: after its last whole epoch, or before the first. */
  async #begin(): Promise<{ state: TrainingState; history: EpochLosses[] }> {
    const { outdir, network, options } = this.#job;
    if (!await isThere(this.#last)) {
      const weights = await this.#startingWeights();
      const history = [lossesOf(0, await this.#judge(weights, "validation"))];
      return { state: { weights, adam: startAdam(network, options.lr), epoch: 0 }, history };
    }
    const { weights, adam, epoch } = await readCheckpoint(this.#last, network).catch((cause) => {
      if (!(cause instanceof InputError)) throw cause;
      throw new InputError(cause.message, "Start over with --force.", { cause });
    });
    if (adam === undefined || epoch === undefined) {
      throw new RunError(
        `Cannot go on from ${this.#last}: it does not say where training stood`,
        "Start over with --force.",
      );
    }
    const history = await readLosses(outdir, epoch);
    this.#around.tell({ kind: "note", text: `Going on after epoch ${epoch}, which was the last.` });
    return { state: { weights, adam: { ...adam, learningRate: options.lr }, epoch }, history };
  }

  async #startingWeights(): Promise<Weights> {
    const { weights, network, options: { seed } } = this.#job;
    if (weights === undefined) return initialWeights(network, drawing(seed, "weights", 0));
    return (await readCheckpoint(weights, network)).weights;
  }

  #setting(part: Part, onMaps: (maps: number) => void) {
    const { network, options } = this.#job;
    return {
      network,
      maps: this.#maps,
      places: this.#places[part],
      options,
      onBatch: async (done: number) => {
        onMaps(done);
        await pause(this.#around.signal);
      },
    };
  }

  #tellTraining(epoch: number): (maps: number) => void {
    const { num_epochs } = this.#job.options;
    const each = this.#places.training.length;
    const tell = (maps: number) =>
      this.#around.tell({
        kind: "progress",
        stage: "Training",
        done: epoch * each + maps,
        total: num_epochs * each,
        unit: "maps",
        detail: `epoch ${epoch + 1} of ${num_epochs}`,
      });
    tell(0); // time left is judged from here
    return tell;
  }

  /** How well weights do on the maps of a part. */
  async #judge(weights: Weights, part: Part): Promise<Evaluation> {
    const { engine, network } = this.#job;
    const predictor = await engine.predictor(network, weights);
    try {
      return await evaluate(predictor, this.#setting(part, () => {}));
    } finally {
      await predictor.close();
    }
  }

  /** Writes where training stands; it goes on from here once `last.pth` is there. */
  async #keep(state: TrainingState, history: readonly EpochLosses[]): Promise<void> {
    const { outdir, network, options: { num_epochs } } = this.#job;
    const { weights, adam, epoch } = state;
    const { trainingLoss, validationLoss, validationError } = history.at(-1)!; // the epoch's own
    const best = bestEpoch(history);
    if (best === epoch) {
      await writeCheckpoint(this.#best, { weights, epoch, loss: validationLoss }, network);
    }
    const picture = lossPicture(history, best);
    await writeWhole(`${outdir}/${names.losses}`, formatLosses(history));
    await writeWhole(`${outdir}/${names.svg}`, formatSvg(picture));
    await writeWhole(`${outdir}/${names.png}`, encodePng(picture, 2));
    await writeCheckpoint(this.#last, { weights, epoch, loss: validationLoss, adam }, network);
    this.#around.tell({
      kind: "note",
      text: `Epoch ${epoch} of ${num_epochs}: training loss ${shortNumber(trainingLoss ?? NaN)}, ` +
        `validation loss ${shortNumber(validationLoss)}, mean error ${
          shortNumber(validationError)
        }` +
        (best === epoch ? " (best so far)" : ""),
    });
  }

  /** Compares the weights kept with those begun with, on the maps held out. */
  async #conclude(history: readonly EpochLosses[]): Promise<TrainingResult> {
    const { outdir, network, maps, options: { num_epochs } } = this.#job;
    const before = await this.#judge(await this.#startingWeights(), "test");
    const kept = await readCheckpoint(this.#best, network);
    const after = await this.#judge(kept.weights, "test");
    const rows = this.#places.test.map((place, i) => ({
      map: maps[place]!.path, // these are places of maps
      label: maps[place]!.label,
      before: before.predictions[i]!,
      after: after.predictions[i]!,
    }));
    await writeWhole(`${outdir}/${names.heldOut}`, formatHeldOut(rows));
    const { training, validation, test } = this.#places;
    const epochs = history.at(-1)?.epoch ?? 0;
    const result: TrainingResult = {
      weights: basename(this.#best),
      epochs,
      best_epoch: bestEpoch(history) ?? 0,
      stopped_early: epochs < num_epochs,
      maps: { training: training.length, validation: validation.length, test: test.length },
      held_out: {
        before: { loss: before.loss, mean_error: before.meanError },
        after: { loss: after.loss, mean_error: after.meanError },
        fell: fell(before, after),
      },
    };
    await writeResult(outdir, result);
    return result;
  }
}

function lossesOf(epoch: number, judged: Evaluation, trainingLoss?: number): EpochLosses {
  return {
    epoch,
    ...(trainingLoss === undefined ? {} : { trainingLoss }),
    validationLoss: judged.loss,
    validationError: judged.meanError,
  };
}
