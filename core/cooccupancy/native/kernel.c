/*
 * The co-occupancy kernel, compiled once for each variant: `-DVARIANT=avx2` and so on.
 *
 * One side of a tile is *listed*: each voxel is the list of the volumes it is occupied in, or of
 * those it is empty in where they are fewer. The other side is *sliced*: for a group of LANES
 * voxels, one plane of bits for each volume. Adding up the planes that a list names gives the
 * counts of LANES pairs at once. Counts are compared with their least counts bit-sliced as they
 * are, so none is ever unpacked for it.
 *
 * Voxels are listed two at a time: what both lists name is added up once, and each goes on from
 * there. Of two voxels occupied at random in half of the volumes that saves a quarter of the work;
 * of two that belong together, up to half.
 *
 * Volumes come in segments whose planes stay in the first-level cache while some pairs are added
 * up. A segment begins with a plane of zeros, which fills lists up to multiples of 8.
 */
#include "siren.h"
#include "sums.h"
#include "vectors.h"

#include <stdlib.h>

/* Most volumes in a segment: with 512 lanes, 33 KiB of planes. */
#define SEGMENT (LANES == 512 ? 528u : (unsigned)MOST)
/* Pairs that are taken through the segments together. */
#define TOGETHER 64
/* Voxels listed at once, at most. */
#define LISTED 1024
/* u16 of lists that are kept, and pairs of them, at most. */
#define LISTS ((size_t)4 << 20)
#define PAIRS 32768
/* Ranges of listed voxels that are kept, at most. */
#define RANGES 8192
/* Bytes of planes that are kept, and groups of them, at most. */
#define SLICED ((size_t)4 << 20)
#define GROUPS 256
/* Bytes of masks of a tile, at most. */
#define MASKS ((uint64_t)1 << 36)
/* Volumes that two lists have in common for it to pay to add them up apart. */
#define COMMON 24
/* In place of the second voxel of a pair. */
#define NOBODY 0xffff

/* Two listed voxels of a range, by their place in it, or the last one alone. */
struct Pair {
  uint16_t voxel[2];
  uint16_t total[2];
  uint16_t isFlipped[2];
};

/*
 * A pair's names in a segment, in u16: blocks of 8 names in each of three lists, one unused, then
 * the names: what the two voxels have in common, and what each has alone.
 */
enum { SHARED, OWN, NAMES_OF_PAIR = 4 };

/* A range of voxels that is prepared. */
struct Held {
  uint32_t side;
  uint32_t start;
  uint32_t count;
  /* Of lists: the first pair. */
  uint32_t pair;
};

/* How the least counts of a group's lanes are found in a row of the table. */
struct Lanes {
  const uint16_t *classes;
  unsigned count;
#if IS_AVX512
  /* Whether each 32 lanes have classes that lie within 32 of each other. */
  int isNear;
  uint32_t first[LANES / 32];
  __mmask32 there[LANES / 32];
  __mmask32 live[LANES / 32];
  uint16_t offset[LANES];
#endif
};

/* A tile that was compared: a mask of links for each row and group of columns. */
struct Linked {
  uint32_t rowStart;
  uint32_t rowCount;
  uint32_t columnStart;
  size_t groups;
  Plane *masks;
  void *block;
};

struct State {
  struct Engine engine;
  unsigned volumes;
  /* Words of 32 bits of a voxel. */
  unsigned words;
  /* Planes of a count: the bits of `volumes + 1`, which is above all counts; at least LOW are kept.
   */
  unsigned depth;
  unsigned kept;
  unsigned segments;
  /* Volumes of a segment, but for the last: a multiple of 16. */
  unsigned segmentSize;
  /* Planes from one group to the next; the last SUM of them are the totals. */
  size_t groupPlanes;
  /* Most u16 of a pair's names. */
  size_t mostNames;
  /* Voxels listed at once, and tallied at once: even numbers. */
  size_t listedAtOnce;
  size_t talliedAtOnce;

  /* Names of planes in order. */
  uint16_t *sequence;
  /* Bits of a pair of voxels, and what they have in common. */
  uint16_t *bits;
#if LANES > 64 && !IS_AVX512
  /* For each byte the names that its bits stand for. */
  uint16_t *namesOfByte;
#endif
  uint16_t *lists;
  size_t listsRoom;
  size_t listsUsed;
  struct Pair *pairs;
  /* Where the names of each pair and segment begin. */
  uint32_t *parts;
  size_t pairsRoom;
  size_t pairCount;
  struct Held *ranges;
  size_t rangeCount;
  /* The range after the one that was asked for last: it often follows. */
  size_t nextRange;

  Plane *planes;
  struct Held *groups;
  size_t groupCount;
  /* Sums on their way through the segments, `kept` planes each. */
  Plane *sums;

