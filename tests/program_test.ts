/** The program as it is started: by the launcher from any folder, and as the demonstration. */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { VERSION } from "../core/version.ts";
import { exists, temporaryFolder } from "./surroundings.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

async function output(command: string, args: string[], cwd: string) {
  const env = { NO_COLOR: "1", PATH: `${root}bin:${Deno.env.get("PATH")}` };
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd, env }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("the launcher runs siren from any folder, also through a link with spaces in its path", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/my programs`);
  await Deno.symlink(`${root}bin/siren`, `${folder.path}/my programs/siren`);
  const { code, stdout } = await output(
    `${folder.path}/my programs/siren`,
    ["--version"],
    folder.path,
  );
  assert.deepStrictEqual([code, stdout], [0, `${VERSION}\n`]);
});

Deno.test("the demonstration finds the simulated blocks, twice in the same folder", async () => {
  await using folder = await temporaryFolder();
  const permissions = ["--allow-read", "--allow-write", "--allow-sys=hostname,systemMemoryInfo"];
  const args = ["run", "--no-prompt", `--config=${root}deno.json`, ...permissions];
  for (let time = 0; time < 2; time++) {
    const { code, stdout, stderr } = await output(
      Deno.execPath(),
      [...args, `${root}cli/demo.ts`],
      folder.path,
    );
    assert.strictEqual(code, 0, stderr);
    const ratio = Number(/mean best Jaccard +\S+ +\S+ +(\S+)/.exec(stdout)?.[1]);
    assert.ok(ratio >= 0.95, `blocks reach ${ratio} of the ceiling`);
    assert.ok(exists(`${folder.path}/demo/run/02_expand/blocks.png`));
    assert.ok(exists(`${folder.path}/demo/run/report.html`));
  }
});
