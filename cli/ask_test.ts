import assert from "node:assert";
import { type Keyboard, makeAsk } from "./ask.ts";
import { Stop } from "./io.ts";
import { fakeIo } from "./testing.ts";

/** A keyboard that gives these pieces, then ends; or, without them, waits for ever. */
function keyboard(pieces?: (string | number[])[]): Keyboard & { modes: boolean[] } {
  const modes: boolean[] = [];
  return {
    modes,
    setRaw: (raw) => void modes.push(raw),
    read: (buffer) => {
      if (pieces === undefined) return new Promise(() => {});
      const piece = pieces.shift();
      if (piece === undefined) return Promise.resolve(null);
      const bytes = typeof piece === "string"
        ? new TextEncoder().encode(piece)
        : new Uint8Array(piece);
      buffer.set(bytes);
      return Promise.resolve(bytes.length);
    },
  };
}

Deno.test("asking gives the line that is typed, and asks on standard error", async () => {
  const io = fakeIo();
  const keys = keyboard(["ye", "s\n"]);
  const ask = makeAsk(keys, io.stderr, io.signal);
  assert.strictEqual(await ask({ text: "Go on? ", secret: false }), "yes");
  assert.deepStrictEqual([io.out(), io.err(), keys.modes], ["", "Go on? ", []]);
  assert.strictEqual(await ask({ text: "Sure? ", secret: false }), undefined, "no answer: the end");
});

Deno.test("a secret is typed without echo, and can be mended while it is typed", async () => {
  const io = fakeIo();
  const keys = keyboard(["wrong\x15pas", [0xc3], [0xb6], "\x7f\x1b", "\x7fs\bs\r"]);
  const ask = makeAsk(keys, io.stderr, io.signal);
  assert.strictEqual(await ask({ text: "Password: ", secret: true }), "pass");
  assert.strictEqual(io.err(), "Password: \n");
  assert.deepStrictEqual(keys.modes, [true, false]);
});

Deno.test("what is typed ahead is kept for the next question", async () => {
  const io = fakeIo();
  const ask = makeAsk(keyboard(["one\r\rtwo\rthree\r"]), io.stderr, io.signal);
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(await ask({ text: "", secret: true }));
  assert.deepStrictEqual(answers, ["one", "", "two", "three"]);
});

Deno.test("the end of the input is no answer", async () => {
  const io = fakeIo();
  const ask = makeAsk(keyboard(["half\x04"]), io.stderr, io.signal);
  assert.strictEqual(await ask({ text: "", secret: true }), undefined);
});

Deno.test("Ctrl-C ends a question and gives the terminal back", async () => {
  const io = fakeIo();
  const keys = keyboard();
  const stop = new Stop("SIGINT");
  const asking = makeAsk(keys, io.stderr, io.signal)({ text: "Password: ", secret: true });
  io.stop(stop);
  await assert.rejects(asking, stop);
  assert.deepStrictEqual(keys.modes, [true, false]);
  await assert.rejects(makeAsk(keys, io.stderr, io.signal)({ text: "", secret: false }), stop);
});

Deno.test("a server's question cannot meddle with the terminal", async () => {
  const io = fakeIo();
  const ask = makeAsk(keyboard(["\n"]), io.stderr, io.signal);
  await ask({ text: "\x1b]0;owned\x07\x9b2JCode:\n\t> ", secret: false });
  assert.strictEqual(io.err(), "]0;owned2JCode:\n\t> ");
});
