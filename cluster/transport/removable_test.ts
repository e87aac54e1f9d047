import assert from "node:assert";
import { ClusterError } from "../../core/errors.ts";
import { removable } from "./removable.ts";

/** A machine with links, by where they lead. */
function machine(links: Readonly<Record<string, string>>, home?: string) {
  return {
    where: "me@h",
    realPath: (path: string) => Promise.resolve(path === "/none" ? undefined : links[path] ?? path),
    home: () => Promise.resolve(home),
  };
}

Deno.test("a path far enough down is removed, its last part as it is", async () => {
  assert.strictEqual(await removable("/a/b", machine({})), "/a/b");
  assert.strictEqual(await removable("/a//./b c/", machine({})), "/a/b c");
  assert.strictEqual(await removable("/link/-rf", machine({ "/link": "/x/y" })), "/x/y/-rf");
  assert.strictEqual(await removable("/link/b", machine({ "/link/b": "/x" })), "/link/b");
  assert.strictEqual(await removable("/none/b", machine({})), undefined);
  assert.strictEqual(await removable("/home/me/b", machine({}, "/home/me")), "/home/me/b");
  assert.strictEqual(await removable("/home/m", machine({}, "/home/me")), "/home/m");
});

Deno.test("what would take more than siren made is refused", async () => {
  const shallow = { "/link": "/", "/up": "/home" };
  for (
    const path of [
      ...["", ".", "/", "//", "/.", "/..", "a/b", "./a/b", "~/a"],
      ...["/a/..", "/a/../b", "/a/b/..", "/home", "/home/", "/usr", "/link/usr"],
      ...["/home/me", "/home/me/", "/up/me", "/home/./me"],
    ]
  ) {
    await assert.rejects(removable(path, machine(shallow, "/home/me")), ClusterError, path);
  }
  await assert.rejects(removable("/data/users", machine({}, "/data/users/me")), {
    name: "ClusterError",
    message: "Cannot remove /data/users on me@h: the home folder is in it, or is it (/data/users)",
  });
});
