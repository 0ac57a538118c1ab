import assert from "node:assert/strict";
import { test } from "node:test";
import { assertLearns, context, meanOf, roi, roisOf } from "./calibration.fixture.ts";
import { fpn } from "./fpn.ts";
import { sparsedetMask } from "./sparsedet-mask.ts";

const slow = meanOf(({ label, p, overlap = 0, objectness = 0.5 }) =>
  label === 0 && objectness > 0.8 && !(overlap > 0.2) ? 0 : -Math.log(p[label]),
);

test("learns the gradient of cross entropy without what is masked", () => {
  assertLearns(sparsedetMask(), slow, () => true, { progress: 0.3 });
});

test("by hand: only likely background away from annotations, at its limits", () => {
  const at = (objectness: number, overlap: number, label = 0) => roi(label, [0.5, 0.5], { objectness, overlap });
  // ½ and ¼ are numbers of float32, so that the limits are exact.
  const mask = sparsedetMask({ objectness: 0.5, iou: 0.25 });
  const list = [at(0.51, 0.25), at(0.5, 0.25), at(0.51, 0.26), at(1, 0), at(1, 0, 1), at(1, 0.9, 1)];
  assert.deepEqual(Array.from(mask.calibrate(roisOf(list), context(0.5)).classWeight), [0, 1, 1, 0, 1, 1]);
});

test("it changes nothing before its part of the training", () => {
  const rois = roisOf([roi(0, [0.5, 0.5], { objectness: 0.99 }), roi(1, [0.5, 0.5], { objectness: 0.99 })]);
  const plain = fpn().calibrate(rois, context());
  assert.deepEqual(sparsedetMask().calibrate(rois, context(0.299)), plain);
  assert.deepEqual(Array.from(sparsedetMask().calibrate(rois, context(0.3)).classWeight), [0, 1]);
  assert.deepEqual(Array.from(sparsedetMask({ after: 0 }).calibrate(rois, context(0)).classWeight), [0, 1]);
});
