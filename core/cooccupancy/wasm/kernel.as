// The co-occupancy kernel, in AssemblyScript; `build.ts` compiles it into `kernel.ts`.
//
// One side of a tile is *listed*: each voxel is the list of the volumes it is occupied in, or of those
// it is empty in where they are fewer. The other side is *sliced*: for a group of 128 voxels, one plane
// of 128 bits for each volume. Adding up the planes that a list names gives the counts of 128 pairs at
// once. They are added bit-sliced: a count is 128 columns of bits over several planes, the lowest
// first, and a full adder takes 5 logical instructions for 128 pairs and one volume (Harley and Seal's
// carry-save adder tree as in Muła, Kurz & Lemire, "Faster population counts using AVX2
// instructions", The Computer Journal 2018, here over planes instead of the words of one vector).
// Counts are compared with their least counts in the same form, so no count is ever unpacked for it.
//
// A list: u32 blocks, u32 total, u32 flipped (0 or 1), 4 bytes unused, then 8 * blocks volumes as u16,
// padded with the number of a plane of zeros. A group: its planes, 32 for each word of a voxel's bits,
// a plane of zeros, and the totals of its voxels, bit-sliced over `depth` planes. All addresses,
// strides and sizes are in bytes; the buffers' places in memory are the caller's.

/** Voxels in a group: the bits of a plane. */
const LANES: i32 = 128;
/** Bytes of a plane. */
const PLANE: usize = 16;
/** Bytes before the volumes of a list. */
const HEADER: usize = 16;
/** Where the counts of the pairs at hand lie: 16 planes. */
const BOTH: usize = 1024;
/** Where the least counts at hand lie: 16 planes. The caller's buffers begin at 4096. */
const LEAST: usize = BOTH + 16 * PLANE;

/** Number of volumes. */
let volumes: i32 = 0;
/** Words of 32 bits of a voxel. */
let words: i32 = 0;
/** Planes of a count: the bits of `volumes + 1`, which is above all counts. */
let depth: i32 = 0;
/** Bytes from one list to the next. */
let listStride: i32 = 0;

/** How many pairs the last `emit` wrote. */
export let emitted: i32 = 0;

/** To be called first. */
export function setUp(ofVolumes: i32, ofListStride: i32): void {
  volumes = ofVolumes;
  words = (ofVolumes + 31) >> 5;
  depth = 32 - clz(ofVolumes + 1);
  listStride = ofListStride;
}

/** The sum bit of a full adder; `a` comes last, so that chains through `a` are one instruction a step. */
function parity(a: v128, b: v128, c: v128): v128 {
  return v128.xor(a, v128.xor(b, c));
}

/** The carry bit of a full adder. */
function majority(a: v128, b: v128, c: v128): v128 {
  return v128.bitselect(a, b, v128.xor(b, c));
}

/** The plane of the volume that is named at `name`. */
function plane(planes: usize, name: usize): v128 {
  return v128.load(planes + (<usize> load<u16>(name) << 4));
}

/** Adds `carry`, worth `2^from`, to the planes of `sum`. */
function ripple(carry: v128, sum: usize, from: i32, depth: i32): void {
  for (let p = sum + (<usize> from << 4), end = sum + (<usize> depth << 4); p < end; p += PLANE) {
    const bit = v128.load(p);
    v128.store(p, v128.xor(bit, carry));
    carry = v128.and(bit, carry);
  }
}

/**
 * Adds up, bit-sliced, the planes that a list names.
 *
 * @param names Where the volumes of the list begin, 8 for each block.
 * @param sum Where the count goes: `depth` planes, or 5 if that is more.
 */
export function add(names: usize, blocks: i32, planes: usize, sum: usize, depth: i32): void {
  const zero = i8x16.splat(0);
  let ones = zero, twos = zero, fours = zero, eights = zero, sixteens = zero;
  // Carries that wait for a second one of the same weight: an eight, a sixteen.
  let eight = zero, sixteen = zero;
  for (let p = 5; p < depth; p++) v128.store(sum + (<usize> p << 4), zero);
  for (let i = 0; i < blocks; i++) {
    let a = plane(planes, names), b = plane(planes, names + 2);
    const two0 = majority(ones, a, b);
    ones = parity(ones, a, b);
    a = plane(planes, names + 4), b = plane(planes, names + 6);
    const two1 = majority(ones, a, b);
    ones = parity(ones, a, b);
    const four0 = majority(twos, two0, two1);
    twos = parity(twos, two0, two1);
    a = plane(planes, names + 8), b = plane(planes, names + 10);
    const two2 = majority(ones, a, b);
    ones = parity(ones, a, b);
    a = plane(planes, names + 12), b = plane(planes, names + 14);
    const two3 = majority(ones, a, b);
    ones = parity(ones, a, b);
    const four1 = majority(twos, two2, two3);
    twos = parity(twos, two2, two3);
    let carry = majority(fours, four0, four1);
    fours = parity(fours, four0, four1);
    names += 16;

    if (!(i & 1)) {
      eight = carry;
      continue;
    }
    const next = majority(eights, eight, carry);
    eights = parity(eights, eight, carry);
    if (!(i & 2)) {
      sixteen = next;
      continue;
    }
    carry = majority(sixteens, sixteen, next);
    sixteens = parity(sixteens, sixteen, next);
    ripple(carry, sum, 5, depth);
  }
  // What still waits.
  let carry = zero;
  if (blocks & 1) {
    carry = v128.and(eights, eight);
    eights = v128.xor(eights, eight);
  }
  if (!(blocks & 2)) sixteen = zero;
  const last = majority(sixteens, sixteen, carry);
  sixteens = parity(sixteens, sixteen, carry);
  ripple(last, sum, 5, depth);
  v128.store(sum, ones);
  v128.store(sum, twos, 1 * PLANE);
  v128.store(sum, fours, 2 * PLANE);
  v128.store(sum, eights, 3 * PLANE);
  v128.store(sum, sixteens, 4 * PLANE);
}

