/** Exact arithmetic for tests: rational numbers as pairs of big integers. */

/** num / den as the nearest double but for the last bit, at any size of either. */
export function quotient(num: bigint, den: bigint): number {
  if (num === 0n) return 0;
  const shift = BigInt(64 - num.toString(2).length + den.toString(2).length);
  const scaled = shift >= 0n ? (num << shift) / den : num / (den << -shift);
  // In two steps, as 2^-shift alone may be below the smallest double.
  const half = shift / 2n;
  return Number(scaled) * 2 ** -Number(half) * 2 ** -Number(shift - half);
}

/** Binomial coefficient; 0 outside 0 <= k <= n. */
export function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let result = 1n;
  for (let i = 1; i <= Math.min(k, n - k); i++) result = (result * BigInt(n + 1 - i)) / BigInt(i);
  return result;
}

/** Sum of big integers. */
export function sum(values: bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

/** Relative difference; 0 for two equal numbers. */
export function relative(value: number, truth: number): number {
  return value === truth ? 0 : Math.abs(value - truth) / Math.abs(truth);
}
