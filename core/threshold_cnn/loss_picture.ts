/**
 * The picture of a training: its losses against the epochs.
 *
 * @module
 */
import { axes } from "../report/axes.ts";
import { type Drawing, type Item, textItem } from "../report/drawing.ts";
import type { EpochLosses } from "./training_history.ts";

// Told apart also by those who do not see all colours (Okabe & Ito).
const TRAINING = "#0072b2", VALIDATION = "#d55e00", FAINT = "#777777";

const WIDTH = 640, HEIGHT = 400;
const INSIDE = { x: 72, y: 62, width: 540, height: 270 };

/**
 * Draws the losses of training and validation.
 *
 * @param epochs At least one, ascending.
 * @param best Epoch whose weights were kept; none before the first epoch.
 */
export function lossPicture(epochs: readonly EpochLosses[], best?: number): Drawing {
  const losses = epochs.flatMap(({ trainingLoss, validationLoss }) =>
    trainingLoss === undefined ? [validationLoss] : [trainingLoss, validationLoss]
  );
  const { items, toX, toY } = axes({
    ...INSIDE,
    xAxis: {
      range: [epochs[0]?.epoch ?? 0, epochs.at(-1)?.epoch ?? 0],
      title: "epoch",
      whole: true,
    },
    yAxis: { range: [0, losses.reduce((most, loss) => Math.max(most, loss), 0)], title: "loss" },
  });
  const curve = (of: (epoch: EpochLosses) => number | undefined, colour: string): Item[] => {
    const points = epochs.flatMap((epoch) => {
      const loss = of(epoch);
      return loss === undefined ? [] : [{ x: toX(epoch.epoch), y: toY(loss) }];
    });
    const lines = points.slice(1).map(({ x, y }, i): Item => {
      const from = points[i]!; // one before each but the first
      return { kind: "line", x1: from.x, y1: from.y, x2: x, y2: y, width: 2, colour };
    });
    const centres = points.flatMap(({ x, y }) => [x, y]);
    // Dots of hundreds of epochs would hide the line.
    const radius = points.length > 60 ? 1.5 : 3.5;
    return [...lines, { kind: "dots", centres, radius, colour }];
  };
  const kept = epochs.find(({ epoch }) => epoch === best);
  const mark: Item[] = kept === undefined ? [] : [
    {
      kind: "dots",
      centres: [toX(kept.epoch), toY(kept.validationLoss)],
      radius: 7,
      colour: VALIDATION,
    },
    {
      kind: "dots",
      centres: [toX(kept.epoch), toY(kept.validationLoss)],
      radius: 4.5,
      colour: "#ffffff",
    },
  ];
  const ringed = kept === undefined ? "" : ` (ringed: the weights kept, epoch ${kept.epoch})`;
  const legend = (y: number, text: string, colour: string): Item[] => [
    { kind: "line", x1: INSIDE.x + 60, y1: y - 4, x2: INSIDE.x + 84, y2: y - 4, width: 2, colour },
    textItem(INSIDE.x + 92, y, text, { size: 13, colour: FAINT }),
  ];
  return {
    width: WIDTH,
    height: HEIGHT,
    title: "Loss against epoch",
    items: [
      ...items,
      ...curve(({ trainingLoss }) => trainingLoss, TRAINING),
      ...curve(({ validationLoss }) => validationLoss, VALIDATION),
      ...mark,
      ...legend(28, "training", TRAINING),
      ...legend(50, `validation${ringed}`, VALIDATION),
    ],
  };
}
