/**
 * Folders of a cluster as users write them.
 *
 * @module
 */
import type { Transport } from "./transport.ts";

/** A folder of the machine, with `~` at its beginning replaced by the home folder there. */
export async function expandHome(
  path: string,
  transport: Pick<Transport, "home">,
): Promise<string> {
  return /^~(?=\/|$)/.test(path) ? `${await transport.home()}${path.slice(1)}` : path;
}
