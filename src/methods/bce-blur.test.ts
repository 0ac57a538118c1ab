import assert from "node:assert/strict";
import { test } from "node:test";
import { bceBlur } from "./bce-blur.ts";
import { assertClose, assertLearns, context, meanOf, roi, roisOf, targetOf } from "./calibration.fixture.ts";

const slow = (alpha: number) =>
  meanOf(({ label, p }) => {
    const cell = label === 0 ? p.slice(1).reduce((sum, value) => sum + value) : p[label];
    const [crossEntropy, y] = label === 0 ? [-Math.log(1 - cell), 0] : [-Math.log(cell), 1];
    return crossEntropy * (1 - Math.exp((cell - y - 1) / (alpha + 1e-4)));
  });

test("learns the gradient of the blurred cross entropy, including that of its factor", () => {
  assertLearns(bceBlur(), slow(0.05));
  assertLearns(bceBlur({ alpha: 0.4 }), slow(0.4));
});

test("by hand: background of p ½ is hardly blurred, a cell not at all", () => {
  const { classWeight } = bceBlur().calibrate(roisOf([roi(0, [0.5, 0.5]), roi(1, [0.5, 0.5])]), context());
  const a = 0.0501;
  const faded = Math.exp(-0.5 / a);
  assertClose(classWeight, [1 - faded + (0.5 * Math.log(0.5) * faded) / a, 1], 1e-7);
});

test("background taken for a certain cell is pushed further towards the classes it is taken for", () => {
  const answer = bceBlur().calibrate(roisOf([roi(0, [0.01, 0.66, 0.33])]), context());
  assertClose(targetOf(answer, 0), [0, 2 / 3, 1 / 3]);
  assert.ok(answer.classWeight[0] > 0);
});

test("probabilities of 0 and 1", () => {
  const rois = { ...roisOf([roi(0, [0.5, 0.5]), roi(1, [0.5, 0.5])]), probabilities: Float32Array.of(0, 1, 1, 0) };
  const { distribution, classWeight } = bceBlur().calibrate(rois, context());
  assert.ok(classWeight.every(Number.isFinite));
  assertClose(distribution, [0, 1, 0, 1]);
});
