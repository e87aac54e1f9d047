import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { libraryFile } from "../../core/cooccupancy/native/library.ts";
import { SirenError } from "../../core/errors.ts";
import { isThere } from "../../core/files.ts";
import { VERSION } from "../../core/version.ts";
import { simulatePhantoms } from "../../tests/phantoms.ts";
import { siren } from "../../tests/processes.ts";
import { hashFolder, temporaryFolder } from "../../tests/surroundings.ts";
import { type Bundle, bundleName, bundleSiren, sourceIdentity } from "./bundle.ts";

async function writeBundle(folder: string, { files }: Bundle): Promise<void> {
  for (const { path, bytes } of files) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, bytes);
  }
}

/** Runs a bundle's module with nothing of this machine but the folder: no packages, no cache, no network. */
async function runBare(folder: string, permissions: readonly string[], ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-config", "--no-remote", "--no-npm", "--cached-only"]
      .concat(permissions, args),
    clearEnv: true,
    env: { DENO_DIR: `${folder}/cache`, NO_COLOR: "1" },
    cwd: folder,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const permissions = ["--allow-read", "--allow-write", "--allow-sys=hostname,systemMemoryInfo"];

Deno.test("a bundle computes on a bare Deno what the checkout does, to the byte", async () => {
  await using folder = await temporaryFolder();
  const bundle = await bundleSiren();
  await writeBundle(`${folder.path}/siren`, bundle);
  const { voldir, bin } = await simulatePhantoms(`${folder.path}/maps`);
  const args = ["run", "--voldir", voldir, "--bin", String(bin), "--threads", "2"];
  const own = await siren(...args, "--outdir", `${folder.path}/own`).output();
  assert.ok(own.success, new TextDecoder().decode(own.stderr));
  const bare = await runBare(
    folder.path,
    permissions,
    `${folder.path}/siren/program/main.js`,
    ...args,
    "--outdir",
    `${folder.path}/bare`,
  );
  assert.strictEqual(bare.code, 0, bare.stderr);
  const isLock = (name: string) => name.endsWith("run.lock");
  const [mine, its] = await Promise.all([
    hashFolder(`${folder.path}/own`, isLock),
    hashFolder(`${folder.path}/bare`, isLock),
  ]);
  assert.ok(mine.size > 20);
  assert.deepStrictEqual(its, mine);

  // A bundle bundles itself as it is.
  const again = await runBare(
    folder.path,
    ["--allow-read"],
    await probe(
      `${folder.path}/siren/program/probe.js`,
      `import { bundleSiren } from "./bundle.js";
       const { identity, files } = await bundleSiren();
       console.log(JSON.stringify([identity, files.length]));`,
    ),
  );
  assert.strictEqual(again.code, 0, again.stderr);
  assert.deepStrictEqual(JSON.parse(again.stdout), [bundle.identity, bundle.files.length]);
});

/** Puts a module beside a bundle's program, and this one's as JavaScript. */
async function probe(path: string, text: string): Promise<string> {
  const { outputFiles = [] } = await Deno.bundle({
    entrypoints: [new URL("./bundle.ts", import.meta.url).pathname],
    platform: "deno",
  });
  await Deno.writeTextFile(path.replace("probe.js", "bundle.js"), outputFiles[0]?.text() ?? "");
  await Deno.writeTextFile(path, text);
  return path;
}

Deno.test("a bundle says what it is, and its paths stay in its folder", async () => {
  const { identity, files, permissions } = await bundleSiren();
  assert.strictEqual(identity.version, VERSION);
  assert.match(identity.hash, /^[0-9a-f]{64}$/);
  assert.deepStrictEqual(await sourceIdentity(), identity);
  assert.match(bundleName(identity), new RegExp(`^siren-${VERSION}-[0-9a-f]{12}$`));
  assert.ok(permissions.includes("--allow-read"));
  assert.ok(files.some(({ path }) => path === "templates/open_blocks.cxc"));
  const library = fileURLToPath(libraryFile());
  const isBuilt = await isThere(library);
  assert.strictEqual(files.some(({ path }) => library.endsWith(`/${path}`)), isBuilt);
  assert.strictEqual(files.at(-1)?.path, "bundle.json");
  for (const { path } of files) assert.ok(!path.startsWith("/") && !path.includes(".."), path);
});

Deno.test("no file of the program is found but by core/program_files.ts, which knows of bundles", async () => {
  const { files } = await bundleSiren();
  const lines = files.filter(({ path }) => path.startsWith("program/"))
    .flatMap(({ bytes }) => new TextDecoder().decode(bytes).split("\n"));
  const uses = lines.filter((line) => line.includes("import.meta.url") && !/^\s*\*/.test(line))
    .map((line) => line.trim().replace(/ =.*/, "").replace(/^var /, ""));
  assert.deepStrictEqual([...new Set(uses)].sort(), ["IS_BUNDLE", "ROOT", "__require"]);
});

Deno.test("packages that look for the name of their folder find one in a bundle", async () => {
  await using folder = await temporaryFolder();
  const { files } = await bundleSiren();
  for (const { path, bytes } of files) {
    if (!path.startsWith("program/")) continue;
    const [first] = new TextDecoder().decode(bytes).split("\n");
    const file = `${folder.path}/first.js`;
    await Deno.writeTextFile(file, `${first}\nconsole.log(__dirname);`);
    const { stdout, stderr } = await runBare(folder.path, ["--allow-read"], file);
    assert.strictEqual(stdout, `${folder.path}\n`, stderr);
  }
});

Deno.test("bundling needs the permission to read, and a Deno that has bundling on", async () => {
  await using folder = await temporaryFolder();
  const root = new URL("../../", import.meta.url);
  const probe = `${folder.path}/probe.ts`;
  await Deno.writeTextFile(
    probe,
    `import { bundleSiren } from ${JSON.stringify(new URL("bundle.ts", import.meta.url).href)};
     const { files } = await bundleSiren().catch(({ name, message, remedy }) => {
       console.log(name, message, remedy);
       Deno.exit(3);
     });
     console.log(files.length > 3);`,
  );
  // The members of a workspace lie beside its deno.json.
  const { unstable, workspace: _, ...config } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  assert.deepStrictEqual(unstable, ["bundle"]);
  await Deno.writeTextFile(`${folder.path}/without.json`, JSON.stringify(config));
  const run = async (config: string) => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-lock", "--config", config, "--allow-read", probe],
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { stdout: text(stdout), stderr: text(stderr) };
  };
  const on = await run(fileURLToPath(new URL("deno.json", root)));
  assert.strictEqual(on.stdout, "true\n", on.stderr);
  const off = await run(`${folder.path}/without.json`);
  assert.match(off.stdout, /^SirenError .*bundling off .*deno task siren/, off.stderr);
});

Deno.test("a bundler that cannot be fetched is told from code that cannot be bundled", async () => {
  await using folder = await temporaryFolder();
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--unstable-bundle", "--no-config", "--ext=ts"].concat(
      `await Deno.bundle({ entrypoints: ["/no"], write: false }).catch((e) => console.log(e.message));`,
    ),
    env: { DENO_DIR: folder.path, NPM_CONFIG_REGISTRY: "http://127.0.0.1:9", NO_COLOR: "1" },
  }).output();
  const message = new TextDecoder().decode(stdout).trim();
  await assert.rejects(bundleSiren(() => Promise.reject(new Error(message))), (error) => {
    assert.ok(error instanceof SirenError);
    assert.match(error.message, /cannot be fetched \(.*127\.0\.0\.1:9/);
    assert.match(error.remedy ?? "", /NPM_CONFIG_REGISTRY/);
    return true;
  });
  const errors = [{ text: "no such module" }];
  await assert.rejects(
    bundleSiren(() => Promise.resolve({ success: false, errors, warnings: [] })),
    /^SirenError: Cannot make siren's bundle: no such module$/,
  );
});
