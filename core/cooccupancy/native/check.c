/*
 * Compares the native engine with plain loops, in random cases:
 *
 *     check VARIANT SEED CASES
 *
 * VARIANT is the number of a variant in siren.h. Exits with 0 where all is equal, with 1 where not,
 * with 2 where the processor lacks the variant. What a run without Deno is for: other processors
 * under an emulator, and compilers' sanitizers.
 */
#include "siren.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Xorshift (Marsaglia 2003). */
static uint64_t state;
static uint32_t below(uint32_t size) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)((state >> 32) % size);
}

static void *room(size_t size) {
  void *memory = malloc(size > 0 ? size : 1);
  if (memory == NULL) {
    fprintf(stderr, "no memory\n");
    exit(2);
  }
  return memory;
}

/* Voxels of any density; some are empty, some full, some nearly like the one before. */
static uint32_t *makeVoxels(uint32_t count, uint32_t volumes) {
  const uint32_t words = (volumes + 31) / 32;
  uint32_t *bits = room((size_t)count * words * 4);
  memset(bits, 0, (size_t)count * words * 4);
  for (uint32_t v = 0; v < count; v++) {
    const uint32_t kind = below(8), density = kind == 0 ? 0 : kind == 1 ? 256 : below(257);
    uint32_t *own = bits + (size_t)v * words;
    for (uint32_t k = 0; k < volumes; k++) {
      const int like = kind > 4 && v > 0 && below(16) > 0;
      const int set = like ? (own - words)[k / 32] >> (k % 32) & 1 : below(256) < density;
      own[k / 32] |= (uint32_t)set << (k % 32);
    }
  }
  return bits;
}

static uint32_t countBoth(const uint32_t *a, const uint32_t *b, uint32_t words) {
  uint32_t count = 0;
  for (uint32_t w = 0; w < words; w++) {
    for (uint32_t x = a[w] & b[w]; x; x &= x - 1) count++;
  }
  return count;
}

static uint16_t *makeLeast(size_t size, uint32_t volumes) {
  uint16_t *least = room(size * 2);
  for (size_t i = 0; i < size; i++) {
    const uint32_t kind = below(6);
    least[i] = (uint16_t)(kind == 0 ? 0xffff : kind == 1 ? 0 : below(volumes + 2));
  }
  return least;
}

/* Classes in order, as of voxels sorted by total, or in none. */
static uint16_t *makeClasses(uint32_t count, uint32_t classCount) {
  uint16_t *classes = room((size_t)count * 2);
  const int isSorted = below(2) == 0;
  for (uint32_t v = 0; v < count; v++) {
    classes[v] = (uint16_t)(isSorted ? (uint64_t)v * classCount / count : below(classCount));
  }
  return classes;
}

static int failed(const char *what, uint32_t volumes, uint32_t rows, uint32_t columns) {
  fprintf(stderr, "%s differ (%u volumes, %u rows, %u columns)\n", what, volumes, rows, columns);
  return 0;
}

