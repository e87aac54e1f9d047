import assert from "node:assert";
import { Buffer } from "node:buffer";
import { temporaryFolder } from "../../tests/surroundings.ts";
import { ClusterError } from "../../core/errors.ts";
import { checkHostKey, nameOf, readKnownHosts } from "./host_key.ts";
import { fingerprint } from "./known_hosts.ts";
import { findRoute, type Target } from "./ssh_config.ts";
import { recorded } from "./testing.ts";

function key(type: string, fill: number): Buffer {
  const parts = [Buffer.from(type), Buffer.alloc(32, fill)].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return Buffer.concat(parts);
}

const ed = key("ssh-ed25519", 1), rsa = key("ssh-rsa", 2);
const words = (one: Buffer) =>
  `${one.toString("latin1", 4, 4 + one.readUInt32BE(0))} ${one.toString("base64")}`;

function target(file: string, changes: Partial<Target> = {}): Target {
  const { targets } = findRoute(
    { host: "Host.org", port: 2222, known_hosts: file },
    [],
    { home: "/nonexistent", user: "me" },
  );
  return { ...targets[0], globalKnownHosts: [], ...changes };
}

/** Checks a key against a file; gives what was told, asked, the error's message, and the file then. */
async function check(
  before: string | undefined,
  shown: Buffer,
  answers?: (string | undefined)[],
  changes: Partial<Target> = {},
) {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/.ssh/known_hosts`;
  if (before !== undefined) {
    await Deno.mkdir(`${folder.path}/.ssh`);
    await Deno.writeTextFile(file, before);
  }
  const one = target(file, changes);
  const surroundings = recorded("/nonexistent", answers);
  let error: ClusterError | undefined;
  try {
    await checkHostKey(one, shown, await readKnownHosts(one, surroundings.tell), surroundings);
  } catch (thrown) {
    assert.ok(thrown instanceof ClusterError);
    error = thrown;
  }
  const after = await Deno.readTextFile(file).catch(() => undefined);
  return { message: error?.message, remedy: error?.remedy, asked: surroundings.asked, after };
}

Deno.test("a known key passes without a word", async () => {
  for (const name of ["[host.org]:2222", "[HOST.org]:*", "host.org"]) {
    const before = `${name} ${words(ed)}\n`;
    assert.deepStrictEqual(await check(before, ed), {
      message: undefined,
      remedy: undefined,
      asked: [],
      after: before,
    });
  }
  const alias = { alias: "Cluster" };
  assert.strictEqual(nameOf(target("/k", alias)), "cluster");
  assert.strictEqual(
    (await check(`cluster ${words(ed)}`, ed, undefined, alias)).message,
    undefined,
  );
});

Deno.test("an accepted key is added, whatever the file ends with", async () => {
  const line = `[host.org]:2222 ${words(ed)}\n`;
  assert.strictEqual((await check(undefined, ed, ["yes"])).after, line);
  assert.strictEqual((await check("", ed, ["YES "])).after, line);
  assert.strictEqual((await check("# cut", ed, [fingerprint(ed)])).after, `# cut\n${line}`);
});

Deno.test("an unknown key that nobody accepts is refused, and nothing is written", async () => {
  for (
    const answers of [["no"], [undefined], ["", "y", "oui"], [fingerprint(rsa), "yes"], undefined]
  ) {
    const { message, remedy, after } = await check("", ed, answers);
    assert.match(message ?? "", /^Cannot reach Host\.org: its host key /);
    assert.ok(message?.includes(fingerprint(ed)));
    assert.match(remedy ?? "", /: ssh -p 2222 me@host\.org once by hand/);
    assert.strictEqual(after, "");
  }
  const strict = await check("", ed, ["yes"], { isStrict: true });
  assert.match(strict.message ?? "", /StrictHostKeyChecking is yes/);
  assert.deepStrictEqual(strict.asked, []);
});

Deno.test("a changed or revoked key is refused unasked", async () => {
  const changed = await check(`# 1\n[host.org]:2222 ${words(key("ssh-ed25519", 9))}`, ed, ["yes"]);
  assert.match(
    changed.message ?? "",
    /is not the one it is known by \(it shows .+ line 2 has SHA256/,
  );
  assert.match(changed.remedy ?? "", /ssh-keygen -R '\[host\.org\]:2222' -f '/);
  const revoked = await check(`@revoked * ${words(ed)}`, ed, ["yes"]);
  assert.match(revoked.message ?? "", /revoked/);
  assert.deepStrictEqual([...changed.asked, ...revoked.asked], []);
});

Deno.test("who is asked is told of other keys and of an authority", async () => {
  const { asked } = await check(
    `[host.org]:2222 ${words(rsa)}\n@cert-authority * ${words(rsa)}`,
    ed,
    ["no"],
  );
  assert.match(asked[0] ?? "", /known by another type of key \(ssh-rsa, \S+ line 1\)/);
  assert.match(asked[0] ?? "", /certificate authority/);
});

Deno.test("a known_hosts file that cannot be read is told of", async () => {
  await using folder = await temporaryFolder();
  const surroundings = recorded("/nonexistent");
  assert.deepStrictEqual(await readKnownHosts(target(folder.path), surroundings.tell), []);
  assert.match(surroundings.told.join(), /^Cannot read .+: /);
});
