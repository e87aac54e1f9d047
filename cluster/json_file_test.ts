import assert from "node:assert";
import { z } from "zod";
import { InputError, RunError } from "../core/errors.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { readJsonFile } from "./json_file.ts";

const schema = z.strictObject({ lr: z.number() });

Deno.test("JSON files are read, and damaged ones say why and what to do", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.json`;
    const read = () => readJsonFile(path, schema, "Start over.");
    assert.strictEqual(await read(), undefined);
    await Deno.writeTextFile(path, '{"lr": 0.5}');
    assert.deepStrictEqual(await read(), { lr: 0.5 });
    const cases: [string, RegExp][] = [
      ['{"lr": 0.5', /^Cannot read .*a\.json: it is not JSON$/],
      ['{"lr": "fast"}', /^Cannot read .*a\.json: .*expected number.* at lr$/],
      ['{"lr": 1, "rate": 2}', /Unrecognized key: "rate"/],
    ];
    for (const [text, message] of cases) {
      await Deno.writeTextFile(path, text);
      await assert.rejects(
        read(),
        (error) =>
          error instanceof InputError && message.test(error.message) &&
          error.remedy ===
            "Was it edited, or written by another version of siren? Start over.",
        text,
      );
    }
  }));

Deno.test("a file that the system refuses to read is not called damaged", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a.json`);
    await assert.rejects(
      readJsonFile(`${folder}/a.json`, schema, "Start over."),
      (error) => error instanceof RunError && /^Cannot read .*a\.json: /.test(error.message),
    );
  }));
