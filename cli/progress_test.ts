import assert from "node:assert";
import { barReporter } from "./bars.ts";
import { holdable, lineReporter, makeReporter, quietReporter } from "./progress.ts";
import { fakeIo } from "./testing.ts";

const reading = (done: number, total = 300) =>
  ({ kind: "progress", stage: "Reading", done, total, unit: "maps" }) as const;

Deno.test("lineReporter tells every tenth, with the time left", () => {
  const io = fakeIo();
  const reporter = lineReporter(io);
  for (let done = 0; done <= 300; done++) {
    io.setNow(done * 200);
    reporter.tell(reading(done));
  }
  const lines = io.err().trimEnd().split("\n");
  assert.strictEqual(lines.length, 10);
  assert.strictEqual(lines[0], "Reading: 30 of 300 maps (10 %), about 54 s left");
  assert.strictEqual(lines[8], "Reading: 270 of 300 maps (90 %), about 6.0 s left");
  assert.strictEqual(lines[9], "Reading: 300 of 300 maps (100 %), took 60 s");
});

Deno.test("lineReporter tells a quick stage in one line", () => {
  const io = fakeIo();
  const reporter = lineReporter(io);
  for (let done = 0; done <= 300; done++) {
    io.setNow(done);
    reporter.tell(reading(done));
  }
  assert.strictEqual(io.err(), "Reading: 300 of 300 maps (100 %), took 0.3 s\n");
});

Deno.test("lineReporter tells a slow stage every 30 seconds", () => {
  const io = fakeIo();
  const reporter = lineReporter(io);
  for (let done = 0; done < 20; done++) {
    io.setNow(done * 10_000);
    reporter.tell(reading(done, 100_000));
  }
  assert.strictEqual(io.err().trimEnd().split("\n").length, 6);
});

Deno.test("lineReporter counts the time left from where a resumed stage began", () => {
  const io = fakeIo();
  const reporter = lineReporter(io);
  reporter.tell(reading(150));
  io.setNow(10_000);
  reporter.tell(reading(200));
  assert.strictEqual(io.err(), "Reading: 200 of 300 maps (66 %), about 20 s left\n");
});

Deno.test("lineReporter takes a stage of the same name for a new one", () => {
  const io = fakeIo();
  const reporter = lineReporter(io);
  reporter.tell(reading(0));
  reporter.tell(reading(300));
  io.setNow(60_000);
  reporter.tell(reading(0));
  io.setNow(65_000);
  reporter.tell(reading(150));
  assert.strictEqual(
    io.err(),
    "Reading: 300 of 300 maps (100 %), took 0.0 s\n" +
      "Reading: 150 of 300 maps (50 %), about 5.0 s left\n",
  );
});

Deno.test("notes and warnings are lines of their own; quiet leaves the warnings", async () => {
  const news = [
    { kind: "note", text: "Engine wasm" },
    { kind: "warning", text: "a.mrc: apix 1 in its header" },
    reading(300),
  ] as const;
  const warning = "Warning: a.mrc: apix 1 in its header\n";
  const io = fakeIo();
  const lines = await makeReporter(io, false);
  for (const item of news) lines.tell(item);
  assert.strictEqual(
    io.err(),
    `Engine wasm\n${warning}Reading: 300 of 300 maps (100 %), took 0.0 s\n`,
  );
  const silent = fakeIo();
  const quiet = quietReporter(silent);
  for (const item of news) quiet.tell(item);
  assert.strictEqual(silent.err(), warning);
});

Deno.test("barReporter draws a bar for each stage and gives the terminal back", () => {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  const io = fakeIo({ write, isTerminal: true, color: true });
  const reporter = barReporter(io);
  reporter.tell({ kind: "note", text: "Engine wasm" });
  reporter.tell(reading(0));
  io.setNow(5_000);
  reporter.tell(reading(100));
  reporter.tell({ kind: "warning", text: "odd" });
  reporter.tell({ kind: "progress", stage: "Sketch", done: 1, total: 4, unit: "tiles" });
  reporter.tell({ kind: "progress", stage: "Sketch", done: 4, total: 4, unit: "tiles" });
  reporter.tell({ kind: "progress", stage: "Sketch", done: 0, total: 9, unit: "tiles" });
  reporter.stop();
  const text = written.join("");
  assert.ok(text.startsWith("Engine wasm\n"));
  assert.ok(text.includes("\x1b[33mWarning:\x1b[39m odd\n"));
  assert.ok(
    text.includes(
      "\x1b[36m████████░░░░░░░░░░░░░░░░\x1b[39m " +
        "Reading: 100 of 300 maps (33 %), about 10 s left",
    ),
  );
  assert.ok(text.includes("Sketch: 4 of 4 tiles (100 %), took 0.0 s"));
  assert.ok(text.includes("Sketch: 0 of 9 tiles (0 %)"));
  assert.ok(text.lastIndexOf("\x1b[?25h") > text.lastIndexOf("\x1b[?25l"), "the cursor is shown");
  assert.ok(text.lastIndexOf("\x1b[?7h") > text.lastIndexOf("\x1b[?7l"), "lines are wrapped");
});

Deno.test("a reporter that is held leaves the terminal alone, and tells it all afterwards", () => {
  const calls: string[] = [];
  const reporter = holdable(() => {
    calls.push("made");
    return {
      tell: (news) => void calls.push(news.kind === "progress" ? news.stage : news.text),
      stop: () => void calls.push("stopped"),
    };
  });
  const note = (text: string) => reporter.tell({ kind: "note", text });
  note("1");
  const release = reporter.hold();
  note("2");
  note("3");
  assert.deepStrictEqual(calls, ["made", "1", "stopped"]);
  release();
  note("4");
  reporter.stop();
  assert.deepStrictEqual(calls.slice(3), ["made", "2", "3", "4", "stopped"]);
});

Deno.test("news cannot meddle with the terminal: its lines stay lines, and progress is one", () => {
  const evil = "a\x1b[2J\x9b1A\r\nb";
  const news = [
    { kind: "note", text: evil },
    { kind: "warning", text: evil },
    { ...reading(0), detail: evil },
  ] as const;
  for (const make of [lineReporter, quietReporter, barReporter]) {
    const written: string[] = [];
    const io = fakeIo({ write: (text) => void written.push(text) });
    const reporter = make(io);
    for (const item of news) reporter.tell(item);
    io.setNow(40_000);
    for (const item of news) reporter.tell(item);
    reporter.stop();
    const text = written.join("");
    assert.ok(text.includes("Warning: a[2J1A\nb\n"), make.name);
    if (make !== quietReporter) assert.ok(text.includes("(0 %); a[2J1A b"), make.name);
    assert.ok(["\x1b[2J", "\x9b", "\r\n"].every((part) => !text.includes(part)), make.name);
  }
});

Deno.test("lineReporter tells where the rest stands while there is a rest", () => {
  const io = fakeIo();
  const reporter = lineReporter(io);
  reporter.tell({ ...reading(0), detail: "tasks: 3 pending" });
  io.setNow(30_000);
  reporter.tell({ ...reading(0), detail: "tasks: 1 running, 2 pending" });
  reporter.tell({ ...reading(300), detail: "tasks: 1 running" });
  assert.deepStrictEqual(io.err().trimEnd().split("\n"), [
    "Reading: 0 of 300 maps (0 %); tasks: 1 running, 2 pending",
    "Reading: 300 of 300 maps (100 %), took 30 s",
  ]);
});
