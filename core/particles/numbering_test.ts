import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { detectFirstLabel, detectFirstVolume } from "./numbering.ts";

const folder = "kmeans5";
const refuses = (use: () => unknown, said: RegExp, remedy: RegExp) =>
  assert.throws(use, (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, said);
    assert.match(error.remedy ?? "", remedy);
    return true;
  });

Deno.test("the first volume shows where all are there, whatever number it has", () => {
  fc.assert(fc.property(fc.nat(500), fc.integer({ min: 1, max: 40 }), (first, centres) => {
    const numbers = Array.from({ length: centres }, (_, i) => first + i);
    assert.strictEqual(detectFirstVolume({ folder, centres, numbers }).first, first);
  }));
});

Deno.test("the first volume is told for sure or not at all, whichever volumes are missing", () => {
  const centres = 8;
  const all = Array.from({ length: centres }, (_, i) => i);
  fc.assert(
    fc.property(fc.constantFrom(0, 1), fc.subarray(all, { minLength: 1 }), (first, kept) => {
      const numbers = kept.map((place) => place + first);
      try {
        assert.strictEqual(detectFirstVolume({ folder, centres, numbers }).first, first);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        assert.ok(!numbers.includes(0) && !numbers.includes(centres), error.message);
        // What cannot be told is told by the user.
        const told = detectFirstVolume({ folder, centres, numbers, firstVolume: first });
        assert.strictEqual(told.first, first);
      }
    }),
  );
});

Deno.test("volumes that do not fit the centres are refused", () => {
  const of = (numbers: number[], firstVolume?: number) => () =>
    detectFirstVolume({
      folder,
      centres: 5,
      numbers,
      ...(firstVolume === undefined ? {} : { firstVolume }),
    });
  refuses(of([1, 2, 3, 4]), /1 to 4, 4 of 5, and may count from 0 or from 1/, /--first_volume/);
  // Volumes of 3.4 that were written again by 3.5.
  refuses(of([0, 1, 2, 3, 4, 5]), /0 to 5, more than the 5 centres/, /remove the older/);
  refuses(of([3, 9]), /3 to 9, more than/, /remove the older/);
  refuses(of([7, 8]), /7 to 8, of 5 centres/, /--first_volume/);
  refuses(of([]), /no volume is there/, /--first_volume/);
  refuses(of([1, 2, 3, 4, 5], 0), /1 to 5, which 5 centres from 0 do not have/, /another --first/);
  assert.strictEqual(of([], 1)().first, 1);
  assert.strictEqual(of([7, 8], 6)().first, 6);
});

Deno.test("the first label is told by the particles that the centres are", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1),
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat(1000), { maxLength: 60 }),
      (first, centres, more) => {
        const places = [
          ...Array.from({ length: centres }, (_, i) => i),
          ...more.map((n) => n % centres),
        ];
        const labels = Int32Array.from(places, (place) => place + first);
        const centreParticles = Int32Array.from({ length: centres }, (_, i) => i);
        const evidence = { folder, centres, labels, centreParticles };
        assert.strictEqual(detectFirstLabel(evidence).first, first);
        const { centreParticles: _, ...without } = evidence;
        assert.strictEqual(detectFirstLabel(without).first, first);
      },
    ),
  );
});

Deno.test("labels of which the first or last volume has no particle are told by the centres", () => {
  const labels = Int32Array.of(1, 2, 1, 3);
  const of = (...centreParticles: number[]) => () =>
    detectFirstLabel({
      folder,
      centres: 4,
      labels,
      centreParticles: Int32Array.from(centreParticles),
    });
  const without = () => detectFirstLabel({ folder, centres: 4, labels });
  refuses(without, /may count from 0 or from 1 \(1 to 3, of 4 volumes\)/, /--nearest/);
  // One centre of five may be nearest to a particle of another.
  const many = Int32Array.of(1, 2, 3, 4, 4);
  const odd = { folder, centres: 5, labels: many, centreParticles: Int32Array.of(0, 1, 2, 3, 3) };
  assert.strictEqual(detectFirstLabel(odd).first, 1);
  refuses(of(0, 1, 3, 3), /\d of 4 agree/, /different analyses/);
  refuses(of(3, 3, 0, 0), /of 4 agree/, /different analyses/);
});

Deno.test("labels that no volume has are refused", () => {
  const of = (...labels: number[]) => () =>
    detectFirstLabel({ folder, centres: 2, labels: Int32Array.from(labels) });
  refuses(of(0, 1, 2), /they are 0 to 2, which 2 volumes do not have/, /another analysis/);
  refuses(of(), /there is none/, /again/);
  assert.strictEqual(of(1, 2)().first, 1);
  assert.strictEqual(of(0, 0)().first, 0);
  refuses(of(1, 1), /may count from 0 or from 1/, /--nearest/);
});