  /* Tiles whose links were found and not yet taken. */
  struct Linked *linked;
  size_t linkedCount;
  size_t linkedRoom;
  /* Masks of a part of a block, after a plane of zeros. */
  Plane *masks;
  /* Sets of least counts: `kept` planes each, zeros from `depth` on, and the smallest of them. */
  Plane *least;
  uint16_t *smallest;
  /* Class of each set, and the greatest total of its voxels. */
  uint16_t *classOfSet;
  uint16_t *greatest;
  /* Set of each listed voxel, and of each class. */
  uint16_t *setOf;
  uint16_t *setOfClass;
  uint16_t *columns;
  struct Lanes lanes;
  /* What malloc gave for what was taken. */
  void *blocks[24];
  unsigned blockCount;
};

/* ---- Memory ---- */

/* Memory for `size` times `each` bytes, on a boundary of 64 bytes, in a block to be freed. */
static void *allocate(size_t size, size_t each, void **block) {
  *block = each != 0 && size > (SIZE_MAX - 64) / each ? NULL : malloc(size * each + 64);
  return *block == NULL ? NULL : (char *)*block + (64 - (uintptr_t)*block % 64);
}

/* Memory that is given back when the engine is closed; NULL where there is none, now or before. */
static void *take(struct State *s, size_t size, size_t each) {
  if (s->blockCount > 0 && s->blocks[s->blockCount - 1] == NULL) return NULL;
  return allocate(size, each, &s->blocks[s->blockCount++]);
}

/* Forgets the tiles that were compared. */
static void forgetLinks(struct Engine *engine) {
  struct State *s = (struct State *)engine;
  while (s->linkedCount > 0) free(s->linked[--s->linkedCount].block);
}

/* One tile more, with room for so many masks; NULL where there is no memory. */
static struct Linked *holdTile(struct State *s, size_t masks) {
  if (masks > MASKS / PLANE) return NULL;
  if (s->linkedCount == s->linkedRoom) {
    const size_t room = s->linkedRoom * 2 + 8;
    struct Linked *linked = realloc(s->linked, room * sizeof *linked);
    if (linked == NULL) return NULL;
    s->linked = linked;
    s->linkedRoom = room;
  }
  struct Linked *linked = s->linked + s->linkedCount;
  linked->masks = allocate(masks, PLANE, &linked->block);
  if (linked->masks == NULL) return NULL;
  s->linkedCount++;
  return linked;
}

static void closeState(struct Engine *engine) {
  struct State *s = (struct State *)engine;
  forgetLinks(engine);
  free(s->linked);
  while (s->blockCount > 0) free(s->blocks[--s->blockCount]);
  free(s);
}

static unsigned bitLength(uint32_t x) {
  unsigned length = 0;
  for (; x; x >>= 1) length++;
  return length;
}

static size_t atLeast(size_t least, size_t x) { return x < least ? least : x; }
static size_t atMost(size_t most, size_t x) { return x > most ? most : x; }

static struct Engine *openState(uint32_t volumes) {
  struct State *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  s->volumes = volumes;
  s->words = (volumes + 31) / 32;
  s->depth = bitLength(volumes + 1);
  s->kept = (unsigned)atLeast(LOW, s->depth);
  s->segments = (volumes + SEGMENT - 1) / SEGMENT;
  s->segmentSize = ((volumes + s->segments - 1) / s->segments + 15) / 16 * 16;
  s->groupPlanes = (size_t)s->segments * (s->segmentSize + 1) + SUM;
  s->groupCount = atLeast(2, atMost(GROUPS, SLICED / (s->groupPlanes * PLANE)));

  /* Names are written 16 at a time, so some past the end. */
  s->mostNames = volumes + s->segments * (NAMES_OF_PAIR + 3 * 7) + 16;
  s->listsRoom = atLeast(s->mostNames, LISTS);
  s->listedAtOnce = 2 * atMost(LISTED / 2, s->listsRoom / s->mostNames);
  s->talliedAtOnce = atMost(MOST, s->listedAtOnce);
  s->pairsRoom = atMost(PAIRS, s->listsRoom / NAMES_OF_PAIR / s->segments);

  s->sequence = take(s, MOST, sizeof *s->sequence);
  s->bits = take(s, (size_t)s->words * 2 * 3, sizeof *s->bits);
  s->lists = take(s, s->listsRoom, sizeof *s->lists);
  s->pairs = take(s, s->pairsRoom, sizeof *s->pairs);
  s->parts = take(s, s->pairsRoom * s->segments, sizeof *s->parts);
  s->ranges = take(s, RANGES, sizeof *s->ranges);
  s->planes = take(s, s->groupCount * s->groupPlanes, PLANE);
  s->groups = take(s, s->groupCount, sizeof *s->groups);
  s->sums = take(s, (size_t)TOGETHER * 2 * s->kept, PLANE);
  s->least = take(s, (size_t)LISTED * s->kept, PLANE);
  s->smallest = take(s, LISTED, sizeof *s->smallest);
  s->classOfSet = take(s, LISTED, sizeof *s->classOfSet);
  s->greatest = take(s, LISTED, sizeof *s->greatest);
  s->setOf = take(s, LISTED, sizeof *s->setOf);
  s->setOfClass = take(s, 65536, sizeof *s->setOfClass);
  s->masks = take(s, MOST + 1, PLANE);
  s->columns = take(s, (size_t)COLUMNS * LANES, sizeof *s->columns);
#if LANES > 64 && !IS_AVX512
  s->namesOfByte = take(s, 256 * 8, sizeof *s->namesOfByte);
#endif
  if (s->blocks[s->blockCount - 1] == NULL) {
    closeState(&s->engine);
    return NULL;
  }
  for (unsigned i = 0; i < MOST; i++) s->sequence[i] = (uint16_t)((i + 1) * PLANE);
  memset(s->least, 0, LISTED * s->kept * PLANE);
  for (size_t g = 0; g < s->groupCount; g++) s->groups[g].count = 0;
#if LANES > 64 && !IS_AVX512
  for (unsigned byte = 0; byte < 256; byte++) {
    uint16_t *to = s->namesOfByte + byte * 8;
    memset(to, 0, 8 * sizeof *to);
    for (unsigned bit = 0; bit < 8; bit++) {
      if (byte >> bit & 1) *to++ = (uint16_t)(bit * PLANE);
    }
  }
#endif
  return &s->engine;
}

