import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertClose, context, roi, roisOf, softmax, someRois, targetOf } from "./calibration.fixture.ts";
import { proselflc } from "./proselflc.ts";

/** (1 − ε) q + ε p, one formula after another, in float64. */
function slowTarget(logits: readonly number[], label: number, progress: number, { b = 8, rho = 0.5 } = {}): number[] {
  const p = softmax(logits);
  const g = 1 / (1 + Math.exp(-b * (progress - rho)));
  const entropy = p.reduce((sum, value) => sum - value * Math.log(value + 1e-12), 0);
  const l = 1 - entropy / Math.log(p.length);
  return p.map((value, c) => (1 - g * l) * (c === label ? 1 : 0) + g * l * value);
}

test("property: targets are those of the formulas, weights 1", () => {
  const options = fc.record({ b: fc.double({ min: 0, max: 20, noNaN: true }), rho: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(someRois, fc.double({ min: 0, max: 1, noNaN: true }), options, (list, progress, values) => {
      const answer = proselflc(values).calibrate(roisOf(list), context(progress));
      list.forEach(({ logits, label }, r) => assertClose(targetOf(answer, r), slowTarget(logits, label, progress, values), 1e-5));
      assert.ok([...answer.classWeight, ...answer.boxWeight].every((weight) => weight === 1));
    }),
  );
});

test("by hand: half trust halfway through training, in a network that is half certain", () => {
  // H of (0.89, 0.11) is half of log 2, nearly
  const [p, q] = [0.8899721, 0.1100279];
  const answer = proselflc().calibrate(roisOf([roi(1, [p, q])]), context(0.5));
  assertClose(targetOf(answer, 0), [p / 4, 1 - p / 4], 1e-6);
});

test("an uncertain network is not trusted, a certain one is at the end", () => {
  const end = proselflc({ b: 100 }).calibrate(
    roisOf([roi(1, [0.25, 0.25, 0.25, 0.25]), { label: 2, logits: [60, 0, 0, 0] }]),
    context(1),
  );
  assertClose(targetOf(end, 0), [0, 1, 0, 0]);
  assertClose(targetOf(end, 1), [1, 0, 0, 0]);
  const start = proselflc().calibrate(roisOf([{ label: 2, logits: [60, 0, 0, 0] }]), context(0));
  assertClose(targetOf(start, 0), [1 / (1 + Math.exp(4)), 0, 1 - 1 / (1 + Math.exp(4)), 0]);
});
