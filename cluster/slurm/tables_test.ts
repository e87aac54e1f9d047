import assert from "node:assert";
import fc from "fast-check";
import { SirenError } from "../../core/errors.ts";
import {
  type ArrayTask,
  countTasks,
  groupTasks,
  parseJobId,
  parseSacct,
  parseSqueue,
  parseTable,
  squeueColumns,
  squeueFormat,
} from "./tables.ts";

const read = (name: string) => Deno.readTextFile(new URL(`testdata/${name}.txt`, import.meta.url));
const name = "siren-7f3a-sketch-1-1";
const held = "siren-7f3a-sketch-1-2";
const byIndex = (a: ArrayTask, b: ArrayTask) => (a.index ?? -1) - (b.index ?? -1);

Deno.test("tasks in squeue's answer", async () => {
  const tasks = parseSqueue(await read("squeue"), squeueColumns([name, held])).sort(byIndex);
  assert.strictEqual(tasks.length, 13);
  const running = { name, job: "23", state: "running" } as const;
  assert.deepStrictEqual(tasks.filter(({ index }) => index !== 7 && index !== 8), [
    { name: held, job: "24", state: "pending", reason: "JobHeldUser", seconds: 0 },
    {
      name,
      job: "23",
      index: 0,
      state: "done",
      node: "n1",
      exit: { code: 0, signal: 0 },
      seconds: 0,
    },
    {
      name,
      job: "23",
      index: 1,
      state: "failed",
      reason: "NonZeroExitCode",
      node: "n1",
      exit: { code: 3, signal: 0 },
      seconds: 0,
    },
    {
      name,
      job: "23",
      index: 2,
      state: "failed",
      reason: "JobLaunchFailure",
      node: "n2",
      exit: { code: 0, signal: 9 },
      seconds: 0,
    },
    {
      name,
      job: "23",
      index: 3,
      state: "cancelled",
      node: "n2",
      exit: { code: 0, signal: 15 },
      seconds: 3,
    },
    { ...running, index: 4, node: "n3", seconds: 12 },
    { ...running, index: 5, node: "n3", seconds: 12 },
    { ...running, index: 6, node: "n2", seconds: 11 },
    { ...running, index: 9, node: "n2", seconds: 9 },
    ...[10, 11].map((index) => ({
      name,
      job: "23",
      index,
      state: "pending" as const,
      reason: "JobArrayTaskLimit",
      seconds: 0,
    })),
  ]);
});

Deno.test("tasks in sacct's answer, those that wait one by one", async () => {
  const tasks = parseSacct(await read("sacct")).sort(byIndex);
  assert.strictEqual(tasks.length, 13);
  assert.deepStrictEqual(tasks.filter(({ index = 0 }) => index < 4 || index > 8), [
    { name: held, job: "24", state: "pending", reason: "JobHeldUser", seconds: 0 },
    {
      name,
      job: "23",
      state: "done",
      node: "n1",
      exit: { code: 0, signal: 0 },
      seconds: 1,
      index: 0,
    },
    {
      name,
      job: "23",
      state: "failed",
      node: "n1",
      exit: { code: 3, signal: 0 },
      seconds: 0,
      index: 1,
    },
    {
      name,
      job: "23",
      state: "failed",
      node: "n2",
      exit: { code: 0, signal: 9 },
      seconds: 0,
      index: 2,
    },
    {
      name,
      job: "23",
      state: "cancelled",
      node: "n2",
      exit: { code: 0, signal: 0 },
      seconds: 2,
      by: 0,
      index: 3,
    },
    {
      name,
      job: "23",
      state: "running",
      reason: "JobArrayTaskLimit",
      node: "n2",
      seconds: 9,
      index: 9,
    },
    ...[10, 11].map((index) => ({
      name,
      job: "23",
      state: "pending" as const,
      reason: "JobArrayTaskLimit",
      seconds: 0,
      index,
    })),
  ]);
});

Deno.test("indices of tasks that wait are read whatever their pattern", () => {
  const indices = (which: string) =>
    parseSacct(`7_[${which}]|PENDING|0:0|0|None assigned|Priority|x\n`).map(({ index }) => index);
  assert.deepStrictEqual(indices("3"), [3]);
  assert.deepStrictEqual(indices("0-2,7%3"), [0, 1, 2, 7]);
  assert.deepStrictEqual(indices("0-10:5,1"), [0, 5, 10, 1]);
});

Deno.test("tasks that wait are counted", () => {
  assert.deepStrictEqual(["N/A", "7", "0-297:3%5", "1,3-4"].map(countTasks), [1, 1, 100, 3]);
  assert.throws(() => countTasks("0-9,..."), { name: "ClusterError" });
});

Deno.test("no tasks are no tasks", () => {
  assert.deepStrictEqual(parseSqueue("", squeueColumns([name])), []);
  assert.deepStrictEqual(parseSacct(""), []);
});

