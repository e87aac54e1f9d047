import assert from "node:assert";
import { SirenError } from "../errors.ts";
import { matchReferences } from "./references.ts";

const names = (...all: string[]) => all.map((name) => ({ name }));

Deno.test("references are found by MAVEn's rule, by the same name, and by other names of a region", () => {
  const maps = ["r/A_chaina.map.gz", "r/b.mrc", "r/block_7.ccp4", "r/Mask_c.mrc", "r/d.mrc"];
  const regions = [...names("Mask_A_chaina", "b", "Mask_c"), { name: "b7", aliases: ["block_7"] }];
  assert.deepStrictEqual(matchReferences(regions, maps, "r"), {
    paths: ["r/A_chaina.map.gz", "r/b.mrc", "r/Mask_c.mrc", "r/block_7.ccp4"],
    unused: ["d.mrc"],
  });
});

Deno.test("missing and ambiguous references are refused, with what to do", () => {
  const refused = (regions: string[], maps: string[], message: RegExp, remedy: RegExp) =>
    assert.throws(
      () => matchReferences(names(...regions), maps.map((name) => `r/${name}`), "r"),
      (error) =>
        error instanceof SirenError && message.test(error.message) &&
        remedy.test(error.remedy ?? ""),
    );
  refused(
    ["a", "Mask_b", "c"],
    ["a.mrc"],
    /in r: there is none for Mask_b, c \(it holds a\.mrc\)/,
    /here b\.mrc/,
  );
  refused(["A"], ["a.mrc"], /there is none for A/, /A\.mrc/);
  refused(["Mask_b"], ["b.mrc", "Mask_b.mrc"], /of Mask_b: Mask_b\.mrc or b\.mrc in r/, /alone/);
  refused(["b"], ["b.mrc", "b.map"], /of b: b\.mrc or b\.map in r/, /alone/);
});
