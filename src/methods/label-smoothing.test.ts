import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose, assertLearns, context, meanOf, roi, roisOf, targetOf } from "./calibration.fixture.ts";
import { fpn } from "./fpn.ts";
import { labelSmoothing } from "./label-smoothing.ts";

// (1 − ε) CE(p, label) + ε · mean over classes of CE(p, class)
const slow = (epsilon: number) =>
  meanOf(
    ({ label, p }) =>
      -(1 - epsilon) * Math.log(p[label]) - (epsilon * p.reduce((sum, value) => sum + Math.log(value), 0)) / p.length,
  );

test("learns the gradient of cross entropy with a part of every class", () => {
  assertLearns(labelSmoothing(), slow(0.1));
  assertLearns(labelSmoothing({ epsilon: 0.7 }), slow(0.7));
});

test("by hand: ε 0.1 of two and of four classes", () => {
  const two = labelSmoothing().calibrate(roisOf([roi(1, [0.5, 0.5]), roi(0, [0.5, 0.5])]), context());
  assertClose(two.distribution, [0.05, 0.95, 0.95, 0.05]);
  assert.deepEqual(
    [Array.from(two.classWeight), Array.from(two.boxWeight)],
    [
      [1, 1],
      [1, 1],
    ],
  );
  const four = labelSmoothing().calibrate(roisOf([roi(2, [0.25, 0.25, 0.25, 0.25])]), context());
  assertClose(targetOf(four, 0), [0.025, 0.025, 0.925, 0.025]);
});

test("ε 0 does not smooth, ε 1 ignores the label", () => {
  const rois = roisOf([roi(1, [0.5, 0.5]), roi(0, [0.5, 0.5])]);
  assert.deepEqual(labelSmoothing({ epsilon: 0 }).calibrate(rois, context()), fpn().calibrate(rois, context()));
  assertClose(labelSmoothing({ epsilon: 1 }).calibrate(rois, context()).distribution, [0.5, 0.5, 0.5, 0.5]);
});
