import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose, assertLearns, context, meanOf, roi, roisOf } from "./calibration.fixture.ts";
import { softSampling } from "./soft-sampling.ts";

const slow = (a: number, b: number, c: number) =>
  meanOf(({ label, p, overlap = 0 }) => {
    const gompertz = Math.exp(-b * Math.exp(-c * overlap));
    return (label === 0 ? a + (1 - a) * gompertz : 1) * -Math.log(p[label]);
  });

test("learns the gradient of cross entropy, weighted by overlap", () => {
  assertLearns(softSampling(), slow(0.25, 50, 20));
  assertLearns(softSampling({ a: 0.1, b: 5, c: 3 }), slow(0.1, 5, 3));
});

test("by hand: a quarter far from annotations, nearly all beside one", () => {
  const at = (overlap: number, label = 0) => roi(label, [0.5, 0.5], { overlap });
  const { classWeight, distribution } = softSampling().calibrate(
    roisOf([at(0), at(0.2), at(0.3), at(0.5), at(0.9, 1)]),
    context(),
  );
  const gompertz = (o: number) => Math.exp(-50 / Math.E ** (20 * o));
  assertClose(classWeight, [0.25, 0.25 + 0.75 * gompertz(0.2), 0.25 + 0.75 * gompertz(0.3), 0.9983, 1], 1e-5);
  assert.deepEqual(Array.from(distribution), [1, 0, 1, 0, 1, 0, 1, 0, 0, 1]);
});

test("the weight rises with the overlap", () => {
  const list = Array.from({ length: 51 }, (_, i) => roi(0, [0.5, 0.5], { overlap: i / 100 }));
  const { classWeight } = softSampling().calibrate(roisOf(list), context());
  assert.deepEqual(classWeight, classWeight.toSorted());
});