static int checkCase(uint32_t variant, uint32_t volumes, uint32_t rows, uint32_t columns) {
  const uint32_t words = (volumes + 31) / 32;
  const int isOne = below(2) == 0;
  if (isOne) columns = rows;
  uint32_t *a = makeVoxels(rows, volumes), *b = isOne ? a : makeVoxels(columns, volumes);
  const uint32_t r0 = below(rows + 1), r1 = r0 + below(rows - r0 + 1);
  const uint32_t c0 = below(columns + 1), c1 = c0 + below(columns - c0 + 1);
  const size_t width = c1 - c0, pairs = (size_t)(r1 - r0) * width;
  struct Engine *engine = siren_open(variant, volumes);
  if (engine == NULL) exit(2);
  int isRight = 1;

  uint16_t *counts = room(pairs * 2), *expected = room(pairs * 2);
  siren_counts(engine, a, 0, r0, r1 - r0, b, isOne ? 0 : 1, c0, c1 - c0, counts);
  for (uint32_t r = r0; r < r1; r++) {
    for (uint32_t c = c0; c < c1; c++) {
      expected[(r - r0) * width + c - c0] =
          (uint16_t)countBoth(a + (size_t)r * words, b + (size_t)c * words, words);
    }
  }
  if (pairs > 0 && memcmp(counts, expected, pairs * 2) != 0) {
    isRight = failed("counts", volumes, rows, columns);
  }

  const uint32_t rowClassCount = 1 + below(100), classCount = 1 + below(300);
  uint16_t *rowClasses = makeClasses(rows, rowClassCount),
           *classes = makeClasses(columns, classCount);
  uint16_t *least = makeLeast((size_t)rowClassCount * classCount, volumes);
  const uint32_t isTriangular = below(2);
  const double found = siren_links(engine, a, 0, r0, r1 - r0, b, isOne ? 0 : 1, c0, c1 - c0,
                                   rowClasses, classes, classCount, least, isTriangular);
  if (found < 0) exit(2);
  const size_t size = (size_t)found;
  uint32_t *linkRows = room(size * 4), *linkColumns = room(size * 4);
  uint16_t *both = room(size * 2);
  siren_take(engine, a, b, linkRows, linkColumns, both);
  size_t n = 0;
  for (uint32_t r = r0; r < r1; r++) {
    for (uint32_t c = c0; c < c1; c++) {
      const uint16_t count = expected[(r - r0) * width + c - c0];
      if (isTriangular && c <= r) continue;
      if (count < least[rowClasses[r] * classCount + classes[c]]) continue;
      if (n >= size || linkRows[n] != r || linkColumns[n] != c || both[n] != count)
        n = size + 1;
      else
        n++;
    }
  }
  if (n != size) isRight = failed("links", volumes, rows, columns);

  const uint32_t starts[3] = {c0, c0 + below((uint32_t)width + 1), c1};
  const uint32_t classCounts[2] = {classCount, classCount};
  uint16_t *own = makeLeast((size_t)(r1 - r0) * 2 * classCount, volumes);
  uint32_t *tallied = room((size_t)(r1 - r0) * 2 * 4);
  siren_tally(engine, a, 0, r0, r1 - r0, b, isOne ? 0 : 1, 2, starts, classes, classCounts, own,
              tallied);
  for (uint32_t r = r0; r < r1; r++) {
    for (uint32_t block = 0; block < 2; block++) {
      const uint16_t *ofRow = own + ((size_t)block * (r1 - r0) + r - r0) * classCount;
      uint32_t linked = 0;
      for (uint32_t c = starts[block]; c < starts[block + 1]; c++) {
        linked += expected[(r - r0) * width + c - c0] >= ofRow[classes[c]];
      }
      if (tallied[(r - r0) * 2 + block] != linked)
        isRight = failed("tallies", volumes, rows, columns), r = r1 - 1;
    }
  }

  siren_close(engine);
  free(a);
  if (!isOne) free(b);
  free(counts), free(expected), free(rowClasses), free(classes), free(least), free(linkRows);
  free(linkColumns), free(both), free(own), free(tallied);
  return isRight;
}

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: check VARIANT SEED CASES\n");
    return 2;
  }
  const uint32_t variant = (uint32_t)atoi(arguments[1]);
  state = 0x9e3779b97f4a7c15u ^ strtoull(arguments[2], NULL, 10);
  if (variant >= VARIANTS || !(siren_variants() >> variant & 1)) {
    fprintf(stderr, "this processor lacks the variant (%u)\n", variant);
    return 2;
  }
  static const uint32_t edges[] = {1,   31,  32,   33,   255,  256,  511,
                                   512, 513, 1007, 1008, 1009, 2033, 4081};
  int isRight = 1;
  for (int i = atoi(arguments[3]); i > 0; i--) {
    const uint32_t kind = below(4);
    const uint32_t volumes = kind == 0   ? edges[below(sizeof edges / sizeof *edges)]
                             : kind == 1 ? 1 + below(9000)
                                         : 1 + below(130);
    isRight &= checkCase(variant, volumes, below(120), below(1200));
  }
  /* The most volumes there can be, and more rows than are listed at once. */
  isRight &= checkCase(variant, 65534 - below(64), 5, 9);
  isRight &= checkCase(variant, 20, 2500, 40);
  return isRight ? 0 : 1;
}
