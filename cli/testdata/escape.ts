/**
 * Runs a command line as cli/main.ts does and, whenever it has news, tries to get out: to the network, to
 * another program, to the environment, to native code. What came of it is the last line of standard output.
 *
 * @module
 */
import { type Io, systemIo } from "../io.ts";
import { main } from "../main.ts";

const attempts = {
  net: () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
  unix: () => Deno.connect({ transport: "unix", path: "/nowhere" }),
  run: () => new Deno.Command("id").output(),
  env: () => Promise.resolve(Deno.env.get("HOME")),
  ffi: () => Promise.try(() => Deno.dlopen("/nowhere.so", {}).close()),
};

const results: Record<string, Set<string>> = {};
const trying: Promise<void>[] = [];

async function attempt(): Promise<void> {
  for (const [name, escape] of Object.entries(attempts)) {
    let result = "let out";
    try {
      await escape();
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) result = "kept in";
    }
    (results[name] ??= new Set()).add(result);
  }
}

const real = systemIo(new AbortController().signal);
const io: Io = {
  ...real,
  stdout: { ...real.stdout, write: () => {} },
  // Asked for all through a run.
  now: () => {
    trying.push(attempt());
    return real.now();
  },
  hostname: () => {
    trying.push(attempt());
    return real.hostname();
  },
};

const code = await main(Deno.args, io);
const during = trying.length;
await Promise.all(trying);
await attempt();
const told = Object.fromEntries(Object.entries(results).map(([name, set]) => [name, [...set]]));
console.log(JSON.stringify({ code, during, results: told }));
