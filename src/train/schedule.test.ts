import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { learningRate } from "./schedule.ts";

const paper = { lr: 0.001, steps: 10_000, warmup: 0 };

test("the paper's schedule: divided by 10 after 5,000 and after 7,500 of 10,000 steps", () => {
  const expected: [step: number, rate: number][] = [
    [1, 0.001],
    [5000, 0.001],
    [5001, 0.0001],
    [7500, 0.0001],
    [7501, 0.00001],
    [10_000, 0.00001],
  ];
  for (const [step, rate] of expected) assert.ok(Math.abs(learningRate(paper, step) - rate) < 1e-12, `step ${step}`);
});

test("warm-up rises in equal steps to the full rate, and decay goes on top", () => {
  const rates = [1, 2, 3, 4, 5, 6, 7, 8].map((step) => learningRate({ lr: 1, steps: 8, warmup: 4 }, step));
  assert.deepEqual(rates, [0.25, 0.5, 0.75, 1, 0.1, 0.1, 0.01, 0.01]);
  assert.equal(learningRate({ lr: 1, steps: 4, warmup: 10 }, 3), 0.1 * 0.3);
});

test("property: never above the rate, above 0, and without warm-up never rising", () => {
  const schedule = fc.record({
    lr: fc.double({ min: 1e-6, max: 10, noNaN: true }),
    steps: fc.integer({ min: 1, max: 300 }),
    warmup: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(schedule, ({ lr, steps, warmup }) => {
      for (let step = 1; step <= steps; step++) {
        const rate = learningRate({ lr, steps, warmup }, step);
        assert.ok(rate > 0 && rate <= lr);
        if (warmup === 0 && step > 1) assert.ok(rate <= learningRate({ lr, steps, warmup }, step - 1));
      }
    }),
  );
});
