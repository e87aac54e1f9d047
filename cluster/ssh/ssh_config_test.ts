import assert from "node:assert";
import * as fc from "fast-check";
import { exists, temporaryFolder } from "../../tests/surroundings.ts";
import { InputError } from "../../core/errors.ts";
import type { SshSettings } from "./settings.ts";
import { type ConfigFiles, findRoute, fitsPath, readConfig, type Target } from "./ssh_config.ts";

const ORIGIN = { home: "/home/me", user: "me", agent: "/run/agent" };

/** Files that are only in memory. */
function memory(files: Readonly<Record<string, string>>): ConfigFiles {
  return {
    read: (path) => Promise.resolve(files[path]),
    find: (pattern) =>
      Promise.resolve(Object.keys(files).filter((path) => fitsPath(pattern, path)).sort()),
  };
}

async function route(
  text: string,
  settings: SshSettings | string,
  more: Readonly<Record<string, string>> = {},
) {
  const files = memory({ "/config": text, ...more });
  const config = await readConfig("/config", ORIGIN.home, "/home/me/.ssh", files);
  return findRoute(typeof settings === "string" ? { host: settings } : settings, config, ORIGIN);
}

async function target(...args: Parameters<typeof route>): Promise<Target> {
  const found = (await route(...args)).targets.at(-1);
  assert.ok(found !== undefined);
  return found;
}

Deno.test("without a config a host is itself", async () => {
  assert.deepStrictEqual(await route("", "Login.Example.ORG"), {
    targets: [{
      name: "Login.Example.ORG",
      hostName: "login.example.org",
      port: 22,
      user: "me",
      alias: undefined,
      identities: [
        "/home/me/.ssh/id_ed25519",
        "/home/me/.ssh/id_ecdsa",
        "/home/me/.ssh/id_rsa",
      ],
      identitiesOnly: false,
      agent: "/run/agent",
      userKnownHosts: ["/home/me/.ssh/known_hosts", "/home/me/.ssh/known_hosts2"],
      globalKnownHosts: ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
      isStrict: false,
      timeout: 20,
      aliveInterval: 15,
    }],
    warnings: [],
  });
});

Deno.test("the first value of each option counts, those of matching hosts only", async () => {
  const text = `
    # a comment
    Host other
      User nobody
    host cluster login?
      hostname=%h.example.org
      PORT 2222
      User "me too"
      IdentityFile ~/.ssh/a
      IdentityFile "%d/keys/%r of %h"
      UserKnownHostsFile ~/k1 /k2
      HostKeyAlias The-Cluster
      ConnectTimeout 1m30
      ServerAliveInterval 7
      IdentityAgent none
      StrictHostKeyChecking yes
    Host * !cluster
      Port 22
    Host *
      Port 1
      IdentityFile /c
      IdentitiesOnly yes
  `;
  assert.deepStrictEqual(await target(text, "cluster"), {
    name: "cluster",
    hostName: "cluster.example.org",
    port: 2222,
    user: "me too",
    alias: "The-Cluster",
    identities: ["/home/me/.ssh/a", "/home/me/keys/me too of cluster.example.org", "/c"],
    identitiesOnly: true,
    agent: undefined,
    userKnownHosts: ["/home/me/k1", "/k2"],
    globalKnownHosts: ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
    isStrict: true,
    timeout: 90,
    aliveInterval: 7,
  });
});

Deno.test("settings win over the config", async () => {
  const text = `
    Match user given
      HostName for-given
    Host *
      User config
      Port 1
      IdentityFile /config
      ProxyJump jump
      UserKnownHostsFile /config/known`;
  const settings = {
    host: "h",
    user: "given",
    port: 3,
    identity: "~/given",
    proxy_jump: "none",
    known_hosts: "/given/known",
  };
  const { targets } = await route(text, settings);
  assert.strictEqual(targets.length, 1);
  const { hostName, port, user, identities, userKnownHosts } = targets[0];
  assert.deepStrictEqual({ hostName, port, user, identities, userKnownHosts }, {
    hostName: "for-given",
    port: 3,
    user: "given",
    identities: ["/home/me/given", "/config"],
    userKnownHosts: ["/given/known"],
  });
});

Deno.test("jump hosts are found by the config too, each with its own values", async () => {
  const text = `
    Host end
      ProxyJump mary@one:2201,[::1]:2202,two
    Host one
      HostName first.example.org
      ProxyJump zero
      User overridden
    Host two
      ProxyJump ignored
      User joe`;
  const { targets } = await route(text, { host: "end", identity: "/key" });
  const seen = targets.map(({ name, hostName, port, user }) =>
    `${name} ${user}@${hostName}:${port}`
  );
  assert.deepStrictEqual(seen, [
    "zero me@zero:22",
    "one mary@first.example.org:2201",
    "::1 me@::1:2202",
    "two joe@two:22",
    "end me@end:22",
  ]);
  assert.deepStrictEqual(targets.map(({ identities }) => identities.indexOf("/key")), [
    3,
    3,
    3,
    3,
    0,
  ]);
  await assert.rejects(route("Host *\n ProxyJump one", "end"), {
    name: "InputError",
    message: "Cannot find the way to end: the jump hosts lead in a circle (one)",
  });
  await assert.rejects(route("ProxyJump a b", "end"), InputError);
});

