// CUDA's words for a kernel that runs on the processor: what kernel.cu uses of the language, as plain C++.
//
// The threads of a block are fibres: each has a stack of its own and runs until it waits at a barrier or
// for its warp. One block runs after the other; shared memory is therefore a variable of the thread of
// the operating system, which is what runs a launch. A kernel that would hang on a card is reported.
#pragma once
#include <cstdint>
#include <cstring>

#define __global__
#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __shared__ static __thread
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(...)
#define __restrict__ __restrict

struct Index {
  unsigned x, y, z;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

/** Which block runs, and which of its threads. */
extern __thread Index blockIdx, threadIdx;

inline unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }

inline int __popc(unsigned word) { return __builtin_popcount(word); }
inline int __ffs(int word) { return __builtin_ffs(word); }

inline unsigned __brev(unsigned word) {
  unsigned result = 0;
  for (int i = 0; i < 32; i++) result |= (word >> i & 1) << (31 - i);
  return result;
}

/** Byte i of the result is that of the 8 bytes `high`, `low` which the i-th nibble of `select` names. */
inline unsigned __byte_perm(unsigned low, unsigned high, unsigned select) {
  const std::uint64_t bytes = (std::uint64_t)high << 32 | low;
  unsigned result = 0;
  for (int i = 0; i < 4; i++) result |= (bytes >> 8 * (select >> 4 * i & 7) & 0xff) << 8 * i;
  return result;
}

// Fibres give way only where they wait, so that these need nothing more.
inline unsigned atomicAdd(unsigned* at, unsigned value) {
  const unsigned before = *at;
  *at += value;
  return before;
}
inline unsigned atomicMax(unsigned* at, unsigned value) {
  const unsigned before = *at;
  if (value > before) *at = value;
  return before;
}
inline unsigned atomicMin(unsigned* at, unsigned value) {
  const unsigned before = *at;
  if (value < before) *at = value;
  return before;
}

inline unsigned atomicOr(unsigned* at, unsigned value) {
  const unsigned before = *at;
  *at |= value;
  return before;
}

/** Waits until all threads of the block wait here, or have ended. */
void __syncthreads();

/** What the lanes of a warp hand in and get back when they do something together. */
struct Together {
  enum Kind { BALLOT, SHUFFLE_UP, MULTIPLY } kind;
  /**
   * In: a predicate and a mask; a value, a mask and a distance; four words of a, two of b, four sums.
   * Out: the ballot; a value; four sums.
   */
  unsigned in[32][10], out[32][4];
};

/**
 * Hands in this lane's part, waits for the other lanes, and gives back what came of it. All 32 lanes have
 * to take part, in the same thing.
 */
const unsigned* together(Together::Kind kind, const unsigned* in, unsigned words);

inline unsigned __ballot_sync(unsigned mask, bool predicate) {
  const unsigned in[2] = {predicate, mask};
  return together(Together::BALLOT, in, 2)[0];
}

inline unsigned __shfl_up_sync(unsigned mask, unsigned value, unsigned distance) {
  const unsigned in[3] = {value, mask, distance};
  return together(Together::SHUFFLE_UP, in, 3)[0];
}

/** mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32, sums as `c` and `d`. */
inline void multiplyInWarp(unsigned (&sum)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  const unsigned in[10] = {a[0], a[1], a[2], a[3], b[0], b[1], sum[0], sum[1], sum[2], sum[3]};
  std::memcpy(sum, together(Together::MULTIPLY, in, 10), sizeof sum);
}
