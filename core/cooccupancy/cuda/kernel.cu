// The kernels of the cuda engine; `build.ts` compiles them to PTX into `kernel_ptx.ts`.
//
// A voxel is `quads` x 128 bits, one for each volume, zeros behind the last. A thread block counts a
// square of pairs, at most SIDE rows against SIDE columns: the bits pass through shared memory in chunks
// of CHUNK words, the next chunk on its way into registers while one is counted, and the counts end up in
// shared memory, where a warp then takes one row after the other, a lane for each column.
//
// Links are found in two steps. First one bit is written for each pair, set where it is linked: a tile
// is rows x ceil(columns / 32) words, and one tile follows the other. The order of these bits is the
// order the links are wanted in, so that once they are summed (`sumLinks`) the place of each link is
// known, and the second step (`writeLinks`) writes each where it belongs, counting it once more: nothing
// has to be sorted, and how many there are is known before any is written. The bits cost little: 1/8 byte
// for a pair that took hundreds of operations.
//
// What counting a pair takes, for each word of 32 volumes:
//   linksByPopcount  2 logical operations, 1/2 population count and 1/2 addition: words are added in twos
//                    to a running "ones" by a full adder (Harley and Seal), so that only every second is
//                    counted. (Seen in what ptxas makes of the loop.) A multiprocessor does 64 logical
//                    operations and 16 population counts a clock, each in a unit of its own: 1/32 clock.
//   linksByTensor    32 multiply-adds of 8-bit integers: 1/128 of an mma.m16n8k32. At the data sheets'
//                    dense rates (2048 a clock and multiprocessor at compute capability 8.0, 4096 at 9.0,
//                    of which mma.sync may reach less): 1/64 and 1/128 clock.
// For 1024 volumes on an H200 (132 multiprocessors, at most 1.98 GHz) these are limits of 2.6e11 and 1.0e12
// pairs a second. Measured there, in whole calls that find no links: 1.3e11 and 2.0e11.
//
// Compiled without nvcc (tests/cuda), the same code runs on the processor.

typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/** Threads of a block, in all kernels. */
#define THREADS 256
/** Words of a voxel that are in shared memory at once. */
#define CHUNK 16
/** Rows and columns of a square that is counted by population count. */
#define POPCOUNT_SIDE 64
/** Rows and columns of a square that is counted by tensor cores. */
#define TENSOR_SIDE 128
/** Words of links that a thread block sums or writes. */
#define GROUP (4 * THREADS)
/** A least count that no pair reaches. */
#define NEVER 0xffff
#define ALL_LANES 0xffffffffu

/** Rows [rowStart, rowEnd) against columns [columnStart, columnEnd). `batches.ts` packs it. */
struct Tile {
  u32 rowStart, rowEnd, columnStart, columnEnd;
  /** Where its bits begin: words before them. */
  u32 firstWord;
  /** Its first thread block. */
  u32 firstBlock;
};

/** The pairs of a thread block: `rows` voxels from `row` on against `columns` voxels from `column` on. */
struct Square {
  u32 row, rows, column, columns;
};

/** Both sides' bits. */
struct Bits {
  const uint4* __restrict__ rows;
  const uint4* __restrict__ columns;
  /** 128-bit words of a voxel. */
  u32 quads;
};

/** What a square needs of shared memory: first its bits, then its counts. */
template <u32 SIDE>
union Shared {
  /** A word of each row, then of each column. */
  u32 chunks[2][CHUNK][2 * SIDE];
  /** Padded, so that the threads that write them meet in no bank. */
  u16 counts[SIDE][SIDE + 8];
};

/** A square of the rectangle [rowStart, rowEnd) x [columnStart, columnEnd), cut row by row. */
template <u32 SIDE>
__device__ __forceinline__ Square squareOf(
    u32 index, u32 rowStart, u32 rowEnd, u32 columnStart, u32 columnEnd) {
  const u32 across = (columnEnd - columnStart + SIDE - 1) / SIDE;
  Square square;
  square.row = rowStart + index / across * SIDE;
  square.column = columnStart + index % across * SIDE;
  square.rows = min(SIDE, rowEnd - square.row);
  square.columns = min(SIDE, columnEnd - square.column);
  return square;
}

