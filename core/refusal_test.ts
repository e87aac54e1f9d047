import assert from "node:assert";
import { refusal } from "./refusal.ts";

Deno.test("refusal words what the system says and passes defects on", async () => {
  const reasonOf = (path: string) => Deno.readFile(path).then(() => undefined, refusal);
  assert.strictEqual(await reasonOf("no_such_folder/a.mrc"), "there is no such file or folder");
  assert.strictEqual(await reasonOf("a".repeat(300)), "File name too long (os error 36)");
  assert.strictEqual(refusal(new Deno.errors.PermissionDenied("")), "the system denies permission");
  assert.strictEqual(refusal(new RangeError("a defect")), undefined);
  assert.strictEqual(refusal("not even an error"), undefined);
});
