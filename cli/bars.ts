/**
 * Progress as bars on a terminal.
 *
 * @module
 */
// @ts-types="@types/cli-progress"
import { MultiBar, type SingleBar } from "cli-progress";
import { styleText } from "node:util";
import type { Io } from "./io.ts";
import {
  type Estimate,
  makeEstimate,
  messageLine,
  type Progress,
  progressLine,
  type Reporter,
  timing,
} from "./progress.ts";

/** Draws a bar for each stage, one below the other. */
export function barReporter(io: Io): Reporter {
  const stages = new Map<string, { bar: SingleBar; estimate: Estimate }>();
  let bars: MultiBar | undefined;
  // Only these members of a terminal stream are used.
  const stream = {
    isTTY: true,
    write: (text: string) => io.stderr.write(text),
    get columns() {
      return io.stderr.columns;
    },
  } as unknown as NodeJS.WriteStream;
  return {
    tell(news) {
      if (news.kind !== "progress") {
        const line = messageLine(io, news);
        if (bars === undefined) io.stderr.write(line);
        else bars.log(line);
        return;
      }
      bars ??= new MultiBar({
        stream,
        hideCursor: true,
        format: (_, { progress }, payload) =>
          barLine(payload.news, payload.timing, progress, io.stderr),
      });
      let state = stages.get(news.stage);
      const now = io.now();
      if (state === undefined) {
        const payload = { news, timing: "" };
        state = {
          bar: bars.create(news.total, news.done, payload),
          estimate: makeEstimate(news.done, now),
        };
        stages.set(news.stage, state);
      }
      state.bar.setTotal(news.total);
      state.bar.update(news.done, { news, timing: timing(state.estimate, news, now) });
      // Another stage of the same name gets a bar of its own.
      if (news.done >= news.total) stages.delete(news.stage);
    },
    stop() {
      // Its update writes out what was logged since the last one.
      bars?.update();
      bars?.stop();
      bars = undefined;
    },
  };
}

const BAR_WIDTH = 24;

function barLine(
  news: Progress,
  timing: string,
  progress: number,
  { color }: { color: boolean },
): string {
  const full = Math.round(progress * BAR_WIDTH);
  const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  const tinted = color ? styleText("cyan", bar, { validateStream: false }) : bar;
  return `${tinted} ${progressLine(news, timing)}`;
}