static struct Voxels part(struct Voxels voxels, size_t from, size_t most) {
  voxels.start += (uint32_t)from;
  voxels.count = (uint32_t)atMost(most, voxels.count - from);
  return voxels;
}

/* ---- Lists ---- */

/* Names the volumes of 16 bits, of which the first is `first`; may write 16 names in any case. */
INLINE uint16_t *nameBits(const struct State *s, unsigned bits, unsigned first, uint16_t *to) {
#if IS_ICE
  (void)s;
  const __m256i steps = _mm256_setr_epi16(0, 64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 704,
                                          768, 832, 896, 960);
  const __m256i names = _mm256_add_epi16(steps, _mm256_set1_epi16((short)first));
  _mm256_storeu_si256((__m256i *)to, _mm256_maskz_compress_epi16((__mmask16)bits, names));
  return to + ONES64(bits);
#elif IS_AVX512
  (void)s;
  const __m512i steps = _mm512_setr_epi32(0, 64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 704,
                                          768, 832, 896, 960);
  const __m512i names = _mm512_add_epi32(steps, _mm512_set1_epi32((int)first));
  const __m512i packed = _mm512_maskz_compress_epi32((__mmask16)bits, names);
  _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(packed));
  return to + ONES64(bits);
#elif LANES > 64
  for (unsigned byte = 0; byte < 2; byte++, bits >>= 8, first += 8 * PLANE) {
    const uint16_t *names = s->namesOfByte + (bits & 255) * 8;
    for (int i = 0; i < 8; i++) to[i] = (uint16_t)(names[i] + first);
    to += ONES64(bits & 255);
  }
  return to;
#else
  (void)s;
  for (; bits; bits &= bits - 1) *to++ = (uint16_t)(first + LOWEST64(bits) * PLANE);
  return to;
#endif
}

/* Lists the volumes whose bits are set, of `parts` times 16, in blocks of 8. */
static uint16_t *nameAll(const struct State *s, const uint16_t *bits, unsigned parts,
                         uint16_t *blocks, uint16_t *to) {
  uint16_t *const start = to;
  unsigned first = PLANE;
  for (unsigned i = 0; i < parts; i++, first += 16 * PLANE) to = nameBits(s, bits[i], first, to);
  while ((to - start) % 8 != 0) *to++ = 0;
  *blocks = (uint16_t)((to - start) / 8);
  return to;
}

/* Lists what a pair has in a segment. */
static uint16_t *listPart(const struct State *s, uint16_t *a, uint16_t *b, uint16_t *common,
                          unsigned parts, uint16_t *blocks) {
  unsigned shared = 0;
  for (unsigned i = 0; i < parts; i++) {
    common[i] = a[i] & b[i];
    shared += ONES64(common[i]);
  }
  for (unsigned i = 0; i < parts; i++) {
    if (shared < COMMON) common[i] = 0;
    a[i] ^= common[i];
    b[i] ^= common[i];
  }
  uint16_t *to = nameAll(s, common, parts, blocks + SHARED, blocks + NAMES_OF_PAIR);
  to = nameAll(s, a, parts, blocks + OWN, to);
  return nameAll(s, b, parts, blocks + OWN + 1, to);
}

/* Copies a voxel's bits; their opposite, if it is occupied in more than half of the volumes. */
static void copyBits(const struct State *s, const uint32_t *words, uint16_t *bits, uint16_t *total,
                     uint16_t *isFlipped) {
  unsigned count = 0;
  for (unsigned w = 0; w < s->words; w++) count += ONES64(words[w]);
  *total = (uint16_t)count;
  *isFlipped = 2 * count > s->volumes;
  memcpy(bits, words, (size_t)s->words * 4);
  if (!*isFlipped) return;
  for (unsigned i = 0; i < s->words * 2; i++) bits[i] = (uint16_t)~bits[i];
  for (unsigned k = s->volumes; k < s->words * 32; k++) {
    bits[k / 16] = (uint16_t)(bits[k / 16] & ~(1u << k % 16));
  }
}

