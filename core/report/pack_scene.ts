/**
 * Packs what the report's page draws in 3-D into text that fits in a page.
 *
 * @module
 */
import { zlibSync } from "fflate";
import { type BitMatrix, totals } from "../cooccupancy/bit_matrix.ts";
import type { PackedGrid, PackedScene } from "./packed_scene.ts";
import { halveScene, type UnionScene } from "./scene.ts";

/** How much a packed scene may hold. */
export interface PackLimits {
  /** Voxels of the union on the blocks' grid; 400,000 if not given, which browsers draw at ease. */
  readonly voxels?: number;
  /** Bytes, before base64, of which voxels each volume occupies; 5,000,000 if not given. */
  readonly bytes?: number;
}

/** A side of a grid above which browsers would need too much memory, however few its voxels. */
const LARGEST_BOX = 320;
/** A side of a grid that is not halved again: what comes out would show nothing. */
const SMALLEST_BOX = 20;
/** Places, and voxels at each, from which is told beforehand whether all will fit. */
const SAMPLES = 16, SAMPLE_ROWS = 256;

/**
 * Packs a scene. Where its grid has more voxels than the limit it is halved, as often as it takes; where
 * the volumes take too many bytes, theirs is halved further, and at last they are left out. The same scene
 * gives the same text everywhere.
 *
 * @example
 * ```ts
 * import { bitMatrix } from "../cooccupancy/mod.ts";
 * import { packScene } from "./pack_scene.ts";
 * import assert from "node:assert";
 *
 * const packed = packScene({
 *   box: 64,
 *   apix: 6.5,
 *   flat: [70_000, 70_001],
 *   matrix: { ...bitMatrix(2, 3), words: Uint32Array.of(0b111, 0b010) },
 *   blocks: [{ id: 4, name: "b4", colour: "#0072b2", members: [1] }],
 * });
 * assert.strictEqual(packed.shape.binning, 1);
 * assert.deepStrictEqual(packed.shape.members, [1]);
 * assert.strictEqual(packed.volumes?.count, 3);
 * ```
 */
export function packScene(scene: UnionScene, limits: PackLimits = {}): PackedScene {
  const { voxels = 400_000, bytes = 5_000_000 } = limits;
  let shape = { scene, binning: 1 };
  const isTooLarge = ({ box, flat }: UnionScene) => flat.length > voxels || box > LARGEST_BOX;
  while (isTooLarge(shape.scene) && canBeHalved(shape)) shape = halve(shape);

  let theirs = shape, data = packVolumes(theirs.scene, bytes);
  while (data === undefined && canBeHalved(theirs)) {
    theirs = halve(theirs);
    data = packVolumes(theirs.scene, bytes);
  }
  return {
    format: 1,
    blocks: scene.blocks.map(({ id, name, colour }) => ({ id, name, colour })),
    shape: packGrid(shape),
    ...data !== undefined && {
      volumes: {
        count: scene.matrix.volumes,
        ...theirs !== shape && { grid: packGrid(theirs) },
        data: data.toBase64(),
      },
    },
  };
}

/** A scene on a coarser grid: `binning` voxels of the first along each side of one of its own. */
interface Binned {
  readonly scene: UnionScene;
  readonly binning: number;
}

function canBeHalved({ scene }: Binned): boolean {
  return scene.box >= 2 * SMALLEST_BOX;
}

function halve({ scene, binning }: Binned): Binned {
  return { scene: halveScene(scene), binning: binning * 2 };
}

function packGrid({ scene, binning }: Binned): PackedGrid {
  const { box, apix, flat, blocks } = scene;
  const bytes: number[] = [];
  pushAscending(bytes, flat);
  for (const share of shares(scene)) bytes.push(share);
  for (const { members } of blocks) pushAscending(bytes, Uint32Array.from(members).sort());
  return {
    box,
    apix,
    binning,
    voxels: flat.length,
    members: blocks.map(({ members }) => members.length),
    data: compress(Uint8Array.from(bytes)).toBase64(),
  };
}

/** Share of the volumes that occupy each voxel, 0 to 255: length M. */
function shares({ matrix }: UnionScene): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(totals(matrix), (total) => Math.round(255 * total / matrix.volumes));
}

/** Ascending whole numbers as varints of how far each lies above the one before, less one. */
function pushAscending(bytes: number[], numbers: ArrayLike<number>): void {
  let before = -1;
  for (let i = 0; i < numbers.length; i++) {
    let gap = numbers[i]! - before - 1;
    before = numbers[i]!;
    for (; gap >= 128; gap >>>= 7) bytes.push(gap & 127 | 128);
    bytes.push(gap);
  }
}

/** Which voxels each volume occupies, or undefined where that takes more bytes than the limit. */
function packVolumes({ matrix }: UnionScene, limit: number): Uint8Array | undefined {
  const { voxels } = matrix;
  if (voxels > 4 * SAMPLES * SAMPLE_ROWS) {
    const starts = Array.from({ length: SAMPLES }, (_, i) => Math.floor(i * voxels / SAMPLES));
    const size = compress(bytesOf(matrix, starts, SAMPLE_ROWS)).length;
    // With all rows at once, deflate finds a little more to shorten.
    if (size * voxels > 1.3 * limit * SAMPLES * SAMPLE_ROWS) return undefined;
  }
  const packed = compress(bytesOf(matrix, [0], voxels));
  return packed.length <= limit ? packed : undefined;
}

/** So many rows from each of some on, of ceil(N / 8) bytes each. */
function bytesOf(matrix: BitMatrix, starts: readonly number[], rows: number): Uint8Array {
  const { words, wordsPerVoxel, volumes } = matrix;
  const width = Math.ceil(volumes / 8), bytes = new Uint8Array(starts.length * rows * width);
  let at = 0;
  for (const start of starts) {
    for (let row = start; row < start + rows; row++) {
      for (let k = 0; k < width; k++) {
        bytes[at++] = words[row * wordsPerVoxel + (k >> 2)]! >>> 8 * (k & 3);
      }
    }
  }
  return bytes;
}

/** In plain JavaScript, so that no processor's own way of finding matches gives other bytes. */
function compress(bytes: Uint8Array): Uint8Array {
  return zlibSync(bytes, { level: 6 });
}
