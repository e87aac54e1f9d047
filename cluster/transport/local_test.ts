import assert from "node:assert";
import { tmpdir } from "node:os";
import { temporaryFolder } from "../../tests/surroundings.ts";
import { checkTransport } from "./conformance.ts";
import { localTransport } from "./local.ts";

checkTransport("this machine", () => Promise.resolve(localTransport()), tmpdir());

Deno.test("a program that takes too long is stopped, and what it has started is not waited for", async () => {
  await using here = await temporaryFolder();
  const script = 'sleep 15 & echo $$ > "$1/pid"; wait';
  const late = localTransport().exec(["sh", "-c", script, "sh", here.path], { seconds: 0.5 });
  await assert.rejects(late, { name: "ConnectionError" });
  const pid = (await Deno.readTextFile(`${here.path}/pid`)).trim();
  const ps = await localTransport().exec(["ps", "-o", "stat=", "-p", pid]);
  assert.match(ps.stdout, /^$|^Z/, "killed, it may still wait for its parent to take note");
});

Deno.test("a program that ended and left another with its output is late too", async () => {
  const late = localTransport().exec(["sh", "-c", "sleep 15 &"], { seconds: 0.3 });
  await assert.rejects(late, { name: "ConnectionError" });
});

Deno.test("a late program is stopped with leave to run that program alone", async () => {
  const module = new URL("./local.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const script = `
    import { localTransport } from ${JSON.stringify(module)};
    const { exec, home } = localTransport();
    console.log(await home());
    await exec(["sleep", "30"], { seconds: 0.2 }).catch((error) => console.log(error.name));`;
  await using here = await temporaryFolder();
  await Deno.writeTextFile(`${here.path}/a.ts`, script);
  const { stdout } = await localTransport().exec([
    Deno.execPath(),
    ...["run", "--quiet", "--no-check", "--no-prompt", `--config=${config}`],
    ...["--allow-read", "--allow-env=HOME", "--allow-run=sleep", `${here.path}/a.ts`],
  ], { environment: { HOME: "/home/me" } });
  assert.strictEqual(stdout, "/home/me\nConnectionError\n");
});

Deno.test("what Deno does not let siren do is told in words", async () => {
  const module = new URL("./local.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const script = `
    import { localTransport } from ${JSON.stringify(module)};
    const { exec, ...files } = localTransport();
    const tell = async (one) =>
      console.log(JSON.stringify(await one.catch(({ name, message }) => [name, message])));
    await tell(exec(["ls"]));
    await tell(exec(["/opt/slurm/bin/sbatch"]));
    await tell(exec(["siren-no-such-program"]));
    await tell(files.makeFolder("/dev/a/b"));
    await tell(files.write("/dev/a", "x"));
    await tell(files.remove("/dev/a/b"));`;
  await using here = await temporaryFolder();
  await Deno.writeTextFile(`${here.path}/a.ts`, script);
  const { stdout, stderr } = await localTransport().exec([
    Deno.execPath(),
    ...["run", "--quiet", "--no-check", "--no-prompt", `--config=${config}`],
    ...["--allow-read", "--allow-write", "--allow-env=HOME", "--allow-run=id", `${here.path}/a.ts`],
  ]);
  const kept = (
    what: string,
    path: string,
  ) => ["ClusterError", `Cannot ${what} ${path} on this machine: Deno keeps siren from it`];
  const leave = "siren starts no programs but Slurm's, by the PATH that it was started with";
  assert.strictEqual(stderr, "");
  assert.deepStrictEqual(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { code: 126, stdout: "", stderr: `ls: ${leave}\n` },
    { code: 126, stdout: "", stderr: `/opt/slurm/bin/sbatch: ${leave}\n` },
    { code: 127, stdout: "", stderr: "siren-no-such-program: command not found\n" },
    kept("make the folder", "/dev/a/b"),
    kept("write", "/dev/a"),
    kept("remove", "/dev/a/b"),
  ]);
});

Deno.test("the home folder is not removed, by whatever path", async () => {
  await using here = await temporaryFolder();
  const home = `${here.path}/users/me`;
  await Deno.mkdir(`${home}/a`, { recursive: true });
  await Deno.symlink(`${here.path}/users`, `${here.path}/link`);
  const before = Deno.env.get("HOME");
  Deno.env.set("HOME", `${here.path}/link/me`);
  try {
    const { remove } = localTransport();
    for (const path of [home, `${here.path}/link/me/`, `${here.path}/users`]) {
      await assert.rejects(remove(path), { name: "ClusterError" }, path);
    }
    await remove(`${home}/a`);
    assert.deepStrictEqual([...Deno.readDirSync(home)], []);
  } finally {
    if (before === undefined) Deno.env.delete("HOME");
    else Deno.env.set("HOME", before);
  }
});

Deno.test("a file is private from its first moment until it gets its mode", async () => {
  await using here = await temporaryFolder();
  await Deno.writeTextFile(`${here.path}/from`, "secret");
  const { open } = Deno;
  const modes: (number | null)[] = [];
  Deno.open = async (path, options) => {
    const file = await open(path, options);
    if (options?.write) modes.push((await file.stat()).mode);
    return file;
  };
  try {
    const transport = localTransport();
    await transport.write(`${here.path}/a`, "secret", 0o600);
    await transport.upload(`${here.path}/from`, `${here.path}/b`, { mode: 0o600 });
  } finally {
    Deno.open = open;
  }
  assert.deepStrictEqual(modes.map((mode) => (mode ?? 0) & 0o777), [0o600, 0o600]);
});

Deno.test("a program that may not be run has code 126", async () => {
  await using here = await temporaryFolder();
  await Deno.writeTextFile(`${here.path}/tool`, "#!/bin/sh\n", { mode: 0o644 });
  const answer = await localTransport().exec([`${here.path}/tool`]);
  assert.deepStrictEqual(answer, {
    code: 126,
    stdout: "",
    stderr: `${here.path}/tool: the system denies permission\n`,
  });
});

Deno.test("a file that grows while it is brought is not taken for whole", async () => {
  await using here = await temporaryFolder();
  const from = `${here.path}/from`;
  await Deno.writeFile(from, new Uint8Array(3 << 20));
  let grown = false;
  const grow = () => {
    if (!grown) Deno.writeFileSync(from, new Uint8Array(1000), { append: true });
    grown = true;
  };
  await assert.rejects(localTransport().upload(from, `${here.path}/to`, { tell: grow }), {
    name: "InputError",
    message: `Cannot read ${from}: it changed while it was copied (3145728 bytes, then 3146728)`,
  });
  const names = await Array.fromAsync(Deno.readDir(here.path), ({ name }) => name);
  assert.deepStrictEqual(names, ["from"]);
});

Deno.test("the end of Ctrl-C's reach: programs run in sessions of their own", async () => {
  const { stdout } = await localTransport().exec(["sh", "-c", "ps -o sid= -p $$; echo $$"]);
  const [session, pid] = stdout.trim().split(/\s+/);
  assert.strictEqual(session, pid);
});