/* Lists a pair of voxels, or one alone. */
static void listPair(struct State *s, const uint32_t *words, unsigned voxel, int isAlone) {
  const unsigned parts = s->words * 2;
  uint16_t *a = s->bits, *b = a + parts, *common = b + parts;
  struct Pair *pair = s->pairs + s->pairCount;
  pair->voxel[0] = (uint16_t)voxel;
  pair->voxel[1] = isAlone ? NOBODY : (uint16_t)(voxel + 1);
  copyBits(s, words, a, &pair->total[0], &pair->isFlipped[0]);
  if (isAlone)
    memset(b, 0, parts * sizeof *b);
  else
    copyBits(s, words + s->words, b, &pair->total[1], &pair->isFlipped[1]);
  for (unsigned g = 0; g < s->segments; g++) {
    const unsigned first = g * s->segmentSize / 16;
    uint16_t *to = s->lists + s->listsUsed;
    s->parts[s->pairCount * s->segments + g] = (uint32_t)s->listsUsed;
    to = listPart(s, a + first, b + first, common,
                  (unsigned)atMost(s->segmentSize / 16, parts - first), to);
    s->listsUsed = (size_t)(to - s->lists);
  }
  s->pairCount++;
}

/* Lists voxels, at most `listedAtOnce`, if they are not yet; gives the first of their pairs. */
static size_t listVoxels(struct State *s, struct Voxels voxels) {
  for (size_t i = 0; i < s->rangeCount; i++) {
    size_t at = s->nextRange + i;
    if (at >= s->rangeCount) at -= s->rangeCount;
    const struct Held *held = s->ranges + at;
    if (held->side == voxels.side && held->start == voxels.start && held->count == voxels.count) {
      s->nextRange = at + 1;
      return held->pair;
    }
  }
  const size_t pairs = (voxels.count + 1) / 2;
  if (s->listsUsed + pairs * s->mostNames > s->listsRoom || s->pairCount + pairs > s->pairsRoom ||
      s->rangeCount == RANGES) {
    s->listsUsed = s->pairCount = s->rangeCount = 0;
  }
  const size_t first = s->pairCount;
  s->ranges[s->rangeCount++] =
      (struct Held){voxels.side, voxels.start, voxels.count, (uint32_t)first};
  s->nextRange = s->rangeCount;
  const uint32_t *words = voxels.words + (size_t)voxels.start * s->words;
  for (uint32_t i = 0; i < voxels.count; i += 2) {
    listPair(s, words + (size_t)i * s->words, i, i + 1 == voxels.count);
  }
  return first;
}

/* ---- Groups ---- */

/* The first planes of a segment's, added up: at most MOST, and zeros up to a multiple of 8. */
static NOINLINE struct Sum addFirst(const struct State *s, const Plane *segment, unsigned count) {
  return addList(nothing(), s->sequence, (count + 7) / 8, (const char *)segment);
}

/* The planes of a group of at most LANES voxels, made if they are not there. */
static const Plane *sliceGroup(struct State *s, struct Voxels voxels) {
  const size_t at = voxels.start / LANES % s->groupCount;
  Plane *planes = s->planes + at * s->groupPlanes;
  struct Held *held = s->groups + at;
  if (held->side == voxels.side && held->start == voxels.start && held->count == voxels.count) {
    return planes;
  }
  *held = (struct Held){voxels.side, voxels.start, voxels.count, 0};

  const unsigned parts = s->words * 2;
  const size_t stride = parts * sizeof(uint16_t);
  const char *rows = (const char *)(voxels.words + (size_t)voxels.start * s->words);
  const char *end = rows + voxels.count * stride;
  Plane *to = planes, *totals = planes + s->groupPlanes - SUM;
  for (int p = 0; p < SUM; p++) totals[p] = zeros();
  for (unsigned g = 0, i = 0; g < s->segments; g++) {
    Plane *const segment = to;
    *to++ = zeros();
    const unsigned last = (unsigned)atMost(parts, (g + 1) * s->segmentSize / 16);
    for (; i < last; i++, to += 16) {
      if (i % COLUMNS == 0) {
        const unsigned width = (unsigned)atMost(COLUMNS, parts - i);
        transpose16(rows + i * sizeof(uint16_t), stride, voxels.count, width, end, 0, s->columns);
      }
      slice(s->columns + (size_t)(i % COLUMNS) * LANES, to, 16);
    }
    const unsigned count = (unsigned)atMost(s->segmentSize, s->volumes - g * s->segmentSize);
    store(totals, addSum(addFirst(s, segment, count), totals, s->depth));
  }
  return planes;
}

/* The lanes from `first` on. */
static Plane lanesFrom(unsigned first) {
  uint64_t words[LANES / 64];
  for (unsigned i = 0; i < LANES / 64; i++) {
    words[i] = first <= i * 64        ? ~(uint64_t)0
               : first >= i * 64 + 64 ? 0
                                      : ~(uint64_t)0 << (first & 63);
  }
  Plane plane;
  memcpy(&plane, words, PLANE);
  return plane;
}

/* ---- Least counts ---- */

