/**
 * `siren mask`: soft masks of maps, blocks and models.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { MaskOptionsSchema } from "../cluster/mask_options.ts";
import type { MaskSource } from "../cluster/mask_sources.ts";
import type { MaskSummary } from "../cluster/masks.ts";
import { MolmapOptionsSchema } from "../cluster/molmap_options.ts";
import { UsageError } from "../core/errors.ts";
import { textReader } from "./arguments.ts";
import {
  addOutputFlags,
  type Context,
  forceFlag,
  outdirFlag,
  printSummary,
  readFolderFlags,
  tellNews,
} from "./job.ts";
import { gridFlags, listReader, modelFlags, readModelFlags, textsReader } from "./model_flags.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { formatCount, formatCounted, formatNumber, formatTable } from "./table.ts";

const SOURCES = "Made of one of these:";
const MASKS = "Masks:";

const SourceFlagsSchema = z.object({
  maps: z.array(z.string()).optional(),
  blocks: z.string().optional(),
  which: z.array(z.string()).optional(),
});

/** Flags that go with one kind of source only. */
const OF_MODELS = ["res", "chains", "by", "chain_names", "water", "sampling", "origin"];

/** Makes the command. */
export function mask({ io }: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("mask")
    .summary("make soft masks of maps, blocks or models")
    .description(
      "Makes soft masks: 1 as far as so many Angstrom beyond what is above a threshold, then falling to 0 as " +
        "half a cosine. They can be made in the box of a refinement, of which the maps were cropped: then " +
        "what the masks are made of is brought there first. Writes OUTDIR/Mask_NAME.mrc.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren mask --blocks out --which b3,b5 --box 256 --outdir masks
  siren mask --pdb prots1.pdb --map maps/vol_000.mrc --res 10 --extend 0 --soft 0 --outdir masks
  siren mask --maps consensus.mrc --threshold 0.7 --extend 8 --soft 16 --outdir masks

With --box or --apix alone the other follows, for the cube stays the same. Masks for siren occupancy
are best made without --box, and with --extend 0 --soft 0; those for a refinement with its box.
Distances are those between the centres of voxels, as RELION has them. Blocks and masks of 0 and 1
keep their volume in another box.`,
    );
  const texts = {
    threshold: {
      value: "density",
      help: "what is above it is in the mask; needed for maps that are no masks",
      fallback: "0.5 of masks and blocks, 0.01 of models",
    },
    extend: { value: "angstrom", help: "how far the mask goes beyond that" },
    soft: { value: "angstrom", help: "how wide the edge after that is; 0 for none" },
    union: { help: "make one mask of everything, Mask_union.mrc" },
    invert: { help: "make masks of what is outside" },
    centre: { help: "pad or crop to --box about the centre, where that is another cube" },
    from_apix: {
      value: "angstrom",
      help: "voxel size of the maps, instead of that in their headers",
    },
  } as const;
  const flags = [
    new Option("--maps <map...>", "maps or masks, or folders of them")
      .argParser(textsReader("--maps")).helpGroup(SOURCES),
    new Option("--blocks <blocks>", "run folder, or a blocks.json")
      .argParser(textReader("--blocks")).helpGroup(SOURCES),
    new Option("--which <names>", "of --blocks: blocks to take, as b3,b5; default all")
      .argParser(listReader("--which")).helpGroup(SOURCES),
    ...modelFlags(new Option("--pdb <file...>", "models (PDB or mmCIF, also .gz)"), SOURCES),
    ...schemaFlags(MaskOptionsSchema.shape, texts, MASKS),
    ...gridFlags({
      map: "of --pdb and of a blocks.json: map whose grid they lie on",
      box: "edge of the masks' box; default that of what they are made of",
      apix: "voxel size of the masks; default from --box",
    }),
    outdirFlag(),
    forceFlag("replace masks that are in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async () => {
    const { outdir, force, json, quiet } = readFolderFlags(command);
    const options = checkOptions(MaskOptionsSchema, command.opts(), "make masks");
    const source = sourceOf(command);
    const { makeMasks } = await import("../cluster/masks.ts");
    const summary = await tellNews(
      io,
      quiet,
      undefined,
      (tell) => makeMasks({ source, options, outdir, force }, { signal: io.signal, tell }),
    );
    printSummary(io, { json, quiet }, summary, formatMasks);
  });
}

/**
 * What the masks are made of.
 *
 * @throws {UsageError} None or several kinds are given, or flags of another kind.
 */
function sourceOf(command: CommandUnknownOpts): MaskSource {
  const given: Record<string, unknown> = command.opts();
  const { maps, blocks, which } = SourceFlagsSchema.parse(given);
  const { pdb, chains, map, origin } = readModelFlags(command);
  const kinds = ["maps", "blocks", "pdb"].filter((name) => given[name] !== undefined);
  if (kinds.length !== 1) {
    throw new UsageError(
      kinds.length === 0
        ? "Cannot make masks: one of --maps, --blocks and --pdb is needed"
        : `Cannot make masks: ${kinds.map((name) => `--${name}`).join(" and ")} exclude each other`,
    );
  }
  const needed = {
    which: ["blocks"],
    map: ["blocks", "pdb"],
    ...Object.fromEntries(OF_MODELS.map((name) => [name, ["pdb"]])),
  };
  for (const [name, owners] of Object.entries(needed)) {
    if (given[name] === undefined || owners.includes(kinds[0]!)) continue; // there is one
    throw new UsageError(
      `Cannot make masks: --${name} needs ${owners.map((owner) => `--${owner}`).join(" or ")}`,
    );
  }
  if (maps !== undefined) return { kind: "maps", paths: maps };
  if (blocks !== undefined) return { kind: "blocks", path: blocks, which, map };
  if (given.res === undefined) {
    throw new UsageError("Cannot make masks: --pdb needs --res, the resolution of the density");
  }
  const options = checkOptions(MolmapOptionsSchema, given, "compute densities");
  return { kind: "models", models: pdb ?? [], chains, options, grid: { map, origin } };
}

/** A summary as it is printed. */
export function formatMasks({ outdir, extend, soft, masks }: MaskSummary): string {
  const table = formatTable(
    ["mask", "above", "box", "A/voxel", "voxels", "nm^3", "of box"].map((title, i) => ({
      title,
      align: i === 0 ? "left" : "right",
    })),
    masks.map(({ mask, threshold, box, apix, voxels, volume, share }) => [
      mask,
      threshold === null ? "" : formatNumber(threshold),
      String(box),
      formatNumber(apix),
      formatCount(voxels),
      formatNumber(volume / 1000),
      `${formatNumber(100 * share)} %`,
    ]),
  );
  return `${
    formatCounted(masks.length, "mask")
  }, extended by ${extend} A, with an edge of ${soft} A\n\n` +
    `${table}\nMasks: ${outdir}\n`;
}
