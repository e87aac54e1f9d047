/*
 * What a processor could do at best, on one thread, in numbers that engines can be compared with.
 * Writes one line of JSON; null where the processor lacks the instructions. All times are CPU time,
 * the best of some short repetitions.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define REPETITIONS 12
/* A tile that the second-level cache holds for any number of volumes that is asked for. */
#define ROWS 64
#define COLUMNS 512

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint64_t random64(void) {
  /* Xorshift (Marsaglia 2003). */
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/* rows: ROWS x words; columns: COLUMNS / 8 x words x 8 columns; counts: ROWS x COLUMNS. */
typedef void Count(const uint64_t *rows, const uint64_t *columns, unsigned words, uint16_t *counts);

#if defined(__x86_64__)
#define WITH(features) __attribute__((noinline, target(features)))
#else
#define WITH(features) __attribute__((noinline))
#endif

WITH("popcnt")
static void countScalar(const uint64_t *rows, const uint64_t *columns, unsigned words,
                        uint16_t *counts) {
  for (unsigned r = 0; r < ROWS; r++) {
    for (unsigned c = 0; c < COLUMNS; c++) {
      const uint64_t *column = columns + (size_t)c * words;
      uint64_t count = 0;
      for (unsigned w = 0; w < words; w++) {
        count += (uint64_t)__builtin_popcountll(rows[r * words + w] & column[w]);
      }
      counts[r * COLUMNS + c] = (uint16_t)count;
    }
  }
}

#if defined(__x86_64__)
WITH("avx512f,avx512bw,avx512vl,avx512vpopcntdq")
static void countVectors(const uint64_t *rows, const uint64_t *columns, unsigned words,
                         uint16_t *counts) {
  for (unsigned c = 0; c < COLUMNS; c += 16) {
    const uint64_t *left = columns + (size_t)c * words, *right = left + (size_t)8 * words;
    for (unsigned r = 0; r < ROWS; r += 4) {
      __m512i sums[4][2];
      for (int i = 0; i < 4; i++) sums[i][0] = sums[i][1] = _mm512_setzero_si512();
      for (unsigned w = 0; w < words; w++) {
        const __m512i a = _mm512_loadu_si512(left + w * 8), b = _mm512_loadu_si512(right + w * 8);
        for (int i = 0; i < 4; i++) {
          const __m512i row = _mm512_set1_epi64((long long)rows[(r + (unsigned)i) * words + w]);
          sums[i][0] = _mm512_add_epi64(sums[i][0], _mm512_popcnt_epi64(_mm512_and_si512(row, a)));
          sums[i][1] = _mm512_add_epi64(sums[i][1], _mm512_popcnt_epi64(_mm512_and_si512(row, b)));
        }
      }
      for (unsigned i = 0; i < 4; i++) {
        uint16_t *to = counts + (r + i) * COLUMNS + c;
        _mm_storeu_si128((__m128i *)to, _mm512_cvtepi64_epi16(sums[i][0]));
        _mm_storeu_si128((__m128i *)(to + 8), _mm512_cvtepi64_epi16(sums[i][1]));
      }
    }
  }
}

/*
 * vpternlogq a second, from registers, in chains of full adders: where operands stay the same from
 * one instruction to the next, some processors do more, but nothing is counted that way.
 */
WITH("avx512f")
static double ternaryLogic(void) {
  const unsigned rounds = 200000;
  const __m512i x = _mm512_set1_epi64(5);
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define DO(i) __m512i sum##i = _mm512_set1_epi64(i), carry##i = _mm512_set1_epi64(i + 8);
  EACH(DO)
#undef DO
  double best = 0;
  for (int repetition = 0; repetition < REPETITIONS; repetition++) {
    const double start = seconds();
    for (unsigned round = 0; round < rounds; round++) {
#define DO(i)                                                    \
  sum##i = _mm512_ternarylogic_epi64(sum##i, carry##i, x, 0x96); \
  carry##i = _mm512_ternarylogic_epi64(carry##i, x, sum##i, 0xd4);
      EACH(DO)
#undef DO
    }
#define DO(i) __asm__ volatile("" : "+v"(sum##i), "+v"(carry##i));
    EACH(DO)
#undef DO
    const double rate = 16.0 * rounds / (seconds() - start);
    if (rate > best) best = rate;
  }
  return best;
}
#define REGISTER "+x"
#else
#define REGISTER "+w"
#endif

/* And, xor of 128 bits a second, from registers. */
WITH("avx")
static double logic128(void) {
  typedef uint64_t Vector __attribute__((vector_size(16)));
  const unsigned rounds = 200000;
  const Vector b = {5, 6}, c = {~(uint64_t)9, ~(uint64_t)0};
  Vector x0 = b, x1 = c, x2 = b, x3 = c, x4 = b, x5 = c, x6 = b, x7 = c;
  Vector x8 = b, x9 = c, x10 = b, x11 = c;
  double best = 0;
  for (int repetition = 0; repetition < REPETITIONS; repetition++) {
    const double start = seconds();
    for (unsigned round = 0; round < rounds; round++) {
#define STEP(x, y)                    \
  x ^= b;                             \
  __asm__ volatile("" : REGISTER(x)); \
  y &= c;                             \
  __asm__ volatile("" : REGISTER(y));
#define STEPS STEP(x0, x1) STEP(x2, x3) STEP(x4, x5) STEP(x6, x7) STEP(x8, x9) STEP(x10, x11)
      STEPS STEPS
#undef STEPS
#undef STEP
    }
    const double rate = 24.0 * rounds / (seconds() - start);
    if (rate > best) best = rate;
  }
  return best;
}

/* Pairs a second. */
static double pace(Count *count, unsigned words) {
  const size_t each = words * sizeof(uint64_t);
  uint64_t *rows = malloc(ROWS * each), *columns = malloc(COLUMNS * each);
  uint16_t *counts = malloc(ROWS * COLUMNS * sizeof *counts);
  if (rows == NULL || columns == NULL || counts == NULL) exit(1);
  for (size_t i = 0; i < ROWS * words; i++) rows[i] = random64();
  for (size_t i = 0; i < COLUMNS * words; i++) columns[i] = random64();
  double best = 0;
  for (int repetition = 0; repetition < REPETITIONS; repetition++) {
    const double start = seconds();
    int times = 0;
    do {
      count(rows, columns, words, counts);
      /* So that no compiler leaves the work out. */
      __asm__ volatile("" : : "r"(counts) : "memory");
      times++;
    } while (seconds() - start < 0.005);
    const double rate = (double)times * ROWS * COLUMNS / (seconds() - start);
    if (rate > best) best = rate;
  }
  free(rows);
  free(columns);
  free(counts);
  return best;
}

static void writePaces(const char *name, Count *count) {
  printf("\"%s\":", name);
  if (count == NULL) {
    printf("null,");
    return;
  }
  const double first = pace(count, 8), second = pace(count, 16), third = pace(count, 32);
  printf("[%.0f,%.0f,%.0f],", first, second, third);
}

int main(void) {
  Count *vectors = NULL;
  int hasTernaryLogic = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  hasTernaryLogic = __builtin_cpu_supports("avx512f");
  if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl")) {
    vectors = countVectors;
  }
#endif
  printf("{");
  writePaces("popcountVectors", vectors);
  writePaces("popcountScalar", countScalar);
#if defined(__x86_64__)
  if (hasTernaryLogic) printf("\"ternaryLogic\":%.0f,", ternaryLogic());
#endif
  if (!hasTernaryLogic) printf("\"ternaryLogic\":null,");
  printf("\"logic128\":%.0f}\n", logic128());
  return 0;
}
