/**
 * The files that show a set of blocks: masks, tables, graph, pictures and the ChimeraX script.
 *
 * @module
 */
import type { Block } from "../core/blocks/block.ts";
import {
  type BlockGraph,
  blockGraph,
  buildCsr,
  degree,
  formatBlockEdges,
  formatBlockGexf,
  formatBlockNodes,
} from "../core/graph/mod.ts";
import { encodeMap } from "../core/mrc/mod.ts";
import { programFile } from "../core/program_files.ts";
import {
  allBlocksPicture,
  blockArrow,
  blockPicture,
  type BlockRow,
  blockTable,
  type Drawing,
  fillChimeraX,
  formatBlockCsv,
  formatSvg,
  graphPicture,
  palette,
  scenery,
} from "../core/report/mod.ts";
import { CONSENSUS, CONSENSUS_LEVEL } from "./block_masks.ts";
import type { MakeFile } from "./result_files.ts";
import type { Run } from "./run_file.ts";
import type { Edges } from "./edges.ts";
import type { BlockLine } from "./summary.ts";
import type { ThreadPool } from "./threads/pool.ts";
import type { SampledUnion } from "./volumes_file.ts";

const TEMPLATE = programFile("templates/open_blocks.cxc");

/**
 * The files of a set of blocks, and their lines in the summary.
 *
 * @param edges The sketch's edges, for the block graph.
 * @param pool Threads that paint the pictures.
 */
export async function blockFiles(
  { grid }: Run,
  union: SampledUnion,
  edges: Pick<Edges, "u" | "v">,
  blocks: readonly Block[],
  pool: () => ThreadPool,
): Promise<{ files: Map<string, MakeFile>; lines: BlockLine[] }> {
  const { flat, totals, matrix } = union;
  const template = await Deno.readTextFile(TEMPLATE);
  const colours = palette(blocks.length);
  const rows = blockTable(blocks, matrix, flat, grid);
  const voxels = blocks.map(({ members }) => members.map((row) => flat[row]!));
  const shown = blocks.map(({ id }, i) => ({ id, voxels: voxels[i]!, colour: colours[i]! }));

  const occupancy = new Float32Array(grid.box ** 3);
  flat.forEach((voxel, row) => occupancy[voxel] = totals[row]! / matrix.volumes);
  const backdrop = scenery(occupancy, grid.box, grid.apix);

  const { graph, unclustered } = graphOf(union, edges, blocks, rows, colours);

  const files = new Map<string, MakeFile>();
  const picture = (name: string, draw: () => Drawing) => {
    files.set(`${name}.svg`, () => formatSvg(draw()));
    files.set(`${name}.png`, async () => {
      const { png } = await pool().run("drawPng", { drawing: draw() });
      return png;
    });
  };
  for (const [i, { id }] of blocks.entries()) {
    files.set(`block_${id}.mrc`, () => {
      const mask = new Float32Array(grid.box ** 3);
      for (const voxel of voxels[i]!) mask[voxel] = 1;
      return encodeMap(mask, grid, `siren block ${id}`);
    });
  }
  files.set(CONSENSUS, () => encodeMap(occupancy, grid, "siren: share of volumes occupied"));
  files.set("blocks.json", () => {
    return JSON.stringify(
      Object.fromEntries(blocks.map(({ id }, i) => [id, Array.from(voxels[i]!)])),
    );
  });
  files.set("blocks.csv", () => formatBlockCsv(rows));
  files.set("blocks.arrow", () => blockArrow(rows));
  files.set("block_graph.gexf", () => formatBlockGexf(graph));
  files.set("block_graph_nodes.csv", () => formatBlockNodes(graph));
  files.set("block_graph_edges.csv", () => formatBlockEdges(graph));
  files.set("open_blocks.cxc", () =>
    fillChimeraX(template, {
      consensus: { path: CONSENSUS, level: CONSENSUS_LEVEL },
      blocks: shown.map(({ id, colour }) => ({ path: `block_${id}.mrc`, id, colour })),
    }));
  picture("blocks", () => allBlocksPicture(shown, backdrop));
  picture("sketch_graph", () => graphPicture(graph, unclustered));
  for (const block of shown) picture(`block_${block.id}`, () => blockPicture(block, backdrop));
  const lines = rows.map((row) => ({
    id: row.id,
    voxels: row.voxels,
    volume_A3: row.volume,
    mean_occupancy: row.meanOccupancy,
    cohesion: row.cohesion,
  }));
  return { files, lines };
}

/** The block graph, and how many sampled voxels have links but are in no block. */
function graphOf(
  { flat, sampled }: SampledUnion,
  edges: Pick<Edges, "u" | "v">,
  blocks: readonly Block[],
  rows: readonly BlockRow[],
  colours: readonly string[],
): { graph: BlockGraph; unclustered: number } {
  const placeOf = new Int32Array(flat.length).fill(-1);
  sampled.forEach((row, i) => placeOf[row] = i);
  const csr = buildCsr(sampled.length, edges.u, edges.v);
  const clustered = new Uint8Array(sampled.length);
  const nodes = blocks.map(({ members }) =>
    Array.from(members, (row) => placeOf[row]!).filter((i) => i >= 0)
  );
  for (const i of nodes.flat()) clustered[i] = 1;
  let unclustered = 0;
  for (let i = 0; i < sampled.length; i++) {
    if (degree(csr, i) > 0 && clustered[i] === 0) unclustered++;
  }
  const described = rows.map((row, i) => ({ ...row, nodes: nodes[i]!, colour: colours[i]! }));
  return { graph: blockGraph(described, csr), unclustered };
}
