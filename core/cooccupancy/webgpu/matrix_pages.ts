/**
 * Bits and classes of voxels in buffers of a device, each with so many voxels.
 *
 * @module
 */
import type { BitMatrix } from "../bit_matrix.ts";
import type { Device } from "./device.ts";

/** Most voxels of a page: more squares or segments no dimension of a dispatch could have. */
const MOST_VOXELS = 2 ** 20;
/** Words that are copied at once. */
const WORDS_AT_ONCE = 2 ** 20;

/** Groups of four words that hold a voxel's bits. */
export const quadsOf = (wordsPerVoxel: number) => Math.ceil(wordsPerVoxel / 4);

/**
 * Voxels of a page.
 *
 * @param limit Most bytes of a buffer.
 */
export function pageVoxels(wordsPerVoxel: number, limit: number): number {
  return Math.min(MOST_VOXELS, Math.floor(limit / (quadsOf(wordsPerVoxel) * 16)));
}

/** Brings a matrix to a device, each voxel's words filled up to whole quads; to be called within {@linkcode Device.checked}. */
export function uploadMatrix(device: Device, matrix: BitMatrix, page: number): GPUBuffer[] {
  const { voxels, wordsPerVoxel, words } = matrix;
  const width = quadsOf(wordsPerVoxel) * 4;
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const step = Math.max(1, Math.floor(WORDS_AT_ONCE / width));
  const padded = new Uint32Array(step * width);
  const pages: GPUBuffer[] = [];
  for (let start = 0; start < voxels; start += page) {
    const end = Math.min(start + page, voxels);
    const buffer = device.buffer((end - start) * width * 4, STORAGE | COPY_DST);
    for (let from = start; from < end; from += step) {
      const to = Math.min(from + step, end);
      if (width === wordsPerVoxel) padded.set(words.subarray(from * width, to * width));
      else {
        for (let v = from; v < to; v++) {
          padded.set(
            words.subarray(v * wordsPerVoxel, (v + 1) * wordsPerVoxel),
            (v - from) * width,
          );
        }
      }
      const used = padded.subarray(0, (to - from) * width);
      device.queue.writeBuffer(buffer, (from - start) * width * 4, used);
    }
    // Or the copies of all pages are kept until there is something to compute.
    device.queue.submit([]);
    pages.push(buffer);
  }
  return pages;
}

/** A copy that fills whole words. */
function wholeWords(values: Uint16Array): Uint16Array<ArrayBuffer> {
  const result = new Uint16Array(values.length + values.length % 2);
  result.set(values);
  return result;
}

/** Brings u16 to a device; to be called within {@linkcode Device.checked}. */
export function uploadHalves(device: Device, values: Uint16Array): GPUBuffer {
  const data = wholeWords(values);
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const buffer = device.buffer(data.byteLength, STORAGE | COPY_DST);
  device.queue.writeBuffer(buffer, 0, data);
  return buffer;
}

/** The same of each page of voxels. */
export function uploadClasses(device: Device, classes: Uint16Array, page: number): GPUBuffer[] {
  const pages: GPUBuffer[] = [];
  for (let start = 0; start < classes.length; start += page) {
    pages.push(uploadHalves(device, classes.subarray(start, start + page)));
  }
  return pages;
}
