/*
 * What native.ts calls. The work is done by one of the variants of kernel.c: HAS_... says which of
 * them are linked into this library.
 */
#include "siren.h"

extern const struct Variant siren_portable;
#ifdef HAS_neon
extern const struct Variant siren_neon;
#endif
#ifdef HAS_avx2
extern const struct Variant siren_avx2;
#endif
#ifdef HAS_avx512
extern const struct Variant siren_avx512;
#endif
#ifdef HAS_avx512ice
extern const struct Variant siren_avx512ice;
#endif

static const struct Variant *const variants[VARIANTS] = {
    [PORTABLE] = &siren_portable,
#ifdef HAS_neon
    [NEON] = &siren_neon,
#endif
#ifdef HAS_avx2
    [AVX2] = &siren_avx2,
#endif
#ifdef HAS_avx512
    [AVX512] = &siren_avx512,
#endif
#ifdef HAS_avx512ice
    [AVX512ICE] = &siren_avx512ice,
#endif
};

uint32_t siren_built(void) {
  uint32_t mask = 0;
  for (int i = 0; i < VARIANTS; i++) {
    if (variants[i] != NULL) mask |= 1u << i;
  }
  return mask;
}

uint32_t siren_variants(void) {
  /* 64-bit Arm always has NEON, and no other processor is built for with it. */
  uint32_t mask = 1u << PORTABLE | 1u << NEON;
  /* These ask the operating system too: it has to save the registers. */
#if defined(HAS_avx2) || defined(HAS_avx512)
  __builtin_cpu_init();
#endif
#ifdef HAS_avx2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")) {
    mask |= 1u << AVX2;
  }
#endif
#ifdef HAS_avx512
  if ((mask >> AVX2 & 1) && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    mask |= 1u << AVX512;
  }
#endif
#ifdef HAS_avx512ice
  if ((mask >> AVX512 & 1) && __builtin_cpu_supports("avx512vbmi") &&
      __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vpopcntdq") &&
      __builtin_cpu_supports("gfni")) {
    mask |= 1u << AVX512ICE;
  }
#endif
  return mask & siren_built();
}

uint32_t siren_lanes(uint32_t variant) { return variants[variant]->lanes; }

uint32_t siren_full_adders(uint32_t variant, uint32_t rounds) {
  return variants[variant]->fullAdders(rounds);
}

struct Engine *siren_open(uint32_t variant, uint32_t volumes) {
  struct Engine *engine = variants[variant]->open(volumes);
  if (engine != NULL) engine->variant = variants[variant];
  return engine;
}

void siren_close(struct Engine *engine) { engine->variant->close(engine); }

void siren_counts(struct Engine *engine, const uint32_t *rows, uint32_t rowSide, uint32_t rowStart,
                  uint32_t rowCount, const uint32_t *columns, uint32_t columnSide,
                  uint32_t columnStart, uint32_t columnCount, uint16_t *to) {
  const struct Voxels ofRows = {rows, rowSide, rowStart, rowCount};
  const struct Voxels ofColumns = {columns, columnSide, columnStart, columnCount};
  engine->variant->counts(engine, ofRows, ofColumns, to);
}

double siren_links(struct Engine *engine, const uint32_t *rows, uint32_t rowSide, uint32_t rowStart,
                   uint32_t rowCount, const uint32_t *columns, uint32_t columnSide,
                   uint32_t columnStart, uint32_t columnCount, const uint16_t *rowClasses,
                   const uint16_t *columnClasses, uint32_t columnClassCount, const uint16_t *least,
                   uint32_t isTriangular) {
  const struct Voxels ofRows = {rows, rowSide, rowStart, rowCount};
  const struct Voxels ofColumns = {columns, columnSide, columnStart, columnCount};
  const struct LeastCounts thresholds = {rowClasses, columnClasses, columnClassCount, least};
  const int64_t size =
      engine->variant->links(engine, ofRows, ofColumns, thresholds, isTriangular != 0);
  if (size < 0) engine->variant->forget(engine);
  return (double)size;
}

void siren_take(struct Engine *engine, const uint32_t *rows, const uint32_t *columns,
                uint32_t *linkRows, uint32_t *linkColumns, uint16_t *both) {
  engine->variant->take(engine, rows, columns, linkRows, linkColumns, both);
}

void siren_forget(struct Engine *engine) { engine->variant->forget(engine); }

void siren_tally(struct Engine *engine, const uint32_t *rows, uint32_t rowSide, uint32_t rowStart,
                 uint32_t rowCount, const uint32_t *columns, uint32_t columnSide, uint32_t blocks,
                 const uint32_t *starts, const uint16_t *classes, const uint32_t *classCounts,
                 const uint16_t *least, uint32_t *to) {
  const struct Voxels ofRows = {rows, rowSide, rowStart, rowCount};
  const struct ColumnBlocks ofColumns = {blocks, starts, classes, classCounts};
  engine->variant->tally(engine, ofRows, columns, columnSide, ofColumns, least, to);
}
