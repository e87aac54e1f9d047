/**
 * The options of measuring occupancies: the command line and the library go through one schema.
 *
 * @module
 */
import { z } from "zod";

const folder = z.string().min(1);

/** What is measured, where and how. */
export const OccupancyOptionsSchema = z.strictObject({
  /** Folder of maps. A finished run can do without: its blocks are then measured in its own bits. */
  mapdir: folder.optional(),
  /** Folder of masks, of any names. */
  maskdir: folder.optional(),
  /** A run folder, a `blocks.json`, or a folder of `block_N.mrc` masks. */
  blocks: folder.optional(),
  /** Folder of a reference map for each mask or block. */
  refdir: folder.optional(),
  /** One threshold for all maps: a voxel is occupied where density > bin. Any finite number, 0 too. */
  bin: z.number().optional(),
  /** CSV of a threshold for each map, instead of `bin`. */
  binfile: folder.optional(),
}).superRefine((options, context) => {
  const complain = (message: string) => context.addIssue({ code: "custom", message });
  const { mapdir, maskdir, blocks, refdir, bin, binfile } = options;
  if ((maskdir === undefined) === (blocks === undefined)) {
    complain(
      maskdir === undefined
        ? "one of --maskdir and --blocks is needed"
        : "--maskdir and --blocks exclude each other",
    );
  }
  if (bin !== undefined && binfile !== undefined) {
    complain("--bin and --binfile exclude each other");
  }
  const threshold = bin === undefined ? "--binfile" : "--bin";
  const isBinarised = bin !== undefined || binfile !== undefined;
  if (refdir !== undefined && isBinarised) {
    complain(`--refdir goes with densities, not with ${threshold}`);
  }
  if (mapdir !== undefined) return;
  if (maskdir !== undefined) complain("--maskdir needs --mapdir");
  if (refdir !== undefined) complain("--refdir needs --mapdir");
  if (isBinarised) complain(`${threshold} needs --mapdir`);
});

/** See {@linkcode OccupancyOptionsSchema}. */
export type OccupancyOptions = z.infer<typeof OccupancyOptionsSchema>;
