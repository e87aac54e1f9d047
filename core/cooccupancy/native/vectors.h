/*
 * Planes: vectors of LANES bits, one for each voxel of a group, and what each variant does with
 * them in its own way.
 *
 * VARIANT is portable, neon, avx2, avx512 or avx512ice (AVX-512 with the byte permutes, GFNI and
 * VPOPCNTDQ that came with Intel's Ice Lake and AMD's Zen 4).
 */
#ifndef VECTORS_H
#define VECTORS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VARIANT_portable 0
#define VARIANT_neon 1
#define VARIANT_avx2 2
#define VARIANT_avx512 3
#define VARIANT_avx512ice 4
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define IS_NEON (JOIN(VARIANT_, VARIANT) == 1)
#define IS_AVX2 (JOIN(VARIANT_, VARIANT) == 2)
#define IS_AVX512 (JOIN(VARIANT_, VARIANT) >= 3)
#define IS_ICE (JOIN(VARIANT_, VARIANT) == 4)

#if IS_NEON
#include <arm_neon.h>
#elif IS_AVX2 || IS_AVX512
#include <immintrin.h>
#endif

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define ONES64(x) ((unsigned)__builtin_popcountll(x))
#define LOWEST64(x) ((unsigned)__builtin_ctzll(x))
#else
#define INLINE static inline
#define NOINLINE
INLINE unsigned ONES64(uint64_t x) {
  unsigned count = 0;
  for (; x; x &= x - 1) count++;
  return count;
}
INLINE unsigned LOWEST64(uint64_t x) { return ONES64((x & -x) - 1); }
#endif

INLINE uint64_t load64(const void *from) {
  uint64_t value;
  memcpy(&value, from, 8);
  return value;
}

#if IS_AVX512
#define LANES 512
typedef __m512i Plane;

INLINE Plane zeros(void) { return _mm512_setzero_si512(); }
INLINE Plane ones(void) { return _mm512_set1_epi8(-1); }
INLINE Plane loadAny(const void *from) { return _mm512_loadu_si512(from); }
INLINE Plane both(Plane a, Plane b) { return _mm512_and_si512(a, b); }
INLINE Plane parity(Plane a, Plane b, Plane c) { return _mm512_ternarylogic_epi64(a, b, c, 0x96); }
INLINE Plane majority(Plane a, Plane b, Plane c) {
  return _mm512_ternarylogic_epi64(a, b, c, 0xe8);
}
/* mask ? a : b. */
INLINE Plane choose(Plane mask, Plane a, Plane b) {
  return _mm512_ternarylogic_epi64(mask, a, b, 0xca);
}
/* Adds a and b to the sum bit, and leaves the carry in a: of the old a, b and the new sum bit. */
#define ADD(sum, a, b)                              \
  do {                                              \
    sum = parity(sum, a, b);                        \
    a = _mm512_ternarylogic_epi64(a, b, sum, 0xd4); \
  } while (0)
/* Whether a reaches b, given whether it does in the bits below. */
INLINE Plane reaches(Plane a, Plane b, Plane below) {
  return _mm512_ternarylogic_epi64(a, b, below, 0xb2);
}
/* Whether a - b, less what is borrowed, borrows. */
INLINE Plane borrows(Plane a, Plane b, Plane borrowed) {
  return _mm512_ternarylogic_epi64(a, b, borrowed, 0x8e);
}

#elif IS_AVX2 || IS_NEON
#if IS_AVX2
#define LANES 256
typedef __m256i Plane;
INLINE Plane zeros(void) { return _mm256_setzero_si256(); }
INLINE Plane ones(void) { return _mm256_set1_epi8(-1); }
INLINE Plane loadAny(const void *from) { return _mm256_loadu_si256((const __m256i *)from); }
INLINE Plane choose(Plane mask, Plane a, Plane b) { return b ^ (mask & (a ^ b)); }
#else
#define LANES 128
typedef uint8x16_t Plane;
INLINE Plane zeros(void) { return vdupq_n_u8(0); }
INLINE Plane ones(void) { return vdupq_n_u8(255); }
INLINE Plane loadAny(const void *from) { return vld1q_u8((const uint8_t *)from); }
INLINE Plane choose(Plane mask, Plane a, Plane b) { return vbslq_u8(mask, a, b); }
#endif
#else
#define LANES 64
typedef uint64_t Plane;
INLINE Plane zeros(void) { return 0; }
INLINE Plane ones(void) { return ~(Plane)0; }
INLINE Plane choose(Plane mask, Plane a, Plane b) { return b ^ (mask & (a ^ b)); }
#endif

