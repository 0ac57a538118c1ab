import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose, assertLearns, context, type PublishedLoss, roi, roisOf, targetOf } from "./calibration.fixture.ts";
import { nnpu } from "./nnpu.ts";

type Given = Parameters<PublishedLoss>[0];
function terms(rois: Given, prior: number): { first: number; second: number } {
  const [annotated, others] = [rois.filter(({ label }) => label > 0), rois.filter(({ label }) => label === 0)];
  const mean = (of: Given, classOf: (one: Given[number]) => number) =>
    of.length === 0 ? 0 : of.reduce((sum, one) => sum - Math.log(one.p[classOf(one)]), 0) / of.length;
  const asBackground = mean(annotated, () => 0);
  return {
    first: prior * mean(annotated, ({ label }) => label),
    second:
      (others.length / rois.length) * mean(others, () => 0) +
      (annotated.length / rois.length) * asBackground -
      prior * asBackground,
  };
}
const slow =
  (prior: number): PublishedLoss =>
  (rois) => {
    const { first, second } = terms(rois, prior);
    return first + Math.max(0, second);
  };
const apartFromZero = (prior: number) => (rois: Given) => Math.abs(terms(rois, prior).second) > 1e-3;

test("learns the gradient of the risk, on both sides of its max", () => {
  assertLearns(nnpu(), slow(0.04));
  assertLearns(nnpu({ prior: 0.7 }), slow(0.7), apartFromZero(0.7));
  assertLearns(nnpu({ prior: 0.95 }), slow(0.95), (rois) => terms(rois, 0.95).second < -1e-3);
});

test("by hand: one annotated RoI of ten", () => {
  const list = [roi(2, [0.5, 0.2, 0.3]), ...Array<ReturnType<typeof roi>>(9).fill(roi(0, [0.9, 0.05, 0.05]))];
  const answer = nnpu().calibrate(roisOf(list), context());
  assertClose(targetOf(answer, 0), [0.6, 0, 0.4]); // k = 0.04 · 10 / 1
  assertClose(targetOf(answer, 1), [1, 0, 0]);
  assert.ok(answer.classWeight.every((value) => value === 1));
});

test("by hand: with one annotated RoI of fifty, background is subtracted from it", () => {
  const background = Array<ReturnType<typeof roi>>(49).fill(roi(0, [0.5, 0.5]));
  const answer = nnpu().calibrate(roisOf([roi(1, [0.5, 0.5]), ...background]), context());
  assertClose(targetOf(answer, 0), [-1, 2]);
  assert.equal(answer.classWeight[0], 1);
});

test("by hand: where the max is 0 only annotated RoIs count", () => {
  const background = Array<ReturnType<typeof roi>>(49).fill(roi(0, [0.9999, 0.0001]));
  const answer = nnpu().calibrate(roisOf([roi(1, [0.1, 0.9]), ...background]), context());
  assertClose(targetOf(answer, 0), [0, 1]);
  assertClose(answer.classWeight, [2, ...Array<number>(49).fill(0)]);
});

test("without an annotation it is cross entropy", () => {
  const { distribution, classWeight } = nnpu().calibrate(roisOf([roi(0, [0.3, 0.7]), roi(0, [0.9, 0.1])]), context());
  assert.deepEqual(
    [Array.from(distribution), Array.from(classWeight)],
    [
      [1, 0, 1, 0],
      [1, 1],
    ],
  );
});
