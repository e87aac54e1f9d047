/*
 * Counts of LANES pairs at once, bit-sliced: LANES columns of bits over several planes, the lowest
 * first.
 *
 * They are sums of planes, added up by a tree of full adders (Harley and Seal's, as in Mula, Kurz &
 * Lemire, "Faster population counts using AVX2 instructions", The Computer Journal 2018, here over
 * planes instead of the words of one vector).
 */
#ifndef SUMS_H
#define SUMS_H

#include "vectors.h"

/* Planes of a sum that lie in registers, and planes of any sum. */
#define LOW 10
#define SUM 16
/* Most planes that are added up before the sum leaves the registers. */
#define MOST 1008

/* For each low plane. */
#define EACH_LOW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9)

struct Sum {
  Plane p0, p1, p2, p3, p4, p5, p6, p7, p8, p9;
};

INLINE struct Sum nothing(void) {
  struct Sum sum;
#define DO(i) sum.p##i = zeros();
  EACH_LOW(DO)
#undef DO
  return sum;
}

INLINE void store(Plane *to, struct Sum sum) {
#define DO(i) to[i] = sum.p##i;
  EACH_LOW(DO)
#undef DO
}

/* Adds up the planes that 8, 16 or 32 names say onto `sum`; what it carries goes to `carry`. */
#if LANES == 64
#define NAMES
#define NAMED(i) (*(const Plane *)(planes + names[i]))
#else
/* Processors load fewer vectors while they load single names. */
#define NAMES const uint64_t names0 = load64(names), names4 = load64(names + 4);
#define NAMED(i) (*(const Plane *)(planes + (uint16_t)((i < 4 ? names0 : names4) >> (i % 4 * 16))))
#endif
#define ADD_8(carry)                  \
  do {                                \
    NAMES                             \
    Plane a = NAMED(0), b = NAMED(1); \
    const Plane c = NAMED(2);         \
    ADD(a, b, c);                     \
    Plane d = NAMED(3), e = NAMED(4); \
    const Plane f = NAMED(5);         \
    ADD(d, e, f);                     \
    Plane g = NAMED(6);               \
    const Plane h = NAMED(7);         \
    ADD(a, g, h);                     \
    ADD(sum.p0, a, d);                \
    ADD(b, e, g);                     \
    ADD(sum.p1, a, b);                \
    ADD(sum.p2, a, e);                \
    carry = a;                        \
    names += 8;                       \
  } while (0)
#define ADD_16(carry)           \
  do {                          \
    Plane first8, last8;        \
    ADD_8(first8);              \
    ADD_8(last8);               \
    ADD(sum.p3, first8, last8); \
    carry = first8;             \
  } while (0)
#define ADD_32(carry)             \
  do {                            \
    Plane first16, last16;        \
    ADD_16(first16);              \
    ADD_16(last16);               \
    ADD(sum.p4, first16, last16); \
    carry = first16;              \
  } while (0)

/* Adds a carry to a bit of the sum, and leaves the next carry in it. */
#define CARRY_INTO(bit, carry)           \
  do {                                   \
    const Plane next = both(bit, carry); \
    bit = bit ^ carry;                   \
    carry = next;                        \
  } while (0)
#define CARRY_64(carry)        \
  do {                         \
    CARRY_INTO(sum.p6, carry); \
    CARRY_INTO(sum.p7, carry); \
    CARRY_INTO(sum.p8, carry); \
    sum.p9 = sum.p9 ^ carry;   \
  } while (0)

/*
 * Adds up the planes that a list names, onto a sum that stays below 1024.
 *
 * names: Places of planes in bytes, 8 for each block.
 */
INLINE struct Sum addList(struct Sum sum, const uint16_t *names, unsigned blocks,
                          const char *planes) {
  for (unsigned left = blocks / 8; left > 0; left--) {
    Plane carry, other;
    ADD_32(carry);
    ADD_32(other);
    ADD(sum.p5, carry, other);
    CARRY_64(carry);
  }
  Plane carry = zeros(), carry16 = carry, carry32 = carry;
  if (blocks & 4) ADD_32(carry32);
  if (blocks & 2) ADD_16(carry16);
  if (blocks & 1) {
    ADD_8(carry);
    CARRY_INTO(sum.p3, carry);
  }
  ADD(sum.p4, carry, carry16);
  ADD(sum.p5, carry, carry32);
  CARRY_64(carry);
  return sum;
}

/* Adds a sum to the one that `to` holds in `depth` planes. Those from LOW on are changed there. */
INLINE struct Sum addSum(struct Sum sum, Plane *to, unsigned depth) {
  Plane carry = zeros();
#define DO(i)                                         \
  {                                                   \
    const Plane bit = parity(sum.p##i, to[i], carry); \
    carry = majority(sum.p##i, to[i], carry);         \
    sum.p##i = bit;                                   \
  }
  EACH_LOW(DO)
#undef DO
  for (unsigned p = LOW; p < depth; p++) CARRY_INTO(to[p], carry);
  return sum;
}

/*
 * Takes a sum from `totals`: that of a list of volumes where a voxel is empty becomes the count of
 * those where it is occupied. The planes from LOW on are those of `high`.
 */
INLINE struct Sum subtract(const Plane *totals, struct Sum sum, Plane *high, unsigned depth) {
  Plane borrow = zeros();
#define SUBTRACT(total, bit)                       \
  {                                                \
    const Plane rest = parity(total, bit, borrow); \
    borrow = borrows(total, bit, borrow);          \
    bit = rest;                                    \
  }
#define DO(i) SUBTRACT(totals[i], sum.p##i)
  EACH_LOW(DO)
#undef DO
  for (unsigned p = LOW; p < depth; p++) SUBTRACT(totals[p], high[p])
#undef SUBTRACT
  return sum;
}

/* Which counts reach their least counts. The planes from LOW on are those of `high`. */
INLINE Plane reached(struct Sum sum, const Plane *high, const Plane *least, unsigned depth) {
  Plane result = ones();
#define DO(i) result = reaches(sum.p##i, least[i], result);
  EACH_LOW(DO)
#undef DO
  for (unsigned p = LOW; p < depth; p++) result = reaches(high[p], least[p], result);
  return result;
}

#endif