/** The last tile whose `first` is not above `value`: firsts ascend, that of tile 0 is 0. */
__device__ __forceinline__ Tile findTile(
    const Tile* __restrict__ tiles, u32 tileCount, u32 Tile::* first, u32 value) {
  u32 from = 0, to = tileCount;
  while (to - from > 1) {
    const u32 middle = (from + to) / 2;
    if (tiles[middle].*first <= value) from = middle;
    else to = middle;
  }
  return tiles[from];
}

/** Words of links of one row of a tile. */
__device__ __forceinline__ u32 wordsAcross(const Tile& tile) {
  return (tile.columnEnd - tile.columnStart + 31) / 32;
}

/** A thread's part of a chunk, on its way from global to shared memory. */
template <u32 SIDE>
struct Carried {
  static const u32 QUADS = 2 * SIDE * CHUNK / 4 / THREADS;
  uint4 quads[QUADS];

  /** Neighbouring threads take neighbouring voxels, so that they meet in no bank when they store. */
  __device__ __forceinline__ void fetch(const Bits& bits, const Square& square, u32 firstQuad) {
#pragma unroll
    for (u32 i = 0; i < QUADS; i++) {
      const u32 part = threadIdx.x + i * THREADS;
      const u32 voxel = part % (2 * SIDE), quad = firstQuad + part / (2 * SIDE);
      quads[i] = make_uint4(0, 0, 0, 0);
      if (quad >= bits.quads) continue;
      if (voxel < square.rows) {
        quads[i] = bits.rows[(u64)(square.row + voxel) * bits.quads + quad];
      } else if (voxel >= SIDE && voxel - SIDE < square.columns) {
        quads[i] = bits.columns[(u64)(square.column + voxel - SIDE) * bits.quads + quad];
      }
    }
  }

  /** @param mirrored Whether the bits of each byte of a column are stored in the opposite order. */
  __device__ __forceinline__ void store(u32 (*chunk)[2 * SIDE], bool mirrored) const {
#pragma unroll
    for (u32 i = 0; i < QUADS; i++) {
      const u32 part = threadIdx.x + i * THREADS;
      const u32 voxel = part % (2 * SIDE), word = part / (2 * SIDE) * 4;
      u32 words[4] = {quads[i].x, quads[i].y, quads[i].z, quads[i].w};
#pragma unroll
      for (u32 w = 0; w < 4; w++) {
        if (mirrored && voxel >= SIDE) words[w] = __byte_perm(__brev(words[w]), 0, 0x0123);
        chunk[word + w][voxel] = words[w];
      }
    }
  }
};

/** From which count on a pair is linked. */
struct Rule {
  const u16* __restrict__ rowClasses;
  const u16* __restrict__ columnClasses;
  const u16* __restrict__ least;
  u32 columnClassCount;
  /** Whether only pairs with column > row count. */
  u32 triangular;

  __device__ __forceinline__ u32 leastOf(u32 rowClass, u32 columnClass) const {
    return least[(u64)rowClass * columnClassCount + columnClass];
  }
};

/**
 * The lowest count that can link a pair of the square, NEVER where none can: a pair is both occupied at
 * most as often as each of its voxels. Neighbouring voxels mostly have few classes, so this is little work.
 *
 * @param all Whether a square without links is counted too, for comparisons of speed.
 */
template <u32 SIDE>
__device__ __forceinline__ u32 lowestLeast(
    const Rule& rule, const u16* __restrict__ rowTotals, const u16* __restrict__ columnTotals,
    const Square& square, u32 all) {
  __shared__ u32 classes[2][SIDE];
  __shared__ u32 classCount[2], greatest[2], lowest;
  if (threadIdx.x < 2) classCount[threadIdx.x] = greatest[threadIdx.x] = 0;
  if (threadIdx.x == 0) lowest = all ? NEVER - 1 : NEVER;
  __syncthreads();
  const u32 side = threadIdx.x / SIDE, i = threadIdx.x % SIDE;
  if (side < 2 && i < (side ? square.columns : square.rows)) {
    const u32 voxel = (side ? square.column : square.row) + i;
    const u16* const of = side ? rule.columnClasses : rule.rowClasses;
    if (i == 0 || of[voxel] != of[voxel - 1]) {
      classes[side][atomicAdd(&classCount[side], 1u)] = of[voxel];
    }
    atomicMax(&greatest[side], (u32)(side ? columnTotals : rowTotals)[voxel]);
  }
  __syncthreads();
  // Below the diagonal: the last column is not behind the first row.
  if (rule.triangular && square.column + square.columns <= square.row + 1) return lowest;
  const u32 most = min(greatest[0], greatest[1]), across = classCount[1];
  u32 own = NEVER;
  for (u32 pair = threadIdx.x; pair < classCount[0] * across; pair += THREADS) {
    const u32 least = rule.leastOf(classes[0][pair / across], classes[1][pair % across]);
    if (least <= most) own = min(own, least);
  }
  if (own != NEVER) atomicMin(&lowest, own);
  __syncthreads();
  return lowest;
}

