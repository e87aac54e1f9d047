import assert from "node:assert";
import { parse } from "smol-toml";
import { UsageError } from "../../core/errors.ts";
import { parseProfiles, ProfileSchema, SKIPPABLE } from "./profile.ts";
import { profilesText } from "./profile_init.ts";

const uncomment = (text: string) => text.replace(/^#(?=[\w[])/gm, "");

Deno.test("profilesText is a file of one profile with the defaults", () => {
  const profiles = parseProfiles(profilesText("bigcluster"), "clusters.toml");
  assert.deepStrictEqual(
    profiles,
    new Map([["bigcluster", {
      ...ProfileSchema.parse({}),
      name: "bigcluster",
      file: "clusters.toml",
    }]]),
  );
});

Deno.test("profilesText shows every key, and all of them can be had", () => {
  const text = uncomment(profilesText("bigcluster"));
  const profile = parseProfiles(text, "clusters.toml").get("bigcluster");
  assert.ok(profile?.ssh);
  const shape = ProfileSchema.in.shape;
  const { bigcluster } = parse(text) as { bigcluster: { ssh: object } };
  assert.deepStrictEqual(Object.keys(bigcluster).sort(), Object.keys(shape).sort());
  assert.deepStrictEqual(
    Object.keys(bigcluster.ssh).sort(),
    Object.keys(shape.ssh.unwrap().shape).sort(),
  );
});

Deno.test("profilesText tells the defaults that hold", () => {
  const told = parseProfiles(uncomment(profilesText("c")), "c.toml").get("c");
  const held = ProfileSchema.parse({ ssh: { host: "h" } });
  for (
    const key of ["cpus", "engine", "task_minutes", "grace", "poll", "scratch", "install"] as const
  ) {
    assert.strictEqual(told?.[key], held[key], key);
  }
});

Deno.test("profilesText says where slurm_bin can be used", () => {
  assert.match(
    profilesText("c"),
    /\n# [^\n]*With SSH only; without, put it on the PATH\.\n#slurm_bin =/,
  );
});

Deno.test("profilesText names all options that can be skipped", () => {
  const text = profilesText("c").replaceAll("\n# ", " ");
  assert.ok(text.includes(`: ${SKIPPABLE.join(", ")}.`));
});

Deno.test("profilesText quotes a name with a dot and refuses one that is none", () => {
  assert.ok(parseProfiles(uncomment(profilesText("lab.gpu")), "c.toml").get("lab.gpu")?.ssh);
  for (const name of ["", "a b", 'a"', "-x", "a\nb"]) {
    assert.throws(() => profilesText(name), UsageError, name);
  }
});
