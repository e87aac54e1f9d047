/**
 * Numbers and lists in words.
 *
 * @module
 */
import { shortNumber } from "../core/short_number.ts";

export { shortNumber };

/** A count with its thousands set apart: 11,034. */
export function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** A count and what it counts: "1 block", "1,200 blocks". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share in percent: "4.3 %". */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** A p-value or q-value with its sign: "= 0.02", "< 1e-300". */
export function significance(value: number): string {
  return value < 1e-300 ? "< 1e-300" : `= ${Number(value.toPrecision(2))}`;
}