/** Fills `shared.counts`. */
template <u32 SIDE>
using Count = void(const Bits& bits, const Square& square, Shared<SIDE>& shared);

/** What both kernels that find links do: a bit for each pair of some tiles, set where it is linked. */
template <u32 SIDE, Count<SIDE> count>
__device__ __forceinline__ void findLinks(
    const Tile* __restrict__ tiles, u32 tileCount, const Bits& bits, const Rule& rule,
    const u16* __restrict__ rowTotals, const u16* __restrict__ columnTotals, u32 all,
    u32* __restrict__ linked) {
  __shared__ __align__(16) Shared<SIDE> shared;
  const Tile tile = findTile(tiles, tileCount, &Tile::firstBlock, blockIdx.x);
  const Square square = squareOf<SIDE>(
      blockIdx.x - tile.firstBlock, tile.rowStart, tile.rowEnd, tile.columnStart, tile.columnEnd);
  const u32 lowest = lowestLeast<SIDE>(rule, rowTotals, columnTotals, square, all);
  if (lowest != NEVER) count(bits, square, shared);

  const u32 lane = threadIdx.x % 32, words = (square.columns + 31) / 32;
  const u64 first = tile.firstWord + (square.column - tile.columnStart) / 32;
#pragma unroll 1
  for (u32 row = threadIdx.x / 32; row < square.rows; row += THREADS / 32) {
    const u64 ofRow = first + (u64)(square.row - tile.rowStart + row) * wordsAcross(tile);
#pragma unroll 1
    for (u32 word = 0; word < words; word++) {
      const u32 at = word * 32 + lane, column = square.column + at;
      bool isLinked = false;
      if (lowest != NEVER && at < square.columns && shared.counts[row][at] >= lowest &&
          (!rule.triangular || column > square.row + row)) {
        const u32 rowClass = rule.rowClasses[square.row + row];
        isLinked = shared.counts[row][at] >= rule.leastOf(rowClass, rule.columnClasses[column]);
      }
      const u32 bitsOfWord = __ballot_sync(ALL_LANES, isLinked);
      if (lane == 0) linked[ofRow + word] = bitsOfWord;
    }
  }
}

#ifndef ONLY_TENSOR

// ---------------------------------------------------------------- counting by population count

/** The carry of a full adder: one instruction, of which the compiler would by itself make two or three. */
__device__ __forceinline__ u32 majority(u32 a, u32 b, u32 c) {
#ifdef __CUDACC__
  u32 result;
  asm("lop3.b32 %0, %1, %2, %3, 0xe8;" : "=r"(result) : "r"(a), "r"(b), "r"(c));
  return result;
#else
  return (a & b) | (c & (a | b));
#endif
}

/** The sum of a full adder. */
__device__ __forceinline__ u32 parity(u32 a, u32 b, u32 c) {
#ifdef __CUDACC__
  u32 result;
  asm("lop3.b32 %0, %1, %2, %3, 0x96;" : "=r"(result) : "r"(a), "r"(b), "r"(c));
  return result;
#else
  return a ^ b ^ c;
#endif
}

