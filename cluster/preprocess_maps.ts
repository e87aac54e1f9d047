/**
 * The job of `siren preprocess`: maps in, normalised and downsampled maps out, each written whole.
 *
 * @module
 */
import { writeWhole } from "../core/files.ts";
import { encodeMap } from "../core/mrc/mod.ts";
import { normalise } from "../core/threshold_cnn/normalise.ts";
import { fileKey } from "../core/volumes/mod.ts";
import type { Column } from "./arrow_file.ts";
import { cropHashed } from "./crop_hashed.ts";
import { sha256 } from "./hashes.ts";
import type { PreprocessWork } from "./work.ts";

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;

/** What was made of some maps: a row for each. */
export interface PreprocessedMaps {
  /** Number of the map among those of the work. */
  readonly map: Uint32Array<ArrayBuffer>;
  /** What the downsampled map would be normalised by. */
  readonly vol_min: Float64Array<ArrayBuffer>;
  readonly vol_max: Float64Array<ArrayBuffer>;
  /** The same of the map as it came. */
  readonly raw_min: Float64Array<ArrayBuffer>;
  readonly raw_max: Float64Array<ArrayBuffer>;
  /** When the map's file was last written to, in milliseconds since 1970. */
  readonly written: Float64Array<ArrayBuffer>;
  /** SHA-256 of the map's file, and of the files made of it; zeros where there is none. */
  readonly source: Hashes;
  readonly normalised: Hashes;
  readonly downsampled: Hashes;
}

type Hashes = Column & { readonly width: number; readonly bytes: Uint8Array };

/** Name of the files that are made of a map: its own, without `.gz`. */
export function outputName(map: string): string {
  return fileKey(map);
}

/**
 * Preprocesses some of the maps and writes what becomes of them.
 *
 * @param start Number of the first map.
 * @param end Number after that of the last.
 * @throws {InputError} A map cannot be read or normalised, or was written to in the meantime.
 * @throws {RunError} A file cannot be written.
 */
export async function preprocessMaps(
  work: PreprocessWork,
  { start, end }: { start: number; end: number },
): Promise<PreprocessedMaps> {
  const count = end - start;
  const numbers = () => new Float64Array(count);
  const hashes = () => ({ width: HASH_BYTES, bytes: new Uint8Array(count * HASH_BYTES) });
  const made = {
    map: Uint32Array.from({ length: count }, (_, i) => start + i),
    vol_min: numbers(),
    vol_max: numbers(),
    raw_min: numbers(),
    raw_max: numbers(),
    written: numbers(),
    source: hashes(),
    normalised: hashes(),
    downsampled: hashes(),
  };
  for (let i = 0; i < count; i++) {
    const map = work.maps[start + i];
    if (map === undefined) throw new Error(`There is no map ${start + i}`);
    const path = `${work.voldir}/${map.file}`;
    const name = outputName(map.file);
    const { own, maps, source } = await cropHashed(path, [work.networkBox, work.box], map.bytes);
    const [network, small] = [maps[0]!, maps[1]!]; // as asked for
    const put = (into: { readonly bytes: Uint8Array }, hex: string) =>
      into.bytes.set(Uint8Array.fromHex(hex), i * HASH_BYTES);
    const write = async (folder: string, bytes: Uint8Array) => {
      await writeWhole(`${folder}/${name}`, bytes);
      return sha256(bytes);
    };
    const normalised = normalise(network.data, network.range);
    put(
      made.normalised,
      await write(
        work.normalised,
        encodeMap(normalised, network.grid, "siren preprocess: normalised"),
      ),
    );
    if (work.downsampled !== undefined) {
      const bytes = encodeMap(small.data, small.grid, "siren preprocess: downsampled");
      put(made.downsampled, await write(work.downsampled, bytes));
    }
    put(made.source, source.sha256);
    made.vol_min[i] = small.range.min;
    made.vol_max[i] = small.range.max;
    made.raw_min[i] = own.min;
    made.raw_max[i] = own.max;
    made.written[i] = source.written;
  }
  return made;
}
