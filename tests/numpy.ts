/** Debian's NumPy, for tests that hand it arrays. */
import { canImport, PYTHON } from "./pytorch.ts";

/**
 * Whether NumPy can be imported.
 *
 * @throws {Error} It cannot, where CI=true says that nothing may be left out.
 */
export async function hasNumpy(): Promise<boolean> {
  const isThere = await canImport("numpy");
  if (!isThere && Deno.env.get("CI") === "true") {
    throw new Error(`There is no NumPy for ${PYTHON}; on Debian it is python3-numpy.`);
  }
  return isThere;
}
