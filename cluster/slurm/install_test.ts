import assert from "node:assert";
import { ClusterError, InputError, SirenError, UsageError } from "../../core/errors.ts";
import { VERSION } from "../../core/version.ts";
import { exists, temporaryFolder } from "../../tests/surroundings.ts";
import type { News } from "../progress.ts";
import { localTransport } from "../transport/local.ts";
import type { Answer, Transport } from "../transport/transport.ts";
import { sourceIdentity } from "./bundle.ts";
import { findInstalled, installSiren, requireInstalled, workerCommand } from "./install.ts";

const needsLinux = Deno.build.os !== "linux";

/** This machine, with what it was sent written down, and some programs' answers changed. */
function spied(answers: Readonly<Record<string, Partial<Answer>>> = {}) {
  const real = localTransport();
  const sent: string[] = [];
  const transport: Transport = {
    ...real,
    where: "login1",
    exec: (command, options) => {
      const line = command.join(" ");
      const known = Object.keys(answers).find((start) => line.startsWith(start));
      if (known === undefined) return real.exec(command, options);
      return Promise.resolve({ code: 0, stdout: "", stderr: "", ...answers[known] });
    },
    write: (path, ...rest) => {
      sent.push(path);
      return real.write(path, ...rest);
    },
    upload: (from, path, options) => {
      sent.push(path);
      return real.upload(from, path, options);
    },
  };
  return { transport, sent };
}

const profile = (install?: string) => ({
  name: "big",
  file: "clusters.toml",
  ssh: { host: "login1" },
  ...(install === undefined ? {} : { install }),
});

function options(changes: { deno?: string; force?: boolean } = {}) {
  const news: News[] = [];
  return { ...changes, news, tell: (piece: News) => void news.push(piece) };
}

async function start(
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
) {
  const [program, ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", ...environment },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test({
  name: "siren is installed once, starts by hand and as a worker, and is mended when broken",
  ignore: needsLinux,
  fn: async () => {
    await using folder = await temporaryFolder();
    const install = `${folder.path}/it's my siren`;
    const { transport, sent } = spied();
    const first = options();
    const installed = await installSiren(transport, profile(install), first);
    assert.deepStrictEqual(
      { version: installed.version, hash: installed.hash },
      await sourceIdentity(),
    );
    assert.ok(installed.deno.startsWith(`${install}/deno-${Deno.version.deno}-`));
    assert.strictEqual(installed.denoVersion, Deno.version.deno);
    assert.deepStrictEqual(await findInstalled(transport, profile(install)), installed);
    assert.deepStrictEqual(await requireInstalled(transport, profile(install)), installed);
    const sizes = first.news.flatMap((news) => news.kind === "progress" ? [news] : []);
    assert.strictEqual(sizes.at(-1)?.done, (await Deno.stat(Deno.execPath())).size);
    // It counts as installed only when it has shown that it works.
    assert.strictEqual(sent.at(-1), `${install}/siren.json`);

    const { command, environment } = workerCommand(installed);
    const help = await start([...command, "--help"], environment);
    assert.match(help.stdout, /siren/, help.stderr);
    await Deno.symlink(`${install}/bin/siren`, `${folder.path}/link`);
    const version = { code: 0, stdout: `${VERSION}\n`, stderr: "" };
    assert.deepStrictEqual(await start([`${folder.path}/link`, "--version"], {}), version);

    sent.length = 0;
    const second = options();
    assert.deepStrictEqual(await installSiren(transport, profile(install), second), installed);
    assert.deepStrictEqual(sent, []);
    assert.match(JSON.stringify(second.news), /already, and works/);

    await Deno.remove(installed.siren);
    await Deno.writeTextFile(installed.deno, "");
    const third = options();
    assert.deepStrictEqual(await installSiren(transport, profile(install), third), installed);
    assert.match(JSON.stringify(third.news), /does not work .*bringing it again/);
    assert.deepStrictEqual(await start([`${folder.path}/link`, "--version"], {}), version);
    // Nothing is kept beside what was installed, such as a cache.
    const names = [...Deno.readDirSync(install)].map(({ name }) => name.replace(/-.*/, "")).sort();
    assert.deepStrictEqual(names, ["bin", "deno", "siren", "siren.json"]);
  },
});

