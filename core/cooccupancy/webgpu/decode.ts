/**
 * Reads what the kernels write.
 *
 * @module
 */
import type { Links } from "../engine.ts";
import { SEGMENT } from "./shaders.ts";
import { segmentsOf, type Strip } from "./strips.ts";

/** Where the links of a batch lie. */
export interface Starts {
  /** Links before each strip and, last, all links: strips + 1. */
  readonly ofStrips: Uint32Array;
  /** Links before each segment in its strip. */
  readonly ofSegments: Uint32Array;
}

/**
 * Reads some of a batch's links.
 *
 * @param packed For each link the column within its segment and, from bit 16 on, the count: those from
 *   `first` on.
 * @param links Filled at their places.
 */
export function decodeLinks(
  strips: readonly Strip[],
  { ofStrips, ofSegments }: Starts,
  packed: Uint32Array,
  first: number,
  links: Links,
): void {
  const last = first + packed.length;
  let segment = 0;
  for (let s = 0; s < strips.length; s++) {
    const { row, rows, column, columns } = strips[s]!;
    const perRow = segmentsOf(columns);
    const base = ofStrips[s]!, end = ofStrips[s + 1]!;
    const firstSegment = segment;
    segment += rows * perRow;
    if (end <= first || base >= last) continue;
    for (let i = firstSegment, r = row; r < row + rows; r++) {
      for (let part = 0; part < perRow; part++, i++) {
        const to = i + 1 < segment ? base + ofSegments[i + 1]! : end;
        const firstColumn = column + part * SEGMENT;
        const start = Math.max(base + ofSegments[i]!, first), stop = Math.min(to, last);
        for (let at = start; at < stop; at++) {
          const word = packed[at - first]!;
          links.rows[at] = r;
          links.columns[at] = firstColumn + (word & 0xffff);
          links.both[at] = word >>> 16;
        }
      }
    }
  }
}
