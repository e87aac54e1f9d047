/**
 * News from a run as a person or a log file wants it: bars on a terminal, a few plain lines elsewhere.
 * All of it goes to standard error.
 *
 * @module
 */
import { styleText } from "node:util";
import type { News } from "../cluster/progress.ts";
import type { Io } from "./io.ts";
import { formatCount, formatDuration, withoutControls } from "./table.ts";

/** Tells news until it is stopped. */
export interface Reporter {
  tell(news: News): void;
  /** Gives the terminal back. Nothing may be told afterwards. */
  stop(): void;
}

/** A reporter that can leave the terminal to a question for a while. */
export interface HoldableReporter extends Reporter {
  /** Keeps news back, and the terminal free, until the function that it gives is called. */
  hold(): () => void;
}

/** News of how far a stage is. */
export type Progress = Extract<News, { kind: "progress" }>;

/**
 * Makes the reporter that suits the place: bars if standard error is a terminal, else lines.
 *
 * @param quiet Tell warnings only.
 */
export async function makeReporter(io: Io, quiet: boolean): Promise<HoldableReporter> {
  if (quiet) return holdable(() => quietReporter(io));
  if (!io.stderr.isTerminal) return holdable(() => lineReporter(io));
  const { barReporter } = await import("./bars.ts");
  return holdable(() => barReporter(io));
}

/** Makes a reporter that can be held; after that it begins anew. */
export function holdable(make: () => Reporter): HoldableReporter {
  let reporter: Reporter | undefined = make();
  const kept: News[] = [];
  return {
    tell(news) {
      if (reporter === undefined) kept.push(news);
      else reporter.tell(news);
    },
    hold() {
      reporter?.stop();
      reporter = undefined;
      return () => {
        reporter = make();
        for (const news of kept.splice(0)) reporter.tell(news);
      };
    },
    stop: () => reporter?.stop(),
  };
}

/** Tells warnings and nothing else. */
export function quietReporter(io: Io): Reporter {
  return {
    tell: (news) => {
      if (news.kind === "warning") io.stderr.write(messageLine(io, news));
    },
    stop: () => {},
  };
}

/** Least time between two lines of one stage, and the time after which a line is due in any case. */
const LEAST_PAUSE = 1_000, GREATEST_PAUSE = 30_000;

/**
 * Tells a stage's progress in lines: one for every tenth of it or every 30 seconds, but not two within a
 * second, and always the last.
 */
export function lineReporter(io: Io): Reporter {
  const stages = new Map<string, { estimate: Estimate; tenth: number; told: number }>();
  return {
    tell(news) {
      if (news.kind !== "progress") {
        io.stderr.write(messageLine(io, news));
        return;
      }
      const { stage, done, total } = news;
      const now = io.now();
      let state = stages.get(stage);
      if (state === undefined) {
        state = { estimate: makeEstimate(done, now), tenth: tenthOf(news), told: now };
        stages.set(stage, state);
      }
      const pause = now - state.told;
      const due = done >= total || pause >= GREATEST_PAUSE ||
        (pause >= LEAST_PAUSE && tenthOf(news) > state.tenth);
      if (!due) return;
      state.told = now;
      state.tenth = tenthOf(news);
      if (done >= total) stages.delete(stage);
      io.stderr.write(`${progressLine(news, timing(state.estimate, news, now))}\n`);
    },
    stop: () => {},
  };
}

/**
 * "Reading: 120 of 300 maps (40 %), about 8 s left; tasks: 3 running". What a cluster says may be in it,
 * which shall neither meddle with the terminal nor begin a line.
 *
 * @param timing What {@linkcode timing} gives.
 */
export function progressLine(news: Progress, timing: string): string {
  const line = `${news.stage}: ${amount(news)}${timing}${detail(news)}`;
  return withoutControls(line).replaceAll(/[\n\t]+/g, " ");
}

/** "120 of 300 maps (40 %)". */
function amount({ done, total, unit }: Progress): string {
  const percent = total === 0 ? 100 : Math.floor(100 * done / total);
  return `${formatCount(done)} of ${formatCount(total)} ${unit} (${percent} %)`;
}

/** Where the rest stands, with a semicolon before it. */
function detail({ done, total, detail }: Progress): string {
  return detail === undefined || done >= total ? "" : `; ${detail}`;
}

function tenthOf({ done, total }: Progress): number {
  return total === 0 ? 10 : Math.floor(10 * done / total);
}

/** How long a stage took, or an estimate of how long it still takes, with a comma before it. */
export function timing(estimate: Estimate, { done, total }: Progress, now: number): string {
  if (done >= total) return `, took ${formatDuration(now - estimate.start)}`;
  const left = timeLeft(estimate, done, total, now);
  return left === undefined ? "" : `, about ${formatDuration(left)} left`;
}

/** Where a stage stood when it was first heard of; after a resume that is not at its beginning. */
export interface Estimate {
  readonly firstDone: number;
  readonly start: number;
}

/** Begins to estimate when a stage is first heard of. */
export function makeEstimate(firstDone: number, start: number): Estimate {
  return { firstDone, start };
}

/** Milliseconds left if the rest goes as what was seen did; undefined while nothing was seen. */
function timeLeft(
  { firstDone, start }: Estimate,
  done: number,
  total: number,
  now: number,
): number | undefined {
  if (done <= firstDone) return undefined;
  return (now - start) * (total - done) / (done - firstDone);
}

/** A note or a warning as a line, without what could meddle with a terminal. */
export function messageLine(io: Io, news: Exclude<News, Progress>): string {
  const text = withoutControls(news.text);
  if (news.kind === "note") return `${text}\n`;
  const label = io.stderr.color
    ? styleText("yellow", "Warning:", { validateStream: false })
    : "Warning:";
  return `${label} ${text}\n`;
}
