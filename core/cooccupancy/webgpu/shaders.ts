/**
 * The WebGPU engine's kernels, in WGSL.
 *
 * Pairs are counted in squares of 64 rows x 64 columns, one to a workgroup of 16 x 16 threads with 4 x 4
 * pairs each. What is linked is first a bit for each pair; the places of the links follow from sums of
 * these bits, and only then are they written: in order, with no two threads after the same place.
 *
 * @module
 */

/** Rows and columns of the square of pairs that a workgroup counts. */
export const SIDE = 64;
/** Columns of a segment: a row's links are written in segments, each by one workgroup. */
export const SEGMENT = 2048;
/** Words of a strip as the kernels read it. */
export const STRIP_WORDS = 8;
/** A `diagonal` that all pairs are above. */
export const NO_DIAGONAL = -0x40000000;

/** Entry points of the kernels. */
export type Kernel = "link" | "measure" | "total" | "emit" | "tally" | "counts";

const rowsOfThread = [0, 1, 2, 3];

/**
 * All kernels.
 *
 * @param quads Groups of four words that hold a voxel's bits.
 */
export function shaders(quads: number): string {
  return `
/// Up to 64 rows against a range of columns; rows and columns as they lie in the bound buffers.
struct Strip {
  rowStart: u32,
  rowCount: u32,
  columnStart: u32,
  columnCount: u32,
  /// Only pairs with column - row above this count.
  diagonal: i32,
  /// Where the strip's first row is written, and how far it is to the next.
  base: u32,
  stride: u32,
  /// Index of the strip's first segment.
  segment: u32,
}

const QUADS = ${quads}u;

@group(0) @binding(0) var<storage, read> rowBits: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> columnBits: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> strips: array<Strip>;
/// link: column classes, -, -, -. total: -, -, -, strips. emit: -, first link, links that there is room for, -.
/// tally: blocks, -, -, -.
@group(0) @binding(3) var<uniform> params: vec4<u32>;

// ---- Counting ----

/// Four words of each of the square's voxels, four times: quad-major.
var<workgroup> rowQuads: array<vec4<u32>, 256>;
var<workgroup> columnQuads: array<vec4<u32>, 256>;

fn ones(bits: vec4<u32>) -> u32 {
  let n = countOneBits(bits);
  return n.x + n.y + n.z + n.w;
}

/// Counts of the thread's pairs: rows thread / 16 + 0, 16, 32, 48 of the strip, each with four columns from
/// firstColumn + 4 * (thread % 16).
fn countSquare(strip: Strip, firstColumn: u32, thread: u32) -> array<vec4<u32>, 4> {
  // What this thread fetches. Columns are dealt out so that a thread's four follow each other, while what
  // neighbouring threads read from the workgroup's memory does.
  let slot = thread % 64u;
  let quad = thread / 64u;
  let column = firstColumn + 4u * (slot % 16u) + slot / 16u;
  let hasRow = slot < strip.rowCount;
  let hasColumn = column < strip.columnCount;
  let rowAt = (strip.rowStart + slot) * QUADS;
  let columnAt = (strip.columnStart + column) * QUADS;
  let x = thread % 16u;
  let y = thread / 16u;
${rowsOfThread.map((i) => `  var sum${i} = vec4<u32>();`).join("\n")}
  for (var first = 0u; first < QUADS; first += 4u) {
    let q = first + quad;
    var bits = vec4<u32>();
    if (hasRow && q < QUADS) {
      bits = rowBits[rowAt + q];
    }
    rowQuads[thread] = bits;
    bits = vec4<u32>();
    if (hasColumn && q < QUADS) {
      bits = columnBits[columnAt + q];
    }
    columnQuads[thread] = bits;
    workgroupBarrier();
    let held = min(4u, QUADS - first);
    for (var k = 0u; k < held; k++) {
      let c0 = columnQuads[k * 64u + x];
      let c1 = columnQuads[k * 64u + x + 16u];
      let c2 = columnQuads[k * 64u + x + 32u];
      let c3 = columnQuads[k * 64u + x + 48u];
${
    rowsOfThread.map((i) => `
      let r${i} = rowQuads[k * 64u + y + ${16 * i}u];
      sum${i} += vec4<u32>(ones(r${i} & c0), ones(r${i} & c1), ones(r${i} & c2), ones(r${i} & c3));`)
      .join("")
  }
    }
    workgroupBarrier();
  }
  return array<vec4<u32>, 4>(sum0, sum1, sum2, sum3);
}

/// Entry i of u16 that lie two to a word, given the word that holds it.
fn u16Of(word: u32, i: u32) -> u32 {
  return (word >> ((i & 1u) * 16u)) & 0xffffu;
}

// ---- Which pairs are linked ----

/// A bit for each pair of the square: two words to a row.
var<workgroup> squareBits: array<atomic<u32>, 128>;

/// Notes which of four columns a row is linked with.
fn note(row: u32, thread: u32, linked: vec4<bool>) {
  let bits = select(vec4<u32>(), vec4<u32>(1u, 2u, 4u, 8u), linked);
  let nibble = bits.x | bits.y | bits.z | bits.w;
  let x = thread % 16u;
  if (nibble != 0u) {
    atomicOr(&squareBits[row * 2u + x / 8u], nibble << ((x % 8u) * 4u));
  }
}

@group(0) @binding(4) var<storage, read> rowClasses: array<u32>;
@group(0) @binding(5) var<storage, read> columnClasses: array<u32>;
@group(0) @binding(6) var<storage, read> least: array<u32>;
@group(0) @binding(7) var<storage, read_write> linkedBits: array<u32>;

fn isLinked(strip: Strip, tableRow: u32, r: u32, column: u32, count: u32) -> bool {
  let c = strip.columnStart + column;
  if (column >= strip.columnCount || i32(c) - i32(r) <= strip.diagonal) {
    return false;
  }
  let entry = tableRow + u16Of(columnClasses[c / 2u], c);
  return count >= u16Of(least[entry / 2u], entry);
}

fn linkRow(strip: Strip, row: u32, firstColumn: u32, thread: u32, counts: vec4<u32>) {
  if (row >= strip.rowCount) {
    return;
  }
  let r = strip.rowStart + row;
  let tableRow = u16Of(rowClasses[r / 2u], r) * params.x;
  let column = firstColumn + 4u * (thread % 16u);
  note(row, thread, vec4<bool>(
    isLinked(strip, tableRow, r, column, counts.x),
    isLinked(strip, tableRow, r, column + 1u, counts.y),
    isLinked(strip, tableRow, r, column + 2u, counts.z),
    isLinked(strip, tableRow, r, column + 3u, counts.w),
  ));
}

/// Writes the bits of a strip's pairs. Dispatched as (columns / 64, strips).
@compute @workgroup_size(256)
fn link(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let strip = strips[id.y];
  let firstColumn = id.x * 64u;
  if (firstColumn >= strip.columnCount) {
    return;
  }
  if (thread < 128u) {
    atomicStore(&squareBits[thread], 0u);
  }
  workgroupBarrier();
  // A square that lies below the diagonal is only written.
  let lastColumn = strip.columnStart + min(firstColumn + 63u, strip.columnCount - 1u);
  if (i32(lastColumn) - i32(strip.rowStart) > strip.diagonal) {
    let counts = countSquare(strip, firstColumn, thread);
${
    rowsOfThread.map((i) =>
      `    linkRow(strip, thread / 16u + ${16 * i}u, firstColumn, thread, counts[${i}]);`
    ).join("\n")
  }
  }
  workgroupBarrier();
  let row = thread / 2u;
  if (row < strip.rowCount) {
    let word = id.x * 2u + thread % 2u;
    linkedBits[strip.base + row * strip.stride + word] = atomicLoad(&squareBits[thread]);
  }
}

// ---- Where the links go ----

var<workgroup> sums: array<u32, 64>;

/// Sums of the values of this thread and those before it, of 64.
fn scan(thread: u32, value: u32) -> u32 {
  // What the last scan left has been read by all.
  workgroupBarrier();
  sums[thread] = value;
  workgroupBarrier();
  for (var step = 1u; step < 64u; step *= 2u) {
    var before = 0u;
    if (thread >= step) {
      before = sums[thread - step];
    }
    workgroupBarrier();
    sums[thread] += before;
    workgroupBarrier();
  }
  return sums[thread];
}

@group(0) @binding(4) var<storage, read> bitsToSum: array<u32>;
@group(0) @binding(5) var<storage, read_write> segmentStarts: array<u32>;
@group(0) @binding(6) var<storage, read_write> stripStarts: array<u32>;

/// For each segment the links before it in its strip, and for each strip how many it has. Dispatched as
/// (strips).
@compute @workgroup_size(64)
fn measure(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let strip = strips[id.x];
  let perRow = (strip.stride + 63u) / 64u;
  let segments = perRow * strip.rowCount;
  var found = 0u;
  for (var first = 0u; first < segments; first += 64u) {
    let segment = first + thread;
    var own = 0u;
    if (segment < segments) {
      let start = (segment % perRow) * 64u;
      let end = min(start + 64u, strip.stride);
      let row = strip.base + (segment / perRow) * strip.stride;
      for (var word = start; word < end; word++) {
        own += countOneBits(bitsToSum[row + word]);
      }
    }
    let upToThis = scan(thread, own);
    if (segment < segments) {
      segmentStarts[strip.segment + segment] = found + upToThis - own;
    }
    found += sums[63];
  }
  if (thread == 0u) {
    stripStarts[id.x] = found;
  }
}

/// Turns the numbers of the strips' links into the links before each and, last, all links. Dispatched as (1).
@compute @workgroup_size(64)
fn total(@builtin(local_invocation_index) thread: u32) {
  var found = 0u;
  for (var first = 0u; first < params.w; first += 64u) {
    let strip = first + thread;
    var own = 0u;
    if (strip < params.w) {
      own = stripStarts[strip];
    }
    let upToThis = scan(thread, own);
    if (strip < params.w) {
      stripStarts[strip] = found + upToThis - own;
    }
    found += sums[63];
  }
  if (thread == 0u) {
    stripStarts[params.w] = found;
  }
}

@group(0) @binding(5) var<storage, read> startsOfSegments: array<u32>;
@group(0) @binding(6) var<storage, read> startsOfStrips: array<u32>;
/// For each link the column within its segment and, from bit 16 on, the count.
@group(0) @binding(7) var<storage, read_write> links: array<u32>;

/// The segment's columns that are linked.
var<workgroup> linkedColumns: array<u32, ${SEGMENT}>;

/// Writes the links of a segment, counting them once more. Dispatched as (64 * segments of a row, strips).
@compute @workgroup_size(64)
fn emit(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let strip = strips[id.y];
  let perRow = (strip.stride + 63u) / 64u;
  let row = id.x / perRow;
  if (row >= strip.rowCount) {
    return;
  }
  let part = id.x % perRow;
  let word = part * 64u + thread;
  var bits = 0u;
  if (word < strip.stride) {
    bits = bitsToSum[strip.base + row * strip.stride + word];
  }
  let own = countOneBits(bits);
  var at = scan(thread, own) - own;
  while (bits != 0u) {
    linkedColumns[at] = thread * 32u + firstTrailingBit(bits);
    at++;
    bits &= bits - 1u;
  }
  workgroupBarrier();
  let first = startsOfStrips[id.y] + startsOfSegments[strip.segment + id.x];
  let rowAt = (strip.rowStart + row) * QUADS;
  for (var i = thread; i < sums[63]; i += 64u) {
    // Wraps to a large number for the links before the first.
    let to = first + i - params.y;
    if (to < params.z) {
      let column = linkedColumns[i];
      let columnAt = (strip.columnStart + part * ${SEGMENT}u + column) * QUADS;
      var both = 0u;
      for (var q = 0u; q < QUADS; q++) {
        both += ones(rowBits[rowAt + q] & columnBits[columnAt + q]);
      }
      links[to] = column | (both << 16u);
    }
  }
}

// ---- Numbers of links by row and block ----

struct TallyColumn {
  /// Where the least counts of the column's class begin, and how far it is from row to row.
  least: u32,
  classCount: u32,
  block: u32,
  /// First column after the block.
  end: u32,
}

@group(0) @binding(4) var<storage, read> tallyColumns: array<TallyColumn>;
@group(0) @binding(5) var<storage, read> tallyLeast: array<u32>;
@group(0) @binding(6) var<storage, read_write> tallies: array<atomic<u32>>;

fn isTallied(strip: Strip, row: u32, column: u32, count: u32) -> bool {
  if (column >= strip.columnCount) {
    return false;
  }
  let info = tallyColumns[column];
  let entry = info.least + (strip.base + row) * info.classCount;
  return count >= u16Of(tallyLeast[entry / 2u], entry);
}

fn tallyRow(strip: Strip, row: u32, firstColumn: u32, thread: u32, counts: vec4<u32>) {
  if (row >= strip.rowCount) {
    return;
  }
  let column = firstColumn + 4u * (thread % 16u);
  note(row, thread, vec4<bool>(
    isTallied(strip, row, column, counts.x),
    isTallied(strip, row, column + 1u, counts.y),
    isTallied(strip, row, column + 2u, counts.z),
    isTallied(strip, row, column + 3u, counts.w),
  ));
}

/// The lowest bits of a word; all of them from 32 on.
fn lowest(bits: u32) -> u32 {
  return select((1u << (bits & 31u)) - 1u, 0xffffffffu, bits >= 32u);
}

/// Adds a strip's links to the tallies. Dispatched as (columns / 64, strips).
@compute @workgroup_size(256)
fn tally(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let strip = strips[id.y];
  let firstColumn = id.x * 64u;
  if (firstColumn >= strip.columnCount) {
    return;
  }
  if (thread < 128u) {
    atomicStore(&squareBits[thread], 0u);
  }
  workgroupBarrier();
  let counts = countSquare(strip, firstColumn, thread);
${
    rowsOfThread.map((i) =>
      `  tallyRow(strip, thread / 16u + ${16 * i}u, firstColumn, thread, counts[${i}]);`
    ).join("\n")
  }
  workgroupBarrier();
  if (thread >= strip.rowCount) {
    return;
  }
  let low = atomicLoad(&squareBits[thread * 2u]);
  let high = atomicLoad(&squareBits[thread * 2u + 1u]);
  if ((low | high) == 0u) {
    return;
  }
  // One sum for each block that the square's columns belong to.
  let columns = min(64u, strip.columnCount - firstColumn);
  var start = 0u;
  while (start < columns) {
    let info = tallyColumns[firstColumn + start];
    let end = min(info.end - firstColumn, columns);
    let inLow = low & lowest(end) & ~lowest(start);
    let inHigh = high & lowest(max(end, 32u) - 32u) & ~lowest(max(start, 32u) - 32u);
    let found = countOneBits(inLow) + countOneBits(inHigh);
    if (found != 0u) {
      atomicAdd(&tallies[(strip.base + thread) * params.x + info.block], found);
    }
    start = end;
  }
}

// ---- Plain counts ----

/// Two u16 to a word.
@group(0) @binding(4) var<storage, read_write> pairCounts: array<u32>;

fn writeRow(strip: Strip, row: u32, column: u32, counts: vec4<u32>) {
  if (row < strip.rowCount && column < strip.columnCount) {
    let to = strip.base + row * strip.stride + column / 2u;
    pairCounts[to] = counts.x | (counts.y << 16u);
    pairCounts[to + 1u] = counts.z | (counts.w << 16u);
  }
}

/// Writes the counts of a strip's pairs. Dispatched as (columns / 64, strips).
@compute @workgroup_size(256)
fn counts(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let strip = strips[id.y];
  let firstColumn = id.x * 64u;
  if (firstColumn >= strip.columnCount) {
    return;
  }
  let found = countSquare(strip, firstColumn, thread);
  let column = firstColumn + 4u * (thread % 16u);
${
    rowsOfThread.map((i) => `  writeRow(strip, thread / 16u + ${16 * i}u, column, found[${i}]);`)
      .join("\n")
  }
}
`;
}
