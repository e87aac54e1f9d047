import assert from "node:assert";
import { random } from "../random.ts";
import { waves } from "./for_cnn_waves.ts";

Deno.test("values come back from their coefficients", () => {
  const rng = random(3);
  const values = Float64Array.from({ length: 10 ** 3 }, () => rng.normal());
  const { forward, back } = waves(10, 10);
  const again = back(forward(values));
  assert.ok(again.every((value, i) => Math.abs(value - values[i]!) < 1e-12));
});

Deno.test("a wave has one coefficient, at its frequencies along x, y and z", () => {
  const box = 8, finer = 12;
  const wave = new Float64Array(finer ** 3);
  for (let z = 0, v = 0; z < finer; z++) {
    for (let y = 0; y < finer; y++) {
      for (let x = 0; x < finer; x++, v++) {
        const turn = (k: number, at: number) => 2 * Math.PI * k * at / finer;
        wave[v] = Math.cos(turn(1, x)) * Math.sin(turn(3, y)) * Math.cos(turn(2, z));
      }
    }
  }
  const coefficients = waves(finer, box).forward(wave);
  const expected = (2 * box + box - 3) * box + 1;
  coefficients.forEach((value, i) => {
    assert.ok(Math.abs(value - (i === expected ? finer ** 3 / 8 : 0)) < 1e-9, `${i}: ${value}`);
  });
});

Deno.test("frequencies that the smaller box cannot hold are left out, the others keep their waves", () => {
  const box = 6, finer = 9 + 1;
  const at = (n: number, k: number) =>
    Float64Array.from(
      { length: n ** 3 },
      (_, v) => Math.cos(2 * Math.PI * k * (v % n) / n) + 0.5,
    );
  const { forward, back } = waves(finer, box);
  const scale = (finer / box) ** 3;
  const low = back(forward(at(finer, 2)));
  at(box, 2).forEach((value, i) => assert.ok(Math.abs(low[i]! / scale - value) < 1e-12));
  const high = back(forward(at(finer, 4)));
  assert.ok(high.every((value) => Math.abs(value / scale - 0.5) < 1e-12));
});
