import assert from "node:assert";
import fc from "fast-check";
import { formatMoment, parseElapsed } from "./time.ts";

const two = (value: number) => String(value).padStart(2, "0");

Deno.test("every time that squeue prints comes back in seconds", () => {
  fc.assert(fc.property(fc.nat(10_000_000), (total) => {
    const [days, hours, minutes, seconds] = [
      Math.floor(total / 86400),
      Math.floor(total / 3600) % 24,
      Math.floor(total / 60) % 60,
      total % 60,
    ];
    const text = days > 0
      ? `${days}-${two(hours)}:${two(minutes)}:${two(seconds)}`
      : hours > 0
      ? `${hours}:${two(minutes)}:${two(seconds)}`
      : `${minutes}:${two(seconds)}`;
    assert.strictEqual(parseElapsed(text), total);
  }));
});

Deno.test("what is no time is none", () => {
  for (const text of ["", "INVALID", "UNLIMITED", "12", "1:2", "-1:00", "1:00:", "N/A"]) {
    assert.strictEqual(parseElapsed(text), undefined, text);
  }
});

Deno.test("a moment is written in UTC", () => {
  assert.strictEqual(
    formatMoment(new Date("2024-03-01T01:02:03.456+02:00")),
    "2024-02-29T23:02:03",
  );
});