#if !IS_AVX512
INLINE Plane both(Plane a, Plane b) { return a & b; }
INLINE Plane parity(Plane a, Plane b, Plane c) { return a ^ b ^ c; }
INLINE Plane majority(Plane a, Plane b, Plane c) { return choose(a ^ b, c, b); }
#if IS_NEON
#define CARRY(differ, sum, a, b) choose(differ, sum, b)
#else
#define CARRY(differ, sum, a, b) ((differ & sum) | (a & b))
#endif
#define ADD(sum, a, b)                              \
  do {                                              \
    const Plane differ_ = a ^ b;                    \
    const Plane carry_ = CARRY(differ_, sum, a, b); \
    sum = sum ^ differ_;                            \
    a = carry_;                                     \
  } while (0)
INLINE Plane reaches(Plane a, Plane b, Plane below) { return choose(a ^ b, a, below); }
INLINE Plane borrows(Plane a, Plane b, Plane borrowed) { return choose(a ^ b, b, borrowed); }
#endif

/* Bytes of a plane. */
#define PLANE sizeof(Plane)

/*
 * `slice` turns LANES numbers below 2^count into `count` planes, the lowest bits first; count is 1
 * to 16. `unslice` does the reverse.
 */
#if IS_ICE

/* Exchanges the place of a vector with that of a u64 in it. */
INLINE void transpose64(__m512i v[8]) {
  __m512i a[8], b[8];
  for (int i = 0; i < 8; i += 2) {
    a[i] = _mm512_unpacklo_epi64(v[i], v[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi64(v[i], v[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; j++) {
      b[i + j] = _mm512_shuffle_i64x2(a[i + j], a[i + j + 2], 0x88);
      b[i + j + 2] = _mm512_shuffle_i64x2(a[i + j], a[i + j + 2], 0xdd);
    }
  }
  for (int i = 0; i < 4; i++) {
    v[i] = _mm512_shuffle_i64x2(b[i], b[i + 4], 0x88);
    v[i + 4] = _mm512_shuffle_i64x2(b[i], b[i + 4], 0xdd);
  }
}

/* Within each u64, exchanges the place of a byte, from the highest, with that of a bit in it. */
INLINE __m512i transposeBits(__m512i bytes) {
  return _mm512_gf2p8affine_epi64_epi8(_mm512_set1_epi64((long long)0x8040201008040201), bytes, 0);
}

INLINE void slice(const uint16_t *values, Plane *planes, unsigned count) {
  __m512i low[8], high[8];
  /* Low bytes of 64 numbers, each eight of them backwards; byte q of u64 p to byte p of u64 q. */
  uint8_t order[64], spread[64];
  for (int i = 0; i < 64; i++) {
    order[i] = (uint8_t)(2 * (i ^ 7));
    spread[i] = (uint8_t)((i & 7) * 8 + (i >> 3));
  }
  const __m512i lows = loadAny(order), highs = _mm512_add_epi8(lows, _mm512_set1_epi8(1));
  const __m512i places = loadAny(spread);
  for (int c = 0; c < 8; c++) {
    const __m512i a = loadAny(values + c * 64), b = loadAny(values + c * 64 + 32);
    low[c] = _mm512_permutexvar_epi8(places, transposeBits(_mm512_permutex2var_epi8(a, lows, b)));
    high[c] = _mm512_permutexvar_epi8(places, transposeBits(_mm512_permutex2var_epi8(a, highs, b)));
  }
  transpose64(low);
  for (unsigned p = 0; p < 8 && p < count; p++) planes[p] = low[p];
  if (count <= 8) return;
  transpose64(high);
  for (unsigned p = 8; p < count; p++) planes[p] = high[p - 8];
}

INLINE void unslice(const Plane *planes, unsigned count, uint16_t *values) {
  __m512i low[8], high[8];
  for (unsigned p = 0; p < 8; p++) {
    low[p] = p < count ? planes[p] : zeros();
    high[p] = p + 8 < count ? planes[p + 8] : zeros();
  }
  transpose64(low);
  if (count > 8) transpose64(high);
  /* The u64s in the order 0, 4, 1, 5, 2, 6, 3, 7: what is unpacked below comes into its own. */
  uint8_t order[64];
  for (int i = 0; i < 64; i++) {
    const int u = i >> 3;
    order[i] = (uint8_t)((7 - (i & 7)) * 8 + (u >> 1) + (u & 1) * 4);
  }
  const __m512i places = loadAny(order);
  for (int c = 0; c < 8; c++) {
    const __m512i a = transposeBits(_mm512_permutexvar_epi8(places, low[c]));
    const __m512i b = transposeBits(_mm512_permutexvar_epi8(places, high[c]));
    _mm512_storeu_si512(values + c * 64, _mm512_unpacklo_epi8(a, b));
    _mm512_storeu_si512(values + c * 64 + 32, _mm512_unpackhi_epi8(a, b));
  }
}

#elif IS_AVX512

INLINE void slice(const uint16_t *values, Plane *planes, unsigned count) {
  const __m512i lowByte = _mm512_set1_epi16(255);
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  for (int c = 0; c < 8; c++) {
    const __m512i a = loadAny(values + c * 64), b = loadAny(values + c * 64 + 32);
    const __m512i low =
        _mm512_packus_epi16(_mm512_and_si512(a, lowByte), _mm512_and_si512(b, lowByte));
    const __m512i high = _mm512_packus_epi16(_mm512_srli_epi16(a, 8), _mm512_srli_epi16(b, 8));
    const __m512i lows = _mm512_permutexvar_epi64(order, low);
    const __m512i highs = _mm512_permutexvar_epi64(order, high);
    for (unsigned p = 0; p < count; p++) {
      const __m512i bit = _mm512_set1_epi8((char)(1 << (p & 7)));
      const uint64_t mask = _mm512_test_epi8_mask(p < 8 ? lows : highs, bit);
      memcpy((char *)(planes + p) + c * 8, &mask, 8);
    }
  }
}

INLINE void unslice(const Plane *planes, unsigned count, uint16_t *values) {
  const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
  for (int c = 0; c < 8; c++) {
    __m512i low = zeros(), high = zeros();
    for (unsigned p = 0; p < count; p++) {
      const uint64_t mask = load64((const char *)(planes + p) + c * 8);
      const __m512i bit = _mm512_set1_epi8((char)(1 << (p & 7)));
      if (p < 8)
        low = _mm512_mask_add_epi8(low, mask, low, bit);
      else
        high = _mm512_mask_add_epi8(high, mask, high, bit);
    }
    const __m512i a = _mm512_permutexvar_epi64(order, low);
    const __m512i b = _mm512_permutexvar_epi64(order, high);
    _mm512_storeu_si512(values + c * 64, _mm512_unpacklo_epi8(a, b));
    _mm512_storeu_si512(values + c * 64 + 32, _mm512_unpackhi_epi8(a, b));
  }
}

#elif IS_AVX2

INLINE void slice(const uint16_t *values, Plane *planes, unsigned count) {
  const __m256i lowByte = _mm256_set1_epi16(255);
  for (int c = 0; c < 8; c++) {
    const __m256i a = loadAny(values + c * 32), b = loadAny(values + c * 32 + 16);
    const __m256i low = _mm256_packus_epi16(a & lowByte, b & lowByte);
    const __m256i high = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
    for (unsigned from = 0; from < count; from += 8) {
      /* The bits of each byte come to its top one after the other, the highest first. */
      const unsigned bits = count - from < 8 ? count - from : 8;
      __m256i bytes = _mm256_permute4x64_epi64(from == 0 ? low : high, 0xd8);
      bytes = _mm256_sll_epi16(bytes, _mm_cvtsi32_si128((int)(8 - bits)));
      for (unsigned p = from + bits; p-- > from; bytes = _mm256_add_epi8(bytes, bytes)) {
        const uint32_t mask = (uint32_t)_mm256_movemask_epi8(bytes);
        memcpy((char *)(planes + p) + c * 4, &mask, 4);
      }
    }
  }
}

INLINE void unslice(const Plane *planes, unsigned count, uint16_t *values) {
  const __m256i bits = _mm256_set1_epi64x((long long)0x8040201008040201);
  /* Byte i takes byte i >> 3 of a u32. */
  const __m256i own =
      _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  for (int c = 0; c < 8; c++) {
    __m256i bytes[2] = {zeros(), zeros()};
    for (unsigned p = 0; p < count; p++) {
      uint32_t mask;
      memcpy(&mask, (const char *)(planes + p) + c * 4, 4);
      const __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32((int)mask), own);
      const __m256i set = _mm256_cmpeq_epi8(spread & bits, bits);
      bytes[p >> 3] |= set & _mm256_set1_epi8((char)(1 << (p & 7)));
    }
    const __m256i low = _mm256_permute4x64_epi64(bytes[0], 0xd8);
    const __m256i high = _mm256_permute4x64_epi64(bytes[1], 0xd8);
    _mm256_storeu_si256((__m256i *)(values + c * 32), _mm256_unpacklo_epi8(low, high));
    _mm256_storeu_si256((__m256i *)(values + c * 32 + 16), _mm256_unpackhi_epi8(low, high));
  }
}

#elif IS_NEON

INLINE void slice(const uint16_t *values, Plane *planes, unsigned count) {
  const uint8x16_t weights = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
  uint8x16_t bytes[2][8];
  for (int c = 0; c < 8; c++) {
    const uint8x16_t a = vreinterpretq_u8_u16(vld1q_u16(values + c * 16));
    const uint8x16_t b = vreinterpretq_u8_u16(vld1q_u16(values + c * 16 + 8));
    bytes[0][c] = vuzp1q_u8(a, b);
    bytes[1][c] = vuzp2q_u8(a, b);
  }
  for (unsigned p = 0; p < count; p++) {
    const uint8x16_t bit = vdupq_n_u8((uint8_t)(1 << (p & 7)));
    uint8x16_t sums[8];
    for (int c = 0; c < 8; c++) sums[c] = vtstq_u8(bytes[p >> 3][c], bit) & weights;
    for (int size = 4; size > 0; size >>= 1) {
      for (int c = 0; c < size; c++) sums[c] = vpaddq_u8(sums[2 * c], sums[2 * c + 1]);
    }
    planes[p] = sums[0];
  }
}

INLINE void unslice(const Plane *planes, unsigned count, uint16_t *values) {
  const uint8x16_t weights = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
  for (int c = 0; c < 8; c++) {
    const uint8x16_t own =
        vcombine_u8(vdup_n_u8((uint8_t)(2 * c)), vdup_n_u8((uint8_t)(2 * c + 1)));
    uint8x16_t bytes[2] = {zeros(), zeros()};
    for (unsigned p = 0; p < count; p++) {
      const uint8x16_t set = vtstq_u8(vqtbl1q_u8(planes[p], own), weights);
      bytes[p >> 3] |= set & vdupq_n_u8((uint8_t)(1 << (p & 7)));
    }
    vst1q_u16(values + c * 16, vreinterpretq_u16_u8(vzip1q_u8(bytes[0], bytes[1])));
    vst1q_u16(values + c * 16 + 8, vreinterpretq_u16_u8(vzip2q_u8(bytes[0], bytes[1])));
  }
}

#else

/* Exchanges the place of a byte with that of a bit in it. */
INLINE uint64_t transposeBits(uint64_t x) {
  uint64_t t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa;
  x ^= t ^ (t << 7);
  t = (x ^ (x >> 14)) & 0x0000cccc0000cccc;
  x ^= t ^ (t << 14);
  t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0;
  return x ^ t ^ (t << 28);
}

INLINE void slice(const uint16_t *values, Plane *planes, unsigned count) {
  for (unsigned p = 0; p < count; p++) planes[p] = 0;
  for (int c = 0; c < 64; c += 8) {
    uint64_t low = 0, high = 0;
    for (int i = 0; i < 8; i++) {
      low |= (uint64_t)(values[c + i] & 255) << (8 * i);
      high |= (uint64_t)(values[c + i] >> 8) << (8 * i);
    }
    low = transposeBits(low);
    high = transposeBits(high);
    for (unsigned p = 0; p < count; p++) {
      planes[p] |= ((p < 8 ? low : high) >> (8 * (p & 7)) & 255) << c;
    }
  }
}

INLINE void unslice(const Plane *planes, unsigned count, uint16_t *values) {
  for (int c = 0; c < 64; c += 8) {
    uint64_t bytes[2] = {0, 0};
    for (unsigned p = 0; p < count; p++) bytes[p >> 3] |= (planes[p] >> c & 255) << (8 * (p & 7));
    const uint64_t low = transposeBits(bytes[0]), high = transposeBits(bytes[1]);
    for (int i = 0; i < 8; i++) {
      values[c + i] = (uint16_t)((low >> (8 * i) & 255) | (high >> (8 * i) & 255) << 8);
    }
  }
}

#endif

/* Columns of u16 that `transpose16` takes at most. */
#define COLUMNS 32

#if LANES > 64
#if IS_AVX512
#define ZIP_LOW _mm512_unpacklo_epi16
#define ZIP_HIGH _mm512_unpackhi_epi16
#define PARTS 4
#define STORE_PART(v, j, to) _mm_storeu_si128((__m128i *)(to), _mm512_extracti64x2_epi64(v, j))
#elif IS_AVX2
#define ZIP_LOW _mm256_unpacklo_epi16
#define ZIP_HIGH _mm256_unpackhi_epi16
#define PARTS 2
#define STORE_PART(v, j, to) _mm_storeu_si128((__m128i *)(to), _mm256_extracti128_si256(v, j))
#else
#define ZIP16(zip, a, b) vreinterpretq_u8_u16(zip(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)))
#define ZIP_LOW(a, b) ZIP16(vzip1q_u16, a, b)
#define ZIP_HIGH(a, b) ZIP16(vzip2q_u16, a, b)
#define PARTS 1
#define STORE_PART(v, j, to) vst1q_u8((uint8_t *)(to), v)
#endif
#endif

/*
 * Transposes `lanes` rows of `width` (at most COLUMNS) u16, `stride` bytes apart, to columns of
 * LANES u16 each; rows from `lanes` on are taken to be full of `fill`. Reads up to the end of the
 * COLUMNS of a row, but nothing from `end` on.
 */
static void transpose16(const char *rows, size_t stride, unsigned lanes, unsigned width,
                        const char *end, uint16_t fill, uint16_t *to) {
#if LANES > 64
  uint16_t full[8 * PARTS];
  for (int i = 0; i < 8 * PARTS; i++) full[i] = fill;
  const Plane filled = loadAny(full);
  for (unsigned first = 0; first < LANES; first += 8) {
    for (unsigned column = 0; column < width; column += 8 * PARTS) {
      Plane v[8], w[8];
      for (unsigned i = 0; i < 8; i++) {
        v[i] = filled;
        if (first + i >= lanes) continue;
        const char *row = rows + (first + i) * stride + column * 2;
        const size_t there = (size_t)(end - row);
        if (there >= PLANE)
          v[i] = loadAny(row);
        else {
          uint16_t part[8 * PARTS];
          memset(part, 0, sizeof part);
          memcpy(part, row, there);
          v[i] = loadAny(part);
        }
      }
      /* Three perfect shuffles of 8 x 8 elements transpose them. */
      for (int i = 0; i < 4; i++)
        w[2 * i] = ZIP_LOW(v[i], v[i + 4]), w[2 * i + 1] = ZIP_HIGH(v[i], v[i + 4]);
      for (int i = 0; i < 4; i++)
        v[2 * i] = ZIP_LOW(w[i], w[i + 4]), v[2 * i + 1] = ZIP_HIGH(w[i], w[i + 4]);
      for (int i = 0; i < 4; i++)
        w[2 * i] = ZIP_LOW(v[i], v[i + 4]), w[2 * i + 1] = ZIP_HIGH(v[i], v[i + 4]);
      uint16_t *part = to + (size_t)column * LANES + first;
      for (int k = 0; k < 8; k++, part += LANES) {
        STORE_PART(w[k], 0, part);
#if PARTS > 1
        STORE_PART(w[k], 1, part + 8 * LANES);
#endif
#if PARTS > 2
        STORE_PART(w[k], 2, part + 16 * LANES);
        STORE_PART(w[k], 3, part + 24 * LANES);
#endif
      }
    }
  }
#else
  (void)end;
  for (unsigned lane = 0; lane < LANES; lane++) {
    for (unsigned column = 0; column < width; column++) {
      uint16_t value = fill;
      if (lane < lanes) memcpy(&value, rows + lane * stride + column * 2, 2);
      to[(size_t)column * LANES + lane] = value;
    }
  }
#endif
}

#endif
