import assert from "node:assert/strict";
import { test } from "node:test";
import { brl } from "./brl.ts";
import { assertClose, assertLearns, context, meanOf, roi, roisOf, targetOf } from "./calibration.fixture.ts";
import { focal } from "./focal.ts";

const slow = (confusion: number, threshold: number, doubt: number, alpha = 0.25, gamma = 2) =>
  meanOf(({ label, p, overlap = 0 }) => {
    if (label > 0) return -alpha * (1 - p[label]) ** gamma * Math.log(p[label]);
    const cell = p.slice(1).reduce((sum, value) => sum + value);
    const ordinary = -(1 - alpha) * cell ** gamma * Math.log(1 - cell);
    const mirror = -(1 - alpha) * (1 - cell) ** gamma * Math.log(cell);
    if (overlap >= confusion) return ordinary;
    return doubt * (1 - cell >= 1 - threshold ? ordinary : mirror);
  });
const apartFrom = (threshold: number) => (rois: readonly { p: readonly number[] }[]) =>
  rois.every(({ p }) => Math.abs(1 - p[0] - threshold) > 1e-4);

test("learns the gradient of focal loss, and of its mirror for uncertain background", () => {
  assertLearns(brl(), slow(0.1, 0.5, 0.1), apartFrom(0.5));
  assertLearns(brl({ confusion: 0.4, threshold: 0.3, doubt: 1, gamma: 1 }), slow(0.4, 0.3, 1, 0.25, 1), apartFrom(0.3));
});

test("by hand: background of p 0.8 away from cells is learnt as a cell, like a cell of 0.8", () => {
  const near = roi(0, [0.2, 0.6, 0.2], { overlap: 0.1 });
  const far = roi(0, [0.2, 0.6, 0.2], { overlap: 0.09 });
  const answer = brl().calibrate(roisOf([near, far]), context());
  const weight = (p: number) => (1 - p) ** 2 - 2 * p * (1 - p) * Math.log(p);
  assertClose(answer.classWeight, [0.75 * weight(0.2), 0.075 * weight(0.8)]);
  assertClose(targetOf(answer, 0), [1, 0, 0]);
  assertClose(targetOf(answer, 1), [0, 0.75, 0.25]);
});

test("background that looks like background has the focal loss, however far from cells", () => {
  const list = [roi(0, [0.6, 0.4]), roi(0, [0.95, 0.05], { overlap: 0.3 }), roi(1, [0.6, 0.4], { overlap: 0.9 })];
  assert.deepEqual(brl({ doubt: 1 }).calibrate(roisOf(list), context()), focal().calibrate(roisOf(list), context()));
});

test("probabilities of 0 and 1", () => {
  const rois = { ...roisOf([roi(0, [0.5, 0.5]), roi(0, [0.5, 0.5])]), probabilities: Float32Array.of(0, 1, 1, 0) };
  const { classWeight, distribution } = brl().calibrate(rois, context());
  assertClose(classWeight, [0, 0]);
  assertClose(distribution, [0, 1, 1, 0]);
});
