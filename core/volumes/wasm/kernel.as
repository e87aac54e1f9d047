// The binarising kernel, in AssemblyScript; `deno task wasm` compiles it into `kernel.ts`.
//
// Integers and floats become 32-bit floats, exactly, and are compared with the threshold four at a
// time: one bit each. Floats in the machine's own byte order are compared where they lie; others pass
// through a strip that stays in the first-level cache. 16-bit floats are compared as integers. All
// addresses and sizes are in bytes; the buffers' places in memory are the caller's.

/** Where a strip of voxels lies as floats. The caller's buffers begin after it, at 32768. */
const STRIP: usize = 16384;
/** Words of 32 voxels in a strip. */
const STRIP_WORDS: i32 = 128;

/** One bit for each of 16 floats: whether it is above the threshold. */
// @ts-ignore: decorator
@inline
function above(a: v128, b: v128, c: v128, d: v128, threshold: v128): i32 {
  const low = i16x8.narrow_i32x4_s(f32x4.gt(a, threshold), f32x4.gt(b, threshold));
  const high = i16x8.narrow_i32x4_s(f32x4.gt(c, threshold), f32x4.gt(d, threshold));
  return i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
}

/** Zero bits where all lanes are finite: a number less itself is +0, or NaN if it is not finite. */
// @ts-ignore: decorator
@inline
function notFinite(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = v128.or(f32x4.sub(a, a), f32x4.sub(b, b));
  return v128.or(ab, v128.or(f32x4.sub(c, c), f32x4.sub(d, d)));
}

/** Writes `words` words, a bit for each float above the threshold, and counts the bits; -1 as `binarise`. */
function compare(from: usize, words: i32, threshold: f32, to: usize): i32 {
  const t = f32x4.splat(threshold);
  let broken = i8x16.splat(0), count = 0;
  for (const end = to + (<usize> words << 2); to < end; to += 4, from += 128) {
    let a = v128.load(from), b = v128.load(from, 16);
    let c = v128.load(from, 32), d = v128.load(from, 48);
    const low = above(a, b, c, d, t);
    broken = v128.or(broken, notFinite(a, b, c, d));
    a = v128.load(from, 64), b = v128.load(from, 80);
    c = v128.load(from, 96), d = v128.load(from, 112);
    const word = low | above(a, b, c, d, t) << 16;
    broken = v128.or(broken, notFinite(a, b, c, d));
    store<i32>(to, word);
    count += popcnt(word);
  }
  return v128.any_true(broken) ? -1 : count;
}

/** 16 bytes with those of each 16-bit number reversed. */
// @ts-ignore: decorator
@inline
function reverse2(x: v128): v128 {
  return i8x16.shuffle(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}

/** 16 bytes with those of each 32-bit number reversed. */
// @ts-ignore: decorator
@inline
function reverse4(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/**
 * Eight 16-bit floats as integers in the same order: a negative one with all bits but its sign turned
 * around. -0 becomes -1, just below +0.
 */
// @ts-ignore: decorator
@inline
function inOrder(halves: v128): v128 {
  return v128.xor(halves, v128.and(i16x8.shr_s(halves, 15), i16x8.splat(0x7fff)));
}

/** All bits of each of eight 16-bit floats that is not finite: one whose exponent is all ones. */
// @ts-ignore: decorator
@inline
function notFiniteHalves(halves: v128): v128 {
  const ones = i16x8.splat(0x7c00);
  return i16x8.eq(v128.and(halves, ones), ones);
}

/**
 * As `binarise`, for 16-bit floats (mode 12).
 *
 * @param bound The threshold as `inOrder` has it: what is above it, as an integer, is occupied.
 */
export function binariseHalves(big: bool, from: usize, words: i32, bound: i32, to: usize): i32 {
  const t = i16x8.splat(<i16> bound);
  let broken = i8x16.splat(0), count = 0;
  for (const end = to + (<usize> words << 2); to < end; to += 4, from += 64) {
    let a = v128.load(from), b = v128.load(from, 16);
    let c = v128.load(from, 32), d = v128.load(from, 48);
    if (big) a = reverse2(a), b = reverse2(b), c = reverse2(c), d = reverse2(d);
    const low = i8x16.narrow_i16x8_s(i16x8.gt_s(inOrder(a), t), i16x8.gt_s(inOrder(b), t));
    const high = i8x16.narrow_i16x8_s(i16x8.gt_s(inOrder(c), t), i16x8.gt_s(inOrder(d), t));
    const word = i8x16.bitmask(low) | i8x16.bitmask(high) << 16;
    broken = v128.or(broken, v128.or(notFiniteHalves(a), notFiniteHalves(b)));
    broken = v128.or(broken, v128.or(notFiniteHalves(c), notFiniteHalves(d)));
    store<i32>(to, word);
    count += popcnt(word);
  }
  return v128.any_true(broken) ? -1 : count;
}

/** Fills the strip with `words * 32` voxels as floats. */
function widen(mode: i32, big: bool, from: usize, words: i32): void {
  const end = STRIP + (<usize> words << 7);
  if (mode === 0) {
    for (let to = STRIP; to < end; to += 64, from += 16) {
      const x = v128.load(from);
      const low = i16x8.extend_low_i8x16_s(x), high = i16x8.extend_high_i8x16_s(x);
      v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)));
      v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), 16);
      v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), 32);
      v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), 48);
    }
  } else if (mode === 1) {
    for (let to = STRIP; to < end; to += 32, from += 16) {
      let x = v128.load(from);
      if (big) x = reverse2(x);
      v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x)));
      v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x)), 16);
    }
  } else if (mode === 6) {
    for (let to = STRIP; to < end; to += 32, from += 16) {
      let x = v128.load(from);
      if (big) x = reverse2(x);
      v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(x)));
      v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(x)), 16);
    }
  } else {
    for (let to = STRIP; to < end; to += 16, from += 16) v128.store(to, reverse4(v128.load(from)));
  }
}

/**
 * Binarises `words * 32` voxels: a bit is set where the voxel is above the threshold.
 *
 * @param mode MRC mode of the voxels: 0, 1, 2 or 6.
 * @param big Whether their bytes are in big-endian order.
 * @param from The voxels, as the file has them; any alignment.
 * @param to Where the words of bits go.
 * @returns Number of bits set, or -1 where a voxel is not finite.
 */
export function binarise(
  mode: i32,
  big: bool,
  from: usize,
  words: i32,
  threshold: f32,
  to: usize,
): i32 {
  if (mode === 2 && !big) return compare(from, words, threshold, to);
  // Bytes of 32 voxels.
  const stride: usize = mode === 0 ? 32 : mode === 2 ? 128 : 64;
  let total = 0;
  for (let w = 0; w < words; w += STRIP_WORDS) {
    const strip = min(STRIP_WORDS, words - w);
    widen(mode, big, from + w * stride, strip);
    const count = compare(STRIP, strip, threshold, to + (<usize> w << 2));
    if (count < 0) return -1;
    total += count;
  }
  return total;
}
