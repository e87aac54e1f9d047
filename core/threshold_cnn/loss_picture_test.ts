import assert from "node:assert";
import { encodePng, formatSvg } from "../report/drawing.ts";
import { lossPicture } from "./loss_picture.ts";

const epochs = [
  { epoch: 0, validationLoss: 0.5, validationError: 0.3 },
  { epoch: 1, trainingLoss: 0.42, validationLoss: 0.31, validationError: 0.2 },
  { epoch: 2, trainingLoss: 0.3, validationLoss: 0.35, validationError: 0.22 },
];

Deno.test("the picture has a dot for each loss, and a ring at the best", () => {
  const { items, width, height } = lossPicture(epochs, 1);
  const dots = items.filter((item) => item.kind === "dots");
  const [training, validation, ring] = dots.map(({ centres }) => centres);
  assert.deepStrictEqual([training?.length, validation?.length], [4, 6]);
  assert.deepStrictEqual(ring, validation?.slice(2, 4));
  // y goes down: the higher loss lies higher.
  assert.ok(validation![1]! < validation![5]! && validation![5]! < validation![3]!); // three pairs
  for (const { centres } of dots) {
    centres.forEach((at, i) => assert.ok(at > 0 && at < (i % 2 === 0 ? width : height)));
  }
});

Deno.test("the picture can be written, of one epoch and of losses of zero too", () => {
  const first = epochs.slice(0, 1);
  const zeros = epochs.map(({ epoch }) => ({ epoch, validationLoss: 0, validationError: 0 }));
  for (const [some, best] of [[epochs, 1], [first, undefined], [zeros, 2]] as const) {
    const drawing = lossPicture(some, best);
    assert.ok(encodePng(drawing).length > 1000);
    assert.ok(!/NaN|Infinity/.test(formatSvg(drawing)));
  }
});
