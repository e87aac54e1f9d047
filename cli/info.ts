/**
 * `siren info`: what is in a map.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Vector } from "../core/mrc/grid.ts";
import type { MapDescription } from "../core/volumes/info.ts";
import { InputError, SirenError } from "../core/errors.ts";
import type { Context } from "./job.ts";
import { tellError } from "./messages.ts";
import { formatCount, formatCounted, formatNumber, formatTable } from "./table.ts";

/** Makes the command. */
export function info({ io }: Context): CommandUnknownOpts {
  return new Command("info")
    .summary("describe maps: header and statistics")
    .description(
      "Prints a map's box, voxel size, origin and densities, and where its file departs from MRC2014. " +
        "Several maps are listed one to a line.",
    )
    .argument("<map...>", "maps (.mrc, .map, .ccp4, also gzipped)")
    .option("--json", "print a JSON array with one object for each map")
    .addHelpText(
      "after",
      `
Examples:
  siren info vol_000.mrc
  siren info maps/*.mrc
  siren info maps/*.mrc --json`,
    )
    .action(async (paths, { json }) => {
      const { describeMap } = await import("../core/volumes/info.ts");
      const maps: MapDescription[] = [];
      let unusable = 0;
      for (const path of paths) {
        io.signal.throwIfAborted();
        try {
          maps.push(await describeMap(path));
        } catch (error) {
          if (!(error instanceof SirenError) || paths.length === 1) throw error;
          tellError(error, io);
          unusable++;
        }
      }
      if (json) io.stdout.write(JSON.stringify(maps, null, 2) + "\n");
      else io.stdout.write(paths.length === 1 ? formatMap(maps[0]!) : formatMaps(maps));
      const hasError = ({ findings }: MapDescription) =>
        findings.some(({ severity }) => severity === "error");
      unusable += maps.filter(hasError).length;
      if (unusable > 0) {
        throw new InputError(
          `Cannot use ${formatCount(unusable)} of ${formatCounted(paths.length, "map")}`,
        );
      }
    });
}

/** One map, a line for each property. */
export function formatMap(map: MapDescription): string {
  const { statistics, voxelSize } = map;
  const lines: string[][] = [
    ["file", `${map.file} (${formatCount(map.fileBytes)} bytes${map.gzipped ? ", gzipped" : ""})`],
    ["box", `${vector(map.size, " x ")} voxels`],
    ["voxel size", voxelSize === null ? "unknown" : `${sides(voxelSize)} A`],
    [
      "origin",
      `${vector(map.origin, ", ")} A; index of the first voxel ${vector(map.nstart, ", ")}`,
    ],
    [
      "stored as",
      `mode ${map.mode}, ${map.modeMeaning}, ${map.byteOrder}-endian (stamp ${map.machineStamp})`,
    ],
    ["axes", `${map.axisOrder} from fastest to slowest; space group ${map.spaceGroup}`],
    ["version", `${map.version}; extended header ${formatCount(map.extendedHeaderBytes)} bytes`],
    ...map.labels.map((label, i) => [i === 0 ? "labels" : "", label]),
  ];
  if (statistics !== null) {
    const { min, max, mean, rms, nans, infinities } = statistics;
    lines.push(
      ["density", `${formatNumber(min)} to ${formatNumber(max)}`],
      ["mean", `${formatNumber(mean)}, standard deviation ${formatNumber(rms)}`],
    );
    if (nans + infinities > 0) {
      lines.push(["not finite", `${formatCount(nans)} NaN, ${formatCount(infinities)} infinite`]);
    }
  }
  const columns = [{ title: "", align: "left" }, { title: "", align: "left" }] as const;
  // The headings are empty, so the first line is.
  return formatTable(columns, lines).slice(1) +
    findingLines(map).map((line) => `${line}\n`).join("");
}

/** Maps in a table, one to a line, and what is odd about them. */
export function formatMaps(maps: readonly MapDescription[]): string {
  const titles = ["map", "box", "A/voxel", "mode", "min", "max", "mean", "std"];
  const table = formatTable(
    titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    maps.map(({ file, size, voxelSize, mode, statistics }) => [
      file,
      vector(size, " x "),
      voxelSize === null ? "?" : sides(voxelSize),
      String(mode),
      ...([statistics?.min, statistics?.max, statistics?.mean, statistics?.rms]
        .map((value) => value === undefined ? "-" : formatNumber(value))),
    ]),
  );
  // An ensemble's maps come from one program and share its ways: each is told once.
  const findings = Map.groupBy(
    maps.flatMap((map) => findingLines(map).map((line) => ({ line, file: map.file }))),
    ({ line }) => line,
  );
  const lines = Array.from(findings, ([line, where]) => {
    const more = where.length === 1 ? "" : ` and ${formatCounted(where.length - 1, "other map")}`;
    return `${where[0]!.file}${more}: ${line}\n`;
  });
  return [table, ...lines].join("");
}

function findingLines({ findings }: MapDescription): string[] {
  return findings.map(({ severity, message, remedy }) =>
    `${severity}: ${message}${remedy === undefined ? "" : `. ${remedy}`}`
  );
}

/** Three numbers. */
function vector({ x, y, z }: Vector, separator: string): string {
  return [x, y, z].join(separator);
}

/** The side of a voxel, or its three sides where they differ. */
function sides(size: Vector): string {
  return size.x === size.y && size.y === size.z ? String(size.x) : vector(size, " x ");
}
