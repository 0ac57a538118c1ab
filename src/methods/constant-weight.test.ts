import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose, assertLearns, context, meanOf, roi, roisOf } from "./calibration.fixture.ts";
import { constantWeight } from "./constant-weight.ts";
import { fpn } from "./fpn.ts";
import { calibrationNamed } from "./index.ts";

const slow = (weight: number) => meanOf(({ label, p }) => (label === 0 ? weight : 1) * -Math.log(p[label]));

test("learns the gradient of cross entropy with less background", () => {
  assertLearns(constantWeight(), slow(1 / 3));
  assertLearns(constantWeight({ weight: 0 }), slow(0));
});

test("by hand: a third of background, all of every cell", () => {
  const rois = roisOf([roi(0, [0.4, 0.3, 0.3]), roi(2, [0.4, 0.3, 0.3]), roi(1, [0.4, 0.3, 0.3])]);
  const { classWeight, boxWeight } = constantWeight().calibrate(rois, context());
  assertClose(classWeight, [1 / 3, 1, 1]);
  assertClose(boxWeight, [1 / 3, 1, 1]);
  assert.deepEqual(constantWeight({ weight: 1 }).calibrate(rois, context()), fpn().calibrate(rois, context()));
});

test("any weight, as a number or a fraction; 1/3 is the default", () => {
  const rois = roisOf([roi(0, [0.5, 0.5])]);
  assertClose(calibrationNamed("constant-weight:weight=0.37").calibrate(rois, context()).classWeight, [0.37]);
  assertClose(calibrationNamed("constant-weight:weight=2/3").calibrate(rois, context()).classWeight, [2 / 3]);
  assert.equal(calibrationNamed("constant-weight:weight=1/3").name, "constant-weight");
});
