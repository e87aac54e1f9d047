import assert from "node:assert";
import { NOTHING } from "./selection.ts";
import { formatHash, readHash, type State } from "./store.ts";
import { testReport } from "./testing.ts";

const report = testReport(32, 4);
const still: State = {
  selection: NOTHING,
  volumes: null,
  hidden: new Set(),
  volume: null,
  hoverBlock: null,
  hoverVolume: null,
  theme: "light",
};

Deno.test("an address tells what is selected, hidden and shown", () => {
  const state: State = {
    ...still,
    selection: {
      blocks: new Map([[3, "present"], [1, "absent"]]),
      volumes: new Set([0, 1, 2, 9]),
      source: "picked",
    },
    hidden: new Set([0]),
    volume: 7,
  };
  const hash = formatHash(report, state);
  assert.strictEqual(hash, "#blocks=b3,-b1&volumes=0-2,9&hidden=b0&volume=7");
  const { selection, hidden, volume } = state;
  assert.deepStrictEqual(readHash(report, hash), { selection, hidden, volume });
  assert.strictEqual(formatHash(report, still), "");
});

Deno.test("what an address tells that is not there is left out", () => {
  const { selection, hidden, volume } = readHash(
    report,
    "#blocks=b99,%3Cimg%3E,b2&volumes=31-99&hidden=x&volume=-1&else=1",
  );
  assert.deepStrictEqual([...selection.blocks], [[2, "present"]]);
  assert.deepStrictEqual([...selection.volumes ?? []], [31]);
  assert.deepStrictEqual([hidden.size, volume], [0, null]);
  for (const hash of ["", "#volumes=", "#volumes=5-3,99"]) {
    assert.strictEqual(readHash(report, hash).selection, NOTHING, hash);
  }
});
