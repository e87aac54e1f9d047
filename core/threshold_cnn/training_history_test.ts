import assert from "node:assert";
import {
  bestEpoch,
  type EpochLosses,
  formatLosses,
  isStale,
  parseLosses,
} from "./training_history.ts";

/** Epochs with these validation losses, from 0 on. */
function history(...losses: number[]): EpochLosses[] {
  return losses.map((validationLoss, epoch) => ({
    epoch,
    ...(epoch === 0 ? {} : { trainingLoss: 0.1 / 3 + epoch }),
    validationLoss,
    validationError: validationLoss / 7,
  }));
}

Deno.test("the best epoch is the first with the least loss, and never the one before training", () => {
  assert.strictEqual(bestEpoch(history(0.1, 0.5, 0.3, 0.4, 0.3)), 2);
  assert.strictEqual(bestEpoch(history(0.1)), undefined);
});

Deno.test("patience ends when so many epochs were no better", () => {
  assert.ok(!isStale(history(0.9, 0.5, 0.6), 2));
  assert.ok(isStale(history(0.9, 0.5, 0.6, 0.5), 2));
  assert.ok(!isStale(history(0.9, 0.5, 0.6, 0.5), undefined));
  assert.ok(!isStale(history(0.9), 1));
});

Deno.test("losses are read as they were written, to the last digit", () => {
  const epochs = history(0.1, 1 / 3, 2 / 3e9, Math.PI);
  const text = formatLosses(epochs);
  assert.ok(text.startsWith("epoch,training_loss,validation_loss,validation_mae\n0,,0.1,"));
  assert.deepStrictEqual(parseLosses(text, "losses.csv", 3), epochs);
  assert.deepStrictEqual(parseLosses(text, "losses.csv", 1), epochs.slice(0, 2));
});

Deno.test("losses that are not whole are not taken", () => {
  const text = formatLosses(history(0.1, 0.2, 0.3));
  for (
    const damaged of [
      "",
      text.replace("\n2,", "\n3,"),
      text.replace("0.3", "x"),
      text.replace(",,", ",1,"),
    ]
  ) {
    assert.strictEqual(parseLosses(damaged, "losses.csv", 2), undefined, damaged);
  }
  assert.strictEqual(parseLosses(text, "losses.csv", 3), undefined);
});
