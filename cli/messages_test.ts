import assert from "node:assert";
import { InputError, UsageError } from "../core/errors.ts";
import { Stop } from "./io.ts";
import { tellError } from "./messages.ts";
import { fakeIo } from "./testing.ts";

function tell(error: unknown) {
  const io = fakeIo();
  const code = tellError(error, io);
  assert.strictEqual(io.out(), "");
  return { code, err: io.err() };
}

Deno.test("tellError tells message and remedy in two lines", () => {
  assert.deepStrictEqual(tell(new InputError("Cannot read a.mrc: it is empty", "Copy it again.")), {
    code: 3,
    err: "Error: Cannot read a.mrc: it is empty\nCopy it again.\n",
  });
  assert.deepStrictEqual(tell(new UsageError("Cannot use --bin: it is odd (1)")), {
    code: 2,
    err: "Error: Cannot use --bin: it is odd (1)\n",
  });
});

Deno.test("tellError calls anything unexpected a defect, with its stack", () => {
  const { code, err } = tell(new TypeError("x is undefined"));
  assert.strictEqual(code, 70);
  assert.match(
    err,
    /^Error: This is a defect of siren, not of your data \(siren \d.*, Deno \d.*\)\n/,
  );
  assert.match(err, /\nTypeError: x is undefined\n {4}at .*messages_test\.ts/);
  assert.match(tell("thrown text").err, /\nthrown text\n$/);
});

Deno.test("tellError does not call what the system refuses a defect", async () => {
  const error = await Deno.readFile("/nowhere/at/all").catch((error: unknown) => error);
  const { code, err } = tell(error);
  assert.strictEqual(code, 74);
  assert.match(err, /^Error: Cannot go on: the system refused \(No such file .*\)\nWhat is done/);
});

Deno.test("tellError explains a permission that Deno was not given", () => {
  const { code, err } = tell(new Deno.errors.NotCapable('Requires write access to "out"'));
  assert.strictEqual(code, 74);
  assert.match(err, /Deno was not given a permission \(Requires write access to "out"\)/);
});

Deno.test("what a cluster says cannot meddle with the terminal; lines stay lines", () => {
  const evil = "a\x1b]0;pwned\x07\x9b2J\r\nb";
  const clean = "a]0;pwned2J\nb";
  assert.strictEqual(
    tell(new InputError(`Cannot: ${evil}`, `See ${evil}.`)).err,
    `Error: Cannot: ${clean}\nSee ${clean}.\n`,
  );
  assert.strictEqual(tell(new Stop("SIGINT", evil)).err, `Stopped by Ctrl-C.\n${clean}\n`);
  for (
    const error of [
      new Error(evil),
      evil,
      new Deno.errors.NotCapable(evil),
      Object.assign(new Error(`${evil} (os error 5)`), { code: "EIO" }),
    ]
  ) {
    const { err } = tell(error);
    assert.ok(err.includes(clean));
    assert.match(err, /^[\P{Cc}\n\t]+$/u);
  }
});

Deno.test("colour is for terminals alone", () => {
  const io = fakeIo();
  const written: string[] = [];
  const stderr = { ...io.stderr, color: true, write: (text: string) => void written.push(text) };
  tellError(new UsageError("Cannot"), { ...io, stderr });
  assert.deepStrictEqual(written, ["\x1b[31m\x1b[1mError:\x1b[22m\x1b[39m Cannot\n"]);
});
