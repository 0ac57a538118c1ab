import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose, assertLearns, context, type PublishedLoss, roi, roisOf } from "./calibration.fixture.ts";
import { ghm } from "./ghm.ts";

// β_i = N / GD(g_i) with the number of bins that are not empty for M, each bin asked of every RoI.
const slow =
  (bins: number): PublishedLoss =>
  (rois) => {
    const binOf = (one: (typeof rois)[number]) => {
      const g = 1 - one.p[one.label];
      return Array.from({ length: bins }, (_, b) => b).find((b) => g >= b / bins && g < (b + 1) / bins);
    };
    const filled = new Set(rois.map(binOf)).size;
    return rois.reduce((sum, one) => {
      const like = rois.filter((other) => binOf(other) === binOf(one)).length;
      return sum + (rois.length / (like * filled) / rois.length) * -Math.log(one.p[one.label]);
    }, 0);
  };
const apartFromEdges = (bins: number) => (rois: Parameters<PublishedLoss>[0]) =>
  rois.every(({ label, p }) => Math.abs(bins * (1 - p[label]) - Math.round(bins * (1 - p[label]))) > 1e-3);

test("learns the gradient of cross entropy by the density of gradients", () => {
  assertLearns(ghm({ bins: 3 }), slow(3), apartFromEdges(3));
  assertLearns(ghm(), slow(30), apartFromEdges(30));
});

test("by hand: of four RoIs two are alike, so they share a third of the weight", () => {
  const list = [roi(0, [0.99, 0.01]), roi(0, [0.98, 0.02]), roi(1, [0.5, 0.5]), roi(0, [0.1, 0.9])];
  const { classWeight, boxWeight } = ghm().calibrate(roisOf(list), context());
  assertClose(classWeight, [2 / 3, 2 / 3, 4 / 3, 4 / 3]);
  assert.deepEqual(Array.from(boxWeight), [1, 1, 1, 1]);
});

test("weights have a mean of 1; with one bin all are 1", () => {
  const list = Array.from({ length: 50 }, (_, r) => roi(r % 2, [(r + 1) / 52, 1 - (r + 1) / 52]));
  const mean =
    ghm()
      .calibrate(roisOf(list), context())
      .classWeight.reduce((sum, value) => sum + value) / 50;
  assertClose([mean], [1]);
  assert.ok(
    ghm({ bins: 1 })
      .calibrate(roisOf(list), context())
      .classWeight.every((value) => value === 1),
  );
});

test("probabilities of 0 and 1 are in the last bin and the first", () => {
  const three = [roi(0, [0.5, 0.5]), roi(0, [0.5, 0.5]), roi(0, [0.999, 0.001])];
  const rois = { ...roisOf(three), probabilities: Float32Array.of(1, 0, 0, 1, 0.999, 0.001) };
  assertClose(ghm().calibrate(rois, context()).classWeight, [0.75, 1.5, 0.75]);
});
