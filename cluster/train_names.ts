/**
 * What commands that train write, by name.
 *
 * @module
 */

/** Commands that train, and the names of the weights that they keep. */
export const weightsNames = { fine_tune: "fine_tuned_weights.pth", train: "weights.pth" } as const;

/** A command that trains. */
export type TrainingCommand = keyof typeof weightsNames;

/** Names of the other files. */
export const trainingNames = {
  training: "training.json",
  last: "last.pth",
  losses: "losses.csv",
  split: "split.csv",
  svg: "model_loss.svg",
  png: "model_loss.png",
  heldOut: "held_out.csv",
  result: "result.json",
} as const;

/** Names of all files that a command writes, training.json first. */
export function filesOf(command: TrainingCommand): string[] {
  return [...Object.values(trainingNames), weightsNames[command]];
}