Deno.test("what comes first of ProxyJump and ProxyCommand counts, and no command is run", async () => {
  const jumps = async (text: string) => (await route(text, "end")).targets.length - 1;
  assert.strictEqual(await jumps("ProxyCommand none\nProxyJump one"), 0);
  assert.strictEqual(await jumps("Host end\nProxyJump one\nProxyCommand nc %h %p"), 1);
  await assert.rejects(route("ProxyCommand nc %h %p\nProxyJump one", "end"), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /ProxyCommand/);
    assert.match(error.remedy ?? "", /ProxyJump/);
    return true;
  });
});

Deno.test("Match is followed where it can be, and told of where not", async () => {
  const text = `
    Host alias
      HostName real.example.org
    Match host *.example.org originalhost alias
      Port 1
    Match exec "touch /tmp/never"
      User hacked
    Match !exec true
      User hacked
    Match localuser someone,me
      IdentityFile /local
    Match final host *.example.org
      ConnectTimeout 5`;
  const { targets, warnings } = await route(text, "alias");
  const { port, user, identities, timeout } = targets[0];
  assert.deepStrictEqual({ port, user, identities, timeout }, {
    port: 1,
    user: "me",
    identities: ["/local"],
    timeout: 5,
  });
  assert.deepStrictEqual(warnings, [
    'The ssh config has "Match exec", which siren does not follow.',
  ]);
});

Deno.test("what cannot be followed is told of", async () => {
  const text =
    "CertificateFile /c\nIdentityFile ${HOME}/x\nIdentityFile /%i\nKnownHostsCommand /bin/x";
  const { targets, warnings } = await route(text, "h");
  assert.deepStrictEqual(targets[0].identities, []);
  assert.deepStrictEqual(warnings, [
    "The ssh config has CertificateFile for h, which siren does not follow.",
    "The ssh config has KnownHostsCommand for h, which siren does not follow.",
    "The ssh config has a path that siren cannot make out (${HOME}/x).",
    "The ssh config has a path that siren cannot make out (/%i).",
  ]);
});

Deno.test("Include reads files in its place, under the Host it stands in", async () => {
  const files = {
    "/home/me/.ssh/d/1": "Host h\n User one\n Port 1",
    "/home/me/.ssh/d/2": "Port 2",
    "/home/me/.ssh/loop": "Include loop",
    "/abs": "User never",
  };
  const found = await target(
    "Host x\n Include /abs\nHost h\n Include d/*\n User last",
    "h",
    files,
  );
  assert.deepStrictEqual([found.user, found.port], ["one", 1]);
  const other = await target("Include d/* ~/.ssh/d/1\nUser last", "other", files);
  assert.deepStrictEqual([other.user, other.port], ["last", 2]);
  await assert.rejects(target("Include loop", "h", files), InputError);
});

Deno.test("a config or a name that makes no sense is refused", async () => {
  for (const text of ["Host\n", "Port", "User \nHost h", 'User "a', "Port 99999", "Port x"]) {
    await assert.rejects(route(text, "h"), InputError, JSON.stringify(text));
  }
  await assert.rejects(route("ConnectTimeout soon", "h"), InputError);
  for (const host of ["", "a b", "a,b", "*", "!a", "a\nb ssh-ed25519 AAAA"]) {
    await assert.rejects(route("", host), InputError, JSON.stringify(host));
  }
  await assert.rejects(route("HostKeyAlias a,b", "h"), InputError);
});

const SSH = "/usr/bin/ssh";
const hasSsh = exists(SSH);

