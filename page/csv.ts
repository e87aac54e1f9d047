/**
 * The report's tables as comma-separated text, as siren writes them into folders.
 *
 * @module
 */
import type { Report } from "./data.ts";

/** A table to save. */
export interface TableFile {
  readonly name: string;
  /** What is in it, in a few words. */
  readonly about: string;
  readonly make: () => string;
}

type Cell = string | number;

/** All tables of the report. */
export function tableFiles(report: Report): readonly TableFile[] {
  const { blocks, volumes, values, presence, cutoffs, clusters, pairs, dependencies, junk } =
    report;
  const k = blocks.length;
  const name = (block: number) => blocks[block]!.name;
  const junkOf = new Map(junk.map(({ volume, kind }) => [volume, kind]));
  return [
    {
      name: "blocks.csv",
      about: "each block: size, place, occupancy, cohesion, cutoff",
      make: () =>
        csv(
          [
            "block",
            "voxels",
            "volume_A3",
            "x_A",
            "y_A",
            "z_A",
            "mean_occupancy",
            "cohesion",
            "cutoff",
            "present",
          ],
          blocks.map((block, i) => [
            block.name,
            block.voxels,
            block.volume.toFixed(1),
            block.x.toFixed(3),
            block.y.toFixed(3),
            block.z.toFixed(3),
            block.meanOccupancy.toFixed(5),
            block.cohesion.toFixed(5),
            cutoffs[i]!,
            report.present[i]!,
          ]),
        ),
    },
    {
      name: "occupancy.csv",
      about: "share of each block in each volume",
      make: () =>
        csv(
          ["map_file", ...blocks.map(({ name }) => name)],
          volumes.map(({ file }, volume) => [file, ...values.subarray(volume * k, volume * k + k)]),
        ),
    },
    {
      name: "presence.csv",
      about: "1 where a block is present in a volume, 0 where not",
      make: () =>
        csv(
          ["map_file", ...blocks.map(({ name }) => name)],
          volumes.map((
            { file },
            volume,
          ) => [file, ...presence.subarray(volume * k, volume * k + k)]),
        ),
    },
    {
      name: "volumes.csv",
      about: "each volume: cluster, threshold, occupied voxels, junk",
      make: () =>
        csv(
          ["map_file", "cluster", "threshold", "occupied_voxels", "junk", "bytes", "sha256"],
          volumes.map(({ file, threshold, occupied, bytes, sha256 }, volume) => [
            file,
            clusters[volume]!,
            threshold,
            occupied ?? "",
            junkOf.get(volume) ?? "",
            bytes,
            sha256 ?? "",
          ]),
        ),
    },
    {
      name: "pairs.csv",
      about: "each pair of blocks: counts, phi, tests",
      make: () =>
        csv(
          ["a", "b", ...PAIR_COLUMNS.map(([column]) => column)],
          pairs.map((pair) => [
            name(pair.a),
            name(pair.b),
            ...PAIR_COLUMNS.map(([, of]) => pair[of]),
          ]),
        ),
    },
    {
      name: "dependencies.csv",
      about: "which block needs which",
      make: () =>
        csv(
          ["block", "needs", "volumes", "exceptions", "p", "q", "direct"],
          dependencies.map(({ region, needs, volumes, exceptions, p, q, direct }) => [
            name(region),
            name(needs),
            volumes,
            exceptions,
            p,
            q,
            Number(direct),
          ]),
        ),
    },
    {
      name: "junk.csv",
      about: "volumes unlike all others, and why",
      make: () =>
        csv(
          ["map_file", "kind", "reason"],
          junk.map(({ volume, kind, reason }) => [volumes[volume]!.file, kind, reason]),
        ),
    },
    ...([["volume_tree", report.volumeTree, "volumes"], [
      "block_tree",
      report.blockTree,
      "blocks",
    ]] as const)
      .map(([file, tree, what]) => ({
        name: `${file}.csv`,
        about: `tree of the ${what}, as SciPy's linkage`,
        make: () =>
          csv(
            ["a", "b", "height", "size"],
            tree.branches.slice(tree.order.length).map(({ children, height, first, last }) => [
              children?.[0] ?? "",
              children?.[1] ?? "",
              height,
              last - first,
            ]),
          ),
      })),
    ...report.components.map(({ of, shares, scores }) => {
      const columns = shares.length;
      return {
        name: `components_of_${of === "regions" ? "blocks" : "voxels"}.csv`,
        about: `principal components of ${of === "regions" ? "blocks" : "voxels"}`,
        make: () =>
          csv(
            ["map_file", ...shares.map((_, i) => `pc${i + 1}`)],
            volumes.map(({ file }, volume) => [
              file,
              ...scores.subarray(volume * columns, (volume + 1) * columns),
            ]),
          ),
      };
    }),
  ];
}

const PAIR_COLUMNS = [
  ["both", "both"],
  ["only_a", "onlyA"],
  ["only_b", "onlyB"],
  ["neither", "neither"],
  ["phi", "phi"],
  ["expected", "expected"],
  ["p_together", "pTogether"],
  ["p_apart", "pApart"],
  ["q_together", "qTogether"],
  ["q_apart", "qApart"],
  ["exclusive", "exclusive"],
] as const;

function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((cells) => `${cells.map(cellText).join(",")}\n`).join("");
}

function cellText(cell: Cell): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
