import assert from "node:assert";
import { z } from "zod";
import { ExpandOptionsSchema, SketchOptionsSchema } from "../cluster/options.ts";
import { simulateOptions } from "../core/simulate/simulate.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { buildProgram } from "./program.ts";
import { fakeContext, fakeIo } from "./testing.ts";

const program = buildProgram(fakeContext(fakeIo()));

function flagsOf(name: string): string[] {
  const command = program.commands.find((command) => command.name() === name)!;
  return command.options.map((option) => option.long!.slice(2));
}

Deno.test("every option of the library has its flag", () => {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const sketch = Object.keys(SketchOptionsSchema.shape);
  const expand = Object.keys(ExpandOptionsSchema.shape);
  const commands = [
    ["sketch_communities", sketch],
    ["expand_communities", expand],
    ["run", [...sketch, "exp_frac", "expand_cutoffs"]],
    ["simulate", Object.keys(simulateOptions.shape).map(snake)],
  ] as const;
  for (const [name, keys] of commands) {
    const missing = keys.filter((key) => !flagsOf(name).includes(key));
    assert.deepStrictEqual(missing, [], name);
  }
});

Deno.test("schemaFlags takes kind, choices and default from the schema", () => {
  const shape = z.object({
    apix: z.number().optional(),
    rule: z.enum(["siren", "phi"]).default("siren"),
    filter: z.boolean().default(false),
    voldir: z.string(),
  }).shape;
  const flags = schemaFlags(shape, {
    apix: { value: "angstrom", help: "voxel size" },
    rule: { value: "name", help: "rule", fallback: "phi" },
    filter: { help: "leave out" },
    voldir: { value: "folder", help: "maps", name: "maps" },
  }, "Maps:");
  assert.deepStrictEqual(
    flags.map(({ flags, description }) => `${flags}: ${description}`),
    [
      "--apix <angstrom>: voxel size",
      "--rule <name>: rule: siren, phi; default phi",
      "--filter: leave out",
      "--maps <folder>: maps; required",
    ],
  );
});

Deno.test("checkOptions names the flag and the value of each thing wrong", () => {
  const schema = z.strictObject({
    share: z.number().gt(0).lte(1).default(0.5),
    count: z.number().int().gte(1).default(1),
    rule: z.enum(["siren", "phi"]).default("siren"),
    expandCutoffs: z.string().optional(),
  });
  const check = (values: Record<string, unknown>) =>
    checkOptions(schema, values, "run", { expandCutoffs: "expand_cutoffs" });
  assert.deepStrictEqual(check({ share: 1, other: 3 }), { share: 1, count: 1, rule: "siren" });
  assert.throws(() => check({ share: 0, count: 0.5, rule: "x", expandCutoffs: 1 }), {
    name: "UsageError",
    message: `Cannot use --share: it must be more than 0 (0)
Cannot use --count: it must be a whole number (0.5)
Cannot use --rule: it must be one of siren, phi (x)
Cannot use --expand_cutoffs: it must be a string (1)`,
  });
  assert.throws(() => check({ share: 2 }), {
    message: "Cannot use --share: it must be at most 1 (2)",
  });
});
