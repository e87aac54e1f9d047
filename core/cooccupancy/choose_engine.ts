/**
 * Which of the engines that were tried a run takes, and why.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { allEngines, type OneEngine } from "./engines.ts";
import type { Trial, Tried } from "./try_engine.ts";

/** The engine that a run takes. */
export interface Choice {
  readonly name: OneEngine;
  /** What it computes on. */
  readonly what: string;
  readonly on: "cpu" | "gpu";
  /** Pairs a second, of all threads or devices that compute at once. */
  readonly pairsPerSecond: number;
  /** Why this one, and why none of the others: for the user to read. */
  readonly why: string;
  /** Why each of the others was not taken, without numbers. */
  readonly others: Reasons;
}

/** A reason for each of some engines. */
export type Reasons = Readonly<Partial<Record<OneEngine, string>>>;

/** Engines that are worth trying for speed, the likely fastest first; the reference is for checking. */
export const candidates: readonly OneEngine[] = allEngines.filter((name) => name !== "reference");

/**
 * Picks the fastest engine.
 *
 * @param tried What came of trying the engines.
 * @param threads Threads that compute: each has a core of the processor, and they share the devices.
 * @param untried Why others were not tried.
 * @returns undefined if none of them works.
 * @example
 * ```ts
 * import { pickFastest } from "./choose_engine.ts";
 * import assert from "node:assert";
 *
 * const wasm = { name: "wasm", works: true, what: "SIMD", on: "cpu", devices: 1, pairsPerSecond: 8e8 };
 * const choice = pickFastest([{ ...wasm, name: "wasm", works: true, on: "cpu" }], 2);
 * assert.strictEqual(choice?.why, "wasm (SIMD) compares 1.6 billion pairs/s on 2 threads");
 * ```
 */
export function pickFastest(
  tried: readonly Tried[],
  threads: number,
  untried: Reasons = {},
): Choice | undefined {
  const speed = (trial: Trial) => trial.pairsPerSecond * atOnce(trial, threads);
  const working = tried.filter((trial): trial is Trial => trial.works)
    .sort((a, b) => speed(b) - speed(a));
  // Whatever a device's stand-in was measured at, the same processor does better without it.
  const best = working.find((trial) => trial.software !== true);
  if (best === undefined) return undefined;
  const count = atOnce(best, threads);
  const unit = best.on === "gpu" ? "device" : "thread";
  const where = count === 1 ? `one ${unit}` : `${count} ${unit}s`;
  const behind = working.filter((trial) => trial !== best);
  const slower = behind.filter((trial) => trial.software !== true);
  const refused: Reasons = {
    ...Object.fromEntries(
      behind.filter((trial) => trial.software === true)
        .map(({ name, what }) => [name, `only in software (${what})`]),
    ),
    ...Object.fromEntries(
      tried.flatMap((trial) => trial.works ? [] : [[trial.name, trial.reason]]),
    ),
    ...untried,
  };
  return {
    name: best.name,
    what: best.what,
    on: best.on,
    pairsPerSecond: speed(best),
    why: [
      `${best.name} (${best.what}) compares ${billions(speed(best))} billion pairs/s on ${where}`,
      ...slower.map((trial) => `${trial.name} ${billions(speed(trial))}`),
      ...byReason(refused),
    ].join("; "),
    others: {
      ...Object.fromEntries(slower.map(({ name }) => [name, "slower here"])),
      ...refused,
    },
  };
}

/** How many of its like an engine computes on at once: a core for each thread, or a thread for each device. */
export function atOnce({ on, devices }: Pick<Trial, "on" | "devices">, threads: number): number {
  return on === "cpu" ? threads : Math.min(devices, threads);
}

/** "cuda, webgpu: not tried": engines with the same reason together. */
function byReason(reasons: Reasons): string[] {
  const names = Map.groupBy(Object.entries(reasons), ([, reason]) => reason);
  return [...names].map(([reason, own]) => `${own.map(([name]) => name).join(", ")}: ${reason}`);
}

/** Pairs a second, in billions. */
export function billions(pairsPerSecond: number): string {
  return (pairsPerSecond / 1e9).toPrecision(2);
}

/**
 * The error of an engine that was asked for and does not work here.
 *
 * @param trial What came of trying it.
 */
export function cannotUse({ name, reason, remedy }: Tried & { works: false }): UsageError {
  return new UsageError(
    `Cannot use engine ${name}: ${reason}`,
    remedy ?? "Leave --engine out: siren takes the fastest that works.",
  );
}