/*
 * Makes a set for each class that listed voxels have, in order of the classes, and gives how many.
 *
 * classes: Of the listed voxels.
 */
static unsigned makeSets(struct State *s, const uint16_t *classes, unsigned count, size_t pair) {
  uint32_t first = 65536, end = 0;
  for (unsigned i = 0; i < count; i++) {
    first = classes[i] < first ? classes[i] : first;
    end = classes[i] >= end ? classes[i] + 1u : end;
  }
  for (uint32_t c = first; c < end; c++) s->setOfClass[c] = 0;
  for (unsigned i = 0; i < count; i++) s->setOfClass[classes[i]] = 1;
  unsigned sets = 0;
  for (uint32_t c = first; c < end; c++) {
    if (!s->setOfClass[c]) continue;
    s->greatest[sets] = 0;
    s->classOfSet[sets] = (uint16_t)c;
    s->setOfClass[c] = (uint16_t)sets++;
  }
  for (unsigned i = 0; i < count; i++) s->setOf[i] = s->setOfClass[classes[i]];
  for (const struct Pair *p = s->pairs + pair, *last = p + (count + 1) / 2; p < last; p++) {
    for (unsigned i = 0; i < 2 && p->voxel[i] != NOBODY; i++) {
      uint16_t *greatest = s->greatest + s->setOf[p->voxel[i]];
      if (p->total[i] > *greatest) *greatest = p->total[i];
    }
  }
  return sets;
}

/*
 * Slices LANES least counts into a set, unless no voxel of it reaches any; those that no count
 * reaches are made one of them.
 */
static void sliceLeast(struct State *s, uint16_t *values, unsigned set) {
  const uint16_t most = (uint16_t)(s->volumes + 1);
  uint16_t smallest = most;
  for (unsigned i = 0; i < LANES; i++) {
    values[i] = values[i] < most ? values[i] : most;
    smallest = values[i] < smallest ? values[i] : smallest;
  }
  s->smallest[set] = smallest;
  if (smallest <= s->greatest[set]) slice(values, s->least + (size_t)set * s->kept, s->depth);
}

static void setLanes(struct Lanes *lanes, const uint16_t *classes, unsigned count,
                     uint32_t classCount) {
  lanes->classes = classes;
  lanes->count = count;
#if IS_AVX512
  lanes->isNear = 1;
  for (unsigned i = 0; i < LANES / 32; i++) {
    const unsigned start = i * 32, end = (unsigned)atMost(start + 32, count);
    uint32_t first = classCount - 1;
    for (unsigned lane = start; lane < end; lane++) first = (uint32_t)atMost(first, classes[lane]);
    for (unsigned lane = start; lane < start + 32; lane++) {
      const unsigned offset = lane < end ? classes[lane] - first : 0;
      if (offset >= 32) lanes->isNear = 0;
      lanes->offset[lane] = (uint16_t)offset;
    }
    lanes->first[i] = first;
    lanes->there[i] = classCount - first >= 32 ? ~0u : (1u << (classCount - first)) - 1;
    lanes->live[i] = end <= start ? 0 : end - start == 32 ? ~0u : (1u << (end - start)) - 1;
  }
#else
  (void)classCount;
#endif
}

/* Takes the least counts of a group's lanes out of a row of the table; 0xffff where no voxel is. */
static void takeLeast(const struct Lanes *lanes, const uint16_t *row, uint16_t *values) {
#if IS_AVX512
  if (lanes->isNear) {
    for (unsigned i = 0; i < LANES / 32; i++) {
      const __m512i all = _mm512_maskz_loadu_epi16(lanes->there[i], row + lanes->first[i]);
      const __m512i own = _mm512_permutexvar_epi16(loadAny(lanes->offset + i * 32), all);
      _mm512_storeu_si512(values + i * 32, _mm512_mask_mov_epi16(ones(), lanes->live[i], own));
    }
    return;
  }
#endif
  unsigned i = 0;
  for (; i < lanes->count; i++) values[i] = row[lanes->classes[i]];
  for (; i < LANES; i++) values[i] = 0xffff;
}

/* ---- Counting ---- */

/* Whether a voxel of a range has to be counted. */
typedef int IsNeeded(const struct State *, const void *context, unsigned voxel, unsigned total);
/* Takes the counts of a voxel; the planes from LOW on are those of `high`. */
typedef void Take(struct State *, const void *context, unsigned voxel, struct Sum,
                  const Plane *high);

