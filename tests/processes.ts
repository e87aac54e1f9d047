/** The program as a user starts it. */
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const config = fileURLToPath(new URL("../deno.json", import.meta.url));

/** Starts the program in a process of its own, with the permissions that the README gives it. */
export function siren(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--config=${config}`,
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      "--allow-sys=hostname,systemMemoryInfo",
      main,
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
