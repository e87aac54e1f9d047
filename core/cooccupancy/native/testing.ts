/**
 * For tests of the native engine: what they need is there, or they say why not.
 *
 * @module
 */
import { RunError } from "../../errors.ts";
import { findCompiler } from "./build.ts";

/** In CI nothing is left out: what is missing there fails the test. */
const skips = Deno.env.get("CI") !== "true";

/** Whether a program is there and works. */
export async function answers(program: string, ...args: string[]): Promise<boolean> {
  try {
    const child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    return (await child.output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** This machine's C compiler, or why there is none; throws in CI. */
export async function compilerOrReason(): Promise<{ compiler: string[] } | { reason: string }> {
  try {
    return { compiler: await findCompiler(Deno.env.get("CC")) };
  } catch (error) {
    if (!skips || !(error instanceof RunError)) throw error;
    return { reason: "no C compiler" };
  }
}

/** Why a test that needs these programs cannot run; undefined where it can, and always in CI. */
export async function whyNot(...programs: string[]): Promise<string | undefined> {
  if (!skips) return undefined;
  for (const program of programs) {
    if (!await answers(program, "--version")) return `not installed: ${program}`;
  }
  return undefined;
}

/** A folder that is removed when the scope ends. */
export class TemporaryFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "siren_native_" });

  /** Place of a file in it. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
