/**
 * The files of particles that are written, and what they say.
 *
 * @module
 */
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { isThere, makeFolder, writeWhole } from "../core/files.ts";
import {
  type CsParticles,
  type Detected,
  writeCsSubset,
  writeStarSubset,
} from "../core/particles/mod.ts";
import { pickleIndices } from "../core/pickle/mod.ts";
import { checkOutFolder } from "./out_folder.ts";
import type { StarRows } from "./particles_rows.ts";

/** The particles of a volume. */
export interface VolumeParticles {
  /** Its file name, `vol_003.mrc`. */
  readonly volume: string;
  /** Its place among the centres, from 0. */
  readonly place: number;
  readonly particles: number;
  readonly selected: boolean;
}

/** What was found and written. */
export interface ParticlesSummary {
  /** The folder of the volumes. */
  readonly kmeans: string;
  /** How numbers of volumes and labels were told; sentences without their full stop. */
  readonly firstVolume: Detected;
  readonly firstLabel: Detected | undefined;
  /** What the labels are from. */
  readonly labels: "labels.pkl" | "nearest";
  /** What indices count, and how that was told. */
  readonly relativeTo: "stack" | "training";
  readonly subset: string;
  /** All volumes of the folder, by number. */
  readonly volumes: readonly VolumeParticles[];
  /** Particles that were selected, and how many there are. */
  readonly particles: number;
  readonly total: number;
  /** What else is worth knowing. */
  readonly notes: readonly string[];
  /** Paths of the files. */
  readonly files: readonly string[];
}

/** Everything that may be written; nothing else in the folder is touched. */
export const PARTICLE_FILES = [
  "particles.star",
  "particles.cs",
  "ind.pkl",
  "ind.txt",
  "particles.csv",
  "particles.json",
] as const;

/** Sees that nothing is overwritten. */
export async function checkOutdir(outdir: string, force: boolean): Promise<void> {
  await checkOutFolder(outdir);
  if (force) return;
  for (const name of PARTICLE_FILES) {
    if (!await isThere(join(outdir, name))) continue;
    throw new UsageError(
      `Cannot write to ${outdir}: it holds other particles (${name})`,
      "Give another --outdir, or --force to replace them.",
    );
  }
}

/** Sees that no file that is read is one that will be written, and so removed. */
export async function checkInputs(
  paths: readonly (string | undefined)[],
  outdir: string,
): Promise<void> {
  for (const path of paths) {
    if (path === undefined || !await isThere(path)) continue;
    for (const name of PARTICLE_FILES) {
      const output = join(outdir, name);
      if (!await isThere(output) || await Deno.realPath(output) !== await Deno.realPath(path)) {
        continue;
      }
      throw new UsageError(
        `Cannot write ${output}: particles are read from that very file`,
        "Give another --outdir.",
      );
    }
  }
}

/**
 * Writes the files of particles, in place of those that were there.
 *
 * @param outdir Folder to write to; made if it is missing.
 * @param found Indices of the particles from 0, in ascending order, and the files they are taken from.
 * @param summary What `particles.json` says.
 * @param look Throws where work has to stop.
 * @returns Paths of the files.
 */
export async function writeParticleFiles(
  outdir: string,
  { indices, star, cs }: {
    readonly indices: Int32Array;
    readonly star: StarRows | undefined;
    readonly cs: CsParticles | undefined;
  },
  summary: Omit<ParticlesSummary, "files">,
  look: () => void,
): Promise<string[]> {
  const wasThere = await isThere(outdir);
  await makeFolder(outdir);
  for (const name of PARTICLE_FILES) await removeIfThere(join(outdir, name));
  const keep = flagsOf(indices);
  const files: string[] = [];
  const write = async (
    name: typeof PARTICLE_FILES[number],
    put: (path: string) => Promise<void>,
  ) => {
    const path = join(outdir, name);
    try {
      look();
      await put(path);
    } catch (error) {
      if (!wasThere) await removeIfEmpty(outdir);
      throw error;
    }
    files.push(path);
  };
  if (star !== undefined) {
    await write("particles.star", async (path) => {
      await writeStarSubset(star.particles, (row) => keep(star.particleOf(row)), path, look);
    });
  }
  if (cs !== undefined) {
    await write("particles.cs", async (path) => void await writeCsSubset(cs, keep, path, look));
  }
  await write("ind.pkl", (path) => writeWhole(path, pickleIndices(indices)));
  await write("ind.txt", (path) => writeWhole(path, indices.join("\n") + "\n"));
  await write("particles.csv", (path) => writeWhole(path, formatCounts(summary.volumes)));
  await write(
    "particles.json",
    (path) => writeWhole(path, JSON.stringify(summary, undefined, 1) + "\n"),
  );
  return files;
}

async function removeIfThere(path: string): Promise<void> {
  if (await isThere(path)) await Deno.remove(path);
}

async function removeIfEmpty(folder: string): Promise<void> {
  for await (const _ of Deno.readDir(folder)) return;
  await Deno.remove(folder);
}

/** Whether an index is in a list, for many questions. */
function flagsOf(indices: Int32Array): (index: number) => boolean {
  const flags = new Uint8Array((indices.at(-1) ?? -1) + 1);
  for (const index of indices) flags[index] = 1;
  return (index) => flags[index] === 1;
}

function formatCounts(volumes: readonly VolumeParticles[]): string {
  const lines = volumes.map(({ volume, place, particles, selected }) =>
    [volume, place, particles, selected ? 1 : 0].join(",")
  );
  return ["volume,place,particles,selected", ...lines].join("\n") + "\n";
}
