/**
 * What the WebGPU engine's questions share.
 *
 * @module
 */
import type { BitMatrix } from "../bit_matrix.ts";
import type { Device } from "./device.ts";
import { pageVoxels, quadsOf, uploadMatrix } from "./matrix_pages.ts";
import { Pipeline } from "./pipeline.ts";
import { SIDE } from "./shaders.ts";
import type { Batch, Strip } from "./strips.ts";

/** Most bytes of pairs' results that are read at once. */
export const MOST_READ = 2 ** 26;

/** Two matrices on a device. */
export class Context {
  readonly device: Device;
  readonly pipeline: Pipeline;
  /** Most bytes of a buffer that a kernel reads or writes. */
  readonly limit: number;
  /** Voxels that a buffer of bits holds. */
  readonly page: number;
  readonly #words: number;
  readonly #rows: readonly GPUBuffer[];
  readonly #columns: readonly GPUBuffer[];

  /**
   * Brings the matrices to the device; to be called within {@linkcode Device.checked}.
   *
   * @param limit As many bytes of a buffer as are used, where the device allows more.
   */
  constructor(device: Device, rows: BitMatrix, columns: BitMatrix, limit: number) {
    this.device = device;
    this.pipeline = new Pipeline(device);
    this.limit = Math.min(device.limit, limit);
    this.page = pageVoxels(rows.wordsPerVoxel, this.limit);
    this.#words = quadsOf(rows.wordsPerVoxel) * 4;
    this.#rows = uploadMatrix(device, rows, this.page);
    this.#columns = columns === rows ? this.#rows : uploadMatrix(device, columns, this.page);
  }

  /** Words of volumes that a strip compares, those of missing rows too. */
  workOf({ columns }: Pick<Strip, "columns">): number {
    return SIDE * columns * this.#words;
  }

  /** A batch's bits as the kernels bind them. */
  bitsOf({ rowPage, columnPage }: Pick<Batch, "rowPage" | "columnPage">): Record<
    0 | 1,
    GPUBuffer
  > {
    return { 0: this.#rows[rowPage]!, 1: this.#columns[columnPage]! };
  }
}
