/**
 * Helpers for the tests of files; no part of the program.
 *
 * @module
 */
import { encodeHeader, HEADER_BYTES, type MrcHeader } from "./header.ts";

/** Runs `use` with a new folder that is removed afterwards. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "siren_test_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The bytes of a file: a header, an extended header as long as it says, and the voxels. */
export function fileOf(header: MrcHeader, raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + header.nsymbt + raw.length).fill(0xa5);
  bytes.set(encodeHeader(header));
  bytes.set(raw, HEADER_BYTES + header.nsymbt);
  return bytes;
}

/** The bytes of 32-bit floats. */
export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A folder of the reference data that lies beside a checkout, and whether it is there. */
export function referenceData(path: string): { folder: string; missing: boolean } {
  const url = new URL(`../../../shared/${path}/`, import.meta.url);
  try {
    return { folder: url.pathname, missing: !Deno.statSync(url).isDirectory };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { folder: url.pathname, missing: true };
  }
}
