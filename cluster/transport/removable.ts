/**
 * Which paths may be removed with all that is in them.
 *
 * @module
 */
import { ClusterError } from "../../core/errors.ts";

/** What has to be known of the machine. Paths are absolute and its own. */
export interface Machine {
  /** How to call it in messages. */
  readonly where: string;
  /** Where a folder really is, links followed; undefined where there is none. */
  realPath(path: string): Promise<string | undefined>;
  /** Where the home folder really is, or undefined where there is none. */
  home(): Promise<string | undefined>;
}

/**
 * The path to remove: its last part as it is (a link, maybe) and those above it as they really are.
 *
 * @returns Undefined where there is nothing to remove.
 * @throws {ClusterError} The path is relative, has `..`, is `/` or directly in it, or the home folder is
 *   in it or is it.
 */
export async function removable(path: string, machine: Machine): Promise<string | undefined> {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const last = parts.pop();
  if (!path.startsWith("/") || last === undefined || last === ".." || parts.includes("..")) {
    throw new ClusterError(
      `Cannot remove ${path} on ${machine.where}: siren removes no such path`,
      "It takes an absolute one, without `..`, that is not `/`.",
    );
  }
  const above = await machine.realPath(`/${parts.join("/")}`);
  if (above === undefined) return undefined;
  const whole = `${above === "/" ? "" : above}/${last}`;
  if (above === "/") {
    throw new ClusterError(
      `Cannot remove ${path} on ${machine.where}: siren removes nothing that is directly in / (${whole})`,
      "Give a folder further down.",
    );
  }
  const home = await machine.home();
  if (home !== undefined && (home === whole || home.startsWith(`${whole}/`))) {
    throw new ClusterError(
      `Cannot remove ${path} on ${machine.where}: the home folder is in it, or is it (${whole})`,
    );
  }
  return whole;
}