/**
 * Adds 8 x `rounds` times, as `add` does, but from registers: the pace that no counting in this way can
 * exceed.
 *
 * @returns A bit of the sum, so that no compiler leaves the work out.
 */
export function fullAdders(rounds: i32): i32 {
  let a = i8x16.splat(1), b = i8x16.splat(2), c = i8x16.splat(3), d = i8x16.splat(4);
  let e = i8x16.splat(5), f = i8x16.splat(6), g = i8x16.splat(7), h = i8x16.splat(8);
  let x = i8x16.splat(11), y = i8x16.splat(29);
  for (let i = 0; i < rounds; i++) {
    // Chains that do not wait for each other.
    const ab = majority(a, x, y), cd = majority(c, x, y);
    a = parity(a, x, y), c = parity(c, x, y);
    const ef = majority(e, x, y), gh = majority(g, x, y);
    e = parity(e, x, y), g = parity(g, x, y);
    const abNext = majority(b, ab, x), cdNext = majority(d, cd, x);
    b = parity(b, ab, x), d = parity(d, cd, x);
    const efNext = majority(f, ef, y), ghNext = majority(h, gh, y);
    f = parity(f, ef, y), h = parity(h, gh, y);
    x = v128.xor(abNext, efNext), y = v128.xor(cdNext, ghNext);
  }
  const all = v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), v128.xor(v128.xor(e, f), v128.xor(g, h)));
  return i8x16.bitmask(v128.xor(all, v128.xor(x, y)));
}

/** Where the totals of a group lie. */
function totalsOf(planes: usize): usize {
  return planes + (<usize> words << 9) + PLANE;
}

/** Counts a listed voxel against a group, into BOTH. */
function count(list: usize, planes: usize): void {
  add(list + HEADER, load<i32>(list), planes, BOTH, depth);
  if (!load<u32>(list, 8)) return;
  // The list names the volumes where the voxel is empty: both = total - sum, with a borrow.
  const totals = totalsOf(planes);
  let borrow = i8x16.splat(0);
  for (let p: usize = 0, end = <usize> depth << 4; p < end; p += PLANE) {
    const total = v128.load(totals + p), sum = v128.load(BOTH + p);
    const differ = v128.xor(total, sum);
    v128.store(BOTH + p, v128.xor(differ, borrow));
    borrow = v128.bitselect(sum, borrow, differ);
  }
}

/** Which of the counts in BOTH reach their least counts in LEAST. */
function reached(): v128 {
  let result = i8x16.splat(-1);
  for (let p: usize = 0, end = <usize> depth << 4; p < end; p += PLANE) {
    const both = v128.load(BOTH + p), least = v128.load(LEAST + p);
    result = v128.bitselect(both, result, v128.xor(both, least));
  }
  return result;
}

/** Writes the lowest `bits` bits of 16 bytes, 1 to 8, to as many planes, at the place of 16 lanes. */
function spread(bytes: v128, to: usize, bits: i32): void {
  bytes = i8x16.shl(bytes, 8 - bits);
  for (let p = to + <usize> (bits - 1) * PLANE;; p -= PLANE) {
    store<u16>(p, i8x16.bitmask(bytes));
    if (p === to) break;
    bytes = i8x16.add(bytes, bytes);
  }
}

