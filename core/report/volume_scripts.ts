/**
 * ChimeraX scripts that show maps coloured by block.
 *
 * @module
 */
import { NO_BLOCK } from "./block_markers.ts";
import { modelRange, type ScriptBlock } from "./chimerax.ts";
import {
  chimeraColour,
  chimeraNumber,
  fillScript,
  quoteChimeraPath,
  quoteChimeraText,
  type ScriptValues,
} from "./script_template.ts";

/** A map as scripts open it. */
export interface ScriptVolume {
  /** Path of the map, seen from the script's folder, or absolute. */
  readonly path: string;
  /** What it is called in ChimeraX. */
  readonly name: string;
  /** Level at which its surface is shown. */
  readonly level: number;
}

/** What maps are coloured after. */
export interface ScriptMarkers {
  /** Path of the marker file that `blockMarkers` makes, seen from the script's folder. */
  readonly path: string;
  /** Where the maps lie: voxel size and first voxel in Angstrom, whatever their headers say. */
  readonly apix: number;
  readonly first: { readonly x: number; readonly y: number; readonly z: number };
}

/** What {@linkcode fillColourVolume} shows. */
export interface ColouredVolume {
  readonly volume: ScriptVolume;
  readonly markers: ScriptMarkers;
  /** The blocks of the legend. */
  readonly blocks: readonly ScriptBlock[];
}

/** What {@linkcode fillCluster} shows. */
export interface ScriptCluster {
  /** The volume that stands for the cluster, coloured by block. */
  readonly medoid: ScriptVolume;
  readonly markers: ScriptMarkers;
  /** Blocks that are present in the cluster: opened, but hidden. */
  readonly blocks: readonly ScriptBlock[];
  /** Further volumes of the cluster: opened, but hidden. */
  readonly volumes: readonly ScriptVolume[];
}

/** A point of a surface that is farther than so many voxels from all markers gets no block's colour. */
const REACH = 4;

/** Lines of a column of the legend, their height and the width of a column, as shares of the window. */
const LINES = 22, LINE = 0.04, COLUMN = 0.13, TOP = 0.93, LEFT = 0.02;

/**
 * Fills in the script that colours the surface of a map by block. Names: `volume.path`, `volume.name`,
 * `volume.level`, `markers.path`, `markers.reach` (in Angstrom), `grid.apix`, `grid.first` (the first voxel,
 * in Angstrom), `none.colour` (of what is in no block), and of each block `block.name`, `block.id`,
 * `block.colour`, `block.x`, `block.y` (its place in a legend, as shares of the window).
 *
 * @param template Text of the template; `templates/colour_volume.cxc` is the one that siren uses.
 * @throws {InputError} The template has a name that is not known.
 * @throws {UsageError} A path cannot be written in a ChimeraX command, a colour is not "#rrggbb", or a number is
 *   not finite.
 */
export function fillColourVolume(
  template: string,
  { volume, markers, blocks }: ColouredVolume,
): string {
  return fillScript(template, {
    values: new Map([...volumeValues("volume", volume), ...markerValues(markers)]),
    lists: new Map([["block", { names: BLOCK_NAMES, items: legend(blocks) }]]),
  });
}

/**
 * Fills in the script of a cluster of volumes. Names: those of {@linkcode fillColourVolume} with `medoid` for
 * `volume`; of each block also `block.path` and `block.model`, of each further volume `volume.path`,
 * `volume.name`, `volume.level` and `volume.model`; `blocks.models` and `volumes.models` are the model numbers
 * of all of them, such as `3-7`: a line with these is left out where there are none. Model 1 is the medoid,
 * 2 the markers; blocks come next, volumes last.
 *
 * @param template Text of the template; `templates/cluster.cxc` is the one that siren uses.
 * @throws {InputError} The template has a name that is not known.
 * @throws {UsageError} As {@linkcode fillColourVolume}.
 */
export function fillCluster(
  template: string,
  { medoid, markers, blocks, volumes }: ScriptCluster,
): string {
  const firstBlock = 3, firstVolume = firstBlock + blocks.length;
  const models = (first: number, count: number) =>
    count === 0 ? undefined : modelRange(first, first + count - 1);
  const blockItems = legend(blocks).map((values, i) =>
    new Map([
      ...values,
      ["block.path", quoteChimeraPath(blocks[i]!.path)],
      ["block.model", String(firstBlock + i)],
    ])
  );
  const volumeItems = volumes.map((volume, i): ScriptValues =>
    new Map([...volumeValues("volume", volume), ["volume.model", String(firstVolume + i)]])
  );
  return fillScript(template, {
    values: new Map<string, string | undefined>([
      ...volumeValues("medoid", medoid),
      ...markerValues(markers),
      ["blocks.models", models(firstBlock, blocks.length)],
      ["volumes.models", models(firstVolume, volumes.length)],
    ]),
    lists: new Map([
      ["block", { names: [...BLOCK_NAMES, "block.path", "block.model"], items: blockItems }],
      ["volume", {
        names: ["volume.path", "volume.name", "volume.level", "volume.model"],
        items: volumeItems,
      }],
    ]),
  });
}

function volumeValues(
  word: string,
  { path, name, level }: ScriptVolume,
): [name: string, value: string][] {
  return [
    [`${word}.path`, quoteChimeraPath(path)],
    [`${word}.name`, quoteChimeraText(name)],
    [`${word}.level`, chimeraNumber(level, `level of ${name}`)],
  ];
}

function markerValues({ path, apix, first }: ScriptMarkers): [name: string, value: string][] {
  return [
    ["markers.path", quoteChimeraPath(path)],
    ["markers.reach", chimeraNumber(Number((REACH * apix).toPrecision(6)), "voxel size")],
    ["grid.apix", chimeraNumber(apix, "voxel size")],
    [
      "grid.first",
      [first.x, first.y, first.z].map((place) => chimeraNumber(place, "first voxel")).join(","),
    ],
    ["none.colour", NO_BLOCK],
  ];
}

const BLOCK_NAMES = ["block.name", "block.id", "block.colour", "block.x", "block.y"];

/** Blocks with their places in a legend, from top to bottom, column by column. */
function legend(blocks: readonly ScriptBlock[]): ScriptValues[] {
  return blocks.map(({ id, colour }, i) =>
    new Map([
      ["block.name", quoteChimeraText(`block ${id}`)],
      ["block.id", String(id)],
      ["block.colour", chimeraColour(colour, `block ${id}`)],
      ["block.x", (LEFT + COLUMN * Math.floor(i / LINES)).toFixed(2)],
      ["block.y", (TOP - LINE * (i % LINES)).toFixed(2)],
    ])
  );
}
