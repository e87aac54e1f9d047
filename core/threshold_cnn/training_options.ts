/**
 * Options of training.
 *
 * @module
 */
import { z } from "zod";
import { type Augmentation, augmentations } from "./augment.ts";

const batchSize = z.int().min(1).max(1024);
const epochs = z.int().min(1).max(100_000);
const learningRate = z.number().positive().max(1);

/** Options of fine-tuning; the defaults are SIREn's. */
export const fineTuneOptions = z.strictObject({
  /** Maps that the network learns from together. */
  batch_size: batchSize.default(4),
  /** How often it sees every map. */
  num_epochs: epochs.default(5),
  /** Learning rate of Adam. */
  lr: learningRate.default(1e-6),
  /** Of everything that is drawn. */
  seed: z.int().min(0).default(0),
  /** Epochs without a lower validation loss after which training ends; without it there is no such end. */
  patience: epochs.optional(),
  /** How maps are varied. */
  augment: z.array(z.enum(augmentations)).default([])
    // Their order and how often they are named mean nothing.
    .transform((kinds): readonly Augmentation[] =>
      augmentations.filter((kind) => kinds.includes(kind))
    ),
});

/** Options of training from scratch; the defaults are SIREn's. */
export const trainOptions = fineTuneOptions.extend({
  batch_size: batchSize.default(8),
  num_epochs: epochs.default(10),
  lr: learningRate.default(5e-6),
});

/** See {@linkcode fineTuneOptions}. */
export type TrainingOptions = Readonly<z.output<typeof fineTuneOptions>>;
