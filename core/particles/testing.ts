/**
 * Folders as cryoDRGN and tomoDRGN leave them, for tests; no part of the program.
 *
 * @module
 */
import { pickleIndices } from "../pickle/mod.ts";
import { random } from "../random.ts";

/** What a made-up folder is like. */
export interface MadeFolder {
  readonly folder: string;
  /** `analyze.9/kmeans5` in it, by default. */
  readonly kmeans: string;
  /** The place of the volume of each particle. */
  readonly places: Int32Array;
}

/** How to make a folder. */
export interface FolderOptions {
  /** The number of the first volume. */
  readonly first?: number;
  /** What labels count from. */
  readonly firstLabel?: number;
  readonly volumes?: number;
  readonly particles?: number;
  readonly epoch?: number;
  readonly kind?: "analyze" | "landscape";
  /** Numbers of volumes whose files are not there. */
  readonly without?: readonly number[];
  /** Names of files that are not there. */
  readonly lacking?: readonly string[];
  /** Text of config.yaml. */
  readonly config?: string;
  readonly seed?: number;
}

/** A training that used all particles. */
export const ALL = "dataset_args:\n  ind: null\nmodel_args:\n  encode_mode: resid\n";

const DIMENSIONS = 3;

/** Makes a folder: particles around centres far apart. */
export async function makeDrgnFolder(
  folder: string,
  options: FolderOptions = {},
): Promise<MadeFolder> {
  const { first = 0, firstLabel = 0, volumes = 5, particles = 60, epoch = 9 } = options;
  const { kind = "analyze", without = [], lacking = [], config = ALL, seed = 1 } = options;
  const rng = random(seed);
  // Each volume has a particle at least, so that each centre is a particle of its own.
  const places = Int32Array.from(
    { length: particles },
    (_, i) => i < volumes ? volumes - 1 - i : Math.floor(rng.uniform() * volumes),
  );
  const values = Float32Array.from(
    { length: particles * DIMENSIONS },
    (_, i) =>
      10 * ((places[Math.floor(i / DIMENSIONS)]! + 1) >> (i % DIMENSIONS) & 1) +
      (i < volumes * DIMENSIONS ? 0 : rng.uniform()),
  );
  const centreParticles = Array.from({ length: volumes }, (_, k) => volumes - 1 - k);
  const kmeans = `${folder}/${kind}.${epoch}/kmeans${volumes}`;
  await Deno.mkdir(kmeans, { recursive: true });
  const write = async (path: string, content: Uint8Array | string) => {
    if (lacking.includes(path.slice(path.lastIndexOf("/") + 1))) return;
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  };
  await write(`${kmeans}/labels.pkl`, pickleIndices(places.map((place) => place + firstLabel)));
  const row = (particle: number) =>
    [...values.subarray(particle * DIMENSIONS, (particle + 1) * DIMENSIONS)]
      .map((value) => value.toExponential(18)).join(" ");
  await write(`${kmeans}/centers.txt`, centreParticles.map((i) => row(i) + "\n").join(""));
  await write(`${kmeans}/centers_ind.txt`, centreParticles.join("\n") + "\n");
  await write(`${folder}/z.${epoch}.pkl`, pickleFloats(values, [particles, DIMENSIONS]));
  await write(`${folder}/config.yaml`, config);
  for (let number = first; number < first + volumes; number++) {
    if (without.includes(number)) continue;
    await write(`${kmeans}/vol_${String(number).padStart(3, "0")}.mrc`, `map ${number - first}`);
  }
  await write(`${kmeans}/vol_mean.mrc`, "mean");
  return { folder, kmeans, places };
}

/** An array of 32-bit floats twice, as mu and log-variance lie in z.N.pkl: one pickle after the other. */
export function pickleFloats(
  values: Float32Array,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  const four = (value: number) =>
    String.fromCharCode(...new Uint8Array(new Uint32Array([value]).buffer));
  const before =
    `\x80\x04cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R` +
    `(K\x01(${
      shape.map((length) => `J${four(length)}`).join("")
    }tcnumpy\ndtype\n\x8c\x02f4\x89\x88\x87R` +
    `(K\x03\x8c\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89B${four(values.byteLength)}`;
  const one = [
    ...Array.from(before, (character) => character.charCodeAt(0)),
    ...new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    ...Array.from("tb.", (character) => character.charCodeAt(0)),
  ];
  return Uint8Array.from([...one, ...one]);
}

/** A .star file of RELION 3.1 with a row for each particle. */
export function starText(particles: number): string {
  const rows = Array.from(
    { length: particles },
    (_, i) => `${String(i + 1).padStart(6, "0")}@stack.mrcs   ${i}.5  1 \n`,
  );
  return "\n# version 30001\n\ndata_optics\n\nloop_ \n_rlnOpticsGroup #1 \n_rlnVoltage #2 \n1 300.0 \n \n\n" +
    "# version 30001\n\ndata_particles\n\nloop_ \n_rlnImageName #1 \n_rlnDefocusU #2 \n" +
    `_rlnOpticsGroup #3 \n${rows.join("")} \n`;
}

/** A .cs file of particles with a number each. */
export function csBytes(particles: number): Uint8Array<ArrayBuffer> {
  const head = `{'descr': [('uid', '<u8'), ('blob/path', 'S3'), ('pose', '<f4', (3,))], ` +
    `'fortran_order': False, 'shape': (${particles},), }`;
  const length = Math.ceil((10 + head.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + 23 * particles).fill(0x20, 0, length);
  bytes.set(Array.from("\x93NUMPY\x01\0", (character) => character.charCodeAt(0)));
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(head), 10);
  bytes[length - 1] = 0x0a;
  for (let i = 0; i < particles; i++) view.setBigUint64(length + 23 * i, BigInt(i), true);
  return bytes;
}
