/**
 * Unpacks the scene from the page's text.
 *
 * @module
 */
import type { PackedGrid, PackedScene } from "../../core/report/packed_scene.ts";
import type { Grid, Scene } from "./scene.ts";

/**
 * Unpacks a scene; see `packScene` in core/report.
 *
 * @throws {TypeError} The text is damaged.
 */
export async function unpackScene(packed: PackedScene): Promise<Scene> {
  const { blocks, volumes } = packed;
  const shape = await unpackGrid(packed.shape);
  if (volumes === undefined) return { blocks, shape, volumes };
  const grid = volumes.grid === undefined ? shape : await unpackGrid(volumes.grid);
  const bits = await inflate(volumes.data);
  expect(bits.length === grid.union.length * Math.ceil(volumes.count / 8));
  return { blocks, shape, volumes: { count: volumes.count, grid, bits } };
}

async function unpackGrid(packed: PackedGrid): Promise<Grid> {
  const { box, apix, binning, voxels } = packed;
  const bytes = await inflate(packed.data);
  let at = 0;
  const takeAscending = (count: number) => {
    const numbers = new Uint32Array(count);
    for (let i = 0, before = -1; i < count; i++) {
      let gap = 0, shift = 0;
      do gap |= (bytes[at]! & 127) << shift, shift += 7; while (bytes[at++]! >= 128);
      before = numbers[i] = before + 1 + gap;
    }
    return numbers;
  };
  const union = takeAscending(voxels);
  const consensus = bytes.slice(at, at += voxels);
  const members = packed.members.map(takeAscending);
  expect(at === bytes.length);
  return { box, apix, binning, union, consensus, members };
}

async function inflate(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function expect(isWhole: boolean): void {
  if (!isWhole) throw new TypeError("Cannot unpack the scene: its text is damaged");
}

/** Whether a volume occupies a row of the union. */
export function isOccupied(
  { count, bits }: NonNullable<Scene["volumes"]>,
  row: number,
  volume: number,
): boolean {
  return (bits[row * Math.ceil(count / 8) + (volume >> 3)]! >> (volume & 7) & 1) === 1;
}

/** Rows of the union that a volume occupies, ascending. */
export function occupiedIn(volumes: NonNullable<Scene["volumes"]>, volume: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < volumes.grid.union.length; row++) {
    if (isOccupied(volumes, row, volume)) rows.push(row);
  }
  return rows;
}
