/** What tests give a run for surroundings: two threads, news kept in a list. */
import type { News, Surroundings } from "../cluster/mod.ts";

/** Surroundings that keep every piece of news. */
export function quietly(changes: Partial<Surroundings> = {}): Surroundings & { news: News[] } {
  const news: News[] = [];
  return {
    threads: 2,
    engine: "auto",
    host: "test",
    command: "test",
    signal: new AbortController().signal,
    tell: (piece) => void news.push(piece),
    ...changes,
    news,
  };
}

/** A folder that goes with its scope. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "siren_" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Whether a file or folder is there. */
export function exists(path: string | URL): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Contents of every file below a folder by relative path, as hashes, leaving out those that `skip` names. */
export async function hashFolder(
  folder: string,
  skip: (name: string) => boolean = () => false,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = async (at: string) => {
    for await (const entry of Deno.readDir(`${folder}/${at}`)) {
      const name = at + entry.name;
      if (skip(name)) continue;
      if (entry.isDirectory) await walk(`${name}/`);
      else {
        const digest = await crypto.subtle.digest(
          "SHA-256",
          await Deno.readFile(`${folder}/${name}`),
        );
        found.set(name, new Uint8Array(digest).toHex());
      }
    }
  };
  await walk("");
  return new Map([...found].sort());
}
