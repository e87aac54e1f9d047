/**
 * Tensors as files hold them: numbers of some type, laid out in strides, among the file's bytes.
 *
 * @module
 */
import { elements } from "../network.ts";

type Read = (view: DataView, at: number) => number;

/** How numbers are stored, all of them little-endian. Those beyond 2^53 lose their last digits. */
const readers = {
  float16: { size: 2, read: (view, at) => view.getFloat16(at, true) },
  /** The upper half of a 32-bit float. */
  bfloat16: {
    size: 2,
    read: (view, at) => {
      scratch.setUint32(0, view.getUint16(at, true) * 2 ** 16);
      return scratch.getFloat32(0);
    },
  },
  float32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  float64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
  int8: { size: 1, read: (view, at) => view.getInt8(at) },
  int16: { size: 2, read: (view, at) => view.getInt16(at, true) },
  int32: { size: 4, read: (view, at) => view.getInt32(at, true) },
  int64: { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  uint8: { size: 1, read: (view, at) => view.getUint8(at) },
  uint16: { size: 2, read: (view, at) => view.getUint16(at, true) },
  uint32: { size: 4, read: (view, at) => view.getUint32(at, true) },
  uint64: { size: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  bool: { size: 1, read: (view, at) => view.getUint8(at) },
} as const satisfies Record<string, { size: number; read: Read }>;

const scratch = new DataView(new ArrayBuffer(4));

/** A type of numbers, as PyTorch calls it. */
export type Dtype = keyof typeof readers;

/** Bytes of one number. */
export function dtypeSize(dtype: Dtype): number {
  return readers[dtype].size;
}

/** Whether numbers of this type may have fractions. */
export function isFloating(dtype: Dtype): boolean {
  return dtype.includes("float");
}

/** A tensor among the bytes of a file. */
export class StoredTensor {
  /**
   * @param bytes The numbers, and maybe others; nothing is copied until they are read.
   * @param offset The first number, counted in numbers.
   * @param strides How far neighbours along each axis are apart, in numbers; that of a tensor without gaps
   *   if not given.
   */
  constructor(
    readonly dtype: Dtype,
    readonly shape: readonly number[],
    readonly bytes: Uint8Array<ArrayBuffer>,
    readonly offset = 0,
    readonly strides: readonly number[] = packedStrides(shape),
  ) {}

  /** Whether all its numbers are among the bytes, and not too many to be counted. */
  get fits(): boolean {
    const { shape, strides, offset } = this;
    if (!isIndex(offset) || strides.length !== shape.length) return false;
    if (![...shape, ...strides].every(isIndex)) return false;
    if (!isIndex(elements(shape))) return false;
    if (shape.includes(0)) return true;
    const last = shape.reduce((sum, size, i) => sum + (size - 1) * strides[i]!, offset); // as long
    return (last + 1) * dtypeSize(this.dtype) <= this.bytes.length;
  }

  /** The number at a place, counted along the axes with the last running fastest. */
  at(index: number): number {
    let place = this.offset;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      const size = this.shape[axis]!, stride = this.strides[axis]!; // an axis has both
      place += index % size * stride;
      index = Math.floor(index / size);
    }
    const { size, read } = readers[this.dtype];
    const { buffer, byteOffset, byteLength } = this.bytes;
    return read(new DataView(buffer, byteOffset, byteLength), size * place);
  }

  /** All numbers without gaps, as 32-bit floats; those beyond their range become infinite. */
  float32s(): Float32Array<ArrayBuffer> {
    const count = elements(this.shape);
    const { size, read } = readers[this.dtype];
    if (count === 0) return new Float32Array();
    if (this.#isPacked() && this.dtype === "float32") {
      const from = size * this.offset;
      return new Float32Array(this.bytes.slice(from, from + size * count).buffer);
    }
    const values = new Float32Array(count);
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    const index = this.shape.map(() => 0);
    let place = this.offset;
    for (let i = 0; i < count; i++) {
      values[i] = read(view, size * place);
      for (let axis = index.length - 1; axis >= 0; axis--) {
        const stride = this.strides[axis]!, length = this.shape[axis]!; // an axis has both
        place += stride;
        if (++index[axis]! < length) break;
        index[axis] = 0;
        place -= stride * length;
      }
    }
    return values;
  }

  #isPacked(): boolean {
    return packedStrides(this.shape).every((stride, i) =>
      stride === this.strides[i] || this.shape[i] === 1
    );
  }
}

/** Strides of a tensor without gaps, the last axis running fastest. */
function packedStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elements(shape.slice(axis + 1)));
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
