/**
 * The volume of each particle, by its label or by its coordinates.
 *
 * @module
 */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import {
  type Coordinates,
  type Detected,
  detectFirstLabel,
  type KmeansContent,
  type KmeansFolder,
  nearestCentres,
  readLatent,
} from "../core/particles/mod.ts";
import type { ParticlesCall } from "./particles_call.ts";
import type { Surroundings } from "./progress.ts";

/** Particles between two looks at whether to stop. */
const STEP = 1 << 14;

/** The place of the volume of each particle. */
export async function labelParticles(
  { nearest }: ParticlesCall,
  kmeans: KmeansFolder,
  content: KmeansContent,
  surroundings: Pick<Surroundings, "signal" | "tell">,
): Promise<{ labels: Int32Array; firstLabel: Detected | undefined; notes: string[] }> {
  const { labels, centres } = content;
  const latent = await readLatent(kmeans);
  const known = labels?.length ?? latent?.points;
  if (known !== undefined && kmeans.kmeans > known) {
    throw new InputError(
      `Cannot use ${kmeans.path}: by its name it has ${kmeans.kmeans} volumes, and there are ${known} ` +
        "particles",
      "Give the folder as cryodrgn analyze named it.",
    );
  }
  if (labels !== undefined && latent !== undefined && labels.length !== latent.points) {
    throw new InputError(
      `Cannot use the labels of ${kmeans.path}: they are for ${labels.length} particles, and ` +
        `${latent.path} has ${latent.points}`,
      "They are of another training or epoch; run cryodrgn analyze again.",
    );
  }
  const missing = (file: string, remedy: string) =>
    new InputError(`Cannot tell the particles of volumes: ${kmeans.path} has no ${file}`, remedy);
  if (nearest) {
    if (latent === undefined) {
      throw new InputError(
        `Cannot tell the nearest volumes: there are no coordinates of particles ` +
          `(${
            join(kmeans.workdir, kmeans.epoch === undefined ? "z.pkl" : `z.${kmeans.epoch}.pkl`)
          })`,
        "Copy the file from where the training was made.",
      );
    }
    if (centres === undefined) throw missing("centers.txt or z_values.txt", "Copy it there.");
    const found = await nearestLabels(latent, centres, surroundings);
    const first = labels === undefined ? undefined : firstLabelOf(kmeans, content, latent);
    const same = first && labels &&
      labels.reduce((sum, label, i) => sum + (label - first.first === found[i] ? 1 : 0), 0);
    const notes = same === undefined
      ? []
      : [`${same} of ${found.length} particles are nearest to the volume of their label`];
    return { labels: found, firstLabel: undefined, notes };
  }
  if (labels === undefined) {
    throw missing(
      "labels.pkl",
      "Give --nearest to label particles by the nearest volume; volumes along a trajectory have none.",
    );
  }
  const firstLabel = firstLabelOf(kmeans, content, latent);
  return { labels: labels.map((label) => label - firstLabel.first), firstLabel, notes: [] };
}

function firstLabelOf(
  { path, kmeans }: KmeansFolder,
  { labels, centres, centreParticles }: KmeansContent,
  latent: Coordinates | undefined,
): Detected {
  // Centres are particles: without a list of which, their coordinates tell.
  const particles = centreParticles ??
    (latent && centres && nearestCentres(centres, latent));
  return detectFirstLabel({
    folder: path,
    centres: kmeans,
    labels: labels!, // whoever calls has them
    ...(particles === undefined ? {} : { centreParticles: particles }),
  });
}

async function nearestLabels(
  latent: Coordinates,
  centres: Coordinates,
  { signal, tell }: Pick<Surroundings, "signal" | "tell">,
): Promise<Int32Array> {
  const labels = new Int32Array(latent.points);
  for (let from = 0; from < latent.points; from += STEP) {
    const to = Math.min(from + STEP, latent.points);
    labels.set(nearestCentres(latent, centres, from, to), from);
    tell({
      kind: "progress",
      stage: "Finding the nearest volumes",
      done: to,
      total: latent.points,
      unit: "particles",
    });
    await new Promise((resolve) => setTimeout(resolve)); // so that Ctrl-C is heard
    signal.throwIfAborted();
  }
  return labels;
}

/** How what cryoDRGN lists compares with what the labels say, for the stack or for the training. */
export function agreement(listed: Int32Array, found: readonly Int32Array[]): string {
  const isSame = (other: Int32Array) =>
    other.length === listed.length && other.every((index, i) => index === listed[i]);
  return found.some(isSame)
    ? "cryoDRGN's own list of the states' particles is the same"
    : `cryoDRGN's own list of the states' particles is another one (${listed.length}), as versions 3.5.0 ` +
      "to 3.5.2 took each volume for its neighbour; the particles here are those of the labels";
}
