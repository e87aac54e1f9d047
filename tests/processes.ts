/** The program as a user starts it. */
import { fileURLToPath } from "node:url";
import { z } from "zod";

const main = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const config = fileURLToPath(new URL("../deno.json", import.meta.url));

const ConfigSchema = z.object({ tasks: z.object({ siren: z.object({ command: z.string() }) }) });

/** Deno's flags by which `deno task siren` starts the program, the permissions among them. */
export const flags: readonly string[] = ConfigSchema.parse(
  JSON.parse(Deno.readTextFileSync(config)),
).tasks.siren.command.split(" ").filter((word) => word.startsWith("--"));

/** Starts the program in a process of its own, with the permissions that the README gives it. */
export function siren(...args: string[]): Deno.ChildProcess {
  return sirenIn({}, ...args);
}

/** The same, with more in its environment: that of a cluster, for one. */
export function sirenIn(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Deno.ChildProcess {
  return sirenBy([], env, ...args);
}

/** The same, with more flags for Deno. */
export function sirenBy(
  more: readonly string[],
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", `--config=${config}`, ...flags, ...more, main, ...args],
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Kills a process after so many milliseconds, unless it has ended by then; disposing of it lets it live. */
export function killAfter(child: Deno.ChildProcess, milliseconds: number): Disposable {
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It has ended, though that has not been told yet.
      if (!(error instanceof TypeError)) throw error;
    }
  }, milliseconds);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