/** Each thread counts 4 rows against 4 columns. */
__device__ __forceinline__ void countByPopcount(
    const Bits& bits, const Square& square, Shared<POPCOUNT_SIDE>& shared) {
  const u32 row = threadIdx.x / 16 * 4, column = threadIdx.x % 16 * 4;
  u32 ones[4][4], twos[4][4];
#pragma unroll
  for (u32 i = 0; i < 16; i++) ones[i / 4][i % 4] = twos[i / 4][i % 4] = 0;
  Carried<POPCOUNT_SIDE> carried;
  carried.fetch(bits, square, 0);
  for (u32 first = 0, buffer = 0; first < bits.quads; first += CHUNK / 4, buffer ^= 1) {
    u32 (*const chunk)[2 * POPCOUNT_SIDE] = shared.chunks[buffer];
    carried.store(chunk, false);
    // One barrier is enough: this buffer is written again only after the next one.
    __syncthreads();
    if (first + CHUNK / 4 < bits.quads) carried.fetch(bits, square, first + CHUNK / 4);
    const u32 words = min(CHUNK, (bits.quads - first) * 4);
#pragma unroll 1
    for (u32 w = 0; w < words; w += 2) {
      const uint4 r0 = *(const uint4*)&chunk[w][row], r1 = *(const uint4*)&chunk[w + 1][row];
      const uint4 c0 = *(const uint4*)&chunk[w][POPCOUNT_SIDE + column];
      const uint4 c1 = *(const uint4*)&chunk[w + 1][POPCOUNT_SIDE + column];
      const u32 ofRows[2][4] = {{r0.x, r0.y, r0.z, r0.w}, {r1.x, r1.y, r1.z, r1.w}};
      const u32 ofColumns[2][4] = {{c0.x, c0.y, c0.z, c0.w}, {c1.x, c1.y, c1.z, c1.w}};
#pragma unroll
      for (u32 i = 0; i < 4; i++) {
#pragma unroll
        for (u32 j = 0; j < 4; j++) {
          const u32 a = ofRows[0][i] & ofColumns[0][j], b = ofRows[1][i] & ofColumns[1][j];
          twos[i][j] += __popc(majority(a, b, ones[i][j]));
          ones[i][j] = parity(a, b, ones[i][j]);
        }
      }
    }
  }
  __syncthreads();
#pragma unroll
  for (u32 i = 0; i < 4; i++) {
#pragma unroll
    for (u32 j = 0; j < 4; j++) {
      shared.counts[row + i][column + j] = (u16)(2 * twos[i][j] + __popc(ones[i][j]));
    }
  }
  __syncthreads();
}

/** A bit for each pair of some tiles, set where it is linked. */
extern "C" __global__ void __launch_bounds__(THREADS, 3)
linksByPopcount(
    const Tile* __restrict__ tiles, u32 tileCount,
    const uint4* __restrict__ rowBits, const uint4* __restrict__ columnBits, u32 quads,
    const u16* __restrict__ rowTotals, const u16* __restrict__ columnTotals,
    const u16* __restrict__ rowClasses, const u16* __restrict__ columnClasses,
    const u16* __restrict__ least, u32 columnClassCount, u32 triangular, u32 all,
    u32* __restrict__ linked) {
  const Bits bits = {rowBits, columnBits, quads};
  const Rule rule = {rowClasses, columnClasses, least, columnClassCount, triangular};
  findLinks<POPCOUNT_SIDE, countByPopcount>(
      tiles, tileCount, bits, rule, rowTotals, columnTotals, all, linked);
}

/** How often each voxel is occupied. */
extern "C" __global__ void __launch_bounds__(THREADS)
totals(const uint4* __restrict__ bits, u32 quads, u32 voxels, u16* __restrict__ result) {
  const u32 voxel = blockIdx.x * THREADS + threadIdx.x;
  if (voxel >= voxels) return;
  u32 total = 0;
#pragma unroll 2
  for (u32 i = 0; i < quads; i++) {
    const uint4 quad = bits[(u64)voxel * quads + i];
    total += __popc(quad.x) + __popc(quad.y) + __popc(quad.z) + __popc(quad.w);
  }
  result[voxel] = (u16)total;
}