/** Slices 128 least counts (u16) into LEAST and returns the smallest; all that no count reaches are one. */
function sliceLeast(least: usize): i32 {
  const most = i16x8.splat(<i16> (volumes + 1));
  let smallest = most;
  for (let to = LEAST; to < LEAST + PLANE; to += 2, least += 32) {
    const a = i16x8.min_u(v128.load(least), most), b = i16x8.min_u(v128.load(least, 16), most);
    smallest = i16x8.min_u(smallest, i16x8.min_u(a, b));
    spread(i8x16.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), to, min(depth, 8));
    if (depth > 8) {
      const high = i8x16.shuffle(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
      spread(high, to + 8 * PLANE, depth - 8);
    }
  }
  smallest = i16x8.min_u(smallest, i16x8.shuffle(smallest, smallest, 4, 5, 6, 7, 0, 1, 2, 3));
  smallest = i16x8.min_u(smallest, i16x8.shuffle(smallest, smallest, 2, 3, 0, 1, 6, 7, 4, 5));
  return min(i16x8.extract_lane_u(smallest, 0), i16x8.extract_lane_u(smallest, 1));
}

/** The lanes from `first` (1 to 127) on. */
function lanesFrom(first: i32): v128 {
  const low: i64 = first < 64 ? -1 << <i64> first : 0;
  const high: i64 = first < 64 ? -1 : -1 << <i64> (first - 64);
  return i64x2.replace_lane(i64x2.splat(low), 1, high);
}

