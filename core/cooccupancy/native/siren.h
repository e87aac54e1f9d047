/*
 * The native engine: what native.ts calls, and what each variant of the kernel gives.
 *
 * Everything is exact. Pointers are those of JavaScript's typed arrays and hold for one call; their
 * sizes are checked by the caller. Nothing is shared between engines, so that each thread may have
 * one.
 */
#ifndef SIREN_H
#define SIREN_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define SIREN_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define SIREN_EXPORT __attribute__((visibility("default")))
#else
#define SIREN_EXPORT
#endif

/* Voxels [start, start + count) of a matrix, of which `words` is the whole. */
struct Voxels {
  /* Bits, as bit_matrix.ts has them. */
  const uint32_t *words;
  /* Tells matrices apart: what is prepared of one is not taken for another. */
  uint32_t side;
  uint32_t start;
  uint32_t count;
};

/* Least counts by class of row and class of column, as engine.ts has them. */
struct LeastCounts {
  /* Classes of all voxels of the matrices. */
  const uint16_t *rowClasses;
  const uint16_t *columnClasses;
  uint32_t columnClassCount;
  const uint16_t *least;
};

/* Blocks of columns with classes of their own, as engine.ts has them. */
struct ColumnBlocks {
  uint32_t count;
  const uint32_t *starts;
  const uint16_t *classes;
  const uint32_t *classCounts;
};

struct Variant;

/* What all variants' engines begin with. */
struct Engine {
  const struct Variant *variant;
};

/* One compilation of kernel.c. Where memory is lacking, `open` gives NULL and `links` -1. */
struct Variant {
  /* Voxels counted at once: bits of a plane. */
  uint32_t lanes;
  struct Engine *(*open)(uint32_t volumes);
  void (*close)(struct Engine *);
  void (*counts)(struct Engine *, struct Voxels rows, struct Voxels columns, uint16_t *to);
  int64_t (*links)(struct Engine *, struct Voxels rows, struct Voxels columns, struct LeastCounts,
                   int isTriangular);
  void (*take)(struct Engine *, const uint32_t *rowWords, const uint32_t *columnWords,
               uint32_t *rows, uint32_t *columns, uint16_t *both);
  void (*forget)(struct Engine *);
  void (*tally)(struct Engine *, struct Voxels rows, const uint32_t *columns, uint32_t side,
                struct ColumnBlocks, const uint16_t *least, uint32_t *to);
  uint32_t (*fullAdders)(uint32_t rounds);
};

/* In order of how well they do: bits of a mask. */
enum { PORTABLE, NEON, AVX2, AVX512, AVX512ICE, VARIANTS };

/* Mask of the variants that are in the library and that this processor has the instructions for. */
SIREN_EXPORT uint32_t siren_variants(void);
/* Mask of the variants that are in the library. */
SIREN_EXPORT uint32_t siren_built(void);
/* Voxels that a variant counts at once. */
SIREN_EXPORT uint32_t siren_lanes(uint32_t variant);
/* Makes an engine, of a variant that this processor has; NULL where there is no memory for it. */
SIREN_EXPORT struct Engine *siren_open(uint32_t variant, uint32_t volumes);
SIREN_EXPORT void siren_close(struct Engine *);
/* Writes rows x columns counts. */
SIREN_EXPORT void siren_counts(struct Engine *, const uint32_t *rows, uint32_t rowSide,
                               uint32_t rowStart, uint32_t rowCount, const uint32_t *columns,
                               uint32_t columnSide, uint32_t columnStart, uint32_t columnCount,
                               uint16_t *to);
/*
 * Finds the links of a tile, and gives how many. The engine keeps where they are, after those of
 * the tiles before, until they are taken. Gives -1 where there is no memory; the engine then has
 * none.
 */
SIREN_EXPORT double siren_links(struct Engine *, const uint32_t *rows, uint32_t rowSide,
                                uint32_t rowStart, uint32_t rowCount, const uint32_t *columns,
                                uint32_t columnSide, uint32_t columnStart, uint32_t columnCount,
                                const uint16_t *rowClasses, const uint16_t *columnClasses,
                                uint32_t columnClassCount, const uint16_t *least,
                                uint32_t isTriangular);
/* Writes the links that were found, as many as `siren_links` said of all tiles together. */
SIREN_EXPORT void siren_take(struct Engine *, const uint32_t *rows, const uint32_t *columns,
                             uint32_t *linkRows, uint32_t *linkColumns, uint16_t *both);
/* Forgets the links that were found. */
SIREN_EXPORT void siren_forget(struct Engine *);
/* Writes rows x blocks numbers of linked columns. */
SIREN_EXPORT void siren_tally(struct Engine *, const uint32_t *rows, uint32_t rowSide,
                              uint32_t rowStart, uint32_t rowCount, const uint32_t *columns,
                              uint32_t columnSide, uint32_t blocks, const uint32_t *starts,
                              const uint16_t *classes, const uint32_t *classCounts,
                              const uint16_t *least, uint32_t *to);
/* Adds 8 x `rounds` times from registers, and gives a bit of the sum. */
SIREN_EXPORT uint32_t siren_full_adders(uint32_t variant, uint32_t rounds);

#endif