/* Counts a range of listed voxels against a group. */
INLINE void countRange(struct State *s, size_t firstPair, unsigned voxels, const Plane *planes,
                       IsNeeded *isNeeded, Take *take, const void *context) {
  const Plane *totals = planes + s->groupPlanes - SUM;
  const size_t end = firstPair + (voxels + 1) / 2, together = s->segments == 1 ? end : TOGETHER;
  for (size_t from = firstPair, to; from < end; from = to) {
    to = atMost(end, from + together);
    for (unsigned g = 0; g < s->segments; g++) {
      const char *segment = (const char *)(planes + (size_t)g * (s->segmentSize + 1));
      for (size_t p = from; p < to; p++) {
        const struct Pair *pair = s->pairs + p;
        const int needed0 = isNeeded(s, context, pair->voxel[0], pair->total[0]);
        const int needed1 =
            pair->voxel[1] != NOBODY && isNeeded(s, context, pair->voxel[1], pair->total[1]);
        if (!needed0 && !needed1) continue;
        const uint16_t *blocks = s->lists + s->parts[p * s->segments + g];
        const uint16_t *names = blocks + NAMES_OF_PAIR;
        struct Sum common = nothing();
        if (blocks[SHARED] > 0) common = addList(common, names, blocks[SHARED], segment);
        names += 8 * blocks[SHARED];
        for (unsigned i = 0; i < 2; names += 8 * blocks[OWN + i++]) {
          if (i == 0 ? !needed0 : !needed1) continue;
          struct Sum sum = addList(common, names, blocks[OWN + i], segment);
          Plane *held = s->sums + ((p - from) * 2 + i) * s->kept;
          if (g > 0) sum = addSum(sum, held, s->depth);
          if (g + 1 < s->segments) {
            store(held, sum);
            for (unsigned q = LOW; g == 0 && q < s->depth; q++) held[q] = zeros();
            continue;
          }
          if (pair->isFlipped[i]) sum = subtract(totals, sum, held, s->depth);
          take(s, context, pair->voxel[i], sum, held);
        }
      }
    }
  }
}

/* Where the masks of a range of listed voxels go. */
struct Linking {
  /* Lanes below voxel + diagonal are left out. */
  int64_t diagonal;
  /* That of voxel i goes to `i * stride`. */
  Plane *masks;
  size_t stride;
};
#define NO_DIAGONAL (-((int64_t)1 << 40))

INLINE int canLink(const struct State *s, const void *context, unsigned voxel, unsigned total) {
  const struct Linking *to = context;
  /* A count is at most the total. */
  if (voxel + to->diagonal < LANES && total >= s->smallest[s->setOf[voxel]]) return 1;
  to->masks[voxel * to->stride] = zeros();
  return 0;
}

INLINE void takeMask(struct State *s, const void *context, unsigned voxel, struct Sum sum,
                     const Plane *high) {
  const struct Linking *to = context;
  Plane mask = reached(sum, high, s->least + (size_t)s->setOf[voxel] * s->kept, s->depth);
  const int64_t first = voxel + to->diagonal;
  if (first > 0) mask = both(mask, lanesFrom((unsigned)first));
  to->masks[voxel * to->stride] = mask;
}

/* Compares a range with a group: voxel i has the least counts of set `setOf[i]`. */
static void linkRange(struct State *s, size_t pair, unsigned voxels, const Plane *planes,
                      struct Linking to) {
  countRange(s, pair, voxels, planes, canLink, takeMask, &to);
}

/* ---- Links ---- */

/* Number of volumes in which both of two voxels are occupied. */
INLINE unsigned countBoth(const uint32_t *a, const uint32_t *b, unsigned words) {
  unsigned total = 0, w = 0;
  for (; w + 2 <= words; w += 2) total += ONES64(load64(a + w) & load64(b + w));
  if (w < words) total += ONES64(a[w] & b[w]);
  return total;
}

/* The same of one voxel and `count` others. */
static void countAll(const uint32_t *voxel, const uint32_t *others, const uint32_t *places,
                     size_t count, unsigned words, uint16_t *to) {
  size_t i = 0;
#if IS_ICE
  /* The last 512 bits, or what there is of them. */
  const unsigned last = (words - 1) / 16 * 16;
  const __mmask16 there = (__mmask16)(0xffff >> (last + 16 - words));
  const __m512i own = _mm512_maskz_loadu_epi32(there, voxel + last);
  for (; i + 8 <= count; i += 8) {
    __m512i totals[8];
    for (int j = 0; j < 8; j++) {
      const uint32_t *other = others + (size_t)places[i + j] * words;
      totals[j] = _mm512_popcnt_epi64(own & _mm512_maskz_loadu_epi32(there, other + last));
      for (unsigned w = 0; w < last; w += 16) {
        const __m512i bits = loadAny(voxel + w) & loadAny(other + w);
        totals[j] = _mm512_add_epi64(totals[j], _mm512_popcnt_epi64(bits));
      }
    }
    transpose64(totals);
    for (int j = 1; j < 8; j++) totals[0] = _mm512_add_epi64(totals[0], totals[j]);
    _mm_storeu_si128((__m128i *)(to + i), _mm512_cvtepi64_epi16(totals[0]));
  }
#endif
  for (; i < count; i++) {
    to[i] = (uint16_t)countBoth(voxel, others + (size_t)places[i] * words, words);
  }
}

/* Words of masks that are looked at together. */
#define WORDS 64

/*
 * Writes the places of the bits that are set, plus `first`, and gives how many. Few are set, here
 * and there: processors cannot foresee where, so that asking as little as possible is fastest.
 */
