/**
 * What looking for an engine on a machine gives.
 *
 * @module
 */
import type { BitMatrix } from "./bit_matrix.ts";
import type { EngineFactory } from "./engine.ts";

/** An engine that works here. */
export interface WorkingEngine {
  readonly works: true;
  /** What it computes on, for the user to read: "AVX-512", "NVIDIA H200". */
  readonly what: string;
  /** Whether it computes on the processor, on which every thread has a core, or on a device of its own. */
  readonly on: "cpu" | "gpu";
  /** Whether it is a device's way of computing done by the processor: right, but never the fastest. */
  readonly software?: boolean;
  /** Number of devices it can compute on; 1 for the processor. */
  readonly devices: number;
  /**
   * Opens a device.
   *
   * @param device 0 to `devices - 1`.
   */
  open(device: number): EngineFactory;
  /**
   * Pairs a second that this engine's way of counting cannot exceed on one thread, or device, for such
   * voxels: measured here, or known from the device's data.
   */
  limit?(matrix: BitMatrix): number;
}

/** An engine that does not work here, and why. */
export interface MissingEngine {
  readonly works: false;
  /** For the user to read, after "cuda: ": "no NVIDIA driver (libcuda.so.1)". */
  readonly reason: string;
  /** What would make it work, as one sentence. */
  readonly remedy?: string;
}

/** What looking for an engine on this machine gave. */
export type Found = WorkingEngine | MissingEngine;

/**
 * A device or its driver failed while an engine worked: another engine gives the same answers, so that a
 * run can go on.
 */
export class EngineError extends Error {
  override readonly name = "EngineError";
}
