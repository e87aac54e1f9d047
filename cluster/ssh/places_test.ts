import assert from "node:assert";
import { Places } from "./places.ts";

Deno.test("at most so many go on at one time, first come, first served", async () => {
  const places = new Places(2);
  const begun: number[] = [];
  let now = 0, most = 0;
  await Promise.all([0, 1, 2, 3, 4].map((i) =>
    places.take(async () => {
      begun.push(i);
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
    })
  ));
  assert.deepStrictEqual(begun, [0, 1, 2, 3, 4]);
  assert.strictEqual(most, 2);
});

Deno.test("a place is given back by an action that fails", async () => {
  const places = new Places(1);
  await assert.rejects(places.take(() => Promise.reject(new Error("no"))), /no/);
  assert.strictEqual(await places.take(() => Promise.resolve(1)), 1);
});
