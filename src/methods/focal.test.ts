import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose, assertLearns, context, meanOf, roi, roisOf, softmax } from "./calibration.fixture.ts";
import { focal } from "./focal.ts";

const slow = (alpha: number, gamma: number) =>
  meanOf(({ label, p }) => -(label === 0 ? 1 - alpha : alpha) * (1 - p[label]) ** gamma * Math.log(p[label]));

test("learns the gradient of the focal loss, including that of its modulating factor", () => {
  assertLearns(focal(), slow(0.25, 2));
  assertLearns(focal({ alpha: 0.6, gamma: 0.5 }), slow(0.6, 0.5));
});

test("by hand: p ½ gives α (¼ + ½ · ½ · log 2 · 2 · ½)", () => {
  const { classWeight, boxWeight, distribution } = focal().calibrate(
    roisOf([roi(1, [0.5, 0.5]), roi(0, [0.5, 0.5]), roi(0, [0.99, 0.01])]),
    context(),
  );
  const half = 0.25 + 0.5 * Math.LN2 * 0.5 * 2;
  assertClose(classWeight, [0.25 * half, 0.75 * half, 0.75 * (1e-4 - 2 * 0.99 * 0.01 * Math.log(0.99))]);
  assert.deepEqual(Array.from(boxWeight), [1, 1, 1]);
  assert.deepEqual(Array.from(distribution), [0, 1, 1, 0, 1, 0]);
});

test("with γ 0 it is a weight for cells and one for background", () => {
  const rois = roisOf([roi(0, [0.9, 0.1]), roi(1, softmax([40, -70])), roi(1, [0.1, 0.9])]);
  assertClose(focal({ alpha: 0.2, gamma: 0 }).calibrate(rois, context()).classWeight, [0.8, 0.2, 0.2]);
});

test("a probability of 0 counts in full, one of 1 not at all", () => {
  const rois = { ...roisOf([roi(1, [0.5, 0.5]), roi(0, [0.5, 0.5])]), probabilities: Float32Array.of(1, 0, 1, 0) };
  for (const gamma of [0.5, 1, 2]) assertClose(focal({ gamma }).calibrate(rois, context()).classWeight, [0.25, 0]);
});
