/**
 * Hashes: what says that bytes and values are what they were.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** SHA-256 of bytes, in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** SHA-256 of a file, in hex, without holding all of it in memory. */
export async function hashFile(path: string): Promise<string> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}

/**
 * SHA-256 of any JSON value, in hex: says whether a file of the run still belongs to it. Typed arrays
 * in it count by their bytes.
 */
export function fingerprint(value: unknown): string {
  const json = JSON.stringify(
    value,
    (_key, part: unknown) =>
      ArrayBuffer.isView(part)
        ? sha256(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
        : part,
  );
  return sha256(new TextEncoder().encode(json));
}
