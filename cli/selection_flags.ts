/**
 * Flags that choose volumes of an analysis, which several commands have.
 *
 * @module
 */
import { z } from "zod";
import type { VolumeChoice } from "../core/analysis/choose_volumes.ts";
import { UsageError } from "../core/errors.ts";

/** Their schemas, by name. */
export const selectionFlags = {
  occupancy: z.string().optional(),
  where: z.string().optional(),
  cluster: z.number().optional(),
  junk: z.boolean().default(false),
  no_junk: z.boolean().default(false),
  not: z.boolean().default(false),
};

const SelectionSchema = z.object(selectionFlags);

/** Flags that choose volumes. */
export type SelectionFlags = z.output<typeof SelectionSchema>;

/**
 * What the flags choose, but for `--not`.
 *
 * @param purpose What cannot be done, as in "Cannot list volumes".
 * @throws {UsageError} They leave no volume.
 */
export function choiceOfFlags(
  { where, cluster, junk, no_junk }: SelectionFlags,
  purpose: string,
): Omit<VolumeChoice, "not"> {
  if (junk && no_junk) {
    throw new UsageError(`Cannot ${purpose}: --junk and --no_junk leave none`);
  }
  return { where, cluster, junk: junk ? true : no_junk ? false : undefined };
}
