import assert from "node:assert";
import fc from "fast-check";
import { normaliseArguments, numberReader } from "./arguments.ts";
import { buildProgram } from "./program.ts";
import { fakeContext, fakeIo } from "./testing.ts";

const program = buildProgram(fakeContext(fakeIo()));
const normalise = (line: string) => normaliseArguments(line.split(" "), program).join(" ");

Deno.test("normaliseArguments spells names as help does", () => {
  const lines = [
    ["sketch-communities --exp-frac", "sketch_communities --exp-frac"], // not a flag of it
    ["expand-communities --exp-frac 0.2", "expand_communities --exp_frac 0.2"],
    [
      "run --cutoff-method=exact --min_block-size 3",
      "run --cutoff_method=exact --min_block_size 3",
    ],
    ["run --voldir --exp-frac --bin -0.5", "run --voldir --exp-frac --bin -0.5"], // a value
    ["run --voldir=--exp-frac", "run --voldir=--exp-frac"],
    ["run --filter --exp-frac 1", "run --filter --exp_frac 1"],
    ["run -- --exp-frac", "run -- --exp-frac"],
    ["status expand-communities", "status expand-communities"], // a folder
    ["help sketch-communities", "sketch_communities --help"],
    ["help", "--help"],
    ["help sketch", "sketch"],
    ["run --voldir", "run --voldir"],
  ] as const;
  for (const [given, expected] of lines) assert.strictEqual(normalise(given), expected);
});

Deno.test("normaliseArguments changes spellings of names and nothing else", () => {
  const names = program.commands.flatMap((command) => [
    command.name(),
    ...command.options.flatMap((option) => option.long ?? []),
  ]);
  const spelled = fc.tuple(fc.constantFrom(...names), fc.boolean()).map(([name, kebab]) =>
    kebab && name.startsWith("--") ? `--${name.slice(2).replaceAll("_", "-")}` : name
  );
  const words = fc.array(fc.oneof(spelled, fc.string(), fc.constantFrom("--", "-1", "--x-y=a-b")));
  fc.assert(fc.property(words, (args) => {
    fc.pre(args[0] !== "help");
    const normal = normaliseArguments(args, program);
    assert.strictEqual(normal.length, args.length);
    assert.deepStrictEqual(normaliseArguments(normal, program), normal);
    normal.forEach((word, i) => {
      if (word === args[i]) return;
      const [name, ...value] = word.split("=");
      assert.ok(names.includes(name!), `${word} is no name`);
      const [given, ...givenValue] = args[i]!.split("=");
      assert.strictEqual(name, given!.slice(0, 2) + given!.slice(2).replaceAll("-", "_"));
      assert.deepStrictEqual(value, givenValue);
    });
  }));
});

Deno.test("numberReader reads what a number is, and refuses the rest", () => {
  const read = numberReader("--bin");
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    assert.strictEqual(read(String(value)), value === 0 ? 0 : value);
  }));
  const good = [["0", 0], ["-0.5", -0.5], [".5", 0.5], ["1.", 1], ["1e-3", 0.001], ["+2E2", 200]];
  for (const [text, value] of good) assert.strictEqual(read(String(text)), value);
  const reasons = [
    ["abc", "it is not a number"],
    ["", "it is not a number"],
    [" 1", "it is not a number"],
    ["0x10", "it is not a number"],
    ["1_000", "it is not a number"],
    ["Infinity", "it is not a number"],
    ["NaN", "it is not a number"],
    ["1e999", "the number is too large"],
  ] as const;
  for (const [text, reason] of reasons) {
    assert.throws(() => read(text), { message: `Cannot use --bin: ${reason} (${text})` });
  }
  assert.throws(() => read("0,5"), { remedy: "Write the decimal mark as a point." });
});
