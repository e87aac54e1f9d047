/**
 * The engine that counts on a GPU by WebGPU: by Vulkan, Metal or DirectX 12, whatever its maker.
 *
 * @module
 */
import { checkBlocks, checkLeastCounts, checkMatrices, checkTile } from "./checks.ts";
import type { Engine, EngineFactory } from "./engine.ts";
import { EngineError, type Found } from "./found.ts";
import { Context } from "./webgpu/context.ts";
import { countTile } from "./webgpu/counts.ts";
import { adapterName, Device, findAdapter, NoDevice } from "./webgpu/device.ts";
import { LinkFinder } from "./webgpu/links.ts";
import { quadsOf } from "./webgpu/matrix_pages.ts";
import { tallyBlocks } from "./webgpu/tally.ts";

/** Bounds of what a device is asked for at once. What it does not allow is never asked for. */
export interface WebgpuBounds {
  /** Most bytes of a buffer that a kernel reads or writes: 2^16 or more. */
  readonly buffer?: number;
  /** Links that are read at once; by default as many as are likely to be found. */
  readonly links?: number;
}

/**
 * Makes engines that count by WebGPU, each with a device of its own. Matrices and least counts must not
 * change while an engine is used: it keeps them on the device.
 *
 * A question costs at least some 11 ms, however small, as long as Deno waits that long for a device; so
 * ask for many tiles, or rows, at once.
 *
 * @param bounds Smaller ones are for tests.
 * @returns Making an engine throws EngineError where no device opens, and RangeError where matrices, tile
 *   and least counts do not match each other. A question throws EngineError where the device fails.
 * @example
 * ```ts
 * import { bitMatrix } from "./bit_matrix.ts";
 * import { findWebgpu, webgpuEngine } from "./webgpu.ts";
 * import assert from "node:assert";
 *
 * const voxels = bitMatrix(2, 5);
 * voxels.words.set([0b10111, 0b00110]);
 * const tile = { rowStart: 0, rowEnd: 2, columnStart: 0, columnEnd: 2 };
 * if ((await findWebgpu()).works) {
 *   const engine = await webgpuEngine()(voxels, voxels);
 *   assert.deepStrictEqual([...await engine.counts(tile)], [4, 2, 2, 2]);
 *   engine.close();
 * }
 * ```
 */
export function webgpuEngine({ buffer = Infinity, links }: WebgpuBounds = {}): EngineFactory {
  return async (rows, columns): Promise<Engine> => {
    checkMatrices(rows, columns);
    const device = await Device.open(quadsOf(rows.wordsPerVoxel)).catch((error: unknown) => {
      if (!(error instanceof NoDevice)) throw error;
      throw new EngineError(`Cannot compute by WebGPU: ${error.reason}`);
    });
    let context: Context;
    try {
      const [made, accepted] = device.checked(() => new Context(device, rows, columns, buffer));
      await accepted;
      context = made;
    } catch (error) {
      device.close();
      throw error;
    }
    const finder = new LinkFinder(context, links);
    return {
      name: "webgpu",
      // Asynchronous, so that what is refused is refused by the promise.
      async counts(tile) {
        checkTile(tile, rows, columns);
        return await countTile(context, tile);
      },
      async links(tiles, thresholds, triangular) {
        for (const tile of tiles) {
          checkTile(tile, rows, columns);
          checkLeastCounts(tile, thresholds, rows, columns);
        }
        return await finder.find(tiles, thresholds, triangular);
      },
      async tally(rowStart, rowEnd, blocks, least) {
        checkBlocks(rowStart, rowEnd, blocks, least, rows, columns);
        return await tallyBlocks(context, rowStart, rowEnd, blocks, least);
      },
      close: () => device.close(),
    };
  };
}

/**
 * Looks for a GPU by WebGPU, and opens it once.
 *
 * @returns Never rejected: where there is none, why.
 */
export async function findWebgpu(): Promise<Found> {
  try {
    const { what, software } = adapterName((await findAdapter()).info);
    (await Device.open(1)).close();
    const open = (device: number): EngineFactory => {
      if (device === 0) return webgpuEngine();
      throw new RangeError(`Cannot open a WebGPU device: there is one only (${device})`);
    };
    return { works: true, what, on: software ? "cpu" : "gpu", software, devices: 1, open };
  } catch (error) {
    if (error instanceof NoDevice) {
      const { reason, remedy } = error;
      return remedy === undefined ? { works: false, reason } : { works: false, reason, remedy };
    }
    return { works: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