const names = fc.constantFrom("a", "b", "ab", "ba", "A");
const patterns = fc.array(fc.constantFrom("a", "b", "a?", "?b", "*", "!b", "!a*", "b*"), {
  minLength: 1,
  maxLength: 3,
});
const setting = fc.oneof(
  fc.constantFrom("me", "you").map((user) => `User ${user}`),
  fc.integer({ min: 1, max: 9 }).map((port) => `port=${port}`),
  fc.constantFrom("a", "%h.org", "B-%h").map((name) => `HostName ${name}`),
  fc.constantFrom("/k1", '"/k 2"', "/k3").map((path) => `IdentityFile ${path}`),
  fc.constantFrom("yes", "no").map((is) => `IdentitiesOnly ${is}`),
  fc.constantFrom("x", "y").map((name) => `HostKeyAlias ${name}`),
  fc.constantFrom("/u1", "/u1 /u2").map((paths) => `UserKnownHostsFile ${paths}`),
  fc.constantFrom("1", "2m", "1m5").map((time) => `ConnectTimeout ${time}`),
  fc.constantFrom("3", "4").map((time) => `ServerAliveInterval\t${time}`),
  fc.constantFrom("yes", "no", "ask").map((is) => `StrictHostKeyChecking ${is}`),
);
const condition = fc.oneof(
  patterns.map((list) => `Host ${list.join(" ")}`),
  fc.tuple(fc.constantFrom("host", "originalhost", "user", "localuser", "!host", "!user"), patterns)
    .map(([criterion, list]) => `Match ${criterion} ${list.join(",")}`),
  fc.constantFrom("Match all", "Match final", "Match final all", "Match user me"),
);
const block = fc.tuple(condition, fc.array(setting, { maxLength: 4 }));
const jump = fc.tuple(
  fc.constantFrom("Match originalhost ab,b", "Match originalhost a"),
  fc.constantFrom("none", "j1", "u@j2:2200", "j3,v@j4"),
).map(([condition, value]): [string, string[]] => [condition, [`ProxyJump ${value}`]]);
const configs = fc.tuple(
  fc.array(setting, { maxLength: 2 }),
  fc.array(fc.oneof({ weight: 4, arbitrary: block }, { weight: 1, arbitrary: jump }), {
    maxLength: 6,
  }),
).map(([first, blocks]) =>
  [...first, ...blocks.flatMap(([head, lines]) => [head, ...lines.map((line) => `  ${line}`)])]
    .join("\n") + "\n"
);

Deno.test({
  name: `configs are read as OpenSSH reads them${hasSsh ? "" : " (needs ssh; not installed)"}`,
  ignore: !hasSsh,
  fn: async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/config`;
    const user = await run("/usr/bin/id", ["-un"]);
    await fc.assert(
      fc.asyncProperty(configs, names, async (text, name) => {
        await Deno.writeTextFile(path, text);
        const lines = (await run(SSH, ["-F", path, "-G", name])).split("\n");
        const values = (keyword: string) =>
          lines.filter((line) => line.startsWith(`${keyword} `))
            .map((line) => line.slice(keyword.length + 1));
        const files = memory({ "/config": text });
        const config = await readConfig("/config", "/h", "/h/.ssh", files);
        const { targets } = findRoute({ host: name }, config, { home: "/h", user });
        const end = targets.at(-1);
        assert.ok(end !== undefined);
        const [strict] = values("stricthostkeychecking");
        assert.deepStrictEqual(
          {
            hostName: end.hostName,
            user: end.user,
            port: String(end.port),
            alias: end.alias === undefined ? [] : [end.alias],
            only: end.identitiesOnly ? "yes" : "no",
            identities: /IdentityFile/.test(text) ? end.identities.filter(isSet) : [],
            known: end.userKnownHosts.filter(isSet).join(" "),
            timeout: end.timeout,
            alive: end.aliveInterval,
            isStrict: end.isStrict,
            jumps: targets.slice(0, -1).map(({ name, user, port }) => [name, user, port]),
          },
          {
            hostName: values("hostname")[0]?.toLowerCase(),
            user: values("user")[0],
            port: values("port")[0],
            alias: values("hostkeyalias"),
            only: values("identitiesonly")[0],
            identities: values("identityfile").filter(isSet),
            known: values("userknownhostsfile").join(" ").split(" ").filter(isSet).join(" "),
            timeout: values("connecttimeout")[0] === "none"
              ? 20
              : Number(values("connecttimeout")[0]),
            alive: Number(values("serveraliveinterval")[0]) || 15,
            isStrict: strict === "true" || strict === "yes",
            jumps: jumpsOf(values("proxyjump")[0], targets.slice(0, -1)),
          },
          text,
        );
      }),
      { numRuns: 150 },
    );
  },
});

/** Not one of the defaults. */
function isSet(path: string): boolean {
  return !/~|\/\.ssh\//.test(path);
}

/** Jumps as `ssh -G` gives them; what it leaves open (the jump's own user and port) as we have it. */
function jumpsOf(value: string | undefined, ours: readonly Target[]): unknown[] {
  if (value === undefined || value === "none") return [];
  return value.split(",").map((jump, i) => {
    const [, user, name, port] = /^(?:(.*)@)?(.*?)(?::(\d+))?$/.exec(jump) ?? [];
    const mine = ours[i];
    return [name, user ?? mine?.user, port === undefined ? mine?.port : Number(port)];
  });
}

async function run(program: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" })
    .output();
  assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trimEnd();
}
