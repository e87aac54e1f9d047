/**
 * Voxels of any mode against a threshold, one bit each.
 *
 * @module
 */
import { toFloats } from "../mrc/decode.ts";
import type { MrcHeader } from "../mrc/header.ts";
import { voxelBytes } from "../mrc/modes.ts";
import { popcount } from "../cooccupancy/bit_matrix.ts";
import { kernel } from "./wasm/kernel.ts";

/** What a voxel is stored as. */
export type VoxelFormat = Pick<MrcHeader, "mode" | "byteOrder">;

/** Compares voxels with a threshold. All comparers give the same answers. */
export interface Comparer {
  /** Where voxels are best read to: those that lie here are compared without being copied. */
  readonly buffer: Uint8Array;
  /**
   * Writes one bit for each voxel: whether it is above the threshold, strictly.
   *
   * @param raw Whole voxels, as a file has them; any alignment.
   * @param threshold Finite; compared unrounded.
   * @param bits Bit `i & 31` of word `i >> 5` is that of voxel `i`; bits past the last are zero. One
   *   word for each 32 voxels begun; may lie over shared memory.
   * @returns Number of bits set, or -1 where a voxel is not finite; the bits are then of no use.
   */
  compare(format: VoxelFormat, raw: Uint8Array, threshold: number, bits: Uint32Array): number;
}

/** Bytes that are best read at once: enough that a read costs little, few enough to stay in the cache. */
const BUFFER = 1 << 20;
/** Bytes that are copied at once from elsewhere. */
const COPIED = 1 << 16;

/** A comparer in plain TypeScript, for machines without SIMD. */
export function plainComparer(): Comparer {
  return {
    buffer: new Uint8Array(BUFFER),
    compare(format, raw, threshold, bits) {
      const values = toFloats(format, raw);
      let above = 0;
      // The sum of all densities stays finite, in double precision, unless one of them is not.
      let sum = 0;
      for (let w = 0, i = 0; i < values.length; w++) {
        let word = 0;
        for (let b = 0, end = Math.min(32, values.length - i); b < end; b++) {
          const density = values[i++]!;
          sum += density;
          const bit = density > threshold ? 1 : 0;
          word |= bit << b;
          above += bit;
        }
        bits[w] = word;
      }
      return Number.isFinite(sum) ? above : -1;
    },
  };
}

/** What `wasm/kernel.as` exports. */
interface Kernel {
  binarise(
    mode: number,
    big: number,
    from: number,
    words: number,
    threshold: number,
    to: number,
  ): number;
  binariseHalves(big: number, from: number, words: number, bound: number, to: number): number;
}

// Places in the kernel's memory: its own scratch ends where the first begins.
const AT_COPIED = 32768;
const AT_BUFFER = AT_COPIED + COPIED;
/** Bits of a buffer of voxels of one byte. */
const AT_BITS = AT_BUFFER + BUFFER;
const PAGES = (AT_BITS + BUFFER / 8) / 65536;

/** A comparer in WebAssembly, or undefined where the machine's has no SIMD. */
export function wasmComparer(): Comparer | undefined {
  const bytes = Uint8Array.fromBase64(kernel);
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(bytes)) return undefined;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(PAGES) });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const { binarise, binariseHalves } = instance.exports as unknown as Kernel; // As kernel.as declares them.
  const copied = new Uint8Array(memory.buffer, AT_COPIED, COPIED);
  const buffer = new Uint8Array(memory.buffer, AT_BUFFER, BUFFER);
  const words = new Uint32Array(memory.buffer, AT_BITS, BUFFER / 32);

  return {
    buffer,
    compare(format, raw, threshold, bits) {
      const stride = 32 * voxelBytes(format.mode);
      const big = format.byteOrder === "big" ? 1 : 0;
      const half = format.mode === 12;
      const bound = half ? halfBelow(threshold) : floatBelow(threshold);
      /** Compares whole words of voxels that lie in the memory. */
      const compareWords = (from: number, count: number) =>
        half
          ? binariseHalves(big, from, count, bound, AT_BITS)
          : binarise(format.mode, big, from, count, bound, AT_BITS);
      const whole = Math.floor(raw.length / stride) * stride;
      const held = raw.buffer === memory.buffer;
      const step = held ? BUFFER : COPIED;
      let above = 0, word = 0;
      for (let at = 0; at < whole; at += step) {
        const end = Math.min(at + step, whole);
        if (!held) copied.set(raw.subarray(at, end));
        const count = (end - at) / stride;
        const found = compareWords(held ? raw.byteOffset + at : AT_COPIED, count);
        if (found < 0) return -1;
        above += found;
        bits.set(words.subarray(0, count), word);
        word += count;
      }
      const rest = raw.length - whole;
      if (rest > 0) {
        copied.fill(0, rest, stride);
        copied.set(raw.subarray(whole));
        if (compareWords(AT_COPIED, 1) < 0) return -1;
        bits[word] = words[0]! & (2 ** (32 * rest / stride) - 1);
        above += popcount(bits[word]!);
      }
      return above;
    },
  };
}

/** The largest 32-bit float that is not above a number: a float above the one is above the other. */
function floatBelow(threshold: number): number {
  const rounded = Float32Array.of(threshold);
  if (rounded[0]! <= threshold) return rounded[0]!;
  const bits = new Int32Array(rounded.buffer);
  if (rounded[0] === 0) bits[0] = 0x80000001; // the negative number next to zero
  else bits[0]! += rounded[0]! > 0 ? -1 : 1;
  return rounded[0]!;
}

/** The largest 16-bit float that is not above a number, as the kernel orders them: see `inOrder` there. */
function halfBelow(threshold: number): number {
  const rounded = Float16Array.of(threshold);
  const bits = new Int16Array(rounded.buffer)[0]!;
  if (rounded[0] === 0) return threshold < 0 ? -2 : 0;
  return (bits < 0 ? bits ^ 0x7fff : bits) - (rounded[0]! <= threshold ? 0 : 1);
}

let own: Comparer | undefined;

/** The fastest comparer, one for each thread. */
export function comparer(): Comparer {
  return own ??= wasmComparer() ?? plainComparer();
}
