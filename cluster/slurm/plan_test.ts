import assert from "node:assert";
import { bitMatrix } from "../../core/cooccupancy/mod.ts";
import type { ShardedStage } from "../shards.ts";
import { estimate } from "./plan.ts";
import { parseProfiles } from "./profile.ts";

const stage: ShardedStage<"expandPhi"> = {
  name: "expand",
  key: "key",
  job: "expandPhi",
  work: () => ({
    matrix: bitMatrix(128, 40, true),
    profiles: [{ words: new Uint32Array(2), total: 20 }],
    options: { level: 0.5 },
  }),
  inputs: Array.from({ length: 8 }, (_, i) => ({ start: 16 * i, end: 16 * i + 16 })),
  // Five minutes each, on one CPU.
  pairs: new Array<number>(8).fill(7.5e11),
};

Deno.test("where a site takes few tasks, each gets the time that it then needs", () => {
  const profile = parseProfiles("[test]\ncpus = 1\n", "clusters.toml").get("test");
  assert.ok(profile);
  const { pack, resources } = estimate(stage as unknown as ShardedStage, profile);
  const shards = [...stage.inputs.keys()];
  const many = pack(shards, Infinity), two = pack(shards, 2);
  assert.deepStrictEqual([many.length, two.length], [8, 2]);
  assert.deepStrictEqual([many, two].map((tasks) => resources(tasks).minutes), [21, 81]);
});