Deno.test({
  name: "a Deno that was given is installed under what it holds",
  ignore: needsLinux,
  fn: async () => {
    await using folder = await temporaryFolder();
    const { transport } = spied();
    const deno = Deno.execPath();
    const installed = await installSiren(transport, profile(folder.path), options({ deno }));
    assert.match(installed.deno, /\/deno-(x86_64|aarch64)-[0-9a-f]{12}\/deno$/);
    assert.strictEqual(installed.denoVersion, Deno.version.deno);
  },
});

Deno.test({
  name: "for a cluster of this machine, siren is installed without starting anything",
  ignore: needsLinux,
  fn: async () => {
    await using folder = await temporaryFolder();
    const { transport, sent } = spied();
    const still: Transport = {
      ...transport,
      exec: () => Promise.reject(new Error("not permitted")),
    };
    const here = { name: "here", file: "clusters.toml", install: folder.path };
    const installed = await installSiren(still, here, options());
    const { command, environment } = workerCommand(installed);
    const { stdout, stderr } = await start([...command, "--version"], environment);
    assert.strictEqual(stdout, `${VERSION}\n`, stderr);
    sent.length = 0;
    assert.deepStrictEqual(await installSiren(still, here, options()), installed);
    assert.deepStrictEqual(sent, [`${folder.path}/bin/siren`, `${folder.path}/siren.json`]);
    const given = options({ deno: Deno.execPath() });
    await assert.rejects(installSiren(still, here, given), UsageError);
  },
});