/** The counts of one tile, row-major. */
extern "C" __global__ void __launch_bounds__(THREADS, 3)
counts(
    const uint4* __restrict__ rowBits, const uint4* __restrict__ columnBits, u32 quads,
    u32 rowStart, u32 rowEnd, u32 columnStart, u32 columnEnd, u16* __restrict__ result) {
  __shared__ __align__(16) Shared<POPCOUNT_SIDE> shared;
  const Bits bits = {rowBits, columnBits, quads};
  const Square square =
      squareOf<POPCOUNT_SIDE>(blockIdx.x, rowStart, rowEnd, columnStart, columnEnd);
  countByPopcount(bits, square, shared);
  const u64 first = square.column - columnStart;
#pragma unroll 1
  for (u32 row = threadIdx.x / 32; row < square.rows; row += THREADS / 32) {
    const u64 ofRow = first + (u64)(square.row - rowStart + row) * (columnEnd - columnStart);
#pragma unroll 1
    for (u32 column = threadIdx.x % 32; column < square.columns; column += 32) {
      result[ofRow + column] = shared.counts[row][column];
    }
  }
}

/** The sum of a value over the threads before this one in the block; `all` becomes that of the block. */
__device__ __forceinline__ u32 sumBefore(u32 value, u32& all) {
  __shared__ u32 ofWarps[THREADS / 32];
  const u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  u32 sum = value;
  for (u32 step = 1; step < 32; step *= 2) {
    const u32 before = __shfl_up_sync(ALL_LANES, sum, step);
    if (lane >= step) sum += before;
  }
  if (lane == 31) ofWarps[warp] = sum;
  __syncthreads();
  all = 0;
  u32 beforeWarp = 0;
  for (u32 w = 0; w < THREADS / 32; w++) {
    if (w == warp) beforeWarp = all;
    all += ofWarps[w];
  }
  return beforeWarp + sum - value;
}

/** How many links there are in each group of GROUP words. */
extern "C" __global__ void __launch_bounds__(THREADS)
sumLinks(const u32* __restrict__ linked, u32 words, u32* __restrict__ sums) {
  u32 own = 0, all;
  for (u32 i = 0; i < GROUP; i += THREADS) {
    const u32 word = blockIdx.x * GROUP + i + threadIdx.x;
    if (word < words) own += __popc(linked[word]);
  }
  sumBefore(own, all);
  if (threadIdx.x == 0) sums[blockIdx.x] = all;
}

/**
 * Writes the links with places [from, from + room), in order.
 *
 * @param before Number of links before each group.
 * @param firstGroup The group of the first thread block.
 */
extern "C" __global__ void __launch_bounds__(THREADS)
writeLinks(
    const Tile* __restrict__ tiles, u32 tileCount,
    const uint4* __restrict__ rowBits, const uint4* __restrict__ columnBits, u32 quads,
    const u32* __restrict__ linked, u32 words, const u32* __restrict__ before, u32 firstGroup,
    u32 from, u32 room,
    u32* __restrict__ rows, u32* __restrict__ columns, u16* __restrict__ both) {
  __shared__ u32 ofGroup[GROUP];
  __shared__ u32 beforeThread[THREADS];
  const u32 group = firstGroup + blockIdx.x, firstWord = group * GROUP;
  u32 own = 0, all;
#pragma unroll
  for (u32 i = 0; i < 4; i++) {
    const u32 at = threadIdx.x * 4 + i;
    ofGroup[at] = firstWord + at < words ? linked[firstWord + at] : 0;
    own += __popc(ofGroup[at]);
  }
  beforeThread[threadIdx.x] = sumBefore(own, all);
  __syncthreads();
  // The threads share the links evenly, wherever they lie among the words.
  for (u32 link = threadIdx.x; link < all; link += THREADS) {
    const u32 place = before[group] + link;
    if (place < from || place - from >= room) continue;
    u32 first = 0, last = THREADS;
    while (last - first > 1) {
      const u32 middle = (first + last) / 2;
      if (beforeThread[middle] <= link) first = middle;
      else last = middle;
    }
    u32 at = first * 4, rest = link - beforeThread[first];
    for (u32 here = __popc(ofGroup[at]); here <= rest; here = __popc(ofGroup[++at])) rest -= here;
    u32 word = ofGroup[at];
    for (; rest > 0; rest--) word &= word - 1;

    const Tile tile = findTile(tiles, tileCount, &Tile::firstWord, firstWord + at);
    const u32 across = wordsAcross(tile), inTile = firstWord + at - tile.firstWord;
    const u32 row = tile.rowStart + inTile / across;
    const u32 column = tile.columnStart + inTile % across * 32 + __ffs(word) - 1;
    u32 count = 0;
#pragma unroll 2
    for (u32 i = 0; i < quads; i++) {
      const uint4 r = rowBits[(u64)row * quads + i], c = columnBits[(u64)column * quads + i];
      count += __popc(r.x & c.x) + __popc(r.y & c.y) + __popc(r.z & c.z) + __popc(r.w & c.w);
    }
    rows[place - from] = row;
    columns[place - from] = column;
    both[place - from] = (u16)count;
  }
}

