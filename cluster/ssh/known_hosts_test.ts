import assert from "node:assert";
import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { exists, temporaryFolder } from "../../tests/surroundings.ts";
import {
  algorithmsFor,
  fingerprint,
  isAbout,
  judge,
  keyType,
  knownName,
  parseKnownHosts,
} from "./known_hosts.ts";

/** A public key as SSH sends it; what is in it does not matter here. */
function keyOf(type: string, content: string): Buffer {
  const strings = [type, content].map((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  });
  return Buffer.concat(strings);
}

const ed = keyOf("ssh-ed25519", "a".repeat(32));
const other = keyOf("ssh-ed25519", "b".repeat(32));
const rsa = keyOf("ssh-rsa", "c".repeat(32));
const line = (hosts: string, key: Buffer) => `${hosts} ${keyType(key)} ${key.toString("base64")}`;

/** The verdict in short. */
function verdict(text: string, name: string, key: Buffer): unknown {
  const found = judge(parseKnownHosts(text, "/k"), name, key);
  if (found.kind === "revoked" || found.kind === "changed") return [found.kind, found.entry.line];
  if (found.kind === "known") return "known";
  return ["unknown", found.others.map((entry) => entry.line), found.hasAuthority];
}

Deno.test("a key is known, changed, revoked or unknown", () => {
  const text = [
    "# comment",
    "",
    `  ${line("host,*.example.org", ed)} a comment`,
    line("two", other),
    line("two", ed),
    `@revoked ${line("*", rsa)}`,
    `@cert-authority ${line("*.signed", ed)}`,
    `@unheard-of ${line("*", other)}`,
    "host ssh-ed25519 notakey",
    "host ssh-rsa",
    line("Upper", ed),
    line("x*,!xy", ed),
    line("[odd]:2222", ed),
  ].join("\n");
  assert.strictEqual(verdict(text, "host", ed), "known");
  assert.strictEqual(verdict(text, "a.example.org", ed), "known");
  assert.deepStrictEqual(verdict(text, "host", other), ["changed", 3]);
  assert.strictEqual(verdict(text, "two", other), "known");
  assert.strictEqual(verdict(text, "two", ed), "known", "any of several keys");
  assert.deepStrictEqual(verdict(text, "host", rsa), ["revoked", 6]);
  assert.deepStrictEqual(verdict(text, "a.signed", ed), ["unknown", [], true]);
  assert.deepStrictEqual(verdict(text, "new", ed), ["unknown", [], false]);
  assert.strictEqual(verdict(text, "upper", ed), "known");
  assert.strictEqual(verdict(text, "xa", ed), "known");
  assert.deepStrictEqual(verdict(text, "xy", ed), ["unknown", [], false]);
  assert.strictEqual(verdict(text, knownName("ODD", 2222), ed), "known");
  assert.deepStrictEqual(verdict(text, "odd", ed), ["unknown", [], false]);
  assert.deepStrictEqual(verdict(line("host", ed), "host", rsa), ["unknown", [1], false]);
});

Deno.test("a revoked key is refused though another line knows it", () => {
  const text = `${line("host", ed)}\n@revoked ${line("host", ed)}`;
  assert.deepStrictEqual(verdict(text, "host", ed), ["revoked", 2]);
});

Deno.test("the host is asked for keys of the types it is known by first", () => {
  const known = parseKnownHosts(`${line("host", rsa)}\n@revoked ${line("host", ed)}`, "/k");
  assert.deepStrictEqual(algorithmsFor(known, "host"), [
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
  ]);
  assert.strictEqual(algorithmsFor(known, "else")[0], "ssh-ed25519");
});

Deno.test("no text and no key is too odd to be read", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    for (const entry of parseKnownHosts(text, "/k")) isAbout(entry, "host");
  }));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    assert.ok(keyType(Buffer.from(bytes)).length <= 64);
  }));
});

const KEYGEN = "/usr/bin/ssh-keygen";
const hasKeygen = exists(KEYGEN);
const suffix = hasKeygen ? "" : " (needs ssh-keygen; not installed)";

async function keygen(...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(KEYGEN, { args, stdin: "null" }).output();
  return new TextDecoder().decode(stdout);
}

const names = fc.constantFrom("a", "ab", "b.c", "[a]:2222", "[b.c]:22", "10.0.0.1", "::1");
const patterns = fc.oneof(
  names,
  fc.constantFrom("*", "a*", "?", "!a", "!*", "[a]:*", "[*]:2222", "*.c", "A"),
);
const lists = fc.array(patterns, { minLength: 1, maxLength: 3 });

Deno.test({
  name: `hosts are found as ssh-keygen finds them, hashed ones too${suffix}`,
  ignore: !hasKeygen,
  fn: async () => {
    await using folder = await temporaryFolder();
    await keygen("-q", "-t", "ed25519", "-N", "", "-f", `${folder.path}/key`);
    const key = (await Deno.readTextFile(`${folder.path}/key.pub`)).split(" ").slice(0, 2).join(
      " ",
    );
    const path = `${folder.path}/known`;
    await fc.assert(
      fc.asyncProperty(fc.array(lists, { maxLength: 5 }), names, fc.boolean(), async (
        lines,
        name,
        isHashed,
      ) => {
        await Deno.writeTextFile(path, lines.map((list) => `${list.join()} ${key}\n`).join(""));
        if (isHashed) await keygen("-H", "-f", path);
        const text = await Deno.readTextFile(path);
        const ours = parseKnownHosts(text, path).filter((entry) => isAbout(entry, name));
        const theirs = (await keygen("-F", name, "-f", path)).matchAll(/found: line (\d+)/g);
        assert.deepStrictEqual(
          ours.map((entry) => entry.line),
          [...theirs].map(([, number]) => Number(number)),
          text,
        );
      }),
      { numRuns: 60 },
    );
  },
});

Deno.test({
  name: `fingerprints are those of ssh-keygen${suffix}`,
  ignore: !hasKeygen,
  fn: async () => {
    await using folder = await temporaryFolder();
    for (const type of ["ed25519", "ecdsa", "rsa"]) {
      const path = `${folder.path}/${type}`;
      await keygen("-q", "-t", type, "-N", "", "-f", path);
      const [kind, base64 = ""] = (await Deno.readTextFile(`${path}.pub`)).split(" ");
      const key = Buffer.from(base64, "base64");
      assert.strictEqual(keyType(key), kind);
      assert.strictEqual((await keygen("-lf", path)).split(" ")[1], fingerprint(key));
    }
  },
});