/** The beginning of a program for Linux on the processor of this number. */
function elf(machine: number): Uint8Array {
  const head = new Uint8Array(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  new DataView(head.buffer).setUint16(18, machine, true);
  return head;
}

Deno.test("what Deno cannot work on is refused before anything is sent", async (t) => {
  await using folder = await temporaryFolder();
  const install = `${folder.path}/siren`;
  const x64 = { stdout: "Linux x86_64\n" };
  const glibc = { stdout: "glibc 2.36\n" };
  const programs: Record<string, Uint8Array> = {
    "x64": elf(62),
    "arm": elf(183),
    "mac": new Uint8Array([0xcf, 0xfa, 0xed, 0xfe, ...new Uint8Array(60)]),
    "cut": elf(62).subarray(0, 10),
  };
  for (const [name, bytes] of Object.entries(programs)) {
    await Deno.writeFile(`${folder.path}/${name}`, bytes);
  }
  const cases: {
    name: string;
    answers: Record<string, Partial<Answer>>;
    deno?: string;
    error: new (...args: never[]) => SirenError;
    says: RegExp;
  }[] = [
    {
      name: "another system",
      answers: { uname: { stdout: "Darwin arm64\n" } },
      error: ClusterError,
      says: /login1: Deno is for Linux on x86_64 or aarch64, and this is Darwin arm64/,
    },
    {
      name: "another processor",
      answers: { uname: { stdout: "Linux ppc64le\n" } },
      error: ClusterError,
      says: /this is Linux ppc64le/,
    },
    {
      name: "no uname",
      answers: { uname: { code: 127, stderr: "uname: command not found\n" } },
      error: ClusterError,
      says: /uname failed \(uname: command not found\)/,
    },
    {
      name: "an old C library",
      answers: { uname: x64, getconf: { stdout: "glibc 2.17\n" } },
      error: ClusterError,
      says: /Deno needs glibc 2\.27, and it has 2\.17/,
    },
    {
      name: "musl",
      answers: {
        uname: x64,
        getconf: { code: 1, stderr: "getconf: unknown variable" },
        ldd: { code: 1, stderr: "musl libc (x86_64)\nVersion 1.2.4" },
      },
      error: ClusterError,
      says: /it has musl/,
    },
    {
      name: "a given Deno for another processor",
      answers: { uname: x64, getconf: glibc },
      deno: "arm",
      error: InputError,
      says: /arm on login1 \(x86_64\): it is for aarch64.*npm pack @deno\/linux-x64-glibc@2/s,
    },
    {
      name: "a given Deno for this machine's processor alone",
      answers: { uname: { stdout: "Linux aarch64\n" }, getconf: glibc },
      deno: "x64",
      error: InputError,
      says: /it is for x86_64.*@deno\/linux-arm64-glibc/s,
    },
    ...["mac", "cut"].map((deno) => ({
      name: `a given Deno that is none: ${deno}`,
      answers: { uname: x64, getconf: glibc },
      deno,
      error: InputError,
      says: /it is not a program for Linux/,
    })),
    {
      name: "a given Deno that is not there",
      answers: { uname: x64, getconf: glibc },
      deno: "none",
      error: InputError,
      says: /Cannot read .*none: there is no such file/,
    },
    {
      name: "this machine's Deno for another processor",
      answers: {
        uname: { stdout: Deno.build.arch === "x86_64" ? "Linux aarch64\n" : "Linux x86_64\n" },
        getconf: glibc,
      },
      error: ClusterError,
      says:
        /Cannot install the Deno of this machine on login1.*give its file package\/deno by --deno/s,
    },
  ];
  for (const { name, answers, deno, error, says } of cases) {
    await t.step(name, async () => {
      const { transport, sent } = spied(answers);
      const given = deno === undefined ? {} : { deno: `${folder.path}/${deno}` };
      await assert.rejects(installSiren(transport, profile(install), options(given)), (thrown) => {
        assert.ok(thrown instanceof error, String(thrown));
        assert.match(`${thrown.message} ${thrown.remedy}`, says);
        return true;
      });
      assert.deepStrictEqual(sent, []);
      assert.ok(!exists(install));
    });
  }
});

Deno.test({
  name: "a Deno that does not start there is told with its reason, and siren.json is not written",
  ignore: needsLinux,
  fn: async (t) => {
    await using folder = await temporaryFolder();
    const cases: [Partial<Answer>, RegExp][] = [
      [
        { code: 1, stderr: "deno: /lib64/libc.so.6: version `GLIBC_2.27' not found\nmore\n" },
        /does not start there \(deno: .*GLIBC_2\.27' not found\).*--deno/s,
      ],
      [{ code: 126, stderr: "Permission denied\n" }, /Permission denied\).*another by install/s],
      [{ code: 132 }, /exit code 132/],
      [
        { stdout: "deno 2.9.5 (stable)\n" },
        /Cannot use Deno 2\.9\.5 on login1: siren needs 2\.9\.6/,
      ],
    ];
    for (const [answer, says] of cases) {
      await t.step(says.source, async () => {
        const name = `${folder.path}/deno-${Deno.version.deno}-${Deno.build.arch}/deno --version`;
        const { transport } = spied({ [name]: answer });
        await assert.rejects(
          installSiren(transport, profile(folder.path), options()),
          (thrown) => {
            assert.ok(thrown instanceof ClusterError, String(thrown));
            assert.match(`${thrown.message} ${thrown.remedy}`, says);
            return true;
          },
        );
        assert.ok(!exists(`${folder.path}/siren.json`));
      });
    }
  },
});

Deno.test("nothing and anything else than siren.json count as not installed", async () => {
  await using folder = await temporaryFolder();
  const { transport } = spied();
  const good = {
    format: 1,
    version: "9.9.9",
    hash: "0".repeat(64),
    deno: "deno-2.9.6-x86_64/deno",
    denoVersion: "2.9.6",
    siren: "siren-9.9.9-000000000000/program/main.js",
  };
  assert.strictEqual(await findInstalled(transport, profile()), undefined);
  const find = () => findInstalled(transport, profile(folder.path));
  assert.strictEqual(await find(), undefined);
  await assert.rejects(
    requireInstalled(transport, profile(folder.path)),
    /^ClusterError: Cannot compute on login1: siren is not installed there$/,
  );
  const write = (content: unknown) =>
    Deno.writeTextFile(
      `${folder.path}/siren.json`,
      typeof content === "string" ? content : JSON.stringify(content),
    );
  const bad = [
    "",
    "{",
    "null",
    { ...good, format: 2 },
    { ...good, deno: "../deno-2/deno" },
    { ...good, deno: "deno-2/../../../bin/deno" },
    { ...good, siren: "/siren-1/program/main.js" },
    { ...good, siren: "siren-../../x/program/main.js" },
    { ...good, extra: 1 },
  ];
  for (const content of bad) {
    await write(content);
    assert.strictEqual(await find(), undefined, JSON.stringify(content));
  }
  await write(good);
  assert.strictEqual((await find())?.siren, `${folder.path}/${good.siren}`);
  await assert.rejects(
    requireInstalled(transport, profile(folder.path)),
    /another siren is installed there \(siren-9\.9\.9-0{12}; this is siren-/,
  );
});

Deno.test("a profile without a folder to install into is told so", async () => {
  const { transport } = spied();
  await assert.rejects(installSiren(transport, profile(), options()), UsageError);
});
