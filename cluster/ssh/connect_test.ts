import assert from "node:assert";
import { ClusterError, ConnectionError, InputError } from "../../core/errors.ts";
import { temporaryFolder } from "../../tests/surroundings.ts";
import { transportSteps } from "../transport/conformance.ts";
import type { Transport } from "../transport/transport.ts";
import { connectSsh } from "./connect.ts";
import type { SshSettings, SshSurroundings } from "./settings.ts";
import { recorded, type Site, sshTest, wireTo } from "./testing.ts";

/** Connects, asks who it is there, and hangs up. */
async function who(settings: SshSettings, surroundings: SshSurroundings): Promise<string> {
  const transport = await connectSsh(settings, surroundings);
  try {
    return (await transport.exec(["id", "-un"])).stdout.trim();
  } finally {
    transport.close();
  }
}

/** The error of a connection that must not come to be. */
async function refusedBy(
  settings: SshSettings,
  surroundings: SshSurroundings,
): Promise<ClusterError> {
  let transport: Transport;
  try {
    transport = await connectSsh(settings, surroundings);
  } catch (error) {
    assert.ok(error instanceof ClusterError, String(error));
    return error;
  }
  transport.close();
  assert.fail("it connected");
}

async function call(program: string, args: string[], env: Record<string, string> = {}) {
  const { code, stderr } = await new Deno.Command(program, { args, env, stdin: "null" }).output();
  assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
}