/** Writes the 128 counts of `sum` to `to`, as u16. */
export function unslice(sum: usize, to: usize, depth: i32): void {
  const bits = i64x2.splat(0x8040201008040201);
  for (let lane: usize = 0; lane < 16; lane += 2, to += 32) {
    let low = i8x16.splat(0), high = low;
    for (let p = 0; p < depth; p++) {
      // Lane i of the 16 takes bit i & 7 of byte i >> 3, as 0 or -1, and then as 0 or the plane's weight.
      const both = v128.load16_splat(sum + (<usize> p << 4) + lane);
      const bytes = i8x16.shuffle(both, both, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
      const set = i8x16.eq(v128.and(bytes, bits), bits);
      const part = v128.and(set, i8x16.splat(<i8> 1 << <i8> (p & 7)));
      if (p < 8) low = v128.or(low, part);
      else high = v128.or(high, part);
    }
    const first = i16x8.extend_low_i8x16_u(low), last = i16x8.extend_high_i8x16_u(low);
    v128.store(to, v128.or(first, i16x8.shl(i16x8.extend_low_i8x16_u(high), 8)));
    v128.store(to, v128.or(last, i16x8.shl(i16x8.extend_high_i8x16_u(high), 8)), 16);
  }
}

/** Makes the lists of voxels from their bits: voxels x `words` words. */
export function list(bits: usize, voxels: i32, lists: usize): void {
  const valid: u32 = 0xffffffff >>> (-volumes & 31);
  for (let v = 0; v < voxels; v++, lists += listStride) {
    let total = 0;
    for (let w = 0; w < words; w++) total += popcnt<i32>(load<u32>(bits + (<usize> w << 2)));
    const flipped = 2 * total > volumes;
    const first = lists + HEADER;
    let to = first;
    for (let w = 0; w < words; w++, bits += 4) {
      let word = load<u32>(bits);
      if (flipped) word = w < words - 1 ? ~word : ~word & valid;
      for (; word; word &= word - 1, to += 2) store<u16>(to, (w << 5) + ctz(word));
    }
    for (; (to - first) & 15; to += 2) store<u16>(to, volumes);
    store<u32>(lists, <u32> ((to - first) >> 4));
    store<u32>(lists, total, 4);
    store<u32>(lists, flipped ? 1 : 0, 8);
  }
}

/**
 * Makes a group from the bits of its voxels: 128 x `words` words.
 *
 * @param everything All u16 in order: the list of all volumes.
 */
export function slice(bits: usize, planes: usize, everything: usize): void {
  const row = <usize> words << 2;
  for (let part: usize = 0; part < 16; part += 2, bits += 16 * row) {
    for (let byte: usize = 0; byte < row; byte++) {
      let from = bits + byte;
      let bytes = i8x16.splat(0);
      bytes = v128.load8_lane(from, bytes, 0);
      bytes = v128.load8_lane(from += row, bytes, 1);
      bytes = v128.load8_lane(from += row, bytes, 2);
      bytes = v128.load8_lane(from += row, bytes, 3);
      bytes = v128.load8_lane(from += row, bytes, 4);
      bytes = v128.load8_lane(from += row, bytes, 5);
      bytes = v128.load8_lane(from += row, bytes, 6);
      bytes = v128.load8_lane(from += row, bytes, 7);
      bytes = v128.load8_lane(from += row, bytes, 8);
      bytes = v128.load8_lane(from += row, bytes, 9);
      bytes = v128.load8_lane(from += row, bytes, 10);
      bytes = v128.load8_lane(from += row, bytes, 11);
      bytes = v128.load8_lane(from += row, bytes, 12);
      bytes = v128.load8_lane(from += row, bytes, 13);
      bytes = v128.load8_lane(from += row, bytes, 14);
      bytes = v128.load8_lane(from += row, bytes, 15);
      spread(bytes, planes + (byte << 7) + part, 8);
    }
  }
  add(everything, words << 2, planes, totalsOf(planes), depth);
}

/**
 * Gathers sets of 128 least counts (u16) out of a table: that of set s and lane i lies in `table` at
 * the sum of their offsets (u32). Lanes from `lanes` on have no voxel and get what no count reaches.
 */
export function gather(
  table: usize,
  setOffsets: usize,
  sets: i32,
  laneOffsets: usize,
  lanes: i32,
  least: usize,
): void {
  for (let s = 0; s < sets; s++, setOffsets += 4) {
    const from = table + load<u32>(setOffsets);
    for (let i = 0; i < LANES; i++, least += 2) {
      const value = i < lanes
        ? load<u16>(from + load<u32>(laneOffsets + (<usize> i << 2)))
        : <u16> 0xffff;
      store<u16>(least, value);
    }
  }
}

/** Counts the first `voxels` lists against a group: 128 counts (u16) each, `stride` apart. */
export function counts(
  voxels: i32,
  lists: usize,
  planes: usize,
  to: usize,
  stride: i32,
): void {
  for (let v = 0; v < voxels; v++, lists += listStride, to += stride) {
    count(lists, planes);
    unslice(BOTH, to, depth);
  }
}

/**
 * Compares listed voxels with a group: 128 bits each, set where the count reaches its least count.
 *
 * @param order For each voxel a u32: its index among the lists, and 65536 times its set of least
 *   counts. Voxels of one set follow each other.
 * @param least Sets of 128 least counts (u16).
 * @param diagonal Lanes below `index + diagonal` are not set.
 * @param masks Where the 128 bits of index 0 go; those of the next are `stride` on.
 */
export function link(
  order: usize,
  voxels: i32,
  lists: usize,
  planes: usize,
  least: usize,
  diagonal: i32,
  masks: usize,
  stride: i32,
): void {
  let set = -1, smallest = 0;
  for (let i = 0; i < voxels; i++, order += 4) {
    const index = load<u16>(order), next = <i32> load<u16>(order, 2);
    if (next !== set) smallest = sliceLeast(least + (<usize> next << 8));
    set = next;
    const voxel = lists + index * listStride;
    const first = <i32> index + diagonal;
    let mask = i8x16.splat(0);
    // A count is at most the total: where all least counts are above it, nothing need be counted.
    if (first < LANES && load<i32>(voxel, 4) >= smallest) {
      count(voxel, planes);
      mask = reached();
      if (first > 0) mask = v128.and(mask, lanesFrom(first));
    }
    v128.store(masks + index * stride, mask);
  }
}

/** Number of one bits in `bytes` bytes (a multiple of 16). */
export function ones(from: usize, bytes: usize): i32 {
  let total: i64 = 0;
  for (const end = from + bytes; from < end; from += 8) total += popcnt(load<i64>(from));
  return <i32> total;
}

/** Number of volumes in which both of two voxels are occupied, from their bits. */
function both(a: usize, b: usize): i32 {
  let total: i64 = 0;
  for (const end = a + (<usize> (words >> 1) << 3); a < end; a += 8, b += 8) {
    total += popcnt(load<i64>(a) & load<i64>(b));
  }
  if (words & 1) total += popcnt<u32>(load<u32>(a) & load<u32>(b));
  return <i32> total;
}

/**
 * Writes down the linked pairs of rows, in order of (row, column), until the next row might not fit.
 *
 * @param masks `groups` masks for each row.
 * @param pairs Where they go: `room` u32 rows, as many u32 columns, as many u16 counts.
 * @returns The first row that was not written.
 */
export function emit(
  row: i32,
  rows: i32,
  masks: usize,
  groups: i32,
  rowBits: usize,
  columnBits: usize,
  rowStart: i32,
  columnStart: i32,
  pairs: usize,
  room: i32,
): i32 {
  const pairColumns = pairs + (<usize> room << 2), pairBoth = pairColumns + (<usize> room << 2);
  const bytes = <usize> words << 2;
  let n: usize = 0;
  for (; row < rows && <i32> n + groups * LANES <= room; row++) {
    for (let half = 0; half < 2 * groups; half++) {
      let bits = load<u64>(masks + (<usize> (row * groups * 2 + half) << 3));
      for (; bits; bits &= bits - 1, n++) {
        const column = (half << 6) + <i32> ctz(bits);
        store<u32>(pairs + (n << 2), rowStart + row);
        store<u32>(pairColumns + (n << 2), columnStart + column);
        store<u16>(
          pairBoth + (n << 1),
          both(rowBits + <usize> row * bytes, columnBits + <usize> column * bytes),
        );
      }
    }
  }
  emitted = <i32> n;
  return row;
}
