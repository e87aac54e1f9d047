/**
 * A thread with an engine of its own on one of the cards, for tests: it answers with its links.
 *
 * @module
 */
import { randomMatrix } from "../../core/cooccupancy/conformance.ts";
import { findCuda } from "../../core/cooccupancy/cuda.ts";

/** What a thread is asked. */
export interface Question {
  /** Path of the driver. */
  readonly path: string;
  readonly device: number;
  /** What its voxels are made from. */
  readonly seed: number;
}

declare const self: {
  onmessage: (event: MessageEvent<Question>) => Promise<void>;
  postMessage(message: unknown): void;
};

self.onmessage = async ({ data: { path, device, seed } }) => {
  const found = findCuda(path, { linkKernel: "popcount" });
  if (!found.works) throw new Error(found.reason);
  const matrix = randomMatrix(150, 100, seed);
  const engine = await found.open(device)(matrix, matrix);
  const tile = { rowStart: 0, rowEnd: 150, columnStart: 0, columnEnd: 150 };
  const classes = new Uint16Array(150);
  const thresholds = {
    rowClasses: classes,
    columnClasses: classes,
    columnClassCount: 1,
    least: Uint16Array.of(20),
  };
  // Several times, so that the threads do work at the same time.
  let links = await engine.links([tile], thresholds, true);
  for (let i = 0; i < 20; i++) links = await engine.links([tile], thresholds, true);
  engine.close();
  self.postMessage(links);
};