/** An SSH agent that holds one key. */
async function agentWith(key: string, folder: string) {
  const socket = `${folder}/agent-${crypto.randomUUID().slice(0, 8)}`;
  const child = new Deno.Command("ssh-agent", {
    args: ["-D", "-a", socket],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  for (;;) {
    const { code } = await new Deno.Command("ssh-add", {
      args: ["-q", key],
      env: { SSH_AUTH_SOCK: socket },
      stdin: "null",
      stderr: "null",
    }).output();
    if (code === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    socket,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.status;
    },
  };
}

sshTest("keys, an agent, passwords and questions each let us in", async ({ ssh, home, at }, t) => {
  const key = (name: string) => `${ssh.folder}/${name}`;

  for (const name of ["id_test", "id_rsa"]) {
    await t.step(`the key ${name}`, async () => {
      const surroundings = recorded(home);
      assert.strictEqual(await who(at("login", { identity: key(name) }), surroundings), ssh.user);
      assert.deepStrictEqual(surroundings.told, []);
    });
  }

  await t.step("an encrypted key, its passphrase asked for until it is right", async () => {
    const settings = at("login", { identity: key("id_enc") });
    const surroundings = recorded(home, ["wrong", "pass phrase"]);
    assert.strictEqual(await who(settings, surroundings), ssh.user);
    assert.deepStrictEqual(surroundings.asked, [
      `Passphrase of ${key("id_enc")}: (secret)`,
      `That is not it. Passphrase of ${key("id_enc")}: (secret)`,
    ]);
    const three = recorded(home, ["a", "b", "c", undefined]);
    await refusedBy({ ...settings, user: "root" }, three);
    assert.strictEqual(three.asked.length, 4, "three passphrases, then a password");
    const { message, remedy } = await refusedBy({ ...settings, user: "root" }, recorded(home));
    assert.match(message, /id_enc is encrypted, and there is no terminal to ask/);
    assert.match(remedy ?? "", /ssh-add/);
  });

  await t.step("a passphrase is not asked for where the host would not take the key", async () => {
    const stranger = `${home}/stranger`;
    await call("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", stranger]);
    const surroundings = recorded(home, [ssh.password]);
    assert.strictEqual(await who(at("login", { identity: stranger }), surroundings), ssh.user);
    assert.deepStrictEqual(surroundings.asked, [`Password of ${ssh.user}@127.0.0.1: (secret)`]);
  });

  await t.step("a key of the agent, where the config allows it", async () => {
    await using agent = await agentWith(key("id_test"), home);
    const surroundings = recorded(home, undefined, { agent: agent.socket });
    assert.strictEqual(await who(at("login"), surroundings), ssh.user);
    const config = `${home}/config`;
    await Deno.writeTextFile(config, `IdentitiesOnly yes\nIdentityFile ${home}/none\n`);
    const { message } = await refusedBy(at("login", { config }), surroundings);
    assert.match(message, /tried: nothing/);
    await Deno.copyFile(key("id_test.pub"), `${home}/listed.pub`);
    await Deno.writeTextFile(config, `IdentitiesOnly yes\nIdentityFile ${home}/listed\n`);
    assert.strictEqual(await who(at("login", { config }), surroundings), ssh.user);
  });

  await t.step("an agent that does not answer is told of", async () => {
    const surroundings = recorded(home, undefined, { agent: `${home}/no-agent` });
    const settings = at("login", { identity: key("id_test") });
    assert.strictEqual(await who(settings, surroundings), ssh.user);
    assert.match(surroundings.told.join(), /^The SSH agent does not answer/);
  });

  await t.step("a password, asked for until it is right", async () => {
    const surroundings = recorded(home, ["wrong", ssh.password]);
    assert.strictEqual(await who(at("login"), surroundings), ssh.user);
    assert.strictEqual(surroundings.asked.length, 2);
    const three = recorded(home, ["a", "b", "c", "d"]);
    const { message } = await refusedBy(at("login"), three);
    assert.strictEqual(three.asked.length, 3);
    assert.match(message, /^Cannot reach .+: it does not let us in \(tried: a password; /);
  });

  await t.step("questions of the host", async () => {
    const surroundings = recorded(home, ["wrong", ssh.password]);
    assert.strictEqual(await who(at("jump"), surroundings), ssh.user);
    assert.match(surroundings.asked[0] ?? "", /: Password: \(secret\)$/);
  });

  await t.step("a key and questions: both are needed", async () => {
    const settings = at("twoFactor", { identity: key("id_test") });
    const surroundings = recorded(home, [ssh.password]);
    assert.strictEqual(await who(settings, surroundings), ssh.user);
    assert.strictEqual(surroundings.asked.length, 1);
    await using agent = await agentWith(key("id_rsa"), home);
    const byAgent = recorded(home, [ssh.password], { agent: agent.socket });
    assert.strictEqual(await who(at("twoFactor"), byAgent), ssh.user);
    const { message, remedy } = await refusedBy(settings, recorded(home));
    assert.match(message, /questions of the host need a terminal; the host takes: publickey, keyb/);
    assert.match(remedy ?? "", /terminal/);
  });

  await t.step("an agent with more keys than the host has patience for", async () => {
    await using agent = await agentWith(key("id_test"), home);
    for (let i = 0; i < 7; i++) {
      await call("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${home}/many${i}`]);
    }
    const env = { SSH_AUTH_SOCK: agent.socket };
    await call("ssh-add", ["-q", "-D"], env);
    await call("ssh-add", ["-q", ...Array.from({ length: 7 }, (_, i) => `${home}/many${i}`)], env);
    const surroundings = recorded(home, undefined, { agent: agent.socket });
    const { message, remedy } = await refusedBy(at("login"), surroundings);
    assert.match(message, /: it was offered too many keys \(/);
    assert.match(remedy ?? "", /IdentitiesOnly/);
    const named = at("login", { identity: key("id_test") });
    assert.strictEqual(await who(named, surroundings), ssh.user, "a named key goes first");
  });

  await t.step("nothing that fits: what was tried, and what the host takes", async () => {
    const { message, remedy } = await refusedBy(at("login"), recorded(home));
    assert.match(
      message,
      /\(tried: nothing; not tried: a password needs a terminal; the host takes: publickey, password\)$/,
    );
    assert.ok(remedy !== undefined);
  });
});

sshTest("hosts are who they say they are", async ({ ssh, home, at }, t) => {
  const identity = `${ssh.folder}/id_test`;
  const known_hosts = `${home}/.ssh/known_hosts`;
  const settings = at("login", { identity, known_hosts });
  const right = await Deno.readTextFile(`${ssh.folder}/known_hosts`);

  await t.step("an unknown host is refused where nobody can be asked", async () => {
    const error = await refusedBy(settings, recorded(home));
    assert.match(
      error.message,
      /is not known, and there is no terminal to ask \(ssh-ed25519 SHA256:/,
    );
    assert.match(error.remedy ?? "", /ssh -p \d+ /);
    const no = recorded(home, ["what?", "no"]);
    assert.match((await refusedBy(settings, no)).message, /was not accepted/);
    assert.strictEqual(no.asked.length, 2);
    await assert.rejects(Deno.stat(known_hosts), Deno.errors.NotFound);
  });

  await t.step("an unknown host that the user accepts is known from then on", async () => {
    const yes = recorded(home, ["yes"]);
    assert.strictEqual(await who(settings, yes), ssh.user);
    assert.match(yes.asked[0] ?? "", /fingerprint SHA256:/);
    const { mode } = await Deno.stat(known_hosts);
    assert.strictEqual((mode ?? 0) & 0o777, 0o600);
    assert.ok(right.includes(await Deno.readTextFile(known_hosts)), "as ssh-keyscan would have it");
    assert.strictEqual(await who(settings, recorded(home)), ssh.user);
  });

  await t.step("a changed key is refused, whatever the config says", async () => {
    const login = right.split("\n")[0] ?? "", two = right.split("\n")[2] ?? "";
    const swapped = `\n${login.split(" ")[0]} ${two.split(" ").slice(1).join(" ")}\n`;
    await Deno.writeTextFile(known_hosts, swapped);
    const config = `${home}/config`;
    await Deno.writeTextFile(config, "StrictHostKeyChecking no\n");
    const surroundings = recorded(home, ["yes"]);
    const { message, remedy } = await refusedBy({ ...settings, config }, surroundings);
    assert.match(
      message,
      /is not the one it is known by \(it shows ssh-ed25519 SHA256:\S+, \S+ line 2/,
    );
    assert.match(remedy ?? "", /ssh-keygen -R/);
    assert.deepStrictEqual(surroundings.asked, []);

    await Deno.writeTextFile(known_hosts, swapped + right.split("\n").slice(1).join("\n"));
    const behind = await refusedBy(
      at("login", { identity, known_hosts, proxy_jump: `root@127.0.0.1:${ssh.ports.jump}` }),
      recorded(home),
    );
    assert.match(behind.message, /^Cannot reach .+: its host key is not the one it is known by/);
  });

  await t.step("a host behind a jump host is asked about by its own name", async () => {
    await Deno.writeTextFile(known_hosts, "");
    const surroundings = recorded(home, ["yes", "yes"]);
    const proxy_jump = `root@127.0.0.1:${ssh.ports.jump}`;
    const jumped = at("login", { identity, known_hosts, proxy_jump });
    assert.strictEqual(await who(jumped, surroundings), ssh.user);
    const [jump = "", login = ""] = surroundings.asked;
    assert.ok(jump.includes(`:${ssh.ports.jump} `) && login.includes(`:${ssh.ports.login} `));
  });
});

sshTest("programs and files of a login node are reached", async ({ ssh, home, at }, t) => {
  const config = `${ssh.folder}/config`;
  for (const host of ["login", "behind"]) {
    await t.step(`${host}, by the ssh config`, async (t) => {
      const transport = await connectSsh({ host, config }, recorded(home));
      assert.strictEqual(transport.where, `root@${host}`);
      await transportSteps(t, transport, ssh.root);
      transport.close();
    });
  }

  const settings = at("login", { identity: `${ssh.folder}/id_test` });
  const there = `/home/${ssh.user}`;

  await t.step("what login files print is left out", async () => {
    await Deno.writeTextFile(`${there}/.bashrc`, "echo noise; echo noise >&2\n");
    const transport = await connectSsh(settings, recorded(home));
    assert.deepStrictEqual(await transport.exec(["sh", "-c", "echo a; echo b >&2"]), {
      code: 0,
      stdout: "a\n",
      stderr: "b\n",
    });
    transport.close();
  });

  await t.step("an account that may run nothing is told of", async () => {
    await call("flock", ["/etc", "usermod", "-s", "/usr/sbin/nologin", ssh.user]);
    const transport = await connectSsh(settings, recorded(home));
    await assert.rejects(transport.exec(["true"]), (error) => {
      assert.ok(error instanceof ClusterError);
      assert.match(
        error.message,
        /no shell is started for us there \(This account is currently not/,
      );
      return true;
    });
    transport.close();
    await call("flock", ["/etc", "usermod", "-s", "/bin/bash", ssh.user]);
  });

  await t.step("the home folder and the root are not removed", async () => {
    const transport = await connectSsh(settings, recorded(home));
    assert.strictEqual(await transport.home(), there);
    await transport.exec(["ln", "-s", "/home", `${there}/up`]);
    for (const path of ["/", "//", "/.", "/home/..", there, `${there}/`, "/home", "relative", ""]) {
      await assert.rejects(transport.remove(path), ClusterError, path);
    }
    await assert.rejects(transport.remove(`${there}/up/${ssh.user}`), ClusterError);
    await transport.remove(`${there}/up`);
    assert.notStrictEqual(await transport.list("/home"), undefined);
    transport.close();
  });

  await t.step("twelve and more things are done at one time", async () => {
    const transport = await connectSsh(settings, recorded(home));
    await transport.write(`${there}/file`, "content");
    const some = Array.from({ length: 12 }, async (_, i) => [
      (await transport.exec(["echo", String(i)])).stdout,
      await transport.tail(`${there}/file`, 4),
      (await transport.list(there))?.some(({ name }) => name === "file"),
    ]);
    assert.deepStrictEqual(
      await Promise.all(some),
      some.map((_, i) => [`${i}\n`, "tent", true]),
    );
    transport.close();
  });

  await t.step("a closed connection says so", async () => {
    const transport = await connectSsh(settings, recorded(home));
    const late = transport.exec(["sleep", "20"]);
    const refused = assert.rejects(late, ConnectionError);
    await transport.exec(["true"]);
    transport.close();
    await refused;
    await assert.rejects(transport.list("/"), ConnectionError);
  });

  await t.step(
    "the signal ends what is under way, and a connection that is being made",
    async () => {
      const control = new AbortController();
      const surroundings = recorded(home, undefined, { signal: control.signal });
      const transport = await connectSsh(settings, surroundings);
      const late = assert.rejects(transport.exec(["sleep", "20"]), /stop it/);
      await transport.exec(["true"]);
      control.abort(new Error("stop it"));
      await late;
      transport.close();
      await assert.rejects(connectSsh(settings, surroundings), /stop it/);
    },
  );
});

sshTest(
  "a server that lacks extensions and changes keys often, on a machine without sha256sum",
  async (site) => {
    const { ssh, home, at } = site;
    await using server = await bareServer(site);
    const known_hosts = `${home}/known`;
    await Deno.writeTextFile(known_hosts, await knownAt(site, server.port));
    const settings = at("login", {
      port: server.port,
      identity: `${ssh.folder}/id_test`,
      known_hosts,
    });
    const transport = await connectSsh(settings, recorded(home));
    const there = `/home/${ssh.user}`;
    for (const text of ["one", "two"]) {
      await transport.write(`${there}/a b`, text);
      assert.strictEqual(await transport.tail(`${there}/a b`, 9), text);
    }
    assert.strictEqual((await transport.exec(["sha256sum", "/dev/null"])).code, 127);
    const content = new Uint8Array(3_000_000).map((_, i) => (i * i) >> 7);
    await Deno.writeFile(`${home}/content`, content);
    for (let turn = 0; turn < 2; turn++) {
      await transport.upload(`${home}/content`, `${there}/content`);
      assert.deepStrictEqual(await transport.read(`${there}/content`), content);
    }
    await transport.remove(`${there}/content`);
    assert.strictEqual(await transport.read(`${there}/content`), undefined);
    transport.close();
  },
);

/** An sshd that is short of all there may be, and whose sessions find mv and rm only. */
async function bareServer({ ssh }: Site) {
  const port = freePort();
  const folder = `${ssh.root}/bin-bare`;
  await Deno.mkdir(folder);
  for (const name of ["mv", "rm"]) await Deno.symlink(`/bin/${name}`, `${folder}/${name}`);
  const config = (await Deno.readTextFile(`${ssh.folder}/sshd_login`))
    .replace(/^Port .*$/m, `Port ${port}`)
    .replace(/^PidFile .*$/m, "PidFile none")
    .replace(/^SetEnv .*$/m, `SetEnv PATH=${folder}`)
    .replace(/^Subsystem .*$/m, "Subsystem sftp internal-sftp -P posix-rename,fsync,limits")
    .concat("RekeyLimit 256K\n");
  await Deno.writeTextFile(`${ssh.folder}/sshd_bare`, config);
  const child = new Deno.Command("/usr/sbin/sshd", {
    args: ["-D", "-f", `${ssh.folder}/sshd_bare`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.status;
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The line of known_hosts for the login server at another port. */
async function knownAt({ ssh }: Site, port: number): Promise<string> {
  const [line = ""] = (await Deno.readTextFile(`${ssh.folder}/known_hosts`)).split("\n");
  return `[127.0.0.1]:${port} ${line.split(" ").slice(1).join(" ")}\n`;
}

sshTest("a lost connection comes back", async (site, t) => {
  const { ssh, home, at } = site;
  const there = `/home/${ssh.user}`;

  await t.step("when its process is killed there; a password is not asked for again", async () => {
    const surroundings = recorded(home, [ssh.password]);
    const transport = await connectSsh(at("login"), surroundings);
    const server = await transport.exec(["sh", "-c", "echo $PPID"]);
    const late = transport.exec(["sleep", "20"]);
    const lost = assert.rejects(late, (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, /^Cannot run sleep on .+@127\.0\.0\.1: /);
      assert.match(error.remedy ?? "", /may or may not have been done/);
      return true;
    });
    await transport.exec(["true"]);
    Deno.kill(Number(server.stdout), "SIGKILL");
    const names = Array.from({ length: 12 }, () => transport.list(there));
    for (const list of await Promise.all(names)) assert.ok(list !== undefined);
    await lost;
    assert.deepStrictEqual(await transport.exec(["echo", "again"]), {
      code: 0,
      stdout: "again\n",
      stderr: "",
    });
    assert.strictEqual(surroundings.asked.length, 1);
    assert.ok(surroundings.told.some((text) => /is back\.$/.test(text)));
    transport.close();
  });

  await t.step("an answer that is a password is not asked for again either", async () => {
    const surroundings = recorded(home, [ssh.password]);
    const transport = await connectSsh(at("jump"), surroundings);
    const { stdout } = await transport.exec(["sh", "-c", "echo $PPID"]);
    Deno.kill(Number(stdout), "SIGKILL");
    assert.ok(await transport.list(there) !== undefined);
    assert.strictEqual(surroundings.asked.length, 1);
    transport.close();
  });

  await t.step("when the other end falls silent", async () => {
    const config = `${home}/config`;
    await Deno.writeTextFile(config, "ServerAliveInterval 1\n");
    const settings = at("login", { identity: `${ssh.folder}/id_test`, config });
    const surroundings = recorded(home);
    const transport = await connectSsh(settings, surroundings);
    const { stdout } = await transport.exec(["sh", "-c", "echo $PPID"]);
    Deno.kill(Number(stdout), "SIGSTOP");
    assert.ok(await transport.list(there) !== undefined);
    assert.strictEqual(surroundings.told.length, 2);
    Deno.kill(Number(stdout), "SIGKILL");
    transport.close();
  });

  await t.step("when the wire is cut, and an upload goes on where it was", async () => {
    await using wire = wireTo(ssh.ports.login);
    const known_hosts = `${home}/known`;
    await Deno.writeTextFile(known_hosts, await knownAt(site, wire.port));
    const settings = at("login", {
      port: wire.port,
      identity: `${ssh.folder}/id_test`,
      known_hosts,
    });
    const content = new Uint8Array(24_000_000);
    for (let at = 0; at < content.length; at += 60_000) {
      crypto.getRandomValues(content.subarray(at, at + 60_000));
    }
    await Deno.writeFile(`${home}/content`, content);
    const cutAt = (sizes: number[]) =>
      wire.onSent((sent) => {
        if (sent < (sizes[0] ?? Infinity)) return;
        sizes.shift();
        wire.cut();
      });

    cutAt([8_000_000, 18_000_000]);
    const transport = await connectSsh(settings, recorded(home));
    const told: number[] = [];
    await transport.upload(`${home}/content`, `${there}/content`, {
      tell: (done) => void told.push(done),
    });
    assert.deepStrictEqual(await transport.read(`${there}/content`), content);
    assert.strictEqual(wire.count, 3);
    assert.ok(wire.sent < 1.6 * content.length, `${wire.sent} bytes were sent`);
    assert.strictEqual(told.at(-1), content.length);
    transport.close();

    // Another process, another day: what had been brought is there still.
    const control = new AbortController();
    const first = await connectSsh(settings, recorded(home, undefined, { signal: control.signal }));
    const before = wire.sent;
    wire.onSent((sent) => {
      if (sent > before + 16_000_000) control.abort(new Error("stopped"));
    });
    await assert.rejects(first.upload(`${home}/content`, `${there}/second`), /stopped/);
    const second = await connectSsh(settings, recorded(home));
    const between = wire.sent;
    await second.upload(`${home}/content`, `${there}/second`);
    assert.ok(wire.sent - between < 0.7 * content.length, `${wire.sent - between} bytes were sent`);
    assert.deepStrictEqual(await second.read(`${there}/second`), content);
    const again = wire.sent;
    await second.upload(`${home}/content`, `${there}/second`);
    assert.ok(wire.sent - again < 100_000, "what is there whole is not sent at all");

    // A part that is not what it should be is found out, and sent anew.
    await second.remove(`${there}/second`);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex();
    await second.write(`${there}/second.${hash}.part`, new Uint8Array(20_000_000));
    await second.upload(`${home}/content`, `${there}/second`);
    assert.deepStrictEqual(await second.read(`${there}/second`), content);
    assert.ok(!(await second.list(there))?.some(({ name }) => name.endsWith(".part")));
    second.close();
  });

  await t.step("but not for ever", async () => {
    const wire = wireTo(ssh.ports.login);
    const known_hosts = `${home}/known`;
    await Deno.writeTextFile(known_hosts, await knownAt(site, wire.port));
    const settings = at("login", {
      port: wire.port,
      identity: `${ssh.folder}/id_test`,
      known_hosts,
    });
    const transport = await connectSsh(settings, recorded(home, undefined, { patience: 1 }));
    await wire[Symbol.asyncDispose]();
    await assert.rejects(transport.list("/"), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, /^Cannot reach .+: nothing listens there \(127\.0\.0\.1 port/);
      return true;
    });
    transport.close();
  });
});

Deno.test("a host that is not there is told of in words", async () => {
  const home = "/nonexistent";
  const settings = { host: "127.0.0.1", user: "me", config: "/dev/null" };
  const closed = await refusedBy({ ...settings, port: freePort() }, recorded(home));
  assert.ok(closed instanceof ConnectionError);
  assert.match(closed.message, /^Cannot reach me@127\.0\.0\.1: nothing listens there \(127/);
  const nowhere = await refusedBy({ ...settings, host: "no-such-host.invalid" }, recorded(home));
  assert.match(nowhere.message, /^Cannot reach me@no-such-host\.invalid: (no machine|the name)/);
  await assert.rejects(
    connectSsh({ ...settings, config: "/nonexistent" }, recorded(home)),
    InputError,
  );
});

Deno.test("a host that accepts and says nothing is given up", async () => {
  await using folder = await temporaryFolder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const config = `${folder.path}/config`;
  await Deno.writeTextFile(config, "ConnectTimeout 1\n");
  const accepted = listener.accept();
  const settings = { host: "127.0.0.1", port: listener.addr.port, user: "me", config };
  const error = await refusedBy(settings, recorded("/nonexistent"));
  assert.ok(error instanceof ConnectionError);
  assert.match(
    error.message,
    /: it does not answer \(127\.0\.0\.1 port \d+: Timed out after 1 s\)$/,
  );
  (await accepted).close();
});
