/**
 * Where the run is, for commands that a reader copies.
 *
 * @module
 */

/** Where `siren view` serves, through a tunnel of SSH too. */
const SERVED_AT = ["127.0.0.1", "localhost"];

/**
 * The run folder as the page's address tells it: the folder that the page lies in, if it is called as the
 * run is. `siren view` serves the page at `/TOKEN/PATH/OF/RUN/report.html`.
 *
 * @param address Address of the page.
 * @param name Name of the run folder when the report was made.
 * @returns The folder, or only its name where the page was moved.
 */
export function runFolder(address: string, name: string): string {
  const { protocol, hostname, pathname } = new URL(address);
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return name; // a % that escapes nothing
  }
  if (protocol === "http:" && SERVED_AT.includes(hostname)) path = path.replace(/^\/[^/]*/, "");
  else if (protocol !== "file:") return name;
  const folder = path.replace(/\/[^/]*$/, "");
  // On Windows the path has a drive: /C:/Users.
  const local = /^\/[A-Za-z]:\//.test(folder) ? folder.slice(1) : folder;
  return local.endsWith(`/${name}`) ? local : name;
}
