/** A small simulated ensemble, for tests that need one. */
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";

/**
 * Writes 60 volumes of a 24^3 phantom with four blocks.
 *
 * @returns The options of a run over them.
 */
export async function simulatePhantoms(folder: string): Promise<{ voldir: string; bin: number }> {
  const options = simulateOptions.parse({
    box: 24,
    apix: 8,
    volumes: 60,
    blocks: 4,
    seed: 3,
  });
  const { truth } = await writeEnsemble(simulate(options, []), folder);
  return { voldir: folder, bin: truth.thresholds[0] ?? NaN };
}
