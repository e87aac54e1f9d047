import assert from "node:assert";
import { suggest } from "./suggest.ts";

const names = ["partition", "account", "qos", "max_tasks", "max_memory", "cpus"];

Deno.test("suggest finds what was probably meant", () => {
  const cases: [string, string][] = [
    ["partiton", "partition"],
    ["partitoin", "partition"],
    ["Account", "account"],
    ["max-tasks", "max_tasks"],
    ["max_mem", "max_memory"],
    ["part", "partition"],
    ["cpu", "cpus"],
    ["qso", "qos"],
  ];
  for (const [word, name] of cases) assert.strictEqual(suggest(word, names), name, word);
});

Deno.test("suggest says nothing where no name is close", () => {
  for (const word of ["", "xyz", "colour", "nodes", "q"]) {
    assert.strictEqual(suggest(word, names), undefined, word);
  }
  assert.strictEqual(suggest("partition", []), undefined);
});
