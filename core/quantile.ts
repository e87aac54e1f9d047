/**
 * Quantiles of numbers.
 *
 * @module
 */

/**
 * Quantile of numbers, between the two nearest ranks by their distance (type 7 of Hyndman & Fan, "Sample
 * quantiles in statistical packages", Am. Stat. 1996, as R and NumPy have it); NaN of none.
 *
 * @param values In any order.
 * @param share 0 to 1; 0.5 for the median.
 */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  // Whole maps are not made twice as large.
  const sorted = values instanceof Float32Array
    ? values.toSorted()
    : Float64Array.from(values).sort();
  if (sorted.length === 0) return NaN;
  const at = share * (sorted.length - 1), low = Math.floor(at);
  const below = sorted[low]!, above = sorted[Math.ceil(at)]!;
  return below + (at - low) * (above - below);
}
