/**
 * A look at the cluster that a run is on, for commands that only tell where it stands.
 *
 * @module
 */
import type { Seen } from "../cluster/slurm/tasks.ts";
import { SirenError } from "../core/errors.ts";
import { chooseCluster, type Target } from "./choose_cluster.ts";
import { type Context, tellNews } from "./job.ts";

/**
 * Looks at a run's cluster once. That it cannot be reached keeps nobody from what is known here: a note
 * on standard error says so.
 *
 * @returns What was seen, if anything.
 */
export async function look(
  context: Context,
  folder: string,
  target: Target,
): Promise<Seen | undefined> {
  const { io, cluster } = context;
  try {
    return await tellNews(io, true, undefined, async (tell, ask) => {
      const choice = await chooseCluster(context, target, ask);
      return await cluster.refreshRun(folder, choice, { tell, signal: io.signal });
    });
  } catch (error) {
    if (!(error instanceof SirenError)) throw error;
    io.stderr.write(`The cluster was not asked, so this is what is known here: ${error.message}\n`);
    return undefined;
  }
}