Deno.test("an answer that is not Slurm's is an error, never a list without some tasks", async () => {
  const columns = squeueColumns([name, held]);
  const good = await read("squeue");
  for (
    const bad of [
      "Welcome to the cluster!\n",
      good.slice(0, -10),
      good.replace("PENDING ", "pending "),
      good.replace(/^23/, "x3"),
      good.replace("9|", "9-|"),
      good.replaceAll("|", ""),
      good.replace("10-11", "10-..."),
      "\n" + good.replaceAll("siren-7f3a-sketch-1-1 ", "siren-7f3a-sketch-1-1"),
    ]
  ) {
    assert.throws(
      () => parseSqueue(bad, columns),
      /^ClusterError: Cannot understand what squeue says: /,
    );
  }
  for (
    const bad of [
      "sacct: banner\n",
      "7_3.batch|RUNNING|0:0|1|n1|None|batch\n",
      "7|RUNNING|0:0|1|n1|None\n",
      "7|RUNNING|0|1|n1|None|x\n",
      "7_[0-99999999]|PENDING|0:0|0||None|x\n",
      "7_[0-5:0]|PENDING|0:0|0||None|x\n",
      "7_[0-5,...]|PENDING|0:0|0||None|x\n",
    ]
  ) {
    assert.throws(() => parseSacct(bad), /^ClusterError: Cannot understand what sacct says: /, bad);
  }
});

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
});

Deno.test("squeue's rows come back whatever is in their columns", () => {
  const columns = { a: 12, b: 5, c: 0 };
  assert.strictEqual(squeueFormat(columns), "a:12,b:5,c:0|");
  const row = fc.record({ a: printable, b: printable, c: printable });
  fc.assert(fc.property(fc.array(row), (rows) => {
    const cut = rows.map((one) =>
      Object.fromEntries(
        Object.entries(columns).map((
          [key, width],
        ) => [key, one[key as keyof typeof one].slice(0, width).padEnd(width)]),
      )
    );
    const text = cut.map((one) => Object.values(one).join("") + "|\n").join("");
    const expected = cut.map((one) =>
      Object.fromEntries(Object.entries(one).map(([key, value]) => [key, value.trim()]))
    );
    assert.deepStrictEqual(parseTable(text, columns), expected);
  }));
});

Deno.test("sacct's rows come back whatever the state, the node and the name", () => {
  const word = printable.map((text) => text.replace(/\|/g, "/")).filter((text) => /^\w/.test(text));
  const row = fc.record({
    job: fc.nat(9_999_999).map(String),
    index: fc.nat(4_000_000),
    code: fc.nat(255),
    signal: fc.nat(64),
    seconds: fc.nat(),
    node: word.map((text) => `n-${text}`),
    reason: word.map((text) => `R-${text}`),
    name: printable,
  });
  fc.assert(fc.property(fc.array(row), (rows) => {
    const text = rows.map(({ job, index, code, signal, seconds, node, reason, name }) =>
      `${job}_${index}|FAILED|${code}:${signal}|${seconds}|${node}|${reason}|${name}\n`
    ).join("");
    assert.deepStrictEqual(
      parseSacct(text),
      rows.map(({ code, signal, ...rest }) => ({
        ...rest,
        state: "failed",
        exit: { code, signal },
      })),
    );
  }));
});

Deno.test("rubbish is an error in words, or nothing", () => {
  const rubbish = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("1", "_", "[", "]", "-", ",", "|", ":", "%", "\n", "R") }),
  );
  fc.assert(fc.property(rubbish, (text) => {
    for (
      const parse of [
        () => parseSqueue(text, squeueColumns(["x"])),
        () => parseSacct(text),
        () => parseJobId(text),
      ]
    ) {
      try {
        parse();
      } catch (error) {
        assert.ok(error instanceof SirenError);
        assert.match(error.message, /^\P{Cc}*$/u);
      }
    }
  }));
});

Deno.test("sbatch's answer holds one id", () => {
  assert.strictEqual(parseJobId("123\n"), "123");
  assert.strictEqual(parseJobId("123;cluster-2\n"), "123");
  assert.strictEqual(parseJobId("This will cost 12 units.\n123\n"), "123");
  assert.strictEqual(parseJobId("Submitted batch job 123\n"), undefined);
  assert.strictEqual(parseJobId("1\n2\n"), undefined, "which?");
  assert.strictEqual(parseJobId(""), undefined);
});

Deno.test("tasks to cancel are grouped by array, none left out and none added", () => {
  assert.deepStrictEqual(groupTasks(["3", "3_1", "4_7"]), ["4_[7]", "3"]);
  const ids = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(30)));
  fc.assert(fc.property(ids, (pairs) => {
    const wanted = new Set(pairs.map(([job, index]) => `${job}_${index}`));
    const groups = groupTasks([...wanted]);
    assert.strictEqual(groups.length, new Set(pairs.map(([job]) => job)).size);
    // sacct writes lists of indices the way scancel reads them.
    const got = parseSacct(groups.map((id) => `${id}|PENDING|0:0|0||None|x\n`).join(""));
    assert.deepStrictEqual(
      got.map(({ job, index }) => `${job}_${index}`).sort(),
      [...wanted].sort(),
    );
  }));
});