/**
 * Adds to `result`, rows x blockCount, with how many columns of each block each row is linked.
 *
 * @param blockOf Block of each column from columnStart on.
 * @param places Class of each column of the matrix within its block.
 * @param classCounts Number of classes of each block.
 * @param classesBefore Number of classes of all blocks before each.
 * @param least For each block, one after the other, rows x its classes.
 */
extern "C" __global__ void __launch_bounds__(THREADS, 3)
tally(
    const uint4* __restrict__ rowBits, const uint4* __restrict__ columnBits, u32 quads,
    u32 rowStart, u32 rowEnd, u32 columnStart, u32 columnEnd,
    const u32* __restrict__ blockOf, const u16* __restrict__ places,
    const u32* __restrict__ classCounts, const u32* __restrict__ classesBefore,
    const u16* __restrict__ least, u32 blockCount, u32* __restrict__ result) {
  __shared__ __align__(16) Shared<POPCOUNT_SIDE> shared;
  const Bits bits = {rowBits, columnBits, quads};
  const Square square =
      squareOf<POPCOUNT_SIDE>(blockIdx.x, rowStart, rowEnd, columnStart, columnEnd);
  countByPopcount(bits, square, shared);
  const u32 lane = threadIdx.x % 32;
#pragma unroll 1
  for (u32 first = 0; first < square.columns; first += 32) {
    const u32 at = first + lane, column = square.column + at;
    const bool isColumn = at < square.columns;
    u32 block = blockCount, stride = 0;
    u64 from = 0;
    if (isColumn) {
      block = blockOf[column - columnStart];
      stride = classCounts[block];
      from = (u64)classesBefore[block] * (rowEnd - rowStart) + places[column];
    }
    // The lanes of this lane's block, the lowest of which adds up what they found.
    const u32 before = __shfl_up_sync(ALL_LANES, block, 1);
    const u32 starts = __ballot_sync(ALL_LANES, lane == 0 || before != block);
    const u32 later = lane == 31 ? 0 : starts & (ALL_LANES << (lane + 1));
    const u32 upToNext = later ? (later & (0 - later)) - 1 : ALL_LANES;
    const u32 ofBlock = isColumn && (starts >> lane & 1) ? upToNext & (ALL_LANES << lane) : 0;
#pragma unroll 1
    for (u32 row = threadIdx.x / 32; row < square.rows; row += THREADS / 32) {
      const u64 inRows = square.row - rowStart + row;
      const bool isLinked = isColumn && shared.counts[row][at] >= least[from + inRows * stride];
      const u32 found = __popc(__ballot_sync(ALL_LANES, isLinked) & ofBlock);
      if (found > 0) atomicAdd(&result[inRows * blockCount + block], found);
    }
  }
}

#endif // ONLY_TENSOR
#ifndef ONLY_PLAIN

// ---------------------------------------------------------------- counting by tensor cores

/**
 * sum += a b for a 16 x 32 matrix `a` and a 32 x 8 matrix `b` of bytes, all threads of a warp together.
 * Thread 4 g + q of the warp holds, four bytes a word, the lowest first:
 * a[0], a[1]: rows g and g + 8, columns 4 q to 4 q + 3; a[2], a[3]: the same rows, columns 4 q + 16 on;
 * b[0], b[1]: column g, rows 4 q to 4 q + 3 and 4 q + 16 on;
 * sum[0], sum[1]: row g, columns 2 q and 2 q + 1; sum[2], sum[3]: the same of row g + 8.
 */
