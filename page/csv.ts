/**
 * The report's tables as comma-separated text. Those that siren writes into folders too are the same to the
 * byte: `occupancy.csv` and others of `03_analysis`, `blocks.csv` of the blocks' folder.
 *
 * @module
 */
import type { Branches } from "./branches.ts";
import type { Report } from "./data.ts";

/** A table to save. */
export interface TableFile {
  readonly name: string;
  /** What is in it, in a few words. */
  readonly about: string;
  readonly make: () => string;
}

type Cell = string | number | boolean | undefined;

/** All tables of the report. */
export function tableFiles(report: Report): readonly TableFile[] {
  const { blocks, volumes, leftOut, values, presence, junk, volumeTree, blockTree } = report;
  const k = blocks.length;
  /** A row for each volume, a column for each block. */
  const matrix = (cells: ArrayLike<number>) =>
    csv(
      ["map_file", ...blocks.map(({ name }) => name)],
      volumes.map(({ file }, volume) => [
        file,
        ...Array.from(blocks, (_, b) => cells[volume * k + b]),
      ]),
    );
  return [
    {
      name: "blocks.csv",
      about: "each block: size, place, cohesion",
      make: () => blockRows(report),
    },
    {
      name: "regions.csv",
      about: "each block: mean occupancy, cutoff, how many volumes have it",
      make: () => regionRows(report),
    },
    {
      name: "volumes.csv",
      about: "each volume: cluster, occupied voxels, components, junk",
      make: () => volumeRows(report),
    },
    {
      name: "occupancy.csv",
      about: "share of each block in each volume",
      make: () => matrix(values),
    },
    {
      name: "presence.csv",
      about: "1 where a block is present in a volume, 0 where not",
      make: () => matrix(presence),
    },
    {
      name: "block_pairs.csv",
      about: "each pair of blocks: counts, phi, tests",
      make: () => pairRows(report),
    },
    {
      name: "dependencies.csv",
      about: "which block needs which",
      make: () => dependencyRows(report),
    },
    {
      name: "volume_tree.csv",
      about: "tree of the volumes, as SciPy's linkage",
      make: () => treeRows(volumeTree),
    },
    {
      name: "block_tree.csv",
      about: "tree of the blocks, as SciPy's linkage",
      make: () => treeRows(blockTree),
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
    {
      name: "maps.csv",
      about: "each map: threshold, size, SHA-256, whether it was kept",
      make: () =>
        csv(
          ["map_file", "threshold", "bytes", "sha256", "kept"],
          [...volumes, ...leftOut].map(({ file, threshold, bytes, sha256, occupied }) => [
            file,
            threshold,
            bytes,
            sha256,
            occupied !== undefined,
          ]),
        ),
    },
  ];
}

function blockRows({ blocks }: Report): string {
  return csv(
    [
      "id",
      "voxels",
      "volume_A3",
      "x_A",
      "y_A",
      "z_A",
      "x_voxel",
      "y_voxel",
      "z_voxel",
      "mean_occupancy",
      "cohesion",
    ],
    blocks.map((block) => [
      block.id,
      block.voxels,
      block.volume.toFixed(1),
      ...[block.x, block.y, block.z, block.voxelX, block.voxelY, block.voxelZ]
        .map((value) => value.toFixed(3)),
      block.meanOccupancy.toFixed(5),
      block.cohesion.toFixed(5),
    ]),
  );
}

function regionRows({ blocks, volumes, values, cutoffs, present, blockTree }: Report): string {
  const n = volumes.length, k = blocks.length;
  return csv(
    ["region", "voxels", "mean_occupancy", "cutoff", "volumes", "place"],
    blocks.map(({ name, voxels }, block) => {
      let sum = 0;
      for (let volume = 0; volume < n; volume++) sum += values[volume * k + block]!;
      return [
        name,
        voxels,
        rounded(sum / n),
        rounded(cutoffs[block]!),
        present[block],
        blockTree.placeOf[block],
      ];
    }),
  );
}

function volumeRows({ volumes, clusters, volumeTree, components, junk }: Report): string {
  const junkOf = new Map(junk.map((one) => [one.volume, one]));
  const titles = components.flatMap(({ of, shares }) =>
    shares.map((_, c) => `${of === "voxels" ? "voxel_" : ""}pc${c + 1}`)
  );
  return csv(
    ["map_file", "cluster", "place", "occupied_voxels", ...titles, "junk", "reason"],
    volumes.map(({ file, occupied }, volume) => [
      file,
      clusters[volume],
      volumeTree.placeOf[volume],
      occupied,
      ...components.flatMap(({ shares, scores }) =>
        shares.map((_, c) => rounded(scores[volume * shares.length + c]!))
      ),
      junkOf.get(volume)?.kind,
      junkOf.get(volume)?.reason,
    ]),
  );
}

function pairRows({ blocks, pairs }: Report): string {
  return csv(
    [
      "region_a",
      "region_b",
      "both",
      "only_a",
      "only_b",
      "neither",
      "phi",
      "expected",
      "p_together",
      "q_together",
      "p_apart",
      "q_apart",
      "exclusive",
    ],
    pairs.map((pair) => [
      blocks[pair.a]!.name,
      blocks[pair.b]!.name,
      pair.both,
      pair.onlyA,
      pair.onlyB,
      pair.neither,
      ...[pair.phi, pair.expected, pair.pTogether, pair.qTogether, pair.pApart, pair.qApart]
        .map(rounded),
      pair.exclusive === 1,
    ]),
  );
}

function dependencyRows({ blocks, dependencies }: Report): string {
  return csv(
    ["region", "needs", "volumes", "exceptions", "p", "q", "direct"],
    dependencies.map(({ region, needs, volumes, exceptions, p, q, direct }) => [
      blocks[region]!.name,
      blocks[needs]!.name,
      volumes,
      exceptions,
      rounded(p),
      rounded(q),
      direct,
    ]),
  );
}

function treeRows({ branches, order }: Branches): string {
  return csv(
    ["a", "b", "height", "size"],
    branches.slice(order.length).map(({ children, height, first, last }) => [
      ...children ?? [],
      height,
      last - first,
    ]),
  );
}

/** Ten significant digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(10));
}

function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((cells) => `${cells.map(cellText).join(",")}\n`).join("");
}

function cellText(cell: Cell): string {
  if (cell === undefined || Number.isNaN(cell)) return "";
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