static size_t placesOfBits(const char *masks, size_t words, uint32_t first, uint32_t *to) {
  uint64_t some[WORDS];
  uint32_t firsts[WORDS];
  uint32_t *const start = to;
  for (size_t from = 0; from < words; from += WORDS) {
    unsigned found = 0;
    for (size_t i = from; i < words && i < from + WORDS; i++) {
      some[found] = load64(masks + i * 8);
      firsts[found] = first + (uint32_t)i * 64;
      found += some[found] != 0;
    }
    for (unsigned i = 0; i < found; i++) {
      for (uint64_t bits = some[i]; bits; bits &= bits - 1) *to++ = firsts[i] + LOWEST64(bits);
    }
  }
  return (size_t)(to - start);
}

/* Compares the pairs of a tile; gives the number of links, or -1 where there is no memory. */
static int64_t findLinks(struct Engine *engine, struct Voxels rows, struct Voxels columns,
                         struct LeastCounts thresholds, int isTriangular) {
  struct State *s = (struct State *)engine;
  if (rows.count == 0 || columns.count == 0) return 0;
  const size_t groups = (columns.count - 1) / LANES + 1;
  struct Linked *linked = holdTile(s, rows.count * groups);
  if (linked == NULL) return -1;
  linked->rowStart = rows.start;
  linked->rowCount = rows.count;
  linked->columnStart = columns.start;
  linked->groups = groups;
  for (size_t from = 0; from < rows.count; from += s->listedAtOnce) {
    const struct Voxels listed = part(rows, from, s->listedAtOnce);
    const size_t pair = listVoxels(s, listed);
    const unsigned sets = makeSets(s, thresholds.rowClasses + listed.start, listed.count, pair);
    for (size_t g = 0; g < groups; g++) {
      const struct Voxels group = part(columns, g * LANES, LANES);
      /* Of row i, columns from i + 1 on: as places in the two ranges. */
      const int64_t diagonal = isTriangular ? (int64_t)listed.start + 1 - group.start : NO_DIAGONAL;
      Plane *masks = linked->masks + from * groups + g;
      if (diagonal >= LANES) {
        for (uint32_t i = 0; i < listed.count; i++) masks[i * groups] = zeros();
        continue;
      }
      const uint32_t classCount = thresholds.columnClassCount;
      setLanes(&s->lanes, thresholds.columnClasses + group.start, group.count, classCount);
      for (unsigned set = 0; set < sets; set++) {
        takeLeast(&s->lanes, thresholds.least + (size_t)s->classOfSet[set] * classCount,
                  s->columns);
        sliceLeast(s, s->columns, set);
      }
      const Plane *planes = sliceGroup(s, group);
      linkRange(s, pair, listed.count, planes, (struct Linking){diagonal, masks, groups});
    }
  }
  int64_t size = 0;
  const char *masks = (const char *)linked->masks;
  for (size_t i = 0; i < rows.count * groups * (LANES / 64); i++) {
    size += ONES64(load64(masks + i * 8));
  }
  if (size == 0) free(s->linked[--s->linkedCount].block);
  return size;
}

/* Writes down the links of the tiles that were compared, each tile's in order of (row, column). */
static void takeLinks(struct Engine *engine, const uint32_t *rowWords, const uint32_t *columnWords,
                      uint32_t *rows, uint32_t *columns, uint16_t *both) {
  struct State *s = (struct State *)engine;
  for (size_t tile = 0; tile < s->linkedCount; tile++) {
    const struct Linked *linked = s->linked + tile;
    const size_t words = linked->groups * LANES / 64;
    const char *masks = (const char *)linked->masks;
    for (size_t i = 0; i < linked->rowCount; i++, masks += words * 8) {
      const uint32_t row = linked->rowStart + (uint32_t)i;
      const size_t size = placesOfBits(masks, words, linked->columnStart, columns);
      countAll(rowWords + (size_t)row * s->words, columnWords, columns, size, s->words, both);
      for (size_t k = 0; k < size; k++) rows[k] = row;
      rows += size;
      columns += size;
      both += size;
    }
  }
  forgetLinks(engine);
}

/* ---- Tally ---- */

/*
 * Adds to `to`, `width` apart, how many voxels of a listed part of a block each voxel of a group is
 * linked with.
 *
 * least: Of the group's first voxel, `classCount` for each; the table ends at `end`.
 */
static void tallyGroup(struct State *s, size_t pair, unsigned count, unsigned sets,
                       struct Voxels group, const uint16_t *least, const uint16_t *end,
                       uint32_t classCount, uint32_t *to, size_t width) {
  uint32_t transposed = UINT32_MAX;
  for (unsigned set = 0; set < sets; set++) {
    const uint32_t own = s->classOfSet[set], first = own / COLUMNS * COLUMNS;
    if (first != transposed) {
      const unsigned columns = (unsigned)atMost(COLUMNS, classCount - first);
      transpose16((const char *)(least + first), classCount * sizeof *least, group.count, columns,
                  (const char *)end, 0xffff, s->columns);
      transposed = first;
    }
    sliceLeast(s, s->columns + (size_t)(own - first) * LANES, set);
  }
  s->masks[0] = zeros();
  linkRange(s, pair, count, sliceGroup(s, group), (struct Linking){NO_DIAGONAL, s->masks + 1, 1});
  for (unsigned i = count; i % 8 != 0; i++) s->masks[1 + i] = zeros();
  /* How many voxels a voxel is linked with is one more sum of planes: of the masks. */
  Plane sum[SUM] = {zeros()};
  uint16_t linked[LANES];
  store(sum, addFirst(s, s->masks, count));
  unslice(sum, bitLength(count), linked);
  for (uint32_t i = 0; i < group.count; i++) to[i * width] += linked[i];
}

