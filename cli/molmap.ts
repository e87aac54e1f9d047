/**
 * `siren molmap`: the densities of atomic models' chains.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { MolmapSummary } from "../cluster/molmap.ts";
import { MolmapOptionsSchema } from "../cluster/molmap_options.ts";
import { quoteForShell } from "../core/shell.ts";
import {
  addOutputFlags,
  type Context,
  forceFlag,
  outdirFlag,
  printSummary,
  readFolderFlags,
  tellNews,
} from "./job.ts";
import { gridFlags, modelFlags, readModelFlags } from "./model_flags.ts";
import { checkOptions, NeededOption } from "./options.ts";
import { formatCount, formatCounted, formatNumber, formatTable } from "./table.ts";

/** Makes the command. */
export function molmap({ io }: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("molmap")
    .summary("compute the density of each chain of an atomic model")
    .description(
      "Computes the density of each chain of atomic models on a map's grid, as molmap of ChimeraX does: for " +
        "each atom a Gaussian that weighs its atomic number, of a standard deviation of 0.225 of the " +
        "resolution. Writes OUTDIR/MODEL_chainX.mrc, in electrons per cubic Angstrom.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren molmap --pdb prots1.pdb --map maps/vol_000.mrc --res 10 --outdir chains
  siren molmap --pdb 1abc.cif.gz --chains A,B --box 64 --apix 6.55 --res 14 --outdir chains
  siren mask --maps chains --threshold 0.01 --extend 0 --soft 0 --outdir masks

Chains are spelt in small letters in file names. Where some differ only in capitals, _u or _l
follows for each letter. Characters other than letters, digits and - are written as _ and a code.
A density is computed at the voxels (direct; molmap with onGrid) or interpolated from a grid of a
third of the resolution (resampled; molmap, then volume resample, as MAVEn had it).`,
    );
  const flags = [
    ...modelFlags(
      new NeededOption("--pdb <file...>", "models (PDB or mmCIF, also .gz); required"),
    ),
    ...gridFlags({
      map: "map whose grid the densities get, such as one of the ensemble",
      box: "without --map: edge of the box",
      apix: "without --map: voxel size; with it: voxel size instead of the one in the map's header",
    }),
    outdirFlag(),
    forceFlag("replace maps that are in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async () => {
    const { outdir, force, json, quiet } = readFolderFlags(command);
    const options = checkOptions(MolmapOptionsSchema, command.opts(), "compute densities");
    const { pdb = [], chains, ...grid } = readModelFlags(command);
    const { molmap } = await import("../cluster/molmap.ts");
    const summary = await tellNews(
      io,
      quiet,
      undefined,
      (tell) =>
        molmap({ models: pdb, chains, options, grid, outdir, force }, { signal: io.signal, tell }),
    );
    printSummary(io, { json, quiet }, summary, formatMolmap);
  });
}

/** A summary as it is printed. */
export function formatMolmap(
  { outdir, resolution, sampling, box, apix, maps }: MolmapSummary,
): string {
  const table = formatTable(
    ["map", "chain", "atoms", "outside", "greatest"].map((title, i) => ({
      title,
      align: i < 2 ? "left" : "right",
    })),
    maps.map(({ map, chain, atoms, outside, max }) => [
      map,
      chain ?? "all",
      formatCount(atoms),
      formatCount(outside),
      formatNumber(max),
    ]),
  );
  return `${
    formatCounted(maps.length, "map")
  } of ${box}^3 voxels of ${apix} A, at ${resolution} A, ${sampling}\n\n` +
    `${table}\nMaps: ${outdir}\n` +
    `Next: siren mask --maps ${quoteForShell(outdir)} --threshold 0.01 --outdir masks\n`;
}
