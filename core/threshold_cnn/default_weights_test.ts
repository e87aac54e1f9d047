import assert from "node:assert";
import { pathToFileURL } from "node:url";
import { withFolder } from "../mrc/testing.ts";
import { weightsPath } from "./default_weights.ts";

Deno.test("weights are those given, else those that siren ships, else it is said where some are", () =>
  withFolder(async (folder) => {
    const shipped = pathToFileURL(`${folder}/default.safetensors`);
    assert.strictEqual(await weightsPath("mine.pth", "--weights", shipped), "mine.pth");
    for (const place of [shipped, new URL("https://example.org/default.safetensors")]) {
      await assert.rejects(weightsPath(undefined, "--weights", place), {
        name: "UsageError",
        message: "Cannot predict thresholds: no weights are given, and siren ships none",
        remedy: /^Give --weights a file of weights .*github\.com\/lkinman\/SIREn/,
      });
    }
    await Deno.writeTextFile(shipped, "");
    assert.strictEqual(
      await weightsPath(undefined, "--weights", shipped),
      `${folder}/default.safetensors`,
    );
  }));