static void tally(struct Engine *engine, struct Voxels rows, const uint32_t *columns, uint32_t side,
                  struct ColumnBlocks blocks, const uint16_t *least, uint32_t *to) {
  struct State *s = (struct State *)engine;
  const size_t width = blocks.count;
  if (rows.count == 0 || width == 0) return;
  memset(to, 0, rows.count * width * sizeof *to);
  /* The rows are sliced here: a few columns against many rows leave no lane empty. */
  for (size_t row = 0; row < rows.count; row += s->groupCount * LANES) {
    const struct Voxels sliced = part(rows, row, s->groupCount * LANES);
    const uint16_t *table = least;
    for (size_t block = 0; block < width; block++) {
      const uint32_t classCount = blocks.classCounts[block], start = blocks.starts[block];
      const uint16_t *end = table + (size_t)rows.count * classCount;
      const struct Voxels all = {columns, side, start, blocks.starts[block + 1] - start};
      for (size_t column = 0; column < all.count; column += s->talliedAtOnce) {
        const struct Voxels listed = part(all, column, s->talliedAtOnce);
        const size_t pair = listVoxels(s, listed);
        const unsigned sets = makeSets(s, blocks.classes + listed.start, listed.count, pair);
        for (size_t i = 0; i < sliced.count; i += LANES) {
          tallyGroup(s, pair, listed.count, sets, part(sliced, i, LANES),
                     table + (row + i) * classCount, end, classCount,
                     to + (row + i) * width + block, width);
        }
      }
      table = end;
    }
  }
}

/* ---- Counts ---- */

/* Where the counts of a range against a group go. */
struct CountsTo {
  uint16_t *first;
  size_t width;
  uint32_t lanes;
};

INLINE int always(const struct State *s, const void *context, unsigned voxel, unsigned total) {
  (void)s, (void)context, (void)voxel, (void)total;
  return 1;
}

INLINE void takeCounts(struct State *s, const void *context, unsigned voxel, struct Sum sum,
                       const Plane *high) {
  const struct CountsTo *to = context;
  uint16_t *place = to->first + voxel * to->width;
  Plane planes[SUM];
  uint16_t counts[LANES];
  store(planes, sum);
  for (unsigned p = LOW; p < s->depth; p++) planes[p] = high[p];
  unslice(planes, s->depth, to->lanes == LANES ? place : counts);
  if (to->lanes < LANES) memcpy(place, counts, to->lanes * sizeof *counts);
}

static void countTile(struct Engine *engine, struct Voxels rows, struct Voxels columns,
                      uint16_t *to) {
  struct State *s = (struct State *)engine;
  for (size_t row = 0; row < rows.count; row += s->listedAtOnce) {
    const struct Voxels listed = part(rows, row, s->listedAtOnce);
    const size_t pair = listVoxels(s, listed);
    for (size_t column = 0; column < columns.count; column += LANES) {
      const struct Voxels group = part(columns, column, LANES);
      const struct CountsTo place = {to + row * columns.count + column, columns.count, group.count};
      countRange(s, pair, listed.count, sliceGroup(s, group), always, takeCounts, &place);
    }
  }
}

/* ---- The pace that no counting in this way can exceed ---- */

/* Chains that do not wait for each other, as many as there are registers for. */
#if IS_AVX512 || IS_NEON
#define EACH_CHAIN(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define EIGHT_TIMES(DO) EACH_CHAIN(DO)
#else
#define EACH_CHAIN(DO) DO(0) DO(1) DO(2) DO(3)
#define EIGHT_TIMES(DO) EACH_CHAIN(DO) EACH_CHAIN(DO)
#endif

static uint32_t fullAdders(uint32_t rounds) {
  const Plane x = lanesFrom(20);
#define DO(i) Plane sum##i = lanesFrom(i), carry##i = lanesFrom(8 + i);
  EACH_CHAIN(DO)
#undef DO
  for (uint32_t round = 0; round < rounds; round++) {
#define DO(i) ADD(sum##i, carry##i, x);
    EIGHT_TIMES(DO)
#undef DO
  }
  Plane all = zeros();
#define DO(i) all = parity(all, sum##i, carry##i);
  EACH_CHAIN(DO)
#undef DO
  return (uint32_t)load64(&all);
}

const struct Variant JOIN(siren_, VARIANT) = {
    .lanes = LANES,
    .open = openState,
    .close = closeState,
    .counts = countTile,
    .links = findLinks,
    .take = takeLinks,
    .forget = forgetLinks,
    .tally = tally,
    .fullAdders = fullAdders,
};
