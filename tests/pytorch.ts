/** Debian's PyTorch, for tests that hand it weights. */

/** Debian's Python, for which there is a package of PyTorch. */
export const PYTHON = "/usr/bin/python3";

/**
 * Whether PyTorch can be imported; that is looked for without importing it, which takes seconds.
 *
 * @throws {Error} It cannot, where CI=true says that nothing may be left out.
 */
export async function hasTorch(): Promise<boolean> {
  const isThere = await canImport("torch");
  if (!isThere && Deno.env.get("CI") === "true") {
    throw new Error(`There is no PyTorch for ${PYTHON}; on Debian it is python3-torch.`);
  }
  return isThere;
}

/** Whether Python has a package; that is looked for without importing it. */
export async function canImport(name: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(PYTHON, {
      args: ["-c", `import importlib.util as i, sys; sys.exit(i.find_spec('${name}') is None)`],
    }).output();
    return success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}