__device__ __forceinline__ void multiply(u32 (&sum)[4], const u32 (&a)[4], const u32 (&b)[2]) {
#ifdef __CUDACC__
  asm("mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+r"(sum[0]), "+r"(sum[1]), "+r"(sum[2]), "+r"(sum[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  multiplyInWarp(sum, a, b);
#endif
}

/**
 * Each warp counts 64 rows against 32 columns: 4 x 4 products of 16 x 8.
 *
 * Bits become bytes by one AND each. Of a word of 32 volumes, thread q of the four that share it takes
 * bit q of each byte as one word of four bytes, in which it is worth 2^q, and bit q + 4 as another. The
 * bytes of columns lie mirrored in shared memory, so that the same volume's bit is worth 2^(7 - q) there:
 * the product of two ones is always 2^7, and a sum is 128 times the count, below 2^23 for 65534 volumes.
 * Which volume is which column of `a` does not matter, as long as it is the same row of `b`.
 */
__device__ __forceinline__ void countByTensor(
    const Bits& bits, const Square& square, Shared<TENSOR_SIDE>& shared) {
  const u32 warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, q = threadIdx.x % 4;
  const u32 warpRow = warp % 2 * 64 + g, warpColumn = warp / 2 * 32;
  const u32 rowLow = 0x01010101u << q, rowHigh = rowLow << 4;
  const u32 columnHigh = 0x01010101u << (3 - q), columnLow = columnHigh << 4;
  u32 sums[4][4][4];
#pragma unroll
  for (u32 i = 0; i < 64; i++) sums[i / 16][i / 4 % 4][i % 4] = 0;
  Carried<TENSOR_SIDE> carried;
  carried.fetch(bits, square, 0);
  for (u32 first = 0, buffer = 0; first < bits.quads; first += CHUNK / 4, buffer ^= 1) {
    u32 (*const chunk)[2 * TENSOR_SIDE] = shared.chunks[buffer];
    carried.store(chunk, true);
    // One barrier is enough: this buffer is written again only after the next one.
    __syncthreads();
    if (first + CHUNK / 4 < bits.quads) carried.fetch(bits, square, first + CHUNK / 4);
    const u32 words = min(CHUNK, (bits.quads - first) * 4);
#pragma unroll 2
    for (u32 w = 0; w < words; w++) {
      const u32* const ofRows = &chunk[w][warpRow];
      const u32* const ofColumns = &chunk[w][TENSOR_SIDE + warpColumn + g];
      u32 b[4][2];
#pragma unroll
      for (u32 n = 0; n < 4; n++) {
        b[n][0] = ofColumns[n * 8] & columnLow;
        b[n][1] = ofColumns[n * 8] & columnHigh;
      }
#pragma unroll
      for (u32 m = 0; m < 4; m++) {
        const u32 upper = ofRows[m * 16], lower = ofRows[m * 16 + 8];
        const u32 a[4] = {upper & rowLow, lower & rowLow, upper & rowHigh, lower & rowHigh};
#pragma unroll
        for (u32 n = 0; n < 4; n++) multiply(sums[m][n], a, b[n]);
      }
    }
  }
  __syncthreads();
#pragma unroll
  for (u32 m = 0; m < 4; m++) {
#pragma unroll
    for (u32 n = 0; n < 4; n++) {
      const u32 (&sum)[4] = sums[m][n];
      const u32 row = warpRow + m * 16, column = warpColumn + n * 8 + q * 2;
      // Two counts in one word: sums / 128, the second 16 bits higher.
      *(u32*)&shared.counts[row][column] = sum[0] / 128 | sum[1] / 128 << 16;
      *(u32*)&shared.counts[row + 8][column] = sum[2] / 128 | sum[3] / 128 << 16;
    }
  }
  __syncthreads();
}

/** As `linksByPopcount`. */
extern "C" __global__ void __launch_bounds__(THREADS, 2)
linksByTensor(
    const Tile* __restrict__ tiles, u32 tileCount,
    const uint4* __restrict__ rowBits, const uint4* __restrict__ columnBits, u32 quads,
    const u16* __restrict__ rowTotals, const u16* __restrict__ columnTotals,
    const u16* __restrict__ rowClasses, const u16* __restrict__ columnClasses,
    const u16* __restrict__ least, u32 columnClassCount, u32 triangular, u32 all,
    u32* __restrict__ linked) {
  const Bits bits = {rowBits, columnBits, quads};
  const Rule rule = {rowClasses, columnClasses, least, columnClassCount, triangular};
  findLinks<TENSOR_SIDE, countByTensor>(
      tiles, tileCount, bits, rule, rowTotals, columnTotals, all, linked);
}

#endif // ONLY_PLAIN
