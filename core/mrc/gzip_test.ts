import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { InputError } from "../errors.ts";
import { random } from "../random.ts";
import { gunzipExactly, gunzipStart, isGzip } from "./gzip.ts";

const rng = random(1);
const content = Uint8Array.from({ length: 10_000 }, () => rng.integer(16));
const packed = new Uint8Array(gzipSync(content));
const remedy = "The file is cut short or its header is damaged: copy or make it anew.";

Deno.test("isGzip goes by the first two bytes", () => {
  assert.ok(isGzip(packed));
  assert.ok(!isGzip(content));
  assert.ok(!isGzip(Uint8Array.of(0x1f)));
});

Deno.test("gunzipStart gives what the beginning of a file holds", () => {
  const start = gunzipStart(packed.subarray(0, packed.length / 2), "a.gz");
  assert.ok(start.length > 1024 && start.length < content.length);
  assert.deepStrictEqual([...start], [...content.subarray(0, start.length)]);
});

Deno.test("gunzipExactly unpacks one stream or several", () => {
  assert.deepStrictEqual([...gunzipExactly(packed, 10_000, "a.gz")], [...content]);
  const twice = new Uint8Array([...packed, ...packed]);
  assert.deepStrictEqual([...gunzipExactly(twice, 20_000, "a.gz")], [...content, ...content]);
});

Deno.test("gunzipExactly refuses other lengths", () => {
  const message = (promised: number, got: string) =>
    `Cannot read a.gz: its header promises ${promised} bytes, its gzip stream holds ${got}`;
  assert.throws(
    () => gunzipExactly(packed, 9_999, "a.gz"),
    new InputError(message(9_999, "more"), remedy),
  );
  assert.throws(
    () => gunzipExactly(packed, 10_001, "a.gz"),
    new InputError(message(10_001, "10000"), remedy),
  );
  assert.throws(
    () => gunzipExactly(packed, 1e15, "a.gz"),
    new InputError(message(1e15, "fewer"), remedy),
  );
});

Deno.test("a damaged stream is an InputError", () => {
  const damaged = packed.slice();
  damaged[packed.length - 6]! ^= 1;
  const error = (reason: string) =>
    new InputError(
      `Cannot read a.gz: its gzip stream is damaged (${reason})`,
      "Copy or make the file anew.",
    );
  const check = (bytes: Uint8Array, reason: string) =>
    assert.throws(() => gunzipExactly(bytes, 10_000, "a.gz"), (thrown: InputError) => {
      const { message, remedy } = error(reason);
      assert.deepStrictEqual([thrown.message, thrown.remedy], [message, remedy]);
      return thrown instanceof InputError;
    });
  check(damaged, "incorrect data check");
  check(packed.subarray(0, packed.length - 20), "unexpected end of file");
  check(new Uint8Array([...packed, 1, 2, 3]), "incorrect header check");
});

Deno.test("a bomb is refused without being unpacked", () => {
  const member = gzipSync(new Uint8Array(1 << 20));
  const bomb = new Uint8Array(member.length * 2048);
  for (let i = 0; i < 2048; i++) bomb.set(member, i * member.length);
  const before = Deno.memoryUsage().rss;
  assert.throws(() => gunzipExactly(bomb, 1 << 20, "a.gz"), InputError);
  assert.ok(Deno.memoryUsage().rss - before < 1 << 27, "2 GiB must not be unpacked");
});
