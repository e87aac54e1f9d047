/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 2021) seeded through splitmix32. The same seed gives the same numbers on any
 * machine.
 *
 * @module
 */

/** A stream of random numbers. Every function that needs randomness takes one. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform integer in [0, bound), without modulo bias. `bound` is 1 to 2^32. */
  integer(bound: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
}

/**
 * Makes a random stream.
 *
 * @param seed Integer, 0 to 2^53 - 1.
 * @param stream Integer, 0 to 2^32 - 1: streams of one seed are independent of each other, so that a
 *   piece of work gets the same numbers whatever was drawn before it.
 * @example
 * ```ts
 * import { random } from "./random.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(random(1).uniform(), random(1).uniform());
 * assert.notStrictEqual(random(1).uniform(), random(1, 7).uniform());
 * ```
 */
export function random(seed: number, stream = 0): Random {
  // Each of the three words goes through the mixer of its own, so that (seed, stream) pairs do not collide.
  let mix = (seed >>> 0) ^ 0x9e3779b9;
  const next = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  mix ^= next() ^ Math.floor(seed / 2 ** 32);
  mix ^= Math.imul(next(), 0x85ebca6b) ^ stream;
  let a = next(), b = next(), c = next(), d = next() | 1;

  const word = () => {
    const x = Math.imul(b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = () => ((word() >>> 5) * 0x4000000 + (word() >>> 6)) / 2 ** 53;
  let spare: number | undefined;
  return {
    uniform,
    integer(bound) {
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let x = word();
      while (x >= limit) x = word();
      return x % bound;
    },
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      // 1 - uniform() is in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/**
 * Draws `count` different integers of [0, size) in random order (partial Fisher-Yates shuffle).
 *
 * @param size 1 to 2^32.
 * @param count 0 to `size`.
 * @returns `count` integers, in the order drawn.
 * @example
 * ```ts
 * import { random, sample } from "./random.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(new Set(sample(100, 50, random(3))).size, 50);
 * ```
 */
export function sample(size: number, count: number, rng: Random): Uint32Array {
  const all = Uint32Array.from({ length: size }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + rng.integer(size - i);
    const drawn = all[j]!;
    all[j] = all[i]!;
    all[i] = drawn;
  }
  return all.slice(0, count);
}
