import assert from "node:assert/strict";
import { test } from "node:test";
import type { ValidationLine } from "../runs/validation-log.ts";
import { isExhausted, kept } from "./selection.ts";

/** 60 of 80 marks are found: a standard error of 6 %. */
const linesOf = (...measures: number[]): ValidationLine[] =>
  measures.map((measure, i) => ({ step: 10 * (i + 1), weights: "last", measure, score: 0.5, found: 60, marks: 80, recall: {} }));
const keptStep = (...measures: number[]): number | undefined => kept(linesOf(...measures))?.step;

test("the last weights are kept, unless earlier ones were better by more than the error of the measure", () => {
  assert.equal(keptStep(), undefined);
  assert.equal(keptStep(0, 0.3, 0.5), 30);
  assert.equal(keptStep(0.3, 0.5, 0.48), 30);
  assert.equal(keptStep(0.3, 0.5, 0.48, 0.4), 30);
  assert.equal(keptStep(0.3, 0.5, 0.4), 20);
  assert.equal(keptStep(0.5, 0.48, 0.46), 20, "small steps down add up");
});

test("averaged weights are kept in place of the last ones of the same step, in whichever order they were measured", () => {
  const [line] = linesOf(0.5);
  const both = [{ ...line, weights: "averaged", measure: 0.49 } as const, line];
  assert.equal(kept(both)?.weights, "averaged");
  assert.equal(kept([both[0], { ...line, measure: 0.6 }])?.weights, "last");
});

test("training stops after so many measurements without a better one, never while nothing is found", () => {
  assert.equal(isExhausted(linesOf(0.3, 0.5, 0.5, 0.4), 2), true);
  assert.equal(isExhausted(linesOf(0.3, 0.5, 0.5), 2), false);
  assert.equal(isExhausted(linesOf(0.3, 0.5, 0.5, 0.4), 0), false);
  assert.equal(isExhausted(linesOf(0, 0, 0, 0), 2), false);
  assert.equal(isExhausted([], 1), false);
});
